//! The plugin as an actor: its runtime, the deliveries it has open, its beginning and end.
//!
//! The gate only enqueues: [`Actor::handle`] spawns a task on the plugin's runtime and returns.
//! How many there are at once is bounded by the host (`budget.queue` of the manifest).

mod deliver;
mod life;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::{SetOnce, oneshot};
use tokio_util::sync::CancellationToken;
use vahta_plugin_abi::Header;

use crate::ffi::{RawHost, Reply};
use crate::{CallError, Config, Handler, Host, Plugin, logging};

/// What the host's `instance` pointer points to. It is never freed, for a late `cancel` may still
/// come; what it held is, when the plugin stops.
pub(crate) struct Actor<P> {
    running: Mutex<Option<Running<P>>>,
}

struct Running<P> {
    shared: Arc<Shared<P>>,
    runtime: Handle,
    stop: oneshot::Sender<Stop>,
    thread: JoinHandle<()>,
}

/// What deliveries look at.
struct Shared<P> {
    host: Host,
    /// Set when `start` has ended; an error is the reason for people.
    ready: SetOnce<Result<Ready<P>, String>>,
    /// Deliveries under way, to be cancelled by number.
    open: Mutex<HashMap<u64, CancellationToken>>,
}

struct Ready<P> {
    plugin: Arc<P>,
    handler: Handler,
}

/// The order to end.
struct Stop {
    grace: Duration,
    reply: Reply,
    /// The thread that gets the order, to be joined on the gate.
    thread: JoinHandle<()>,
}

/// The one field of the manifest that the SDK wants.
#[derive(Deserialize)]
struct Named {
    name: String,
}

impl<P: Plugin> Actor<P> {
    /// Starts the plugin's threads and returns; how `Plugin::start` went shows in the answers.
    ///
    /// # Errors
    /// Why there are no threads.
    pub(crate) fn start(raw: RawHost, section: &[u8], config: &[u8]) -> Result<Self, String> {
        let header = Header::parse(section).map_err(|error| format!("{error:?}"))?;
        let named: Named = serde_json::from_slice(header.manifest)
            .map_err(|error| format!("manifest: {error}"))?;
        let config: Config =
            serde_json::from_slice(config).map_err(|error| format!("configuration: {error}"))?;
        logging::install(raw, config.log_level.as_deref());
        let shared = Arc::new(Shared {
            host: Host::new(raw, named.name, config),
            ready: SetOnce::new(),
            open: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let (runtime, thread) = life::spawn(Arc::clone(&shared), stopped)?;
        let running = Running {
            shared,
            runtime,
            stop,
            thread,
        };
        Ok(Self {
            running: Mutex::new(Some(running)),
        })
    }

    pub(crate) fn handle(
        &self,
        number: u64,
        kind: u32,
        envelope: Bytes,
        body: Bytes,
        reply: Reply,
    ) {
        let running = self.lock();
        let Some(running) = &*running else {
            return reply.error(&CallError::closed());
        };
        let open = Open::new(&running.shared, number);
        running
            .runtime
            .spawn(deliver::deliver(open, kind, envelope, body, reply));
    }

    pub(crate) fn cancel(&self, number: u64) {
        if let Some(running) = &*self.lock()
            && let Some(delivery) = running.shared.open().get(&number)
        {
            delivery.cancel();
        }
    }

    pub(crate) fn stop(&self, grace: Duration, reply: Reply) {
        let Some(running) = self.lock().take() else {
            return reply.error(&CallError::closed());
        };
        let Running { stop, thread, .. } = running;
        // The thread is gone only when it panicked; the reply then says so by being dropped.
        let _ = stop.send(Stop {
            grace,
            reply,
            thread,
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running<P>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P> Shared<P> {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<u64, CancellationToken>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancel_all(&self) {
        self.open().values().for_each(CancellationToken::cancel);
    }
}

/// A delivery's entry among those under way, from the gate until its task ends.
struct Open<P> {
    shared: Arc<Shared<P>>,
    number: u64,
    cancelled: CancellationToken,
}

impl<P> Open<P> {
    fn new(shared: &Arc<Shared<P>>, number: u64) -> Self {
        let cancelled = CancellationToken::new();
        shared.open().insert(number, cancelled.clone());
        Self {
            shared: Arc::clone(shared),
            number,
            cancelled,
        }
    }
}

impl<P> Drop for Open<P> {
    fn drop(&mut self) {
        self.shared.open().remove(&self.number);
    }
}
