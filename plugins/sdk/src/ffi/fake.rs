//! The host's side of the border, in this process and without a library: for tests of plugins.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use vahta_plugin_abi as abi;

use super::{RawHost, Reply};
use crate::CallError;

/// Answers a method, made in the name of a delivery; called on the fake gate.
pub(crate) type Answers = dyn Fn(u64, &str, &Value) -> Answer + Send + Sync;

pub(crate) type Answer = BoxFuture<'static, Result<Value, CallError>>;

type Task = Box<dyn FnOnce() + Send>;

/// What the fake host remembers.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) calls: Vec<(u64, String, Value)>,
    pub(crate) lines: Vec<String>,
}

pub(crate) struct FakeHost {
    gate: Mutex<mpsc::Sender<Task>>,
    answers: Box<Answers>,
    /// Where answers that take time are waited for.
    runtime: Handle,
    record: Arc<Mutex<Record>>,
}

impl FakeHost {
    /// A host that lives as long as the test's process, as plugins may expect.
    pub(crate) fn leak(answers: Box<Answers>) -> (RawHost, &'static Self) {
        let (gate, tasks) = mpsc::channel::<Task>();
        thread::spawn(move || tasks.iter().for_each(|task| task()));
        let fake: &'static Self = Box::leak(Box::new(Self {
            gate: Mutex::new(gate),
            answers,
            runtime: Handle::current(),
            record: Arc::default(),
        }));
        let table = Box::leak(Box::new(abi::Host {
            size: size_of::<abi::Host>() as u32,
            abi: abi::VAHTA_ABI,
            host: std::ptr::from_ref(fake).cast_mut().cast(),
            call,
            log,
        }));
        (RawHost(table), fake)
    }

    pub(crate) fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs something where a host makes its calls into the plugin.
    pub(crate) fn on_gate(&self, task: impl FnOnce() + Send + 'static) {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = gate.send(Box::new(task));
    }
}

/// A reply as the host gives it, and where its answer arrives.
pub(crate) fn reply() -> (Reply, oneshot::Receiver<Result<Bytes, CallError>>) {
    let (answer, answered) = oneshot::channel::<Result<Bytes, CallError>>();
    let state = Box::into_raw(Box::new(answer)).cast();
    (
        Reply(Some(abi::Reply {
            state,
            done: super::calls::answered,
        })),
        answered,
    )
}

unsafe extern "C" fn call(
    host: *mut c_void,
    ctx: u64,
    method: abi::Bytes,
    body: abi::Bytes,
    reply: abi::Reply,
) {
    // SAFETY: `leak` put a `&'static FakeHost` there.
    let fake: &'static FakeHost = unsafe { &*host.cast_const().cast() };
    // SAFETY: the plugin lends both for this call.
    let (method, body) = unsafe { (method.as_slice(), body.as_slice()) };
    let method = String::from_utf8_lossy(method).into_owned();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    fake.on_gate(move || {
        if method == "host.yield" {
            return answer(reply, &Ok(Value::Null));
        }
        let _runtime = fake.runtime.enter();
        let mut result = (fake.answers)(ctx, &method, &body);
        let told = move |result: Result<Value, CallError>| {
            fake.record().calls.push((ctx, method, body));
            answer(reply, &result);
        };
        match (&mut result).now_or_never() {
            Some(result) => told(result),
            None => drop(fake.runtime.spawn(async move {
                let result = result.await;
                fake.on_gate(move || told(result));
            })),
        }
    });
}

/// Gives a reply its one answer.
fn answer(reply: abi::Reply, result: &Result<Value, CallError>) {
    let (status, bytes) = match result {
        Ok(value) => (abi::status::OK, serde_json::to_vec(value)),
        Err(error) => (abi::status::ERROR, serde_json::to_vec(error)),
    };
    let bytes = bytes.unwrap_or_default();
    // SAFETY: the plugin gave the callback for one call, and `call` answers each once.
    unsafe { (reply.done)(reply.state, status, abi::Bytes::lend(&bytes)) }
}

unsafe extern "C" fn log(host: *mut c_void, level: i32, target: abi::Bytes, message: abi::Bytes) {
    // SAFETY: as in `call`.
    let fake: &'static FakeHost = unsafe { &*host.cast_const().cast() };
    // SAFETY: the plugin lends both for this call.
    let (target, message) = unsafe { (target.as_slice(), message.as_slice()) };
    let (target, message) = (
        String::from_utf8_lossy(target),
        String::from_utf8_lossy(message),
    );
    fake.record()
        .lines
        .push(format!("{level} {target}: {message}"));
}
