//! The circuit breaker: a plugin that only fails is left alone for a while.
//!
//! Closed: everything passes. After [`FAILURES`] timeouts or crashes in a row within [`WINDOW`] it
//! opens: everything is refused. After a pause one delivery passes as a trial; its success closes
//! the breaker, its failure doubles the pause.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Failures in a row that open the breaker.
pub const FAILURES: u32 = 5;
/// Failures further apart than this are not "in a row".
pub const WINDOW: Duration = Duration::from_secs(60);
/// How long it stays open at first, and at most.
pub const PAUSE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));

/// What came of a delivery, as far as the breaker cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It answered; an error is an answer.
    Alive,
    /// It timed out or crashed.
    Failed,
}

#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
    /// 0 while nothing failed lately: the hot path then looks at nothing else.
    troubled: AtomicU32,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    last_failure: Option<Instant>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: Instant,
    pause: Duration,
    /// A trial is under way since then.
    trial: Option<Instant>,
}

impl Breaker {
    /// May a delivery pass? Whoever passes reports what came of it to [`Self::record`].
    pub(super) fn admits(&self, now: Instant) -> bool {
        if self.troubled.load(Relaxed) == 0 {
            return true;
        }
        let mut state = self.lock();
        let Some(open) = &mut state.open else {
            return true;
        };
        // A trial that never reports must not keep the breaker open for ever.
        let trial_runs = open.trial.is_some_and(|since| now < since + PAUSE.1);
        if now < open.until || trial_runs {
            return false;
        }
        open.trial = Some(now);
        true
    }

    pub(super) fn record(&self, verdict: Verdict, now: Instant) {
        if verdict == Verdict::Alive && self.troubled.load(Relaxed) == 0 {
            return;
        }
        let mut state = self.lock();
        match verdict {
            Verdict::Alive => {
                *state = State::default();
                self.troubled.store(0, Relaxed);
            }
            Verdict::Failed => {
                self.troubled.store(1, Relaxed);
                if state.last_failure.is_none_or(|last| now > last + WINDOW) {
                    state.failures = 0;
                }
                state.failures += 1;
                state.last_failure = Some(now);
                // Only a trial lengthens the pause: deliveries that began before the breaker
                // opened may still fail.
                let failures = state.failures;
                match &mut state.open {
                    Some(open) if open.trial.is_some() => {
                        open.pause = (open.pause * 2).min(PAUSE.1);
                        open.until = now + open.pause;
                        open.trial = None;
                    }
                    Some(_) => {}
                    None if failures >= FAILURES => {
                        state.open = Some(Open {
                            until: now + PAUSE.0,
                            pause: PAUSE.0,
                            trial: None,
                        });
                    }
                    None => {}
                }
            }
        }
    }

    /// Whoever was let pass did not deliver after all: somebody else may try.
    pub(super) fn withdraw(&self) {
        if self.troubled.load(Relaxed) != 0
            && let Some(open) = &mut self.lock().open
        {
            open.trial = None;
        }
    }

    /// Forgets everything: another instance has taken over.
    pub(super) fn reset(&self) {
        *self.lock() = State::default();
        self.troubled.store(0, Relaxed);
    }

    pub(super) fn is_open(&self) -> bool {
        self.troubled.load(Relaxed) != 0 && self.lock().open.is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.admits(now));
            breaker.record(Verdict::Failed, now);
        }
        assert!(breaker.is_open());
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_a_good_trial_closes_it() {
        let start = Instant::now();
        let breaker = opened(start);
        assert!(!breaker.admits(start));
        let later = start + PAUSE.0;
        assert!(breaker.admits(later), "one trial");
        assert!(!breaker.admits(later), "and only one");
        breaker.record(Verdict::Alive, later);
        assert!(!breaker.is_open());
        assert!(breaker.admits(later));
    }

    #[test]
    fn a_failed_trial_doubles_the_pause() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + PAUSE.0;
        assert!(breaker.admits(later));
        breaker.record(Verdict::Failed, later);
        assert!(!breaker.admits(later + PAUSE.0));
        assert!(breaker.admits(later + PAUSE.0 * 2));
    }

    #[test]
    fn an_answer_between_failures_and_a_long_time_both_start_the_count_again() {
        let now = Instant::now();
        let breaker = Breaker::default();
        for _ in 0..FAILURES - 1 {
            breaker.record(Verdict::Failed, now);
        }
        breaker.record(Verdict::Alive, now);
        for _ in 0..FAILURES - 1 {
            breaker.record(Verdict::Failed, now);
        }
        let much_later = now + WINDOW * 2;
        breaker.record(Verdict::Failed, much_later);
        assert!(!breaker.is_open());
    }
}
