//! Bodies that a route reads itself, piece by piece, on a task of its own: when the client hangs up
//! it still has what came, and puts it in order.

use std::pin::Pin;

use bytes::{Buf, Bytes};
use futures::Stream;
use tokio::sync::mpsc;
use warp::http::header;
use warp::reply::Response;

use super::files;
use super::files::feed::{Pace, feed};
use crate::answer::Answer;
use crate::cx::Cx;
use crate::problem::Problem;
use crate::routes::Takes;

/// A body without a length has as much time as one of so many bytes.
const UNKNOWN: u64 = 8 * 1024 * 1024 * 1024;

/// The pieces of one body; `None` among them is its end.
pub(crate) struct Pieces(mpsc::Receiver<Option<Bytes>>);

/// What comes next.
pub(crate) enum Piece {
    Bytes(Bytes),
    End,
    /// It broke off, or came too slowly.
    Cut,
}

impl Pieces {
    pub(crate) async fn next(&mut self) -> Piece {
        match self.0.recv().await {
            Some(Some(bytes)) => Piece::Bytes(bytes),
            Some(None) => Piece::End,
            None => Piece::Cut,
        }
    }

    /// For a parser.
    pub(crate) fn into_receiver(self) -> mpsc::Receiver<Option<Bytes>> {
        self.0
    }
}

/// Lets a route take a body. Who is refused while they still send reads the refusal.
pub(super) async fn run<B: Buf>(
    cx: Cx,
    takes: Takes,
    mut body: Pin<&mut impl Stream<Item = Result<B, warp::Error>>>,
) -> Response {
    let length = cx.request.header(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.parse().ok());
    let (send, pieces) = mpsc::channel(2);
    let taking = tokio::spawn(takes(cx.clone(), Pieces(pieces)));
    let fed = feed(Pace::of(length.unwrap_or(UNKNOWN)), body.as_mut(), send).await;
    let response = match (taking.await, fed) {
        (Ok(Ok(response)), _) => response,
        // Too slow, or broken off: that is why.
        (Ok(Err(_)), Err(problem)) => problem.respond(&cx),
        (Ok(Err(problem)), Ok(())) => problem.respond(&cx),
        (Err(_), _) => {
            tracing::error!(request = cx.request.id, "a page panicked");
            Problem::Internal.respond(&cx)
        }
    };
    if !response.status().is_success() {
        files::refuse(&cx.request, body).await;
    }
    response
}

/// What a route that reads its body itself has in place of a page: nobody calls it.
pub(crate) async fn never(_: Cx) -> Answer {
    Err(Problem::Internal)
}
