//! One delivery, as its handler sees it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use vahta_rows::Db;
use vahta_texts::FALLBACK;

use crate::bot::Bot;
use crate::dialogue::Dialogue;
use crate::{Actor, Chat, Envelope, Error, Host, RouteKind};

/// Cheap to clone; do not keep it beyond the handler: the host refuses what comes later.
#[derive(Clone)]
pub struct Ctx(Arc<Inner>);

struct Inner {
    number: u64,
    envelope: Envelope,
    host: Host,
    began: Instant,
    cancelled: CancellationToken,
    /// Writer tickets held or asked for: the handler is inside a transaction.
    writing: AtomicU32,
    /// Messages left in the outbox so far; see [`Ctx::next_outbox_key`].
    outbox: AtomicU32,
    /// The job this delivery runs.
    job: OnceLock<i64>,
}

tokio::task_local! {
    static CURRENT: Ctx;
}

impl Ctx {
    pub(crate) fn new(
        number: u64,
        envelope: Envelope,
        host: Host,
        cancelled: CancellationToken,
    ) -> Self {
        Self(Arc::new(Inner {
            number,
            envelope,
            host,
            began: Instant::now(),
            cancelled,
            writing: AtomicU32::new(0),
            outbox: AtomicU32::new(0),
            job: OnceLock::new(),
        }))
    }

    /// The delivery whose handler is running now; none in tasks that a handler spawned.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    pub fn host(&self) -> &Host {
        &self.0.host
    }

    pub fn envelope(&self) -> &Envelope {
        &self.0.envelope
    }

    /// Who caused the delivery; none for jobs and other work of its own.
    pub fn actor(&self) -> Option<&Actor> {
        self.0.envelope.actor.as_ref()
    }

    /// May the actor do this, in this chat? The command's own permission was checked already.
    pub fn may(&self, permission: &str) -> bool {
        self.actor().is_some_and(|actor| actor.may(permission))
    }

    pub fn chat(&self) -> Option<&Chat> {
        self.0.envelope.chat.as_ref()
    }

    /// What follows the command; empty when nothing does.
    pub fn args(&self) -> &str {
        let route = self.0.envelope.route.as_ref();
        route
            .and_then(|route| route.args.as_deref())
            .unwrap_or_default()
    }

    /// A button's data without the plugin's prefix and the colon.
    pub fn data(&self) -> &str {
        let route = self.0.envelope.route.as_ref();
        route
            .and_then(|route| route.data.as_deref())
            .unwrap_or_default()
    }

    pub(crate) fn is_routed(&self, kind: RouteKind) -> bool {
        self.0
            .envelope
            .route
            .as_ref()
            .is_some_and(|route| route.kind == kind)
    }

    pub(crate) fn command(&self) -> Option<&str> {
        let route = self.0.envelope.route.as_ref();
        route
            .filter(|route| route.kind == RouteKind::Command)?
            .command
            .as_deref()
    }

    /// The actor's language, such as `en` or `pt-br`.
    pub fn language(&self) -> &str {
        self.actor()
            .and_then(|actor| actor.language.as_deref())
            .unwrap_or(FALLBACK)
    }

    /// When this delivery happens. Take this for the time, not the machine's clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.envelope.now).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub fn correlation(&self) -> &str {
        &self.0.envelope.correlation
    }

    /// How long this delivery may take in all; time spent waiting for the host is not counted.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.0.envelope.deadline_ms)
    }

    /// How long the delivery has been in the plugin, waiting for the host included.
    pub fn elapsed(&self) -> Duration {
        self.0.began.elapsed()
    }

    /// A bot that answers in the name of this delivery.
    pub fn bot(&self) -> Bot {
        Bot::new(self.0.host.clone(), self.0.number)
    }

    /// The database; its transactions commit only while this delivery is wanted.
    ///
    /// # Errors
    /// As [`Host::db`].
    pub fn db(&self) -> Result<Db, Error> {
        self.0.host.db()
    }

    /// The dialog that this plugin holds with the actor in this chat.
    pub fn dialogue<S>(&self) -> Dialogue<S> {
        Dialogue::new(self.clone())
    }

    /// Calls a method of the host in the name of this delivery, JSON for JSON.
    ///
    /// # Errors
    /// As [`Host::call`].
    pub async fn call<B, A>(&self, method: &str, body: &B) -> Result<A, Error>
    where
        B: Serialize + ?Sized,
        A: DeserializeOwned,
    {
        self.0.host.call_in(self.0.number, method, body).await
    }

    /// The host gave the delivery up: nobody waits for it, nothing of it may be committed.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.is_cancelled()
    }

    /// Ends when the host gives the delivery up.
    pub async fn cancelled(&self) {
        self.0.cancelled.cancelled().await;
    }

    pub(crate) fn writing(&self) -> &AtomicU32 {
        &self.0.writing
    }

    pub(crate) fn is_writing(&self) -> bool {
        self.0.writing.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn set_job(&self, job: i64) {
        let _ = self.0.job.set(job);
    }

    /// The key of this delivery's next message in the outbox. The same delivery, run again after
    /// a crash, gets the same keys in the same order and writes no message twice.
    pub fn next_outbox_key(&self) -> String {
        let n = self.0.outbox.fetch_add(1, Ordering::Relaxed);
        let plugin = self.0.host.plugin();
        match (self.0.envelope.update_id, self.0.job.get()) {
            (Some(update), _) => format!("u:{update}:{plugin}:{n}"),
            (None, Some(job)) => format!("j:{job}:{plugin}:{n}"),
            (None, None) => format!(
                "c:{}:{}:{plugin}:{n}",
                self.correlation(),
                self.0.envelope.now
            ),
        }
    }
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx")
            .field("number", &self.0.number)
            .field("envelope", &self.0.envelope)
            .finish_non_exhaustive()
    }
}
