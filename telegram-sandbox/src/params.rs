//! The parameters of a call, however they were sent: JSON, form, multipart or query string.
//!
//! Telegram is lenient about types (a number may come as a string, an object as its JSON text),
//! so values are read by name and kind instead of into one struct.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Default)]
pub(crate) struct Params {
    pub(crate) fields: Map<String, Value>,
    pub(crate) files: Vec<Upload>,
}

/// A file part of a multipart body.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) field: String,
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Params {
    fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A string; numbers and other JSON by their text.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.value(name)? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            other => Some(Cow::Owned(other.to_string())),
        }
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }

    /// A whole number, or the text of one.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// `true`, `"true"`, `"yes"` and `1` are true; everything else is not.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => {
                matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1")
            }
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// An object or array, or its JSON text. `Err` is serde's reason.
    pub(crate) fn object<'a, T: Deserialize<'a>>(
        &'a self,
        name: &str,
    ) -> Result<Option<T>, serde_json::Error> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some),
            Some(other) => T::deserialize(other).map(Some),
        }
    }

    pub(crate) fn file(&self, field: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field == field)
    }

    /// `chat_id` where it is a number, for logs, faults and limits.
    pub(crate) fn chat_id(&self) -> Option<i64> {
        self.integer("chat_id")
    }
}

impl Params {
    /// From a query string's pairs.
    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let fields = pairs
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)));
        Self {
            fields: fields.collect(),
            files: Vec::new(),
        }
    }
}
