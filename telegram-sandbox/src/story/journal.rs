//! From what happened to a story: updates are what people did, calls are what the bot did.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::attachment::files;
use super::cast::Cast;
use super::event::{BOT, Body, Event, Place, Shown, Story, Target, Verb};
use super::key::{self, Keyboard};
use super::{markup, scene};
use crate::world::State;
use crate::world::calls::Call;

/// The story of what happened in a world after `after` (Unix microseconds), and when its last
/// event was. With `chat` of that chat alone.
pub(crate) fn record(state: &State, after: i64, chat: Option<i64>) -> (Story, i64) {
    let mut journal = Journal::of(state.bot.me.id);
    let updates = state.bot.queue.recent().filter(|sent| sent.at_us > after);
    let calls = state.calls.since(after);
    let mut entries: Vec<(i64, bool, Value, Value, &str)> = Vec::new();
    for sent in updates {
        let update = serde_json::to_value(&*sent.update).unwrap_or_default();
        entries.push((sent.at_us, false, update, Value::Null, ""));
    }
    // Another bot in the same world has a story of its own.
    let ours = |call: &&Call| call.status == 200 && call.bot == state.bot.me.id;
    for call in calls.filter(ours) {
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_default();
        let (request, mut response): (Value, Value) = (read(&call.request), read(&call.response));
        let mut result = response["result"].take();
        if call.method.eq_ignore_ascii_case("copyMessage")
            && let (Some(chat), Some(id)) = (call.chat_id, result["message_id"].as_i64())
            && let Some(copy) = state.message(chat, id)
        {
            result = serde_json::to_value(&**copy).unwrap_or_default();
        }
        entries.push((call.at_us, true, request, result, &call.method));
    }
    // Stable: an update comes before a call of the same microsecond.
    entries.sort_by_key(|(at, by_bot, ..)| (*at, *by_bot));
    let mut last = after;
    for (at, by_bot, first, second, method) in &entries {
        last = last.max(*at);
        match by_bot {
            false => journal.update(first),
            true => journal.call(method, first, second),
        }
    }
    if let Some(chat) = chat {
        let name = journal.cast.known(chat).cloned();
        journal
            .events
            .retain(|event| Some(&event.place.chat) == name.as_ref());
    }
    journal.cast.members_of(state, &journal.events);
    (journal.story(), last)
}

/// Events as they are gathered, and the names that were given.
#[derive(Debug, Default)]
pub(super) struct Journal {
    cast: Cast,
    events: Vec<Event>,
    /// Presses by callback query.
    presses: HashMap<String, usize>,
}

impl Journal {
    /// Of the bot with this id.
    pub(super) fn of(bot: i64) -> Self {
        Self {
            cast: Cast::of(bot),
            ..Self::default()
        }
    }

    /// Takes in an update.
    pub(super) fn update(&mut self, update: &Value) {
        if update["message"].is_object() {
            self.message(update);
        } else if self.is_of_another_bot(&update["edited_message"]) {
            self.raw(update);
        } else if update["edited_message"].is_object() {
            let message = &update["edited_message"];
            let target = target(message["message_id"].as_i64());
            let body = self.body(message, false);
            self.by_person(message, Verb::Edits { target, body });
        } else if update["callback_query"].is_object() {
            self.press(update);
        } else if update["my_chat_member"].is_object() {
            let change = &update["my_chat_member"];
            if change["chat"]["type"] == "private" {
                let blocked = change["new_chat_member"]["status"] == "kicked";
                let verb = if blocked {
                    Verb::Blocks
                } else {
                    Verb::Unblocks
                };
                self.by_person(change, verb);
            }
            // In groups the service message tells it.
        } else if update["message_reaction"].is_object() {
            let change = &update["message_reaction"];
            let mut change = change.clone();
            change["from"] = change["user"].take();
            let emoji = change["new_reaction"][0]["emoji"].as_str();
            let verb = Verb::Reacts {
                emoji: emoji.map(str::to_owned),
                target: target(change["message_id"].as_i64()),
            };
            self.by_person(&change, verb);
        } else if !update["chat_member"].is_object() {
            self.raw(update);
        }
    }

    fn message(&mut self, update: &Value) {
        let message = &update["message"];
        let from = message["from"]["id"].as_i64();
        if from == Some(self.cast.bot) {
            // What the bot brought about itself, such as "pinned"; its call tells it.
            return;
        }
        if self.is_of_another_bot(message) {
            self.raw(update);
            return;
        }
        if let Some(id) = message["pinned_message"]["message_id"].as_i64() {
            self.by_person(message, Verb::Pins(target(Some(id))));
            return;
        }
        if let Some(users) = message["new_chat_members"].as_array() {
            for user in users {
                let verb = if user["id"].as_i64() == from {
                    Verb::Joins
                } else {
                    Verb::Adds(self.cast.user(user))
                };
                self.by_person(message, verb);
            }
            return;
        }
        if let Some(title) = message["forum_topic_created"]["name"].as_str() {
            let verb = self.opens(&message["chat"]["id"], &message["message_thread_id"], title);
            let mut opened = message.clone();
            // The line stands in the group, not yet in the topic.
            opened["message_id"] = opened["message_thread_id"].take();
            self.by_person(&opened, verb);
            return;
        }
        let left = &message["left_chat_member"];
        if left.is_object() {
            let verb = if left["id"].as_i64() == from {
                Verb::Leaves
            } else {
                Verb::Removes(self.cast.user(left))
            };
            self.by_person(message, verb);
            return;
        }
        let body = self.body(message, false);
        let plain = body.files.iter().all(|file| {
            matches!(
                file.kind.as_str(),
                "photo"
                    | "document"
                    | "video"
                    | "audio"
                    | "voice"
                    | "sticker"
                    | "location"
                    | "contact"
            )
        });
        let said = !body.text.is_empty() || !body.files.is_empty();
        if !plain || !said || message["forward_origin"].is_object() || from.is_none() {
            self.raw(update);
            return;
        }
        let replies_to = replied(message);
        self.by_person(message, Verb::Says { replies_to, body });
    }

    /// Whether a bot that is not the story's has to do with it: nobody who could be cast.
    fn is_of_another_bot(&self, message: &Value) -> bool {
        let joined = message["new_chat_members"].as_array();
        [&message["from"], &message["left_chat_member"]]
            .into_iter()
            .chain(joined.into_iter().flatten())
            .any(|user| {
                let is_bot = user["is_bot"] == Value::Bool(true);
                is_bot && user["id"].as_i64() != Some(self.cast.bot)
            })
    }

    fn press(&mut self, update: &Value) {
        let query = &update["callback_query"];
        let message = &query["message"];
        let Some(data) = query["data"].as_str().filter(|_| message.is_object()) else {
            self.raw(update);
            return;
        };
        let rows = message["reply_markup"]["inline_keyboard"].as_array();
        let caption = rows
            .into_iter()
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
            .find(|button| button["callback_data"] == data)
            .and_then(|button| button["text"].as_str());
        let mut pressed = message.clone();
        pressed["from"] = query["from"].clone();
        let verb = Verb::Presses {
            button: caption.unwrap_or(data).to_owned(),
            by_data: caption.is_none(),
            target: target(message["message_id"].as_i64()),
            shown: Shown::default(),
        };
        self.by_person(&pressed, verb);
        if let (Some(id), Some(event)) = (query["id"].as_str(), self.events.last_mut()) {
            event.message = None;
            self.presses.insert(id.to_owned(), self.events.len() - 1);
        }
    }

    fn raw(&mut self, update: &Value) {
        let mut update = update.clone();
        if let Some(fields) = update.as_object_mut() {
            fields.remove("update_id");
        }
        self.events.push(Event {
            who: "raw".to_owned(),
            place: Place::default(),
            label: None,
            message: None,
            verb: Verb::Raw(update),
            line: 0,
        });
    }

    fn by_person(&mut self, message: &Value, verb: Verb) {
        let who = self.cast.user(&message["from"]);
        self.push(who, message, verb);
    }

    fn push(&mut self, who: String, message: &Value, verb: Verb) {
        let place = Place {
            chat: self.cast.chat(&message["chat"]),
            thread: topic(message).map(|thread| {
                let chat = message["chat"]["id"].as_i64().unwrap_or_default();
                self.cast.topic(chat, thread)
            }),
        };
        self.events.push(Event {
            who,
            place,
            label: None,
            message: message["message_id"].as_i64(),
            verb,
            line: 0,
        });
    }

    /// Takes in a call that was answered.
    fn call(&mut self, method: &str, request: &Value, result: &Value) {
        let method = method.to_ascii_lowercase();
        if method == "answercallbackquery" {
            self.answer(request);
        } else if let Some(messages) = result.as_array()
            && method == "sendmediagroup"
        {
            for message in messages {
                self.said(message, request);
            }
        } else if ["send", "copy", "forward"]
            .iter()
            .any(|verb| method.starts_with(verb))
            && result["chat"].is_object()
        {
            self.said(result, request);
        } else if method.starts_with("edit") && result["chat"].is_object() {
            let verb = Verb::Edits {
                target: target(result["message_id"].as_i64()),
                body: self.body(result, true),
            };
            self.push(BOT.to_owned(), result, verb);
        } else {
            self.done(&method, request, result);
        }
    }

    fn said(&mut self, message: &Value, request: &Value) {
        let mut body = self.body(message, true);
        body.keyboard = Keyboard::of(&request["reply_markup"]);
        let replies_to = replied(message);
        self.push(BOT.to_owned(), message, Verb::Says { replies_to, body });
    }

    fn opens(&mut self, chat: &Value, thread: &Value, title: &str) -> Verb {
        let (chat, thread) = (chat.as_i64(), thread.as_i64());
        let (chat, thread) = (chat.unwrap_or_default(), thread.unwrap_or_default());
        Verb::Opens {
            topic: self.cast.open_topic(chat, thread, title),
            title: title.to_owned(),
        }
    }

    /// What the bot does to a message that is there.
    fn done(&mut self, method: &str, request: &Value, result: &Value) {
        let number = |value: &Value| match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_i64(),
        };
        let Some(chat) = number(&request["chat_id"]).and_then(|id| self.cast.known(id).cloned())
        else {
            return;
        };
        let id = number(&request["message_id"]);
        let mut message = None;
        let verbs = match method {
            "deletemessage" => vec![Verb::Deletes(target(id))],
            "deletemessages" => {
                let ids = parsed(&request["message_ids"]);
                let ids = ids.as_array().into_iter().flatten().map(number);
                ids.map(|id| Verb::Deletes(target(id))).collect()
            }
            "createforumtopic" => {
                message = result["message_thread_id"].as_i64();
                let chat = number(&request["chat_id"]).into();
                let title = result["name"].as_str().unwrap_or_default();
                vec![self.opens(&chat, &result["message_thread_id"], title)]
            }
            "pinchatmessage" => vec![Verb::Pins(target(id))],
            "setmessagereaction" => {
                let reaction = parsed(&request["reaction"]);
                let emoji = reaction[0]["emoji"].as_str();
                vec![Verb::Reacts {
                    target: target(id),
                    emoji: emoji.map(str::to_owned),
                }]
            }
            _ => return,
        };
        for verb in verbs {
            self.events.push(Event {
                who: BOT.to_owned(),
                place: Place {
                    chat: chat.clone(),
                    thread: None,
                },
                label: None,
                message,
                verb,
                line: 0,
            });
        }
    }

    fn answer(&mut self, request: &Value) {
        let query = match &request["callback_query_id"] {
            Value::String(id) => id.clone(),
            other => other.to_string(),
        };
        let place = self.presses.get(&query).copied();
        let Some(Verb::Presses { shown, .. }) =
            place.and_then(|at| Some(&mut self.events.get_mut(at)?.verb))
        else {
            return;
        };
        let text = |name: &str| {
            let text = request[name].as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        *shown = Shown {
            answered: true,
            text: text("text"),
            alert: matches!(&request["show_alert"], Value::Bool(true))
                || matches!(request["show_alert"].as_str(), Some("true" | "True" | "1")),
            url: text("url"),
        };
    }

    fn body(&self, message: &Value, by_bot: bool) -> Body {
        let (text, entities) = match message["text"].as_str() {
            Some(text) => (text, &message["entities"]),
            None => (
                message["caption"].as_str().unwrap_or_default(),
                &message["caption_entities"],
            ),
        };
        Body {
            text: if by_bot {
                markup::html(text, entities)
            } else {
                text.to_owned()
            },
            files: files(message),
            buttons: key::inline(&message["reply_markup"]),
            keyboard: None,
        }
    }

    /// For groups that nothing else is known of: who did something there.
    pub(super) fn members_as_seen(&mut self) {
        self.cast.members_as_seen(&self.events);
    }

    pub(super) fn story(mut self) -> Story {
        scene::label(&mut self.events);
        let (people, groups) = self.cast.into_parts();
        Story {
            title: "recorded".to_owned(),
            people,
            groups,
            events: self.events,
            raw: true,
        }
    }
}

/// A list or an object; forms carry it as text.
fn parsed(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::String(text) => Cow::Owned(serde_json::from_str(text).unwrap_or_default()),
        other => Cow::Borrowed(other),
    }
}

fn target(message: Option<i64>) -> Target {
    Target {
        label: None,
        message,
    }
}

fn replied(message: &Value) -> Option<Target> {
    let id = message["reply_to_message"]["message_id"].as_i64()?;
    // In a topic everything "replies" to the message that made the topic.
    (topic(message) != Some(id)).then(|| target(Some(id)))
}

/// Other supergroups number the threads of replies too.
fn topic(message: &Value) -> Option<i64> {
    let in_topic = message["is_topic_message"] == Value::Bool(true);
    message["message_thread_id"].as_i64().filter(|_| in_topic)
}
