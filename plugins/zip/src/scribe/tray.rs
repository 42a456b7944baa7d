use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};

/// Less is not worth a call of the sink, as long as more is coming.
const PIECE: usize = 256 * 1024;

/// Where the records are written to, and fetched from for the sink: the crate that writes them
/// keeps its writer to itself, so both have a handle.
#[derive(Clone, Default)]
pub(super) struct Tray(Arc<Mutex<BytesMut>>);

impl Tray {
    /// What is there; all of it, or only when it is worth a call.
    pub(super) fn take(&self, all: bool) -> Option<Bytes> {
        let mut bytes = self.lock();
        let least = if all { 1 } else { PIECE };
        (bytes.len() >= least).then(|| bytes.split().freeze())
    }

    /// Changes the bytes that were written last. They must not have been taken.
    pub(super) fn change_last(&self, count: usize, change: impl FnOnce(&mut [u8])) {
        let mut bytes = self.lock();
        let from = bytes.len().saturating_sub(count);
        change(&mut bytes[from..]);
    }

    fn lock(&self) -> MutexGuard<'_, BytesMut> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Tray {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
