//! The plugin's threads: how they begin, and how they all end before the library may go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

use super::{Ready, Shared, Stop, deliver};
use crate::logging::{self, message_of};
use crate::{CallError, Ctx, Envelope, Plugin};

/// Threads for blocking work, such as SQLite's.
const BLOCKING_THREADS: usize = 16;

/// Builds the runtime and starts the thread that owns it.
pub(super) fn spawn<P: Plugin>(
    shared: Arc<Shared<P>>,
    stopped: oneshot::Receiver<Stop>,
) -> Result<(Handle, JoinHandle<()>), String> {
    let alive = Arc::new(AtomicUsize::new(0));
    let runtime = runtime(&shared, &alive).map_err(|error| format!("no runtime: {error}"))?;
    let handle = runtime.handle().clone();
    let thread = thread::Builder::new()
        .name(format!("plugin-{}-0", shared.host.plugin()))
        .spawn(move || live(shared, runtime, stopped, &alive))
        .map_err(|error| format!("no thread: {error}"))?;
    Ok((handle, thread))
}

fn runtime<P>(shared: &Shared<P>, alive: &Arc<AtomicUsize>) -> std::io::Result<Runtime> {
    let name = shared.host.plugin().to_owned();
    let number = AtomicUsize::new(1);
    let (born, died) = (Arc::clone(alive), Arc::clone(alive));
    Builder::new_multi_thread()
        .worker_threads(shared.host.config().workers.clamp(1, 16))
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_name_fn(move || format!("plugin-{name}-{}", number.fetch_add(1, Ordering::Relaxed)))
        .on_thread_start(move || {
            born.fetch_add(1, Ordering::SeqCst);
        })
        .on_thread_stop(move || {
            died.fetch_sub(1, Ordering::SeqCst);
        })
        .enable_all()
        .build()
}

/// The life of the thread that owns the runtime.
fn live<P: Plugin>(
    shared: Arc<Shared<P>>,
    runtime: Runtime,
    mut stopped: oneshot::Receiver<Stop>,
    alive: &AtomicUsize,
) {
    let stop = runtime.block_on(async {
        tokio::select! {
            started = started(&shared) => {
                let _ = shared.ready.set(started);
                stopped.await.ok()
            }
            // Told to end while it was still starting.
            stop = &mut stopped => stop.ok(),
        }
    });
    let Some(Stop {
        grace,
        reply,
        thread,
    }) = stop
    else {
        return;
    };
    let until = Instant::now() + grace;
    runtime.block_on(ended(&shared, grace));
    shared.host.close_db();
    let raw = shared.host.raw();
    drop(shared);
    let left = until
        .saturating_duration_since(Instant::now())
        .max(Duration::from_millis(100));
    let shut = Instant::now();
    runtime.shutdown_timeout(left);
    // tokio joins its threads unless the time ran out.
    let running = alive.load(Ordering::SeqCst);
    let clean = running == 0 && shut.elapsed() < left;
    raw.on_gate(Box::new(move || {
        let joined = thread.join().is_ok();
        logging::uninstall();
        if clean && joined {
            reply.ok(&[]);
        } else {
            let text = format!("{running} of its threads still run");
            reply.error(&CallError::new("stop", text));
        }
    }));
}

async fn started<P: Plugin>(shared: &Shared<P>) -> Result<Ready<P>, String> {
    let host = shared.host.clone();
    let config = host.config().clone();
    // The call itself may panic as well as the future.
    let start = AssertUnwindSafe(async { P::start(host, config).await }).catch_unwind();
    let plugin = match start.await {
        Ok(Ok(plugin)) => Arc::new(plugin),
        Ok(Err(error)) => return Err(error.to_string()),
        Err(panic) => return Err(format!("start panicked: {}", message_of(&*panic))),
    };
    let handler = catch_unwind(AssertUnwindSafe(|| checked_handler(shared, &plugin)));
    let handler =
        handler.map_err(|panic| format!("its handlers do not fit: {}", message_of(&*panic)))?;
    Ok(Ready { plugin, handler })
}

/// # Panics
/// When a handler asks for something that nobody provides; the message names it.
fn checked_handler<P: Plugin>(shared: &Shared<P>, plugin: &Arc<P>) -> crate::Handler {
    let handler = P::handler();
    let ctx = Ctx::new(
        0,
        Envelope::default(),
        shared.host.clone(),
        Default::default(),
    );
    // Any update does: only the types count.
    if let Ok(update) = serde_json::from_slice(br#"{"update_id":0}"#) {
        let provided = deliver::provided(update, ctx, plugin);
        dptree::type_check(handler.sig(), &provided, &[]);
    }
    handler
}

/// The plugin's own farewell; then nothing of it goes on.
async fn ended<P: Plugin>(shared: &Shared<P>, grace: Duration) {
    if let Some(Ok(ready)) = shared.ready.get() {
        let stop = AssertUnwindSafe(async { ready.plugin.stop().await }).catch_unwind();
        match tokio::time::timeout(grace, stop).await {
            Ok(Ok(())) => {}
            Ok(Err(panic)) => tracing::error!("stop panicked: {}", message_of(&*panic)),
            Err(_) => tracing::error!(grace_ms = grace.as_millis(), "stop did not end in time"),
        }
    }
    shared.cancel_all();
}
