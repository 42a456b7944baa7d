//! One loaded and started library: delivering to it, and ending it.

mod stop;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use vahta_plugin_abi::{Kind, status};

use super::deliveries::{self, Delivery, Outcome};
use super::desk::{InstanceTickets, WriterDesk};
use super::gate;
use super::library::Loaded;
use super::link::Link;
use super::manifest::Manifest;
use super::services::HostServices;
use super::stats::Stats;
use super::{DeliverError, Envelope};

pub(super) use stop::Ended;

/// How long starting may take, until the plugin says that it is well: migrations of a large table,
/// at most.
const START_LIMIT: Duration = Duration::from_secs(120);

pub(super) struct Instance {
    pub(super) manifest: Arc<Manifest>,
    pub(super) sha256: String,
    /// The private copy that was loaded.
    copy: PathBuf,
    link: Arc<Link>,
    deadline: Duration,
    in_flight: AtomicUsize,
    closing: AtomicBool,
    idle: Notify,
    /// Taken by whoever stops the instance.
    gate: Mutex<Option<GateEnd>>,
}

struct GateEnd {
    thread: JoinHandle<()>,
    ended: oneshot::Receiver<Loaded>,
}

/// What a new instance is made of.
pub(super) struct Plan {
    pub(super) name: Arc<str>,
    pub(super) manifest: Arc<Manifest>,
    pub(super) sha256: String,
    pub(super) copy: PathBuf,
    pub(super) config: Vec<u8>,
    pub(super) deadline: Duration,
    pub(super) services: Arc<dyn HostServices>,
    pub(super) desk: WriterDesk,
    pub(super) stats: Arc<Stats>,
}

/// Why a plugin did not start.
#[derive(Debug)]
pub(super) struct StartFault {
    /// For people.
    pub(super) reason: String,
    /// Its library stays in the process.
    pub(super) leaked: bool,
}

impl StartFault {
    pub(super) fn leaked(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            leaked: true,
        }
    }

    pub(super) fn unloaded(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            leaked: false,
        }
    }
}

static INSTANCES: AtomicU64 = AtomicU64::new(1);

/// Why a delivery was not taken although the instance exists.
pub(super) enum Turned {
    /// The instance is on its way out: look for its successor, with what you wanted to deliver.
    Away(Box<(Envelope, Bytes)>),
    /// The instance ended before it answered; nobody knows what it had done by then.
    Ended,
    Error(DeliverError),
}

impl Instance {
    /// Loads the copy and starts the plugin on a gate of its own. It may still be busy starting:
    /// ask [`Self::is_well`].
    ///
    /// # Errors
    /// Why not. What was loaded by then stays in the process.
    pub(super) async fn start(plan: Plan) -> Result<Arc<Self>, StartFault> {
        let (sender, receiver) = gate::channel();
        let tickets = InstanceTickets::new(plan.desk, Arc::clone(&plan.name), START_LIMIT);
        let link = Arc::new(Link::new(
            plan.name,
            INSTANCES.fetch_add(1, Ordering::Relaxed),
            Arc::clone(&plan.manifest),
            plan.services,
            sender,
            tickets,
            plan.stats,
        ));
        let gate = receiver
            .start(plan.copy.clone(), plan.config, Arc::clone(&link))
            .map_err(|error| StartFault::unloaded(format!("no thread for it: {error}")))?;
        // Whether the gate's thread is at its end when the plugin did not start.
        let mut ends = false;
        let started = match tokio::time::timeout(START_LIMIT, gate.started).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(fault))) => {
                ends = true;
                Err(fault)
            }
            Ok(Err(_)) => Err(StartFault::leaked("its gate broke")),
            Err(_) => {
                let text = format!("start did not return within {} s", START_LIMIT.as_secs());
                Err(StartFault::leaked(text))
            }
        };
        if let Err(fault) = started {
            link.close();
            link.gate.end();
            if ends && stop::joined(gate.thread).await {
                link.tickets.ended();
            }
            return Err(fault);
        }
        Ok(Arc::new(Self {
            manifest: plan.manifest,
            sha256: plan.sha256,
            copy: plan.copy,
            link,
            deadline: plan.deadline,
            in_flight: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            idle: Notify::new(),
            gate: Mutex::new(Some(GateEnd {
                thread: gate.thread,
                ended: gate.ended,
            })),
        }))
    }

    /// Asks the plugin whether it is well and has finished starting.
    ///
    /// # Errors
    /// Why not, for people.
    pub(super) async fn is_well(self: &Arc<Self>) -> Result<(), String> {
        let envelope = Envelope {
            correlation: "probe".into(),
            ..Envelope::default()
        };
        match self
            .deliver_within(START_LIMIT, Kind::Health, envelope, Bytes::new())
            .await
        {
            Ok(_) => {
                self.link.tickets.limit(self.deadline);
                Ok(())
            }
            Err(Turned::Error(DeliverError::Failed { message, .. })) => Err(message),
            Err(Turned::Error(error)) => Err(error.to_string()),
            Err(Turned::Ended | Turned::Away(_)) => Err("it ended".into()),
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Delivers and waits for the answer.
    pub(super) async fn deliver(
        self: &Arc<Self>,
        kind: Kind,
        envelope: Envelope,
        body: Bytes,
    ) -> Result<Bytes, Turned> {
        // 0 is no wish; nobody gets more than the plugin's budget.
        let budget = match envelope.deadline_ms {
            0 => self.deadline,
            ms => self.deadline.min(Duration::from_millis(ms)),
        };
        self.deliver_within(budget, kind, envelope, body).await
    }

    async fn deliver_within(
        self: &Arc<Self>,
        budget: Duration,
        kind: Kind,
        mut envelope: Envelope,
        body: Bytes,
    ) -> Result<Bytes, Turned> {
        envelope.deadline_ms = u64::try_from(budget.as_millis()).unwrap_or(u64::MAX);
        let Some(place) = Place::take(self) else {
            return Err(Turned::Away(Box::new((envelope, body))));
        };
        let stats = &self.link.stats;
        // The web gets a quarter: a flooded page must not take a command's place.
        let queue = match kind {
            Kind::Http => self.manifest.budget.queue.div_ceil(4),
            _ => self.manifest.budget.queue,
        };
        if self.in_flight() > queue || self.link.gate.waiting() >= queue {
            stats.busy.fetch_add(1, Ordering::Relaxed);
            return Err(Turned::Error(DeliverError::Busy));
        }
        let head = serde_json::to_vec(&envelope).unwrap_or_default();
        let began = Instant::now();
        let (delivery, answer) =
            deliveries::open(self.link.instance, Some(Arc::new(envelope)), None);
        stats.delivered.fetch_add(1, Ordering::Relaxed);
        self.link
            .gate
            .handle(Arc::clone(&delivery), kind, head, body);
        let mut wait = Wait {
            place,
            delivery,
            answered: false,
        };
        let result = wait.answer(answer, budget).await;
        stats.took(began.elapsed());
        if let Err(turned) = &result {
            let counter = match turned {
                Turned::Error(DeliverError::Deadline) => &stats.timeouts,
                Turned::Error(DeliverError::Crashed) => &stats.crashed,
                _ => &stats.failed,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        result
    }
}

/// A delivery's place among those under way; the instance is not stopped while one is taken.
struct Place(Arc<Instance>);

impl Place {
    /// None when the instance takes no more deliveries.
    fn take(instance: &Arc<Instance>) -> Option<Self> {
        // First counted, then looked: whoever closes looks first and counts then, so one of the
        // two sees the other.
        instance.in_flight.fetch_add(1, Ordering::SeqCst);
        let place = Self(Arc::clone(instance));
        (!instance.closing.load(Ordering::SeqCst)).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Ordering::SeqCst) == 1
            && self.0.closing.load(Ordering::SeqCst)
        {
            self.0.idle.notify_one();
        }
    }
}

/// Waiting for one answer; whoever stops waiting, for whatever reason, gives the delivery up.
struct Wait {
    place: Place,
    delivery: Arc<Delivery>,
    answered: bool,
}

impl Wait {
    async fn answer(
        &mut self,
        mut answer: oneshot::Receiver<Outcome>,
        budget: Duration,
    ) -> Result<Bytes, Turned> {
        let mut left = budget;
        let outcome = loop {
            match tokio::time::timeout(left, &mut answer).await {
                Ok(outcome) => break outcome,
                Err(_) => {
                    // Time in host calls does not count: there may be some left.
                    left = self.delivery.remaining(budget);
                    if left.is_zero() {
                        return Err(Turned::Error(DeliverError::Deadline));
                    }
                }
            }
        };
        // The sender goes without an answer only when the instance ends.
        let outcome = outcome.map_err(|_| Turned::Ended)?;
        self.answered = true;
        match outcome.status {
            status::OK => Ok(outcome.bytes),
            status::PANICKED => Err(Turned::Error(DeliverError::Crashed)),
            _ => Err(Turned::Error(failed(&outcome.bytes))),
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if !self.answered {
            deliveries::give_up(&self.delivery);
            self.place.0.link.gate.cancel(self.delivery.number);
        }
    }
}

fn failed(bytes: &[u8]) -> DeliverError {
    match serde_json::from_slice::<super::CallError>(bytes) {
        Ok(error) => DeliverError::Failed {
            code: error.code,
            message: error.message,
        },
        Err(_) => DeliverError::Failed {
            code: "unreadable".into(),
            message: String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

impl Instance {
    fn take_gate(&self) -> Option<GateEnd> {
        self.gate
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
