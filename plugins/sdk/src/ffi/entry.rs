//! Host → plugin: the four functions of the table, for any [`Plugin`].

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use bytes::Bytes;
use vahta_plugin_abi as abi;

use super::RawHost;
use crate::actor::Actor;
use crate::{CallError, Plugin};

/// Implemented by [`export_plugin!`](crate::export_plugin).
pub trait Exported: Plugin {
    /// The whole `.vahta` section.
    fn section() -> &'static [u8];
}

/// The table of functions for one plugin.
pub const fn entry_table<P: Exported>() -> abi::Plugin {
    abi::Plugin {
        size: size_of::<abi::Plugin>() as u32,
        abi: abi::VAHTA_ABI,
        start: start::<P>,
        handle: handle::<P>,
        cancel: cancel::<P>,
        stop: stop::<P>,
    }
}

/// `start` returns one of these when it fails.
const HOST_TOO_OLD: i32 = 2;
const FAILED: i32 = 1;

unsafe extern "C" fn start<P: Exported>(
    host: *const abi::Host,
    config: abi::Bytes,
    instance: *mut *mut c_void,
) -> i32 {
    // SAFETY: the host passes its own table and lends the configuration.
    let (Some(host), config) = (unsafe { RawHost::new(host) }, unsafe { config.as_slice() }) else {
        return HOST_TOO_OLD;
    };
    let started = catch_unwind(|| Actor::<P>::start(host, P::section(), config));
    match started {
        Ok(Ok(actor)) => {
            // SAFETY: the host gives a place for one pointer.
            unsafe { instance.write(Box::into_raw(Box::new(actor)).cast()) };
            0
        }
        Ok(Err(reason)) => {
            host.log(abi::level::ERROR, "sdk", &reason);
            FAILED
        }
        Err(_) => {
            host.log(abi::level::ERROR, "sdk", "start panicked");
            FAILED
        }
    }
}

unsafe extern "C" fn handle<P: Exported>(
    instance: *mut c_void,
    ctx: u64,
    kind: u32,
    envelope: abi::Bytes,
    body: abi::Bytes,
    reply: abi::Reply,
) {
    let reply = Reply(Some(reply));
    // SAFETY: `start` made it, and `stop` frees it last.
    let actor = unsafe { actor::<P>(instance) };
    // SAFETY: the host lends both for this call.
    let (envelope, body) = unsafe { (envelope.as_slice(), body.as_slice()) };
    // After a panic the reply was dropped and has answered.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let (envelope, body) = (
            Bytes::copy_from_slice(envelope),
            Bytes::copy_from_slice(body),
        );
        actor.handle(ctx, kind, envelope, body, reply);
    }));
}

unsafe extern "C" fn cancel<P: Exported>(instance: *mut c_void, ctx: u64) {
    // SAFETY: as in `handle`.
    let actor = unsafe { actor::<P>(instance) };
    let _ = catch_unwind(AssertUnwindSafe(|| actor.cancel(ctx)));
}

unsafe extern "C" fn stop<P: Exported>(instance: *mut c_void, grace_ms: u32, reply: abi::Reply) {
    let reply = Reply(Some(reply));
    // SAFETY: as in `handle`. The actor is not freed: deliveries that end late still look at it,
    // and it is a few words beside a library that leaves the process as well.
    let actor = unsafe { actor::<P>(instance) };
    let grace = Duration::from_millis(u64::from(grace_ms));
    let _ = catch_unwind(AssertUnwindSafe(|| actor.stop(grace, reply)));
}

/// # Safety
/// `instance` is what `start::<P>` wrote.
unsafe fn actor<'a, P: Exported>(instance: *mut c_void) -> &'a Actor<P> {
    // SAFETY: see above; only shared references are ever made.
    unsafe { &*instance.cast_const().cast::<Actor<P>>() }
}

/// The duty to answer the host once; dropped without an answer, it says that the code broke.
pub(crate) struct Reply(pub(super) Option<abi::Reply>);

impl Reply {
    pub(crate) fn ok(mut self, bytes: &[u8]) {
        self.send(abi::status::OK, bytes);
    }

    pub(crate) fn error(mut self, error: &CallError) {
        self.send(
            abi::status::ERROR,
            &serde_json::to_vec(error).unwrap_or_default(),
        );
    }

    pub(crate) fn panicked(mut self, message: &str) {
        self.panic(message);
    }

    fn panic(&mut self, message: &str) {
        let error = CallError::new("panic", message);
        self.send(
            abi::status::PANICKED,
            &serde_json::to_vec(&error).unwrap_or_default(),
        );
    }

    fn send(&mut self, status: i32, bytes: &[u8]) {
        if let Some(reply) = self.0.take() {
            // SAFETY: the host gave the callback for one call, and it was just taken out.
            unsafe { (reply.done)(reply.state, status, abi::Bytes::lend(bytes)) }
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.panic("the plugin dropped the delivery without an answer");
    }
}
