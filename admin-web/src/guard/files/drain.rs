//! What somebody still sends after a refusal is read and thrown away, for a while: a connection that
//! is closed while they send shows them "connection reset" instead of the reason.

use std::pin::Pin;
use std::time::Duration;

use bytes::Buf;
use futures::{Stream, StreamExt as _};

const MOST: u64 = 64 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn rest<B: Buf>(mut body: Pin<&mut impl Stream<Item = Result<B, warp::Error>>>) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(part)) = body.next().await {
            read += part.remaining() as u64;
            if read > MOST {
                return;
            }
        }
    };
    // Late or not, the answer goes out.
    let _ = tokio::time::timeout(PATIENCE, reading).await;
}
