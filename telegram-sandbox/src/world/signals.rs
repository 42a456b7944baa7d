//! Wake-ups. A waiter registers before it looks, so that nothing is missed between the look and
//! the wait.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// An update was queued, or the pollers' rights changed.
    pub(crate) updates: Notify,
    /// A webhook was set or deleted, or has something to deliver.
    pub(crate) webhook: Notify,
    /// A Bot API call was logged.
    pub(crate) calls: Notify,
    /// A callback query was answered.
    pub(crate) answers: Notify,
    /// Something was added to the agenda, or the clock was changed.
    pub(crate) agenda: Notify,
    /// Anything a page may want to show anew.
    pub(crate) changes: Notify,
}

/// Asks `look` now and after each signal until it has an answer; `None` after `patience`.
pub(crate) async fn until<T>(
    signal: &Notify,
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        let woken = signal.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        if let Some(found) = look() {
            return Some(found);
        }
        if timeout_at(deadline, woken).await.is_err() {
            return look();
        }
    }
}
