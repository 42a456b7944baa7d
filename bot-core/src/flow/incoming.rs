//! One update on its way through the rooms.

use std::time::Instant;

use bytes::Bytes;
use teloxide::types::{ChatKind as TgChatKind, PublicChatKind, Update, UpdateKind};
use vahta_rows::{ChatId, Micros, UpdateId};

/// An update that is stored, parsed and being handled.
#[derive(Debug)]
pub struct Incoming {
    pub id: UpdateId,
    /// The JSON exactly as Telegram sent it; plugins get this, never a re-serialised [`Update`].
    pub raw: Bytes,
    pub update: Update,
    pub sender: Option<Sender>,
    pub place: Option<Place>,
    pub received_at: Micros,
    /// For latency, on a clock that does not jump.
    pub received: Instant,
    /// Runs that crashed before this one.
    pub attempts: i32,
}

/// Who caused the update, as Telegram tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub telegram_id: i64,
    pub is_bot: bool,
    pub first_name: String,
    pub last_name: Option<String>,
    /// Without the `@`, in the case that Telegram sent.
    pub username: Option<String>,
    /// IETF tag from the person's Telegram, such as "en" or "ru".
    pub language: Option<String>,
}

/// Where the update happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub chat: ChatId,
    pub kind: PlaceKind,
    pub title: Option<String>,
    pub username: Option<String>,
    /// The forum topic; kept with every answer.
    pub thread_id: Option<i32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    Private,
    Group,
    Supergroup,
    Channel,
}

impl PlaceKind {
    /// The Bot API's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }
}

impl Place {
    pub fn is_private(&self) -> bool {
        self.kind == PlaceKind::Private
    }
}

impl Incoming {
    /// Takes a parsed update apart once, for all rooms.
    pub fn new(
        raw: Bytes,
        update: Update,
        received_at: Micros,
        received: Instant,
        attempts: i32,
    ) -> Self {
        Self {
            id: UpdateId(i64::from(update.id.0)),
            sender: update.from().map(Sender::of),
            place: update.chat().map(|chat| place(chat, &update)),
            raw,
            update,
            received_at,
            received,
            attempts,
        }
    }

    /// The same update for another run, after so many that crashed.
    pub fn again(&self, attempts: i32) -> Self {
        Self::new(
            self.raw.clone(),
            self.update.clone(),
            self.received_at,
            self.received,
            attempts,
        )
    }

    /// When the person sent it, by Telegram's clock; button presses do not say.
    pub fn sent_at(&self) -> Option<Micros> {
        match &self.update.kind {
            UpdateKind::Message(m) => Some(Micros(m.date.timestamp_micros())),
            _ => None,
        }
    }

    /// Ties log lines, audit rows and events to this update.
    pub fn correlation(&self) -> String {
        format!("update:{}", self.id)
    }

    /// The text of a new or edited message, or its caption.
    pub fn text(&self) -> Option<&str> {
        match &self.update.kind {
            UpdateKind::Message(m) | UpdateKind::EditedMessage(m) | UpdateKind::ChannelPost(m) => {
                m.text().or_else(|| m.caption())
            }
            _ => None,
        }
    }

    /// The data behind a pressed button.
    pub fn callback_data(&self) -> Option<&str> {
        match &self.update.kind {
            UpdateKind::CallbackQuery(query) => query.data.as_deref(),
            _ => None,
        }
    }

    /// The id that answers this button press.
    pub fn callback_id(&self) -> Option<&str> {
        match &self.update.kind {
            UpdateKind::CallbackQuery(query) => Some(&query.id.0),
            _ => None,
        }
    }

    /// The message that was written, edited, or whose button was pressed.
    pub fn message_id(&self) -> Option<i32> {
        match &self.update.kind {
            UpdateKind::Message(m) | UpdateKind::EditedMessage(m) | UpdateKind::ChannelPost(m) => {
                Some(m.id.0)
            }
            UpdateKind::CallbackQuery(query) => query.message.as_ref().map(|m| m.id().0),
            _ => None,
        }
    }

    /// The update's kind as the Bot API names it.
    pub fn kind(&self) -> &'static str {
        match &self.update.kind {
            UpdateKind::Message(_) => "message",
            UpdateKind::EditedMessage(_) => "edited_message",
            UpdateKind::ChannelPost(_) => "channel_post",
            UpdateKind::EditedChannelPost(_) => "edited_channel_post",
            UpdateKind::CallbackQuery(_) => "callback_query",
            UpdateKind::InlineQuery(_) => "inline_query",
            UpdateKind::MyChatMember(_) => "my_chat_member",
            UpdateKind::ChatMember(_) => "chat_member",
            UpdateKind::ChatJoinRequest(_) => "chat_join_request",
            UpdateKind::Error(_) => "unparsed",
            _ => "other",
        }
    }
}

impl Sender {
    /// What Telegram tells of a person.
    pub fn of(user: &teloxide::types::User) -> Self {
        Self {
            telegram_id: i64::try_from(user.id.0).unwrap_or(i64::MAX),
            is_bot: user.is_bot,
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            username: user.username.clone(),
            language: user.language_code.clone(),
        }
    }
}

/// The forum topic of a message. In other supergroups a reply has the number of its thread, to which
/// nobody may write: "message thread not found". Source: Bot API, `Message`.
fn topic(message: &teloxide::types::Message) -> Option<i32> {
    let thread = message.thread_id.filter(|_| message.is_topic_message)?;
    Some(thread.0.0)
}

fn place(chat: &teloxide::types::Chat, update: &Update) -> Place {
    let kind = match &chat.kind {
        TgChatKind::Private(_) => PlaceKind::Private,
        TgChatKind::Public(public) => match public.kind {
            PublicChatKind::Group => PlaceKind::Group,
            PublicChatKind::Supergroup(_) => PlaceKind::Supergroup,
            PublicChatKind::Channel(_) => PlaceKind::Channel,
        },
    };
    let thread_id = match &update.kind {
        UpdateKind::Message(m) | UpdateKind::EditedMessage(m) => topic(m),
        UpdateKind::CallbackQuery(query) => query.regular_message().and_then(topic),
        _ => None,
    };
    Place {
        chat: ChatId(chat.id.0),
        kind,
        title: chat.title().map(vahta_rows::tidy),
        username: chat.username().map(str::to_string),
        thread_id,
    }
}
