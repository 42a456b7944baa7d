//! Plugin → host: a call becomes a future, a log line a function.

use std::ffi::c_void;

use bytes::Bytes;
use tokio::sync::oneshot;
use vahta_plugin_abi as abi;

use crate::CallError;

/// What `start` was given; valid until the library is unloaded.
#[derive(Clone, Copy)]
pub(crate) struct RawHost(pub(super) &'static abi::Host);

// SAFETY: the ABI lets any thread call both functions of the host.
unsafe impl Send for RawHost {}
// SAFETY: as above.
unsafe impl Sync for RawHost {}

type Answer = oneshot::Sender<Result<Bytes, CallError>>;

impl RawHost {
    /// None when the host is too old for this SDK.
    ///
    /// # Safety
    /// `host` is what the host passed to `start`.
    pub(crate) unsafe fn new(host: *const abi::Host) -> Option<Self> {
        // SAFETY: the host promises a table that outlives the library's code.
        let host = unsafe { host.as_ref() }?;
        let fits = host.size as usize >= size_of::<abi::Host>() && host.abi == abi::VAHTA_ABI;
        fits.then_some(Self(host))
    }

    /// Calls a method; the receiver gets the answer.
    pub(crate) fn call(
        self,
        ctx: u64,
        method: &str,
        body: &[u8],
    ) -> oneshot::Receiver<Result<Bytes, CallError>> {
        let (answer, receiver) = oneshot::channel();
        let answer: Box<Answer> = Box::new(answer);
        let reply = abi::Reply {
            state: Box::into_raw(answer).cast(),
            done: answered,
        };
        self.call_raw(ctx, method, body, reply);
        receiver
    }

    /// Has `act` run on the thread that makes the host's calls into this plugin.
    pub(crate) fn on_gate(self, act: Box<dyn FnOnce() + Send>) {
        // Boxed again: the callback's state is one word, a boxed closure two.
        let state = Box::into_raw(Box::new(act)).cast();
        self.call_raw(
            0,
            "host.yield",
            &[],
            abi::Reply {
                state,
                done: yielded,
            },
        );
    }

    fn call_raw(self, ctx: u64, method: &str, body: &[u8], reply: abi::Reply) {
        let (method, body) = (abi::Bytes::lend(method.as_bytes()), abi::Bytes::lend(body));
        // SAFETY: the table is valid, the bytes are lent for this call, and `reply`'s state is a
        // box that its callback takes back.
        unsafe { (self.0.call)(self.0.host, ctx, method, body, reply) }
    }

    pub(crate) fn log(self, level: i32, target: &str, message: &str) {
        let (target, message) = (
            abi::Bytes::lend(target.as_bytes()),
            abi::Bytes::lend(message.as_bytes()),
        );
        // SAFETY: the table is valid and the texts are lent for this call.
        unsafe { (self.0.log)(self.0.host, level, target, message) }
    }
}

/// Runs on the gate. Cannot panic: sending and waking do not.
pub(super) unsafe extern "C" fn answered(state: *mut c_void, status: i32, bytes: abi::Bytes) {
    // SAFETY: `call` boxed it, and the host answers once.
    let answer = unsafe { Box::from_raw(state.cast::<Answer>()) };
    // SAFETY: the host lends the bytes for this call.
    let bytes = unsafe { bytes.as_slice() };
    let result = if status == abi::status::OK {
        Ok(Bytes::copy_from_slice(bytes))
    } else {
        Err(serde_json::from_slice(bytes).unwrap_or_else(|_| {
            CallError::new("unreadable", String::from_utf8_lossy(bytes).into_owned())
        }))
    };
    // Nobody waits any more: then nobody misses it.
    let _ = answer.send(result);
}

unsafe extern "C" fn yielded(state: *mut c_void, _status: i32, _bytes: abi::Bytes) {
    // SAFETY: `on_gate` boxed it, and the host answers once.
    let act = unsafe { Box::from_raw(state.cast::<Box<dyn FnOnce() + Send>>()) };
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act));
}
