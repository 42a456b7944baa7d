//! What a story is made of.

use serde::{Deserialize, Serialize};

use super::key::{Key, Keyboard};

/// The name that the bot has in every story.
pub(super) const BOT: &str = "bot";

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    pub title: String,
    pub people: Vec<Person>,
    pub groups: Vec<Group>,
    pub events: Vec<Event>,
    /// Texts are as they were sent. In a story that was read from a file they are patterns: with
    /// placeholders, and with `{` doubled.
    #[serde(default)]
    pub raw: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// As the story calls them: one word.
    pub name: String,
    pub id: i64,
    pub username: Option<String>,
    pub language: Option<String>,
    /// The name that the bot sees, where it is not the story's.
    pub full_name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    pub id: i64,
    /// `group`, `supergroup` or `channel`.
    pub kind: String,
    pub is_forum: bool,
    pub title: Option<String>,
    /// Names of people; the first owns it.
    pub members: Vec<String>,
}

/// One thing that a person or the bot does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub who: String,
    pub place: Place,
    /// What later lines call this message.
    pub label: Option<String>,
    /// The message's id in the world it was recorded from.
    pub message: Option<i64>,
    pub verb: Verb,
    /// Where it stands in the file; 0: nowhere.
    pub line: usize,
}

/// A chat by its name (a private chat has its person's), and the topic in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    pub chat: String,
    /// A topic's name in the story, or its number if nothing tells of its opening.
    pub thread: Option<String>,
}

/// Another message. Without a label it is the one that anybody would mean; `scene` says which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub label: Option<String>,
    pub message: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Says {
        replies_to: Option<Target>,
        body: Body,
    },
    Edits {
        target: Target,
        body: Body,
    },
    Deletes(Target),
    Pins(Target),
    /// Without an emoji the reaction goes.
    Reacts {
        target: Target,
        emoji: Option<String>,
    },
    Presses {
        button: String,
        /// By its data, for a button whose caption nobody knows.
        by_data: bool,
        target: Target,
        shown: Shown,
    },
    /// A topic: its name in the story, and the one that people see.
    Opens {
        topic: String,
        title: String,
    },
    Joins,
    Leaves,
    Adds(String),
    Removes(String),
    Blocks,
    Unblocks,
    /// An update as it is.
    Raw(serde_json::Value),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The bot's texts in Telegram's HTML, people's as they are.
    pub text: String,
    pub files: Vec<FileNote>,
    pub buttons: Vec<Vec<Key>>,
    pub keyboard: Option<Keyboard>,
}

/// Something beside text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// `photo`, `document` and so on: the Bot API's field.
    pub kind: String,
    pub name: Option<String>,
    pub bytes: Option<u64>,
    /// What else there is to say: a place, a phone number, a question.
    pub about: Option<String>,
}

/// What the bot's answer to a press shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub answered: bool,
    pub text: Option<String>,
    pub alert: bool,
    pub url: Option<String>,
}

impl Event {
    pub(super) fn by_bot(&self) -> bool {
        self.who == BOT
    }

    pub(super) fn target(&self) -> Option<&Target> {
        match &self.verb {
            Verb::Says { replies_to, .. } => replies_to.as_ref(),
            Verb::Edits { target, .. }
            | Verb::Deletes(target)
            | Verb::Pins(target)
            | Verb::Reacts { target, .. }
            | Verb::Presses { target, .. } => Some(target),
            _ => None,
        }
    }

    pub(super) fn target_mut(&mut self) -> Option<&mut Target> {
        match &mut self.verb {
            Verb::Says { replies_to, .. } => replies_to.as_mut(),
            Verb::Edits { target, .. }
            | Verb::Deletes(target)
            | Verb::Pins(target)
            | Verb::Reacts { target, .. }
            | Verb::Presses { target, .. } => Some(target),
            _ => None,
        }
    }

    pub(super) fn body(&self) -> Option<&Body> {
        match &self.verb {
            Verb::Says { body, .. } | Verb::Edits { body, .. } => Some(body),
            _ => None,
        }
    }
}
