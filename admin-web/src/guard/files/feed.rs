//! A body, handed over piece by piece, at a pace that is bounded.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::problem::Problem;

/// How slowly a body may come: slower, somebody holds a place for nothing.
#[derive(Clone, Copy)]
pub(in crate::guard) struct Pace {
    /// Within each window at least so many bytes.
    window: Duration,
    least: u64,
    /// For all of it.
    whole: Duration,
}

impl Pace {
    /// For a body of at most so many bytes: ten minutes, and a second for every 32 KiB.
    pub(in crate::guard) fn of(max_bytes: u64) -> Self {
        Self {
            window: Duration::from_secs(60),
            least: 60 * 1024,
            whole: Duration::from_secs(600 + max_bytes / (32 * 1024)),
        }
    }
}

/// Hands the body over piece by piece; `None` is its end. What is not needed any more is no fault.
pub(in crate::guard) async fn feed<B: Buf>(
    pace: Pace,
    mut body: Pin<&mut impl Stream<Item = Result<B, warp::Error>>>,
    send: mpsc::Sender<Option<Bytes>>,
) -> Result<(), Problem> {
    let (mut window, mut came) = (Instant::now(), 0);
    let mut end = window + pace.whole;
    loop {
        let until = end.min(window + pace.window);
        let bytes = match tokio::time::timeout_at(until, body.next()).await {
            _ if Instant::now() >= end => {
                return Err(Problem::Bad("the body took too long".into()));
            }
            Err(_) if came < pace.least => {
                return Err(Problem::Bad("the body came too slowly".into()));
            }
            Err(_) => {
                (window, came) = (Instant::now(), 0);
                continue;
            }
            Ok(None) => {
                // Whoever stored it may have ended already.
                let _ = send.send(None).await;
                return Ok(());
            }
            Ok(Some(Err(_))) => return Err(Problem::Bad("the body broke off".into())),
            Ok(Some(Ok(mut part))) => part.copy_to_bytes(part.remaining()),
        };
        came += bytes.len() as u64;
        let waiting = Instant::now();
        if send.send(Some(bytes)).await.is_err() {
            return Ok(());
        }
        // Our own disk's time is not the client's.
        window += waiting.elapsed();
        end += waiting.elapsed();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::stream;

    use super::*;

    const PACE: Pace = Pace {
        window: Duration::from_millis(500),
        least: 1_024,
        whole: Duration::from_secs(60),
    };

    #[tokio::test]
    async fn a_body_that_drips_is_given_up() {
        let drips = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((Ok::<_, warp::Error>(Bytes::from_static(b"x")), ()))
        });
        let (send, mut parts) = mpsc::channel(2);
        let reader = tokio::spawn(async move { while parts.recv().await.is_some() {} });
        let fed = feed(PACE, pin!(drips).as_mut(), send).await;
        assert!(matches!(fed, Err(Problem::Bad(_))));
        reader.await.unwrap();
    }

    #[tokio::test]
    async fn our_own_slowness_is_not_the_clients() {
        let body = stream::unfold(4, |left: u8| async move {
            tokio::task::yield_now().await;
            let left = left.checked_sub(1)?;
            Some((Ok::<_, warp::Error>(Bytes::from_static(b"x")), left))
        });
        let (send, mut parts) = mpsc::channel(1);
        let reader = tokio::spawn(async move {
            let mut count = 0;
            while let Some(Some(_)) = parts.recv().await {
                tokio::time::sleep(PACE.window * 2).await;
                count += 1;
            }
            count
        });
        assert!(feed(PACE, pin!(body).as_mut(), send).await.is_ok());
        assert_eq!(reader.await.unwrap(), 4);
    }

    #[tokio::test]
    async fn a_body_that_keeps_its_pace_still_ends() {
        let steady = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((Ok::<_, warp::Error>(Bytes::from(vec![0; 8 * 1024])), ()))
        });
        let (send, mut parts) = mpsc::channel(2);
        let reader = tokio::spawn(async move { while parts.recv().await.is_some() {} });
        let pace = Pace {
            whole: Duration::from_millis(300),
            ..PACE
        };
        let fed = feed(pace, pin!(steady).as_mut(), send).await;
        assert!(matches!(fed, Err(Problem::Bad(why)) if why.contains("too long")));
        reader.await.unwrap();
    }

    #[test]
    fn a_gigabyte_has_hours_and_a_picture_minutes() {
        let minutes = |bytes| Pace::of(bytes).whole.as_secs() / 60;
        assert_eq!((minutes(1 << 20), minutes(1 << 30)), (10, 556));
    }
}
