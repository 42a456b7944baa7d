//! The builds under way in this process, by plugin and name.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Progress;

type Key = (String, String);
type Builds = Arc<Mutex<HashMap<Key, Arc<State>>>>;

#[derive(Default)]
pub(super) struct UnderWay(Builds);

/// One build; it is under way until this is dropped.
pub(super) struct Build {
    pub(super) state: Arc<State>,
    pub(super) stop: CancellationToken,
    key: Key,
    builds: Builds,
}

pub(super) struct State {
    pub(super) done: AtomicU64,
    pub(super) total: AtomicU64,
    pub(super) entry: AtomicUsize,
    stop: CancellationToken,
}

impl UnderWay {
    /// `None` when this one is under way already.
    pub(super) fn begin(&self, key: Key, stop: CancellationToken) -> Option<Build> {
        let mut builds = lock(&self.0);
        if builds.contains_key(&key) {
            return None;
        }
        let state = Arc::new(State {
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            entry: AtomicUsize::new(0),
            stop: stop.clone(),
        });
        builds.insert(key.clone(), state.clone());
        Some(Build {
            state,
            stop,
            key,
            builds: self.0.clone(),
        })
    }

    pub(super) fn progress(&self, plugin: &str, id: &str) -> Option<Progress> {
        self.find(plugin, id).map(|state| Progress {
            done: state.done.load(Ordering::Relaxed),
            total: state.total.load(Ordering::Relaxed),
            entry: state.entry.load(Ordering::Relaxed),
        })
    }

    pub(super) fn cancel(&self, plugin: &str, id: &str) -> bool {
        let found = self.find(plugin, id);
        if let Some(state) = &found {
            state.stop.cancel();
        }
        found.is_some()
    }

    fn find(&self, plugin: &str, id: &str) -> Option<Arc<State>> {
        let key = (plugin.to_owned(), id.to_owned());
        lock(&self.0).get(&key).cloned()
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        lock(&self.builds).remove(&self.key);
    }
}

fn lock(builds: &Builds) -> MutexGuard<'_, HashMap<Key, Arc<State>>> {
    builds.lock().unwrap_or_else(PoisonError::into_inner)
}
