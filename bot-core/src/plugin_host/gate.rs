//! The gate: one thread a plugin instance, owned by the host, that makes every call into it.
//!
//! It contains a plugin that blocks, and it is what makes unloading possible at all: code that
//! runs on a thread leaves destructors there, which pin the library until the thread ends. The
//! gate ends before its library is unloaded.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use vahta_plugin_abi::Kind;

use super::deliveries::Delivery;
use super::instance::StartFault;
use super::library::{Loaded, PluginReply};
use super::link::Link;

/// One thing for the gate to do.
enum Task {
    Handle {
        delivery: Arc<Delivery>,
        kind: Kind,
        envelope: Vec<u8>,
        body: Bytes,
    },
    Cancel(u64),
    Answer {
        reply: PluginReply,
        status: i32,
        bytes: Bytes,
    },
    Stop {
        grace: Duration,
        number: u64,
    },
    End,
}

/// Puts work before the gate. Sending to a gate that ended does nothing.
#[derive(Clone)]
pub(super) struct GateSender {
    tasks: mpsc::Sender<Task>,
    /// Deliveries that the plugin has not been given yet.
    waiting: Arc<AtomicUsize>,
}

/// The gate's end of the line, before its thread exists.
pub(super) struct GateReceiver {
    tasks: mpsc::Receiver<Task>,
    waiting: Arc<AtomicUsize>,
}

/// The running gate.
pub(super) struct Gate {
    pub(super) thread: JoinHandle<()>,
    /// Whether the plugin started.
    pub(super) started: oneshot::Receiver<Result<(), StartFault>>,
    /// The library, when the gate has ended.
    pub(super) ended: oneshot::Receiver<Loaded>,
}

pub(super) fn channel() -> (GateSender, GateReceiver) {
    let (sender, receiver) = mpsc::channel();
    let waiting = Arc::<AtomicUsize>::default();
    (
        GateSender {
            tasks: sender,
            waiting: Arc::clone(&waiting),
        },
        GateReceiver {
            tasks: receiver,
            waiting,
        },
    )
}

impl GateSender {
    pub(super) fn handle(
        &self,
        delivery: Arc<Delivery>,
        kind: Kind,
        envelope: Vec<u8>,
        body: Bytes,
    ) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _ = self.tasks.send(Task::Handle {
            delivery,
            kind,
            envelope,
            body,
        });
    }

    pub(super) fn cancel(&self, number: u64) {
        let _ = self.tasks.send(Task::Cancel(number));
    }

    pub(super) fn answer(&self, reply: PluginReply, status: i32, bytes: Bytes) {
        let _ = self.tasks.send(Task::Answer {
            reply,
            status,
            bytes,
        });
    }

    pub(super) fn stop(&self, grace: Duration, number: u64) {
        let _ = self.tasks.send(Task::Stop { grace, number });
    }

    pub(super) fn end(&self) {
        let _ = self.tasks.send(Task::End);
    }

    /// Deliveries in the queue; many of them stay there while a plugin blocks its gate.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

impl GateReceiver {
    /// Starts the thread: it loads `file`, starts the plugin with `config` and works until the end.
    pub(super) fn start(
        self,
        file: PathBuf,
        config: Vec<u8>,
        link: Arc<Link>,
    ) -> std::io::Result<Gate> {
        let (say_started, started) = oneshot::channel();
        let (say_ended, ended) = oneshot::channel();
        let name = format!("gate-{}", link.plugin);
        let thread = thread::Builder::new().name(name).spawn(move || {
            let mut plugin = match Loaded::open(&file, Arc::clone(&link)) {
                Ok(plugin) => plugin,
                Err(fault) => {
                    let _ = say_started.send(Err(fault));
                    return;
                }
            };
            if let Err(code) = plugin.start(&config) {
                let reason = link.take_last_error();
                let reason = reason.unwrap_or_else(|| format!("start returned {code}"));
                let _ = say_started.send(Err(StartFault::leaked(reason)));
                return;
            }
            drop((config, link));
            let _ = say_started.send(Ok(()));
            self.work(&plugin);
            let _ = say_ended.send(plugin);
        })?;
        Ok(Gate {
            thread,
            started,
            ended,
        })
    }

    fn work(&self, plugin: &Loaded) {
        while let Ok(task) = self.tasks.recv() {
            match task {
                Task::Handle {
                    delivery,
                    kind,
                    envelope,
                    body,
                } => {
                    self.waiting.fetch_sub(1, Ordering::Relaxed);
                    // Given up before the plugin ever saw it: then it never shall.
                    if !delivery.is_given_up() {
                        plugin.handle(delivery.number, kind, &envelope, &body);
                    }
                }
                Task::Answer {
                    reply,
                    status,
                    bytes,
                } => plugin.answer(reply, status, &bytes),
                Task::Cancel(number) => plugin.cancel(number),
                Task::Stop { grace, number } => plugin.stop(grace, number),
                Task::End => break,
            }
        }
    }
}
