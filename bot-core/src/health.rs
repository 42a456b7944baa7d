//! Is this process alive, and is it ready to work?

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use vahta_rows::Micros;

/// What each part last reported; cheap to clone.
#[derive(Clone, Default)]
pub struct Health(Arc<Inner>);

#[derive(Default)]
struct Inner {
    ready: AtomicBool,
    stopping: AtomicBool,
    last_received: AtomicI64,
    received: AtomicU64,
    intake_fault: Mutex<Option<String>>,
    redis_fault: Mutex<Option<String>>,
}

impl Health {
    /// Everything is started; `/readyz` may say so.
    pub fn started(&self) {
        self.0.ready.store(true, Ordering::Release);
    }

    /// The process is draining: no new work, please.
    pub fn stopping(&self) {
        self.0.stopping.store(true, Ordering::Release);
        self.0.ready.store(false, Ordering::Release);
    }

    /// Telegram answered a poll, or posted to the webhook.
    pub fn received(&self) {
        self.0
            .last_received
            .store(Micros::now().0, Ordering::Relaxed);
        self.0.received.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut fault) = self.0.intake_fault.lock() {
            *fault = None;
        }
    }

    pub fn intake_failed(&self, fault: String) {
        if let Ok(mut slot) = self.0.intake_fault.lock() {
            *slot = Some(fault);
        }
    }

    /// Why other instances are not told of events at once; `None`: they are, or nobody wants it.
    pub fn redis(&self, fault: Option<String>) {
        if let Ok(mut slot) = self.0.redis_fault.lock() {
            *slot = fault;
        }
    }

    pub fn redis_fault(&self) -> Option<String> {
        self.0
            .redis_fault
            .lock()
            .ok()
            .and_then(|fault| fault.clone())
    }

    pub fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Acquire)
    }

    pub fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Acquire)
    }

    /// Why nothing comes in, if something is wrong.
    pub fn intake_fault(&self) -> Option<String> {
        self.0
            .intake_fault
            .lock()
            .ok()
            .and_then(|fault| fault.clone())
    }

    /// When Telegram was last heard of.
    pub fn last_received(&self) -> Option<Micros> {
        Some(Micros(self.0.last_received.load(Ordering::Relaxed))).filter(|at| at.0 > 0)
    }
}
