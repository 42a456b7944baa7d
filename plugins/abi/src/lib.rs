//! The C ABI between the host and a native plugin.
//!
//! Nothing but integers, pointers with lengths and function pointers crosses the border: Rust has
//! no stable ABI, and statics, allocators and runtimes exist once per library. The same border in C
//! is `include/vahta_plugin.h`; a test compiles it and compares every size and offset with the
//! types here. What each call means, who owns what and which thread calls whom is told in
//! `docs/PLUGIN_ABI.md`.
//!
//! A library passes three checks, each made only after the one before it passed:
//!
//! 1. The section [`SECTION`] of the file holds the ABI number and the manifest ([`section`]). It is
//!    read **before** `dlopen`, because `dlopen` already runs code of the library.
//! 2. `vahta_abi_version` ([`AbiVersionFn`]) says the number again; its signature never changes.
//! 3. `vahta_plugin_entry` ([`EntryFn`]) hands out the table of functions ([`Plugin`]).
#![no_std]
#![allow(unsafe_code)]

mod section;

pub use section::{HEADER_LEN, Header, HeaderError, MAGIC, SECTION, section};

use core::ffi::c_void;

/// The version of this border. It grows when an old plugin could not be called any more; functions
/// added at the end of a table only grow that table's `size`.
pub const VAHTA_ABI: u32 = 1;

/// Name of the symbol of type [`AbiVersionFn`], with its closing zero for `dlsym`.
pub const ABI_VERSION_SYMBOL: &[u8] = b"vahta_abi_version\0";

/// Name of the symbol of type [`EntryFn`], with its closing zero for `dlsym`.
pub const ENTRY_SYMBOL: &[u8] = b"vahta_plugin_entry\0";

/// `uint32_t vahta_abi_version(void)`: frozen for ever, whatever [`VAHTA_ABI`] says.
pub type AbiVersionFn = unsafe extern "C" fn() -> u32;

/// `const vahta_plugin *vahta_plugin_entry(void)`: the table lives as long as the library.
pub type EntryFn = unsafe extern "C" fn() -> *const Plugin;

/// Bytes that are borrowed for the duration of the call that carries them.
///
/// Whoever is called copies what it wants to keep. `ptr` may be null when `len` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    pub ptr: *const u8,
    pub len: usize,
}

impl Bytes {
    pub const EMPTY: Self = Self {
        ptr: core::ptr::null(),
        len: 0,
    };

    /// Lends `bytes` for one call. Nothing stops the borrow from ending early: the caller keeps
    /// `bytes` alive until the call returned.
    pub const fn lend(bytes: &[u8]) -> Self {
        Self {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// The bytes as a slice.
    ///
    /// # Safety
    /// `ptr` must be valid for `len` bytes for the whole of `'a`, which therefore must not outlive
    /// the call that carried it.
    pub const unsafe fn as_slice<'a>(self) -> &'a [u8] {
        if self.ptr.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: not null, and the caller promises `len` readable bytes for `'a`.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// Where an answer goes: exactly one call of `done`, from any thread.
///
/// The host survives a second call (it is ignored); plugins need not.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Reply {
    pub state: *mut c_void,
    /// `status` is one of [`status`]; the bytes of anything but [`status::OK`] are a JSON object
    /// `{"code": "…", "message": "…", "detail": …}`.
    pub done: unsafe extern "C" fn(state: *mut c_void, status: i32, bytes: Bytes),
}

// SAFETY: `state` is only ever handed back to `done`, which the contract lets any thread call.
unsafe impl Send for Reply {}

/// What [`Reply::done`] says about its bytes.
pub mod status {
    /// The bytes are the result.
    pub const OK: i32 = 0;
    /// The bytes are an error object.
    pub const ERROR: i32 = 1;
    /// The plugin's code panicked and was caught; the bytes are an error object.
    pub const PANICKED: i32 = 2;
}

/// What [`Plugin::handle`] is given.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `body` is one update exactly as Telegram sent it.
    Update = 1,
    Job = 2,
    Http = 3,
    Event = 4,
    /// "Are you well?" Any answer with [`status::OK`] is a yes.
    Health = 5,
}

impl Kind {
    pub const fn from_u32(kind: u32) -> Option<Self> {
        Some(match kind {
            1 => Self::Update,
            2 => Self::Job,
            3 => Self::Http,
            4 => Self::Event,
            5 => Self::Health,
            _ => return None,
        })
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Job => "job",
            Self::Http => "http",
            Self::Event => "event",
            Self::Health => "health",
        }
    }
}

/// Levels of [`Host::log`], most urgent first.
pub mod level {
    pub const ERROR: i32 = 1;
    pub const WARN: i32 = 2;
    pub const INFO: i32 = 3;
    pub const DEBUG: i32 = 4;
    pub const TRACE: i32 = 5;
}

/// What the host offers a plugin. Valid from `start` until the library is unloaded; both functions
/// may be called from any thread.
#[repr(C)]
#[derive(Debug)]
pub struct Host {
    /// `sizeof` as the host knows it: look before you use what a later version added.
    pub size: u32,
    pub abi: u32,
    /// First argument of both functions.
    pub host: *mut c_void,
    /// Calls the host's `method`. `ctx` is the delivery in whose name the call is made, 0 for none.
    /// The answer always comes on the thread that makes the host's calls into this plugin.
    pub call:
        unsafe extern "C" fn(host: *mut c_void, ctx: u64, method: Bytes, body: Bytes, reply: Reply),
    /// Writes one line (UTF-8) to the host's log.
    pub log: unsafe extern "C" fn(host: *mut c_void, level: i32, target: Bytes, message: Bytes),
}

/// What a plugin offers the host. The host never makes two of these calls at the same time.
#[repr(C)]
#[derive(Debug)]
pub struct Plugin {
    pub size: u32,
    pub abi: u32,
    /// Begins; writes its own pointer to `instance`, which every later call carries. 0 is success;
    /// a failure tells its reason through [`Host::log`]. May block (migrations).
    pub start:
        unsafe extern "C" fn(host: *const Host, config: Bytes, instance: *mut *mut c_void) -> i32,
    /// Takes one delivery and should return at once; `reply` may come later and from any thread.
    pub handle: unsafe extern "C" fn(
        instance: *mut c_void,
        ctx: u64,
        kind: u32,
        envelope: Bytes,
        body: Bytes,
        reply: Reply,
    ),
    /// The delivery `ctx` was given up: its calls are refused from now on, its answer is ignored.
    pub cancel: unsafe extern "C" fn(instance: *mut c_void, ctx: u64),
    /// Ends within `grace_ms`. Only an answer [`status::OK`] given **on the thread that called
    /// `stop`** says that none of the plugin's threads runs its code any more, so that the library
    /// may be unloaded.
    pub stop: unsafe extern "C" fn(instance: *mut c_void, grace_ms: u32, reply: Reply),
}

// SAFETY: a table of integers and function pointers that nobody writes to after it was made.
unsafe impl Sync for Plugin {}
