//! Callback queries: pressed buttons that wait for the bot's `answerCallbackQuery`.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

/// How long a press may wait for its answer; later answers are refused as too old.
pub(crate) const ANSWERABLE: Duration = Duration::from_secs(30);
/// Presses remembered; under load the oldest are forgotten.
const KEPT: usize = 20_000;

/// What the person sees after the press.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    pub(crate) show_alert: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

#[derive(Debug)]
struct Query {
    bot: i64,
    asked: Instant,
    answer: Option<Shown>,
}

#[derive(Debug, Default)]
pub(crate) struct Queries {
    next: u64,
    open: HashMap<String, Query>,
    order: VecDeque<String>,
}

impl Queries {
    /// Forgets the presses but not the number of the last: no id is given twice.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
        self.order.clear();
    }

    pub(crate) fn start_at(&mut self, first: u64) {
        self.next = self.next.max(first);
    }

    /// Opens a query to a bot and gives its id: digits, as at Telegram.
    pub(crate) fn open(&mut self, bot: i64, now: Instant) -> String {
        self.next += 1;
        let id = (4_000_000_000_000_000_000 + self.next).to_string();
        let query = Query {
            bot,
            asked: now,
            answer: None,
        };
        self.open.insert(id.clone(), query);
        self.order.push_back(id.clone());
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.open.remove(&oldest);
            }
        }
        id
    }

    /// Records a bot's answer; `false` if the query is unknown, too old, or was answered before.
    pub(crate) fn answer(&mut self, bot: i64, id: &str, shown: Shown, now: Instant) -> bool {
        match self.open.get_mut(id) {
            Some(query)
                if query.bot == bot
                    && query.answer.is_none()
                    && now.duration_since(query.asked) <= ANSWERABLE =>
            {
                query.answer = Some(shown);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn shown(&self, id: &str) -> Option<Shown> {
        self.open.get(id).and_then(|query| query.answer.clone())
    }
}
