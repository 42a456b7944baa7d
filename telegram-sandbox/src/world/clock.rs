//! The world's clock. It goes with the machine's, can be put forward, and can be stopped, so that
//! a test need not wait for a ban to end.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How far it is ahead of the machine's.
    ahead: Duration,
    /// Where it stands, if it does.
    stopped: Option<(SystemTime, Instant)>,
}

impl Clock {
    fn read(&self) -> (SystemTime, Instant) {
        match self.stopped {
            Some(stopped) => stopped,
            None => (SystemTime::now() + self.ahead, Instant::now() + self.ahead),
        }
    }

    /// Unix milliseconds.
    pub(crate) fn millis(&self) -> i64 {
        let since = self.read().0.duration_since(UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
    }

    /// For limits and patience, which measure spans.
    pub(crate) fn instant(&self) -> Instant {
        self.read().1
    }

    /// Never back: ids, offsets and tokens rely on that.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead += by;
        if let Some((wall, instant)) = &mut self.stopped {
            *wall += by;
            *instant += by;
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    pub(crate) fn stop(&mut self) {
        self.stopped = Some(self.read());
    }

    /// Goes on from where it stood.
    pub(crate) fn go_on(&mut self) {
        if let Some((wall, _)) = self.stopped.take() {
            let ahead = wall.duration_since(SystemTime::now());
            self.ahead = ahead.unwrap_or_default();
        }
    }
}
