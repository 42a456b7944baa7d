//! `InlineKeyboardMarkup` and its buttons,
//! <https://core.telegram.org/bots/api#inlinekeyboardmarkup>.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InlineKeyboard {
    pub(crate) inline_keyboard: Vec<Vec<Button>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Button {
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) callback_data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) web_app: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) login_url: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) copy_text: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) switch_inline_query: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) switch_inline_query_current_chat: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) switch_inline_query_chosen_chat: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) callback_game: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pay: Option<bool>,
}

impl InlineKeyboard {
    pub(crate) fn buttons(&self) -> impl Iterator<Item = &Button> {
        self.inline_keyboard.iter().flatten()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.buttons().next().is_none()
    }
}

impl Button {
    /// Whether the button does anything; Telegram refuses plain text buttons.
    pub(crate) fn has_action(&self) -> bool {
        self.callback_data.is_some()
            || self.url.is_some()
            || self.web_app.is_some()
            || self.login_url.is_some()
            || self.copy_text.is_some()
            || self.switch_inline_query.is_some()
            || self.switch_inline_query_current_chat.is_some()
            || self.switch_inline_query_chosen_chat.is_some()
            || self.callback_game.is_some()
            || self.pay == Some(true)
    }
}
