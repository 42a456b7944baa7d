//! The unsafe room: everything here talks to code that the compiler cannot see.
//!
//! [`Loaded`] is used by one thread only, the instance's gate, until the gate has ended. The
//! plugin's side of the bargain is written in `docs/PLUGIN_ABI.md`; a library that breaks it breaks
//! the process, which is why files are approved before they are loaded.
#![allow(unsafe_code)]

mod callbacks;

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use vahta_plugin_abi as abi;

use super::instance::StartFault;
use super::link::Link;

/// An answer to one of the plugin's calls, not yet given. Giving it runs the plugin's code, so
/// only the gate does that, through [`Loaded::answer`].
#[derive(Debug)]
pub(super) struct PluginReply(abi::Reply);

/// A library in the process, with its table of functions and its instance.
///
/// Dropping it leaves the library in the process for good; only [`Loaded::unload`] takes it out.
pub(super) struct Loaded {
    entry: NonNull<abi::Plugin>,
    /// Null until `start` succeeded.
    instance: *mut c_void,
    /// What the plugin was given as its host; the link inside lives as long as the library.
    host: NonNull<abi::Host>,
    library: ManuallyDrop<libloading::Library>,
}

// SAFETY: the raw pointers stand for things that are not bound to a thread (static tables, boxed
// structs); the plugin's contract says that calls come from the gate, and the only move is from
// the ended gate to whoever unloads.
unsafe impl Send for Loaded {}

impl Loaded {
    /// Loads the file and takes steps two and three of the handshake.
    ///
    /// # Errors
    /// What went wrong, for people. The library then stays in the process.
    #[expect(
        clippy::disallowed_methods,
        reason = "their one home, after the checks of the file"
    )]
    pub(super) fn open(file: &Path, link: Arc<Link>) -> Result<Self, StartFault> {
        // SAFETY: runs the library's initialisers. The file is a private copy whose bytes passed
        // `inspect` and were approved.
        let library = unsafe { libloading::Library::new(file) }
            .map_err(|error| StartFault::unloaded(deepest(&error)))?;
        // Never closed from here: an initialiser may have started threads.
        let library = ManuallyDrop::new(library);
        let entry = handshake(&library).map_err(StartFault::leaked)?;
        let host = callbacks::host_table(link);
        Ok(Self {
            entry,
            instance: std::ptr::null_mut(),
            host,
            library,
        })
    }

    /// # Errors
    /// What `start` returned, when not 0.
    pub(super) fn start(&mut self, config: &[u8]) -> Result<(), i32> {
        let config = abi::Bytes::lend(config);
        // SAFETY: `host` and `config` are valid for the call (the host longer), `instance` is ours.
        let code =
            unsafe { (self.entry().start)(self.host.as_ptr(), config, &raw mut self.instance) };
        if code == 0 { Ok(()) } else { Err(code) }
    }

    /// Hands over a delivery; its answer arrives in [`super::deliveries`] under `number`.
    pub(super) fn handle(&self, number: u64, kind: abi::Kind, envelope: &[u8], body: &[u8]) {
        let (envelope, body) = (abi::Bytes::lend(envelope), abi::Bytes::lend(body));
        let reply = callbacks::reply_to(number);
        // SAFETY: `start` made the instance; the bytes are lent for this call.
        unsafe {
            (self.entry().handle)(self.instance, number, kind as u32, envelope, body, reply);
        }
    }

    pub(super) fn cancel(&self, number: u64) {
        // SAFETY: `start` made the instance.
        unsafe { (self.entry().cancel)(self.instance, number) }
    }

    /// Asks the plugin to end; its answer arrives under `number`.
    pub(super) fn stop(&self, grace: Duration, number: u64) {
        let grace = u32::try_from(grace.as_millis()).unwrap_or(u32::MAX);
        // SAFETY: `start` made the instance, and this is called once.
        unsafe { (self.entry().stop)(self.instance, grace, callbacks::reply_to(number)) }
    }

    /// Answers a call that the plugin made.
    pub(super) fn answer(&self, reply: PluginReply, status: i32, bytes: &[u8]) {
        let PluginReply(reply) = reply;
        // SAFETY: the plugin gave this callback for exactly one call, and `reply` is consumed; its
        // code is still there because `self` holds the library.
        unsafe { (reply.done)(reply.state, status, abi::Bytes::lend(bytes)) }
    }

    /// Takes the library out of the process; `is_gone` is asked afterwards whether it went. A
    /// thread that the plugin left behind keeps it there, and then keeps its way to the host too.
    ///
    /// Call it only when the plugin answered `stop` with a promise that nothing of it runs any
    /// more and the gate's thread was joined, and not on a thread that ever called the plugin.
    pub(super) fn unload(mut self, is_gone: impl FnOnce() -> bool) -> bool {
        // SAFETY: dropped once, here; `self` is not used for calls any more. The plugin promised
        // that none of its code runs, and the dynamic linker keeps the library mapped for threads
        // that broke the promise but have destructors in it.
        drop(unsafe { ManuallyDrop::take(&mut self.library) });
        let gone = is_gone();
        if gone {
            // SAFETY: no code is left that could call through the table.
            unsafe { callbacks::free_host_table(self.host) };
        }
        gone
    }

    fn entry(&self) -> &abi::Plugin {
        // SAFETY: the table is static in a library that `self` keeps loaded, and its size was
        // checked.
        unsafe { self.entry.as_ref() }
    }
}

fn handshake(library: &libloading::Library) -> Result<NonNull<abi::Plugin>, String> {
    // SAFETY: the type of `vahta_abi_version` is frozen for all versions of the ABI.
    let version = unsafe { library.get::<abi::AbiVersionFn>(abi::ABI_VERSION_SYMBOL) }
        .map_err(|_| "it does not export vahta_abi_version".to_owned())?;
    // SAFETY: as above; it takes nothing and returns a number.
    same_abi(unsafe { version() })?;
    // SAFETY: the number just checked fixes the type of `vahta_plugin_entry`.
    let entry = unsafe { library.get::<abi::EntryFn>(abi::ENTRY_SYMBOL) }
        .map_err(|_| "it does not export vahta_plugin_entry".to_owned())?;
    // SAFETY: as above.
    let entry = NonNull::new(unsafe { entry() }.cast_mut())
        .ok_or_else(|| "vahta_plugin_entry returned nothing".to_owned())?;
    // SAFETY: the first two fields are part of every version of the table.
    let (size, abi) = unsafe { ((*entry.as_ptr()).size, (*entry.as_ptr()).abi) };
    let needed = size_of::<abi::Plugin>();
    if (size as usize) < needed {
        return Err(format!(
            "its table has {size} bytes, this host needs {needed}"
        ));
    }
    same_abi(abi)?;
    Ok(entry)
}

fn same_abi(plugin: u32) -> Result<(), String> {
    let host = abi::VAHTA_ABI;
    if plugin == host {
        return Ok(());
    }
    Err(format!(
        "the plugin speaks ABI {plugin}, this host speaks ABI {host}"
    ))
}

/// libloading says "dlopen failed" and keeps the reason inside.
fn deepest(error: &libloading::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
