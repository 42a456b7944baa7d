//! The task that decides which call goes next.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use vahta_rows::ChatId;
use vahta_rows::outbox::OutboxRow;

use super::failure::{CallError, Verdict};
use super::pace::{Pace, Turn, is_counted};
use super::queue::{Key, Queues};
use super::{Answer, Call, Client, Delivery, Payload, Stats, trace};
use crate::closed_chats::ClosedChats;
use crate::config::OutboundProfile;
use crate::storage::journal::Journal;

/// Requests under way at once; more would only wait in Telegram's own queue.
const IN_FLIGHT: usize = 64;
/// Tries of a call whose caller waits.
const TRIES: i32 = 5;
/// Tries of a durable message. It keeps its place in front of its chat meanwhile: later ones must
/// not overtake it.
const DURABLE_TRIES: i32 = 40;

/// A call in the queue.
pub(super) struct Job {
    pub(super) call: Call,
    pub(super) queued: Instant,
    pub(super) attempt: i32,
    pub(super) end: End,
}

impl Job {
    pub(super) fn new(call: Call, attempt: i32, end: End) -> Self {
        Self {
            call,
            queued: Instant::now(),
            attempt,
            end,
        }
    }
}

/// Who hears how it ended.
pub(super) enum End {
    Caller(oneshot::Sender<Result<Answer, CallError>>),
    /// `parts` holds why an earlier part of the same text could not be sent.
    Outbox {
        row: Box<OutboxRow>,
        parts: Parts,
    },
    /// A part of a long text that is not its last.
    Part(Parts),
}

/// Shared by the parts of one text: the first failure, which is then everyone's.
pub(super) type Parts = Arc<OnceLock<CallError>>;

impl End {
    fn tries(&self) -> i32 {
        if matches!(self, Self::Caller(_)) {
            TRIES
        } else {
            DURABLE_TRIES
        }
    }

    /// Why there is no point in sending: an earlier part failed.
    fn doomed(&self) -> Option<CallError> {
        match self {
            Self::Outbox { parts, .. } | Self::Part(parts) => parts.get().cloned(),
            Self::Caller(_) => None,
        }
    }

    /// Nobody waits for the answer any more: the delivery that asked was given up.
    fn is_abandoned(&self) -> bool {
        matches!(self, Self::Caller(caller) if caller.is_closed())
    }
}

pub(super) enum Event {
    /// One call, or the parts of one, in order.
    Queue(Vec<Job>),
    Finished {
        key: Key,
        job: Box<Job>,
        result: Result<Answer, CallError>,
    },
}

pub(super) struct Scheduler {
    client: Client,
    pace: Pace,
    closed: ClosedChats,
    journal: Journal,
    delivered: mpsc::Sender<Delivery>,
    events: mpsc::Sender<Event>,
    stats: Arc<Stats>,
    queues: Queues,
    in_flight: usize,
    /// Everyone waits until then: the overall limit.
    overall: Option<Instant>,
    alone: u64,
}

impl Scheduler {
    pub(super) fn new(
        client: Client,
        profile: OutboundProfile,
        closed: ClosedChats,
        journal: Journal,
        delivered: mpsc::Sender<Delivery>,
        events: mpsc::Sender<Event>,
        stats: Arc<Stats>,
    ) -> Self {
        Self {
            client,
            pace: Pace::new(profile),
            closed,
            journal,
            delivered,
            events,
            stats,
            queues: Queues::default(),
            in_flight: 0,
            overall: None,
            alone: 0,
        }
    }

    pub(super) async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        let mut sweep = tokio::time::interval(Duration::from_secs(60));
        loop {
            let wake = self.next_wake();
            tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else { break };
                    self.take(event);
                    // Whatever else arrived meanwhile is decided upon together.
                    while let Ok(event) = events.try_recv() {
                        self.take(event);
                    }
                }
                () = sleep_until(wake), if wake.is_some() => {}
                _ = sweep.tick() => self.pace.sweep(),
            }
            self.start_what_may_go();
        }
        let left: Vec<Job> = self.queues.drain().collect();
        for job in left {
            self.end(job, Err(CallError::Stopped));
        }
    }

    fn next_wake(&self) -> Option<Instant> {
        if self.in_flight >= IN_FLIGHT {
            return None;
        }
        self.overall.or(self.queues.next_wake())
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Queue(jobs) => {
                for job in jobs {
                    let key = self.key(job.call.chat);
                    self.queues.push_back(key, job);
                }
            }
            Event::Finished { key, job, result } => {
                self.in_flight -= 1;
                self.finished(key, *job, result);
            }
        }
    }

    fn key(&mut self, chat: Option<ChatId>) -> Key {
        match chat {
            Some(chat) => Key::Chat(chat.0),
            None => {
                self.alone += 1;
                Key::Alone(self.alone)
            }
        }
    }

    fn start_what_may_go(&mut self) {
        let now = Instant::now();
        if self.overall.is_some_and(|until| until > now) {
            return;
        }
        self.overall = None;
        while self.in_flight < IN_FLIGHT {
            let Some((key, job)) = self.queues.pop(now) else {
                break;
            };
            if let Some(error) = self.pointless(&job) {
                self.queues.release(key, None);
                self.end(job, Err(error));
                continue;
            }
            let turn = if is_counted(&job.call.method) {
                self.pace.ask(job.call.chat)
            } else {
                Turn::Now
            };
            match turn {
                Turn::Now => self.start(key, job),
                Turn::ChatAt(at) => {
                    self.queues.push_front(key, job);
                    self.queues.release(key, Some(at));
                }
                Turn::OverallAt(at) => {
                    self.queues.push_front(key, job);
                    self.queues.release(key, None);
                    self.overall = Some(at);
                    break;
                }
            }
        }
    }

    /// Why a call is not sent although its turn has come.
    fn pointless(&self, job: &Job) -> Option<CallError> {
        if let Some(error) = job.end.doomed() {
            return Some(error);
        }
        if job.end.is_abandoned() {
            return Some(CallError::Stopped);
        }
        let refused =
            is_counted(&job.call.method) && self.closed.refuses(job.call.chat, job.call.lane);
        refused.then_some(CallError::ChatClosed)
    }

    fn start(&mut self, key: Key, mut job: Job) {
        self.in_flight += 1;
        job.attempt += 1;
        let (client, events, journal) = (
            self.client.clone(),
            self.events.clone(),
            self.journal.clone(),
        );
        tokio::spawn(async move {
            let started = Instant::now();
            let result = client.send(&job.call).await;
            journal.api(trace::call(&job, started, &result));
            if let Ok(answer) = &result
                && let Some(message) = trace::message(&job, answer)
            {
                journal.message(message);
            }
            // The scheduler never waits for its own tasks, so this cannot lock up.
            let _ = events
                .send(Event::Finished {
                    key,
                    job: Box::new(job),
                    result,
                })
                .await;
        });
    }

    fn finished(&mut self, key: Key, job: Job, result: Result<Answer, CallError>) {
        let Err(error) = &result else {
            self.queues.release(key, None);
            return self.end(job, result);
        };
        match error.verdict() {
            Verdict::Pause(time) => {
                self.stats.flooded.fetch_add(1, Ordering::Relaxed);
                self.again(key, job, time);
            }
            Verdict::Migrate(to) => self.migrate(key, job, to),
            Verdict::Retry if job.attempt < job.end.tries() => {
                let time = backoff(job.attempt);
                self.again(key, job, time);
            }
            Verdict::RetryInDoubt if job.attempt < job.end.tries() => {
                self.stats.in_doubt.fetch_add(1, Ordering::Relaxed);
                let time = backoff(job.attempt);
                self.again(key, job, time);
            }
            _ => {
                self.queues.release(key, None);
                self.end(job, result);
            }
        }
    }

    fn again(&mut self, key: Key, job: Job, after: Duration) {
        self.stats.retried.fetch_add(1, Ordering::Relaxed);
        self.queues.push_front(key, job);
        self.queues.release(key, Some(Instant::now() + after));
    }

    /// The chat has a new id: this call and all that wait behind it go there.
    fn migrate(&mut self, key: Key, mut job: Job, to: ChatId) {
        tracing::info!(from = ?job.call.chat, %to, "a group became a supergroup");
        job.call.chat = Some(to);
        job.call.payload = readdress(job.call.payload, to);
        let new = Key::Chat(to.0);
        self.queues.push_front(new, job);
        self.queues.release(key, None);
        self.queues.migrate(key, new);
        self.queues.release(new, None);
    }

    fn end(&self, job: Job, result: Result<Answer, CallError>) {
        self.stats.queued.fetch_sub(1, Ordering::Relaxed);
        self.stats.calls.fetch_add(1, Ordering::Relaxed);
        if result.is_err() {
            self.stats.failed.fetch_add(1, Ordering::Relaxed);
        }
        match job.end {
            // The caller may have gone; then nobody wants the answer.
            End::Caller(caller) => drop(caller.send(result)),
            End::Outbox { row, .. } => {
                // As many fit as the runner hands over; after its end nobody is told.
                let _ = self.delivered.try_send(Delivery {
                    row: *row,
                    attempts: job.attempt,
                    result,
                });
            }
            End::Part(parts) => {
                if let Err(error) = result {
                    // The first failure counts; a later one says nothing new.
                    let _ = parts.set(error);
                }
            }
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at.into()).await;
    }
}

fn backoff(attempt: i32) -> Duration {
    let exponent = u32::try_from(attempt.clamp(1, 6)).unwrap_or(1) - 1;
    Duration::from_millis(250 << exponent)
}

fn readdress(payload: Payload, to: ChatId) -> Payload {
    let mut value = match payload {
        Payload::Json(value) => value,
        Payload::Raw(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(_) => return Payload::Raw(bytes),
        },
    };
    value["chat_id"] = to.0.into();
    Payload::Json(value)
}
