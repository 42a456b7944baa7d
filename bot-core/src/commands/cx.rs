//! What a command gets, and how it answers.

use std::sync::Arc;

use serde_json::{Value, json};
use vahta_rows::outbox::{Lane, OutboxRow, Outgoing};
use vahta_rows::{ChatId, Micros};
use vahta_texts::Arg;

use crate::access::{Actor, By, Known};
use crate::app::App;
use crate::flow::{FlowError, Incoming};
use crate::outbound::{Call, CallError};

/// The prefix of the core's buttons; what follows is `<action>:<arguments>`.
pub(super) const PREFIX: &str = crate::flow::route::CORE_PREFIX;

/// One command or button press being handled.
#[derive(Clone)]
pub struct Cx {
    pub app: App,
    pub incoming: Arc<Incoming>,
    pub actor: Arc<Actor>,
    /// What follows the command, or the button's action.
    pub args: String,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    pub text: String,
    /// `<action>:<arguments>`, 62 bytes at most; the core's prefix comes before it.
    pub data: String,
}

/// Rows of buttons.
pub type Keyboard = Vec<Vec<Button>>;

impl Button {
    pub fn new(text: impl Into<String>, data: impl Into<String>) -> Self {
        let data = data.into();
        debug_assert!(
            data.len() + PREFIX.len() < 64,
            "callback_data holds 64 bytes: {data}"
        );
        Self {
            text: text.into(),
            data,
        }
    }
}

/// The Bot API's `InlineKeyboardMarkup`.
pub fn markup(keyboard: &[Vec<Button>]) -> Value {
    let rows: Vec<Vec<Value>> = keyboard
        .iter()
        .map(|row| {
            row.iter()
                .map(|b| json!({ "text": b.text, "callback_data": format!("{PREFIX}:{}", b.data) }))
                .collect()
        })
        .collect();
    json!({ "inline_keyboard": rows })
}

impl Cx {
    pub fn new(app: App, incoming: Arc<Incoming>, actor: Arc<Actor>, args: String) -> Self {
        Self {
            app,
            incoming,
            actor,
            args,
        }
    }

    /// A text in the actor's language.
    pub fn t(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.app.texts.get(&self.actor.language, id, args)
    }

    /// Where the command was given.
    pub fn chat(&self) -> Option<ChatId> {
        self.incoming.place.as_ref().map(|place| place.chat)
    }

    pub fn is_private(&self) -> bool {
        self.incoming
            .place
            .as_ref()
            .is_some_and(|place| place.is_private())
    }

    /// Who makes a change, for its audit row.
    pub fn by(&self) -> By {
        By {
            user: self.actor.user,
            source: "telegram",
            correlation: self.incoming.correlation(),
            instance: self.app.instance,
        }
    }

    /// Does the actor hold this key in every chat, not only in this one?
    pub fn may_everywhere(&self, key: &str) -> bool {
        let snapshot = self.app.access.snapshot();
        let known = self.actor.user.and_then(|user| snapshot.user(user));
        known.is_some_and(|known| snapshot.keys(known, None, self.now()).contains(key))
    }

    pub fn now(&self) -> Micros {
        Micros::now()
    }

    fn message(&self, text: &str, keyboard: Option<&[Vec<Button>]>) -> Option<Value> {
        let place = self.incoming.place.as_ref()?;
        let mut payload = json!({
            "chat_id": place.chat.0,
            "text": text,
            "parse_mode": "HTML",
            "link_preview_options": { "is_disabled": true },
        });
        if let Some(thread) = place.thread_id {
            payload["message_thread_id"] = thread.into();
        }
        if let Some(keyboard) = keyboard {
            payload["reply_markup"] = markup(keyboard);
        }
        Some(payload)
    }

    /// Answers with a message; for commands that change nothing.
    pub async fn reply(&self, text: &str) -> Result<(), FlowError> {
        self.send(self.message(text, None)).await
    }

    pub async fn reply_with(&self, text: &str, keyboard: Keyboard) -> Result<(), FlowError> {
        self.send(self.message(text, Some(&keyboard))).await
    }

    async fn send(&self, payload: Option<Value>) -> Result<(), FlowError> {
        match payload {
            Some(payload) => self.call(Call::reply("SendMessage", payload)).await,
            None => Ok(()),
        }
    }

    /// Changes the message whose button was pressed.
    pub async fn edit(&self, text: &str, keyboard: Keyboard) -> Result<(), FlowError> {
        let (Some(chat), Some(message)) = (self.chat(), self.incoming.message_id()) else {
            return Ok(());
        };
        self.call(Call::reply(
            "EditMessageText",
            json!({
                "chat_id": chat.0,
                "message_id": message,
                "text": text,
                "parse_mode": "HTML",
                "link_preview_options": { "is_disabled": true },
                "reply_markup": markup(&keyboard),
            }),
        ))
        .await
    }

    /// Edits when a button was pressed, else replies: for pages that a command opens and buttons
    /// turn.
    pub async fn show(&self, text: &str, keyboard: Keyboard) -> Result<(), FlowError> {
        if self.incoming.callback_id().is_some() {
            self.edit(text, keyboard).await
        } else {
            self.reply_with(text, keyboard).await
        }
    }

    /// Ends a press with a short plain text (empty: nothing is shown).
    pub async fn answer(&self, text: &str) -> Result<(), FlowError> {
        self.end_press(text, false).await
    }

    /// Ends a press with a text that must be read.
    pub async fn alert(&self, text: &str) -> Result<(), FlowError> {
        self.end_press(text, true).await
    }

    async fn end_press(&self, text: &str, show_alert: bool) -> Result<(), FlowError> {
        let Some(id) = self.incoming.callback_id() else {
            return Ok(());
        };
        let short = alert_text(text);
        let answer = json!({ "callback_query_id": id, "text": short, "show_alert": show_alert });
        self.call(Call::reply("AnswerCallbackQuery", answer)).await
    }

    /// Says something to whoever pressed or wrote: an alert, or a message.
    pub async fn say(&self, text: &str) -> Result<(), FlowError> {
        if self.incoming.callback_id().is_some() {
            self.alert(text).await
        } else {
            self.reply(text).await
        }
    }

    /// Makes a call whose failure is the reader's loss and not the update's: whoever blocked the
    /// bot gets no answer. A scheduler that has stopped leaves the update open instead.
    pub async fn call(&self, call: Call) -> Result<(), FlowError> {
        match self.app.outbound.call(call).await {
            Ok(_) => Ok(()),
            Err(CallError::Stopped) => Err(CallError::Stopped.into()),
            Err(error) => {
                tracing::info!(%error, update = %self.incoming.id, "an answer could not be given");
                Ok(())
            }
        }
    }

    /// The n-th reply of a change, to be committed with it.
    pub fn outgoing(&self, ordinal: u32, text: &str, keyboard: Option<Keyboard>) -> Outgoing {
        let payload = self.message(text, keyboard.as_deref()).unwrap_or_default();
        Outgoing {
            dedup_key: Outgoing::reply_key(self.incoming.id, "core", ordinal),
            plugin: "core".into(),
            chat_id: self.chat().unwrap_or(ChatId(0)),
            method: "SendMessage".into(),
            payload,
            lane: Lane::Reply,
            due_at: None,
        }
    }

    /// A notice to somebody's private chat, to be committed with a change.
    pub fn notice(
        &self,
        ordinal: u32,
        to: &Known,
        text: &str,
        keyboard: Option<Keyboard>,
    ) -> Option<Outgoing> {
        let chat = to.telegram_id?;
        let mut payload = json!({ "chat_id": chat, "text": text, "parse_mode": "HTML" });
        if let Some(keyboard) = keyboard {
            payload["reply_markup"] = markup(&keyboard);
        }
        Some(Outgoing {
            dedup_key: Outgoing::reply_key(self.incoming.id, "core", ordinal),
            plugin: "core".into(),
            chat_id: ChatId(chat),
            method: "SendMessage".into(),
            payload,
            lane: Lane::Notice,
            due_at: None,
        })
    }

    /// After the commit: the replies go out, and whoever watches is woken.
    pub fn committed(&self, rows: Vec<OutboxRow>) {
        self.app.outbox.hand_over(rows);
        self.app.events.wake();
    }
}

/// What an alert can show of a text: no markup, and no more than fits.
pub(crate) fn alert_text(html: &str) -> String {
    short(&plain(html))
}

/// Bot API, answerCallbackQuery: 0-200 characters, counted as everywhere in UTF-16.
fn short(text: &str) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= 200
    };
    text.chars().take_while(fits).collect()
}

/// Markup off, entities back: for whatever shows plain text.
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_shows_no_markup() {
        assert_eq!(plain("<b>a</b> &lt;b&gt; &amp;lt;"), "a <b> &lt;");
    }

    #[test]
    fn an_alert_is_cut_where_telegram_would_refuse_it() {
        assert_eq!(short(&"𝄞".repeat(150)).chars().count(), 100);
        assert_eq!(short("short"), "short");
    }

    #[test]
    fn buttons_carry_the_cores_prefix() {
        let keyboard = vec![vec![Button::new("Block", "block:12")]];
        let expected =
            json!({ "inline_keyboard": [[{ "text": "Block", "callback_data": "c:block:12" }]] });
        assert_eq!(markup(&keyboard), expected);
    }
}
