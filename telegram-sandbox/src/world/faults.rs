//! Things that go wrong on purpose: the first rule that fits a call is spent on it.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::json;

#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Fault>,
}

/// A rule: which calls it meets, how often, and what happens then.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// `None`: any method.
    pub(crate) method: Option<String>,
    /// `None`: any bot.
    pub(crate) bot: Option<i64>,
    /// `None`: any chat, and calls without one.
    pub(crate) chat: Option<i64>,
    pub(crate) kind: FaultKind,
    /// Calls still to be met; `None`: for ever.
    pub(crate) times: Option<u64>,
    /// Waits this long before anything else.
    pub(crate) delay: Duration,
    /// Whether the call takes effect although its answer is lost or spoilt.
    pub(crate) applied: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// A refusal of this code and description.
    Refusal(u16, String),
    /// 429 with this `retry_after`.
    TooManyRequests(u64),
    /// A server error of this status.
    ServerError(u16),
    /// No answer for this many seconds, then the connection is closed.
    Timeout(u64),
    /// The connection is closed at once, without an answer.
    Drop,
    /// 403, as after a block.
    Forbidden,
    /// The group has become a supergroup; the id to say, if not a new one.
    Migrated(Option<i64>),
    /// A body that is not JSON.
    Garbage,
    /// The true answer, late (see `delay`).
    Slow,
}

/// As it was asked for, with nothing left out that can be asked for.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = json!({
            "method": self.method,
            "bot": self.bot,
            "chat": self.chat,
            "times": self.times.unwrap_or(0),
            "delay_ms": u64::try_from(self.delay.as_millis()).unwrap_or(u64::MAX),
            "applied": self.applied,
        });
        let kind = match &self.kind {
            FaultKind::Refusal(code, description) => {
                shown["code"] = json!(code);
                shown["description"] = json!(description);
                "error"
            }
            FaultKind::TooManyRequests(seconds) => {
                shown["retry_after"] = json!(seconds);
                "429"
            }
            FaultKind::ServerError(status) => match status {
                502 => "502",
                503 => "503",
                504 => "504",
                _ => "500",
            },
            FaultKind::Timeout(seconds) => {
                shown["retry_after"] = json!(seconds);
                "timeout"
            }
            FaultKind::Drop => "drop",
            FaultKind::Forbidden => "forbidden",
            FaultKind::Migrated(id) => {
                shown["migrate_to_chat_id"] = json!(id);
                "migrated"
            }
            FaultKind::Garbage => "garbage",
            FaultKind::Slow => "slow",
        };
        shown["kind"] = json!(kind);
        shown.serialize(serializer)
    }
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.rules.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[Fault] {
        &self.rules
    }

    /// Spends the first rule that fits.
    pub(crate) fn meet(&mut self, bot: i64, method: &str, chat: Option<i64>) -> Option<Fault> {
        let place = self.rules.iter().position(|rule| {
            rule.method
                .as_deref()
                .is_none_or(|name| name.eq_ignore_ascii_case(method))
                && rule.bot.is_none_or(|id| id == bot)
                && rule.chat.is_none_or(|id| chat == Some(id))
        })?;
        let rule = &mut self.rules[place];
        let met = rule.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.rules.remove(place);
            }
        }
        Some(met)
    }
}
