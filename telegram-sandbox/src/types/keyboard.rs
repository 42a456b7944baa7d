//! `InlineKeyboardMarkup` and its buttons,
//! <https://core.telegram.org/bots/api#inlinekeyboardmarkup>.

use serde::Serialize;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct InlineKeyboard {
    pub(crate) inline_keyboard: Vec<Vec<Button>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Button {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) callback_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web_app: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) login_url: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) copy_text: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) switch_inline_query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) switch_inline_query_current_chat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) switch_inline_query_chosen_chat: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) callback_game: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pay: Option<bool>,
}

impl InlineKeyboard {
    pub(crate) fn buttons(&self) -> impl Iterator<Item = &Button> {
        self.inline_keyboard.iter().flatten()
    }
}
