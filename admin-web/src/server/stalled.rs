//! Bodies whose reader does not come back.
//!
//! On HTTP/1.1 the socket's own timeout sees a reader that takes nothing. On HTTP/2 one stream may
//! stall while its connection answers pings, and holds an open file meanwhile: so the bodies
//! themselves say when a part of them was taken.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body, Frame, SizeHint};

/// The bodies under way on one connection.
#[derive(Default)]
pub(super) struct Bodies {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    /// Since when a body that has more waits to be asked for it. Who waits for its own source, as
    /// streams of events do, is not here.
    given: HashMap<u64, Instant>,
}

impl Bodies {
    pub(super) fn watch<B>(self: &Arc<Self>, body: B) -> Watched<B> {
        let mut inner = self.lock();
        inner.next += 1;
        Watched {
            body,
            id: inner.next,
            bodies: Arc::clone(self),
        }
    }

    /// Ends when a body has not been asked for more for so long.
    pub(super) async fn stalled(&self, patience: Duration) {
        loop {
            tokio::time::sleep(patience / 4).await;
            let stalls = |since: &Instant| since.elapsed() > patience;
            if self.lock().given.values().any(stalls) {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Watched<B> {
    body: B,
    id: u64,
    bodies: Arc<Bodies>,
}

impl<B: Body + Unpin> Body for Watched<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let mut inner = self.bodies.lock();
        if matches!(polled, Poll::Ready(Some(Ok(_)))) {
            inner.given.insert(self.id, Instant::now());
        } else {
            inner.given.remove(&self.id);
        }
        drop(inner);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Watched<B> {
    fn drop(&mut self) {
        self.bodies.lock().given.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use bytes::Bytes;
    use http_body_util::{BodyExt as _, StreamBody};

    const PATIENCE: Duration = Duration::from_millis(40);

    #[tokio::test]
    async fn who_is_not_asked_for_more_stalls_and_who_waits_itself_does_not() {
        let parts = futures::stream::iter((0..3).map(|n: u8| {
            let part = Frame::data(Bytes::from(vec![n]));
            Ok::<_, std::convert::Infallible>(part)
        }));
        let bodies = Arc::new(Bodies::default());
        let waits = futures::stream::pending::<Result<Frame<Bytes>, std::convert::Infallible>>();
        let mut waits = bodies.watch(StreamBody::new(waits));
        let asked = tokio::time::timeout(PATIENCE, waits.frame()).await;
        assert!(asked.is_err());
        let mut body = bodies.watch(StreamBody::new(parts));
        let quiet = tokio::time::timeout(PATIENCE * 3, bodies.stalled(PATIENCE)).await;
        assert!(quiet.is_err(), "nothing was given yet");
        body.frame().await.unwrap().unwrap();
        bodies.stalled(PATIENCE).await;
        while body.frame().await.is_some() {}
        assert!(
            bodies.lock().given.is_empty(),
            "at its end it waits for nobody"
        );
    }
}
