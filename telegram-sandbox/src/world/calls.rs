//! The log of Bot API calls: a ring, bounded by count and by bytes.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::params::Upload;

/// Calls kept.
const KEPT: usize = 10_000;
/// Names of unknown methods kept.
const UNKNOWN_KEPT: usize = 100;
/// Bytes of requests and answers kept, all together.
const KEPT_BYTES: usize = 64 << 20;
/// A longer request or answer is noted by its length only.
const KEPT_EACH: usize = 64 << 10;

#[derive(Debug, Default)]
pub(crate) struct CallLog {
    ring: VecDeque<Call>,
    bytes: usize,
    last_id: u64,
    pub(crate) counts: Counts,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    /// Answers of 429, by flood control or by fault.
    pub(crate) too_many_requests: u64,
    /// Methods that were called and are not known, and how often.
    pub(crate) unknown_methods: BTreeMap<String, u64>,
}

/// One call. Bodies stay bytes until somebody looks.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) id: u64,
    pub(crate) bot: i64,
    /// Arrival, Unix microseconds.
    pub(crate) at_us: i64,
    pub(crate) method: String,
    pub(crate) status: u16,
    pub(crate) chat_id: Option<i64>,
    pub(crate) elapsed_us: u64,
    pub(crate) request: Bytes,
    /// Files that were sent along.
    pub(crate) files: Vec<Sent>,
    pub(crate) response: Bytes,
}

/// A file of a call, without its content.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sent {
    field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    size: usize,
}

impl Sent {
    pub(crate) fn of(upload: &Upload) -> Self {
        Self {
            field: upload.field.clone(),
            name: upload.name.clone(),
            size: upload.bytes.len(),
        }
    }
}

/// [`Call`] as the control API shows it.
#[derive(Serialize)]
pub(crate) struct ShownCall {
    id: u64,
    bot: i64,
    /// Arrival, Unix milliseconds.
    at: i64,
    method: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_id: Option<i64>,
    elapsed_us: u64,
    request: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<Sent>,
    response: Option<Box<RawValue>>,
}

impl CallLog {
    pub(crate) fn push(&mut self, mut call: Call) {
        self.last_id += 1;
        call.id = self.last_id;
        call.request = bounded(call.request);
        call.response = bounded(call.response);
        self.counts.calls += 1;
        self.counts.too_many_requests += u64::from(call.status == 429);
        self.bytes += call.size();
        self.ring.push_back(call);
        while self.ring.len() > KEPT || self.bytes > KEPT_BYTES {
            match self.ring.pop_front() {
                Some(oldest) => self.bytes -= oldest.size(),
                None => return,
            }
        }
    }

    pub(crate) fn note_unknown(&mut self, method: &str) {
        let names = &mut self.counts.unknown_methods;
        if names.len() < UNKNOWN_KEPT || names.contains_key(method) {
            *names.entry(method.to_owned()).or_default() += 1;
        }
    }

    pub(crate) fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Calls after `id`, of one method or all, oldest first.
    pub(crate) fn after(&self, id: u64, method: Option<&str>) -> Vec<Call> {
        let start = self.ring.partition_point(|call| call.id <= id);
        let wanted =
            |call: &&Call| method.is_none_or(|name| call.method.eq_ignore_ascii_case(name));
        self.ring.range(start..).filter(wanted).cloned().collect()
    }

    /// Calls that arrived after `at_us`; in the order in which they were answered.
    pub(crate) fn since(&self, at_us: i64) -> impl Iterator<Item = &Call> {
        self.ring.iter().filter(move |call| call.at_us > at_us)
    }

    /// Forgets the calls; ids go on.
    pub(crate) fn clear(&mut self) {
        self.ring.clear();
        self.bytes = 0;
        self.counts = Counts::default();
    }
}

impl Call {
    fn size(&self) -> usize {
        self.request.len() + self.response.len()
    }

    pub(crate) fn show(self) -> ShownCall {
        ShownCall {
            id: self.id,
            bot: self.bot,
            at: self.at_us / 1_000,
            method: self.method,
            status: self.status,
            chat_id: self.chat_id,
            elapsed_us: self.elapsed_us,
            request: serde_json::from_slice(&self.request).ok(),
            files: self.files,
            response: serde_json::from_slice(&self.response).ok(),
        }
    }
}

fn bounded(body: Bytes) -> Bytes {
    if body.len() > KEPT_EACH {
        return Bytes::from(format!("{{\"truncated_bytes\":{}}}", body.len()));
    }
    body
}
