//! Topics of a forum, <https://core.telegram.org/bots/api#forumtopic>. A topic's id is that of
//! the message that created it; the general topic has none.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::State;
use super::messages::Draft;
use crate::error::ApiError;
use crate::types::User;

#[derive(Debug, Default)]
pub(crate) struct Topics {
    pub(crate) by_id: BTreeMap<i64, Topic>,
    pub(crate) general: General,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Topic {
    pub(crate) message_thread_id: i64,
    pub(crate) name: String,
    pub(crate) icon_color: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) icon_custom_emoji_id: Option<String>,
    #[serde(skip)]
    pub(crate) creator: i64,
    #[serde(skip)]
    pub(crate) is_closed: bool,
}

#[derive(Debug)]
pub(crate) struct General {
    pub(crate) name: String,
    pub(crate) is_closed: bool,
    pub(crate) is_hidden: bool,
}

impl Default for General {
    fn default() -> Self {
        Self {
            name: "General".to_owned(),
            is_closed: false,
            is_hidden: false,
        }
    }
}

/// The colours that a topic may have.
pub(crate) const COLOURS: [i64; 6] = [
    7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047,
];

impl State {
    /// Opens a topic: the service message that says so gives it its id.
    pub(crate) fn open_topic(
        &mut self,
        chat_id: i64,
        from: Arc<User>,
        mut draft: Draft,
        topic: Topic,
    ) -> Result<Topic, ApiError> {
        let chat = self.chats.get(&chat_id);
        let chat = chat.ok_or_else(|| ApiError::bad_request("chat not found"))?;
        let id = chat.history.next_id();
        draft.thread = Some(id);
        let topic = Topic {
            message_thread_id: id,
            ..topic
        };
        self.announce(chat_id, from, draft)?;
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            chat.topics.by_id.insert(id, topic.clone());
        }
        Ok(topic)
    }
}
