//! One plugin as the host keeps it: its file, its state, and the instance that runs now.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use vahta_plugin_abi::Kind;

use super::breaker::{Breaker, Verdict};
use super::info::{PluginInfo, PluginState};
use super::instance::{Instance, Turned};
use super::manifest::Manifest;
use super::stats::Stats;
use super::threads;
use super::{DeliverError, Envelope};

pub(super) struct Slot {
    pub(super) name: Arc<str>,
    pub(super) about: Mutex<About>,
    /// What takes deliveries now.
    pub(super) current: ArcSwapOption<Instance>,
    /// One change (enable, disable, reload) at a time.
    pub(super) changing: tokio::sync::Mutex<()>,
    pub(super) stats: Arc<Stats>,
    pub(super) breaker: Breaker,
    pub(super) leaked: AtomicU64,
}

/// What changes together.
#[derive(Clone)]
pub(super) struct About {
    pub(super) file: PathBuf,
    pub(super) manifest: Arc<Manifest>,
    pub(super) sha256: String,
    pub(super) state: PluginState,
}

impl Slot {
    pub(super) fn new(name: Arc<str>, about: About) -> Self {
        Self {
            name,
            about: Mutex::new(about),
            current: ArcSwapOption::empty(),
            changing: tokio::sync::Mutex::new(()),
            stats: Arc::default(),
            breaker: Breaker::default(),
            leaked: AtomicU64::new(0),
        }
    }

    pub(super) fn about(&self) -> About {
        self.lock().clone()
    }

    pub(super) fn change(&self, act: impl FnOnce(&mut About)) {
        act(&mut self.lock());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as told to others: the breaker's word weighs in.
    pub(super) fn state(&self) -> PluginState {
        match self.lock().state.clone() {
            PluginState::Started if self.breaker.is_open() => PluginState::Degraded,
            state => state,
        }
    }

    pub(super) async fn deliver(
        &self,
        kind: Kind,
        mut envelope: Envelope,
        mut body: Bytes,
    ) -> Result<Bytes, DeliverError> {
        let unavailable = || DeliverError::Unavailable {
            state: self.state(),
        };
        if !self.breaker.admits(Instant::now()) {
            return Err(unavailable());
        }
        let mut left = None;
        loop {
            let instance = self.current.load_full().ok_or_else(unavailable)?;
            if left
                .as_ref()
                .is_some_and(|left| Arc::ptr_eq(left, &instance))
            {
                // It is closing and nothing has taken its place: not reached while changes set
                // `current` before they close.
                return Err(unavailable());
            }
            match instance.deliver(kind, envelope, body).await {
                Ok(answer) => {
                    self.breaker.record(Verdict::Alive, Instant::now());
                    return Ok(answer);
                }
                Err(Turned::Away(delivery)) => {
                    (envelope, body) = *delivery;
                    left = Some(instance);
                }
                Err(Turned::Ended) => {
                    // Says nothing about the instance that runs now.
                    self.breaker.withdraw();
                    return Err(DeliverError::Crashed);
                }
                Err(Turned::Error(error)) => {
                    self.judge(&error);
                    return Err(error);
                }
            }
        }
    }

    fn judge(&self, error: &DeliverError) {
        let verdict = match error {
            DeliverError::Deadline | DeliverError::Crashed => Verdict::Failed,
            DeliverError::Failed { .. } => Verdict::Alive,
            DeliverError::Unavailable { .. } | DeliverError::Busy => {
                return self.breaker.withdraw();
            }
        };
        self.breaker.record(verdict, Instant::now());
    }

    pub(super) fn info(&self) -> PluginInfo {
        let about = self.about();
        let current = self.current.load_full();
        PluginInfo {
            name: Arc::clone(&self.name),
            version: about.manifest.version.clone(),
            state: self.state(),
            sha256: Some(about.sha256),
            path: about.file,
            budget: about.manifest.budget,
            manifest: Some(about.manifest),
            stats: self.stats.snapshot(),
            in_flight: current.map_or(0, |instance| instance.in_flight()),
            leaked: self.leaked.load(Ordering::Relaxed),
            threads: threads::count(&self.name),
        }
    }
}
