//! A body in memory, bounded however it comes.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures::{Stream, StreamExt as _};

use crate::problem::Problem;

/// Forms and JSON; files have their own way.
pub(crate) const LIMIT: usize = 64 * 1024;

/// For a whole body; the server counts the time between two parts as well.
const PATIENCE: Duration = Duration::from_secs(30);

/// At most [`LIMIT`].
pub(super) async fn read<B: Buf>(
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<Bytes, Problem> {
    read_within(LIMIT, body).await
}

pub(crate) async fn read_within<B: Buf>(
    limit: usize,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<Bytes, Problem> {
    let whole = tokio::time::timeout(PATIENCE, collect(limit, body)).await;
    whole.unwrap_or_else(|_| Err(Problem::Bad("the body came too slowly".into())))
}

async fn collect<B: Buf>(
    limit: usize,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<Bytes, Problem> {
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    while let Some(part) = body.next().await {
        let mut part = part.map_err(|_| Problem::Bad("the body broke off".into()))?;
        if bytes.len() + part.remaining() > limit {
            return Err(Problem::TooLarge(limit));
        }
        while part.has_remaining() {
            let length = part.chunk().len();
            bytes.extend_from_slice(part.chunk());
            part.advance(length);
        }
    }
    Ok(bytes.freeze())
}
