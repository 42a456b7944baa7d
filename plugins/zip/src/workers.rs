//! The threads that pack blocks. They end when the last handle to them is gone.

use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::lock::Lock;
use crate::options::{Level, Password};
use crate::press::{Packed, Place, Press};

/// A block on its way; what is locked has its lock made here, too, because that takes long.
pub(crate) struct Job {
    pub(crate) block: Bytes,
    pub(crate) place: Place,
    pub(crate) password: Option<Password>,
    pub(crate) done: oneshot::Sender<Done>,
}

pub(crate) struct Done {
    pub(crate) packed: Packed,
    pub(crate) lock: Option<Result<Lock, getrandom::Error>>,
}

/// Unbounded by itself: the writer's budget bounds what is under way.
pub(crate) struct Workers(Sender<Job>);

impl Workers {
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(threads: NonZeroUsize, level: Level) -> io::Result<Self> {
        let (sender, receiver) = channel();
        let jobs = Arc::new(Mutex::new(receiver));
        for number in 1..=threads.get() {
            let jobs = jobs.clone();
            std::thread::Builder::new()
                .name(format!("zip-{number}"))
                .spawn(move || work(&jobs, level))?;
        }
        Ok(Self(sender))
    }

    /// Without an answer the worker has died.
    pub(crate) fn pack(
        &self,
        block: Bytes,
        place: Place,
        password: Option<Password>,
    ) -> oneshot::Receiver<Done> {
        let (done, answer) = oneshot::channel();
        let job = Job {
            block,
            place,
            password,
            done,
        };
        // With no worker left the answer's other end is dropped here, which says it.
        drop(self.0.send(job));
        answer
    }
}

fn work(jobs: &Mutex<Receiver<Job>>, level: Level) {
    let mut press = Press::new(level);
    loop {
        // One waits for a job, the others for the lock.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // Nobody waits for it any more: the archive was given up.
        if job.done.is_closed() {
            continue;
        }
        let lock = job.password.as_ref().map(Lock::new);
        let packed = press.pack(job.block, job.place);
        drop(job.done.send(Done { packed, lock }));
    }
}
