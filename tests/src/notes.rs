//! What a story's bot logged.
//!
//! Under nextest a process runs one story. Under `cargo test` many run side by side: the threads
//! of a story's runtime carry its own subscriber, and what other threads say (a plugin's gate, for
//! one) belongs to nobody and is not held against anybody.

mod layer;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tracing::dispatcher::{DefaultGuard, Dispatch};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, registry};

use layer::Collect;

/// Lines kept for the report of a failure.
const KEPT: usize = 4_000;

thread_local! {
    static SUBSCRIBER: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
}

/// The log of one story; cheap to clone.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    lines: VecDeque<String>,
    errors: Vec<String>,
}

impl Notes {
    pub(crate) fn begin() -> Self {
        static REST: OnceLock<Notes> = OnceLock::new();
        let is_first = REST.get().is_none();
        let rest = REST.get_or_init(Self::default).clone();
        if is_first {
            // Refused when another story was faster: then it is there already.
            let _ = tracing::dispatcher::set_global_default(rest.dispatch());
        }
        // Alone in this process, so what gate threads say is this story's, too.
        if is_alone() { rest } else { Self::default() }
    }

    fn dispatch(&self) -> Dispatch {
        let filter = EnvFilter::new(
            "info,bot_core=debug,hyper_util=warn,reqwest=warn,telegram_sandbox=warn",
        );
        Dispatch::new(registry().with(Collect(self.clone()).with_filter(filter)))
    }

    /// From now on this thread's events are this story's.
    pub(crate) fn adopt_thread(&self) {
        NOTES.set(Some(self.clone()));
        if is_alone() {
            return;
        }
        let guard = tracing::dispatcher::set_default(&self.dispatch());
        SUBSCRIBER.set(Some(guard));
    }

    /// The notes of the story that runs on this thread.
    pub(crate) fn here() -> Self {
        NOTES.with_borrow(|notes| notes.clone().unwrap_or_default())
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, line: String, is_error: bool) {
        let mut written = self.lock();
        if is_error {
            written.errors.push(line.clone());
        }
        if written.lines.len() == KEPT {
            written.lines.pop_front();
        }
        written.lines.push_back(line);
    }

    /// Everything of level ERROR.
    pub fn errors(&self) -> Vec<String> {
        self.lock().errors.clone()
    }

    /// The last lines.
    pub fn last(&self, count: usize) -> Vec<String> {
        let written = self.lock();
        let skipped = written.lines.len().saturating_sub(count);
        written.lines.iter().skip(skipped).cloned().collect()
    }

    /// Whether any kept line holds this text.
    pub fn mention(&self, text: &str) -> bool {
        self.lock().lines.iter().any(|line| line.contains(text))
    }
}

/// Does this process run one test only? nextest says so.
pub(crate) fn is_alone() -> bool {
    xtask::environment::var("NEXTEST_EXECUTION_MODE").is_some_and(|mode| mode == "process-per-test")
}
