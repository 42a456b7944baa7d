//! The end of an instance: drain, stop, join, unload. After it nothing of it may act.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};
use vahta_plugin_abi::status;

use super::{GateEnd, Instance};
use crate::plugin_host::deliveries;
use crate::plugin_host::library::Loaded;

/// What became of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plugin_host) enum Ended {
    /// Out of the process.
    Unloaded,
    /// Left in the process for good, for this reason.
    Leaked(String),
}

/// How much longer than its grace a plugin may take to answer `stop`, and the gate to end.
const MARGIN: Duration = Duration::from_secs(1);

impl Instance {
    /// Ends the instance within about `grace`; `unload` says whether its library may be unloaded.
    ///
    /// Deliveries under way may finish within the grace; new ones were led elsewhere before.
    pub(in crate::plugin_host) async fn stop(
        self: &Arc<Self>,
        grace: Duration,
        unload: bool,
    ) -> Ended {
        let Some(gate) = self.take_gate() else {
            return Ended::Leaked("somebody else stops it".into());
        };
        let until = Instant::now() + grace;
        self.drain(until).await;
        deliveries::give_up_all(self.link.instance);
        let left = until.saturating_duration_since(Instant::now()).max(MARGIN);
        let promised = self.ask_to_stop(&gate, left).await;
        // From here on its calls are refused, whether or not it stopped.
        self.link.close();
        deliveries::give_up_all(self.link.instance);
        self.link.gate.end();
        let joined = self.join(gate).await;
        if joined.is_ok() && promised.is_ok() {
            self.link.tickets.ended();
        }
        match joined {
            Err(reason) => Ended::Leaked(reason),
            Ok(_) if !unload => Ended::Leaked("third-party libraries are not unloaded".into()),
            Ok(loaded) => match promised {
                Ok(()) => self.unload(loaded).await,
                Err(reason) => Ended::Leaked(reason),
            },
        }
    }

    /// Takes no new deliveries and waits for those under way.
    async fn drain(&self, until: Instant) {
        self.closing.store(true, Ordering::SeqCst);
        let idle = async {
            while self.in_flight.load(Ordering::SeqCst) > 0 {
                self.idle.notified().await;
            }
        };
        // Too late ones are given up by the caller.
        let _ = timeout_at(until, idle).await;
    }

    /// # Errors
    /// Why the library must stay, when the plugin did not stop as it should.
    async fn ask_to_stop(&self, gate: &GateEnd, grace: Duration) -> Result<(), String> {
        let on = Some(gate.thread.thread().id());
        let (stop, answer) = deliveries::open(self.link.instance, None, on);
        self.link.gate.stop(grace, stop.number);
        match timeout(grace + MARGIN, answer).await {
            Ok(Ok(outcome)) if outcome.status != status::OK => {
                let text = String::from_utf8_lossy(&outcome.bytes);
                Err(format!("it did not stop cleanly: {text}"))
            }
            Ok(Ok(outcome)) if !outcome.on_thread => {
                Err("it answered stop from a thread of its own".into())
            }
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err("its gate broke".into()),
            Err(_) => Err(format!("it did not stop within {} ms", grace.as_millis())),
        }
    }

    /// Waits for the gate's thread to end, with all that it left in thread-local storage.
    async fn join(&self, gate: GateEnd) -> Result<Loaded, String> {
        let loaded = match timeout(MARGIN, gate.ended).await {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(_)) => return Err("its gate broke".into()),
            Err(_) => return Err("it blocks its gate".into()),
        };
        if joined(gate.thread).await {
            Ok(loaded)
        } else {
            Err("its gate broke".into())
        }
    }

    async fn unload(&self, loaded: Loaded) -> Ended {
        let copy = self.copy.clone();
        let gone = tokio::task::spawn_blocking(move || {
            let gone = loaded.unload(|| !is_mapped(&copy));
            if gone {
                let _ = fs::remove_file(&copy);
            }
            gone
        });
        match gone.await {
            Ok(true) => Ended::Unloaded,
            Ok(false) => Ended::Leaked("something of it keeps it mapped after dlclose".into()),
            Err(error) => Ended::Leaked(format!("unloading broke: {error}")),
        }
    }
}

/// Waits for a thread that is at its end; false when it panicked.
pub(super) async fn joined(thread: JoinHandle<()>) -> bool {
    let joined = tokio::task::spawn_blocking(move || thread.join()).await;
    matches!(joined, Ok(Ok(())))
}

/// Is the file part of this process? Where nobody can tell, dlclose is believed.
fn is_mapped(file: &Path) -> bool {
    let Ok(maps) = fs::read_to_string("/proc/self/maps") else {
        return false;
    };
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let file = file.to_string_lossy();
    maps.lines().any(|line| line.ends_with(&*file))
}
