//! The functions that plugins call: on their threads, with their pointers.
//!
//! An unwinding `extern "C"` function ends the process, so what calls further into the host is
//! caught; the rest copies what it was lent and cannot panic.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;

use bytes::Bytes;
use tracing::Level;
use vahta_plugin_abi as abi;

use super::PluginReply;
use crate::plugin_host::deliveries;
use crate::plugin_host::link::Link;

/// Makes the table a plugin gets; it keeps `link` alive until [`free_host_table`].
pub(super) fn host_table(link: Arc<Link>) -> NonNull<abi::Host> {
    let table = Box::new(abi::Host {
        size: size_of::<abi::Host>() as u32,
        abi: abi::VAHTA_ABI,
        host: Box::into_raw(Box::new(link)).cast(),
        call,
        log,
    });
    NonNull::from(Box::leak(table))
}

/// # Safety
/// `table` came from [`host_table`], is freed once, and nobody calls through it any more.
pub(super) unsafe fn free_host_table(table: NonNull<abi::Host>) {
    // SAFETY: `host_table` boxed both.
    unsafe {
        let table = Box::from_raw(table.as_ptr());
        drop(Box::from_raw(table.host.cast::<Arc<Link>>()));
    }
}

/// The callback for delivery `number`: its state is the number itself.
pub(super) fn reply_to(number: u64) -> abi::Reply {
    abi::Reply {
        state: std::ptr::without_provenance_mut(number as usize),
        done,
    }
}

unsafe extern "C" fn done(state: *mut c_void, status: i32, bytes: abi::Bytes) {
    // SAFETY: the plugin lends the bytes for this call.
    let bytes = unsafe { bytes.as_slice() };
    // An answer that nobody waits for is no error: the delivery was given up.
    let _ = deliveries::answer(state.addr() as u64, status, bytes);
}

unsafe extern "C" fn call(
    host: *mut c_void,
    ctx: u64,
    method: abi::Bytes,
    body: abi::Bytes,
    reply: abi::Reply,
) {
    // SAFETY: `host` is what `host_table` put there, alive as long as the library.
    let link = unsafe { link(host) };
    // SAFETY: the plugin lends both for this call.
    let (method, body) = unsafe { (method.as_slice(), body.as_slice()) };
    let (method, body) = (
        String::from_utf8_lossy(method),
        Bytes::copy_from_slice(body),
    );
    // A panic answers the call through the guard inside; the hook has told the log.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        link.call(ctx, method.into_owned(), body, PluginReply(reply));
    }));
}

unsafe extern "C" fn log(host: *mut c_void, level: i32, target: abi::Bytes, message: abi::Bytes) {
    // SAFETY: as in `call`.
    let link = unsafe { link(host) };
    // SAFETY: the plugin lends both for this call.
    let (target, message) = unsafe { (target.as_slice(), message.as_slice()) };
    let level = match level {
        abi::level::ERROR => Level::ERROR,
        abi::level::WARN => Level::WARN,
        abi::level::DEBUG => Level::DEBUG,
        abi::level::TRACE => Level::TRACE,
        _ => Level::INFO,
    };
    let (target, message) = (
        String::from_utf8_lossy(target),
        String::from_utf8_lossy(message),
    );
    let _ = catch_unwind(AssertUnwindSafe(|| link.log(level, &target, &message)));
}

/// # Safety
/// `host` is the first argument of a callback, from a table of [`host_table`].
unsafe fn link<'a>(host: *mut c_void) -> &'a Arc<Link> {
    // SAFETY: `host_table` put a boxed `Arc<Link>` there, which lives as long as the library whose
    // code is calling.
    unsafe { &*(host.cast::<Arc<Link>>()) }
}
