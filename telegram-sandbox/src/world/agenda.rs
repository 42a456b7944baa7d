//! What is still to come: polls that close, bans that end, updates that arrive late. Whoever looks
//! at the world first settles what is due; a task of the server looks when nobody else does.

use std::collections::BTreeMap;
use std::time::Duration;

use super::State;
use crate::types::Update;

/// What happens then.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// An update that was held back is queued for this bot.
    Deliver(i64, Box<Update>),
    /// A poll closes. A private chat's id alone does not say whose chat it is, so the bot does.
    ClosePoll { bot: i64, chat: i64, message: i64 },
    /// Somebody's ban or restriction ends, if it is still the one of this end.
    Lift { chat: i64, user: i64, until: i64 },
}

/// By the world's milliseconds, then in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    entries: BTreeMap<(i64, u64), Due>,
    next: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at_ms: i64, due: Due) {
        self.next += 1;
        self.entries.insert((at_ms, self.next), due);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    fn take(&mut self, now_ms: i64) -> Option<Due> {
        let first = self.entries.first_entry()?;
        (first.key().0 <= now_ms).then(|| first.remove())
    }
}

impl State {
    /// Does everything that is due.
    pub(crate) fn settle(&mut self) {
        let now_ms = self.clock.millis();
        for bot in self.bots_mut() {
            bot.queue.expire(now_ms);
        }
        if self.agenda.entries.is_empty() {
            return;
        }
        while let Some(due) = self.agenda.take(self.clock.millis()) {
            match due {
                Due::Deliver(bot, update) => self.tell(bot, *update),
                Due::ClosePoll { bot, chat, message } => {
                    self.as_bot(bot, |state| state.close_poll(chat, message));
                }
                Due::Lift { chat, user, until } => self.lift(chat, user, until),
            }
        }
    }

    /// How long until something is due; `None` if nothing is, or the clock stands.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let ((at, _), _) = self.agenda.entries.first_key_value()?;
        if self.clock.is_stopped() {
            return None;
        }
        let wait = at.saturating_sub(self.clock.millis());
        Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
    }

    /// Adds to the agenda, and wakes the task that keeps it.
    pub(crate) fn plan(&mut self, at_ms: i64, due: Due) {
        self.agenda.add(at_ms, due);
        self.signals.agenda.notify_one();
    }
}
