//! Inline mode: questions that people ask a bot from any chat, the results it offers, and the
//! messages that come of it, <https://core.telegram.org/bots/api#inline-mode>. Mini Apps ask in
//! the same way.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::State;
use super::messages::Draft;
use super::queries::ANSWERABLE;
use crate::error::ApiError;
use crate::types::{Content, InlineKeyboard, Message};

/// Questions and named messages remembered.
const KEPT: usize = 5_000;

#[derive(Debug, Default)]
pub(crate) struct Inline {
    next: u64,
    asked: HashMap<String, Asked>,
    asked_order: VecDeque<String>,
    /// Where the message of an `inline_message_id` stands: chat, message and the bot of it.
    pub(crate) messages: HashMap<String, (i64, i64, i64)>,
    messages_order: VecDeque<String>,
}

/// A question and what the bot offered.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) bot: i64,
    pub(crate) from: i64,
    pub(crate) chat: i64,
    pub(crate) query: String,
    at: Instant,
    pub(crate) offer: Option<Offer>,
    /// Asked by a Mini App, which takes one result only.
    is_app: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) results: Vec<InlineResult>,
    /// As the bot gave them, for whoever shows them.
    pub(crate) shown: Value,
}

/// A result, and the message that it becomes.
#[derive(Clone, Debug)]
pub(crate) struct InlineResult {
    pub(crate) id: String,
    pub(crate) content: Content,
    pub(crate) keyboard: Option<InlineKeyboard>,
}

impl Inline {
    /// Opens a question and gives its id.
    pub(crate) fn ask(
        &mut self,
        bot: i64,
        from: i64,
        chat: i64,
        query: String,
        is_app: bool,
        now: Instant,
    ) -> String {
        self.next += 1;
        let id = (5_000_000_000_000_000_000 + self.next).to_string();
        let asked = Asked {
            bot,
            from,
            chat,
            query,
            at: now,
            offer: None,
            is_app,
        };
        self.asked.insert(id.clone(), asked);
        forget_oldest(&mut self.asked, &mut self.asked_order, id.clone());
        id
    }

    /// Keeps what a bot offers; `false` if the question is unknown, too old or another bot's.
    pub(crate) fn answer(
        &mut self,
        bot: i64,
        id: &str,
        is_app: bool,
        offer: Offer,
        now: Instant,
    ) -> bool {
        match self.asked.get_mut(id) {
            Some(asked)
                if asked.bot == bot
                    && asked.is_app == is_app
                    && asked.offer.is_none()
                    && now.duration_since(asked.at) <= ANSWERABLE * 20 =>
            {
                asked.offer = Some(offer);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn asked(&self, id: &str) -> Option<&Asked> {
        self.asked.get(id)
    }

    /// Names a message that came of a result.
    pub(crate) fn name_message(&mut self, chat: i64, message: i64, bot: i64) -> String {
        self.next += 1;
        let id = format!("AgAAAsandbox{:012}", self.next);
        self.messages.insert(id.clone(), (chat, message, bot));
        forget_oldest(&mut self.messages, &mut self.messages_order, id.clone());
        id
    }

    /// The `inline_message_id` of a bot's message.
    pub(crate) fn name_of(&self, chat: i64, message: i64, bot: i64) -> Option<String> {
        let found = self
            .messages
            .iter()
            .find(|(_, at)| **at == (chat, message, bot));
        found.map(|(id, _)| id.clone())
    }

    /// Forgets everything but the numbers: no id is given twice.
    pub(crate) fn clear(&mut self) {
        *self = Self {
            next: self.next,
            ..Self::default()
        };
    }

    pub(crate) fn start_at(&mut self, first: u64) {
        self.next = self.next.max(first);
    }
}

/// Takes note of what is new and drops what is oldest of too many.
fn forget_oldest<T>(known: &mut HashMap<String, T>, order: &mut VecDeque<String>, new: String) {
    order.push_back(new);
    while order.len() > KEPT {
        if let Some(oldest) = order.pop_front() {
            known.remove(&oldest);
        }
    }
}

/// A message that came of a result.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) message: Arc<Message>,
    pub(crate) result_id: String,
    /// Only messages with a keyboard can be edited, so only they have one.
    pub(crate) inline_message_id: Option<String>,
}

impl State {
    /// Somebody opens a Mini App of the acting bot: the `query_id` that `answerWebAppQuery` takes.
    pub(crate) fn open_web_app(&mut self, from: i64, chat: i64) -> String {
        let now = self.clock.instant();
        let bot = self.bot.me.id;
        self.inline.ask(bot, from, chat, String::new(), true, now)
    }

    /// Somebody takes a result: the message is theirs, by way of the bot.
    pub(crate) fn choose_result(&mut self, id: &str, place: usize) -> Result<Sent, ApiError> {
        let refused = || ApiError::bad_request("RESULT_ID_INVALID");
        let asked = self.inline.asked(id).cloned().ok_or_else(refused)?;
        let offer = asked.offer.ok_or_else(refused)?;
        let result = offer.results.get(place).cloned().ok_or_else(refused)?;
        let from = self.user(asked.from).ok_or_else(refused)?;
        let mut draft = Draft::from(result.content);
        draft.keyboard = result.keyboard;
        draft.via_bot = self.user(asked.bot);
        let has_keyboard = draft.keyboard.is_some();
        let message = self.post(asked.chat, from, draft)?;
        self.tell_of_message(&message, 0);
        let inline_message_id = has_keyboard.then(|| {
            self.inline
                .name_message(asked.chat, message.message_id, asked.bot)
        });
        Ok(Sent {
            message,
            result_id: result.id,
            inline_message_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_questions_and_messages_the_oldest_are_forgotten() {
        let mut inline = Inline::default();
        let now = Instant::now();
        let mut first = None;
        for number in 0..=KEPT {
            let asked = inline.ask(1, 7, 7, String::new(), false, now);
            let message = i64::try_from(number).unwrap();
            let named = inline.name_message(7, message, 1);
            first.get_or_insert((asked, named));
        }
        let (asked, named) = first.unwrap();
        assert!(inline.asked(&asked).is_none() && !inline.messages.contains_key(&named));
        assert_eq!((inline.asked.len(), inline.messages.len()), (KEPT, KEPT));
        assert!(inline.name_of(7, 0, 1).is_none() && inline.name_of(7, 1, 1).is_some());
    }
}
