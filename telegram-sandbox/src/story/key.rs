//! Buttons as a story shows them: `[Done]`, `[Site](https://…)`, `[Open](app https://…)`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A button by its caption and what it does. Callback data is the bot's own affair and not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub text: String,
    /// `None`: it calls the bot.
    pub does: Option<String>,
}

/// Keys under the text box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyboard {
    Rows(Vec<Vec<String>>),
    Gone,
    ForceReply,
}

impl Key {
    pub(super) fn of(button: &Value) -> Self {
        let text = |name: &str| button[name].as_str();
        let does = if let Some(url) = text("url") {
            Some(url.to_owned())
        } else if let Some(url) = button["web_app"]["url"].as_str() {
            Some(format!("app {url}"))
        } else if let Some(copied) = button["copy_text"]["text"].as_str() {
            Some(format!("copy {copied}"))
        } else if let Some(url) = button["login_url"]["url"].as_str() {
            Some(format!("login {url}"))
        } else if let Some(query) =
            text("switch_inline_query").or_else(|| text("switch_inline_query_current_chat"))
        {
            Some(format!("inline {query}"))
        } else if button["pay"] == Value::Bool(true) {
            Some("pay".to_owned())
        } else {
            None
        };
        Self {
            text: text("text").unwrap_or_default().to_owned(),
            does,
        }
    }

    /// `[caption]` or `[caption](what it does)`.
    pub(super) fn write(&self) -> String {
        let caption = bracketed(&self.text);
        match &self.does {
            None => caption,
            Some(does) => format!("{caption}({})", does.replace(')', "%29")),
        }
    }
}

/// `[caption]`; brackets and backslashes in it are escaped, line breaks are spaces.
pub(super) fn bracketed(caption: &str) -> String {
    let escaped = caption
        .replace('\\', "\\\\")
        .replace(']', "\\]")
        .replace('\n', " ");
    format!("[{escaped}]")
}

/// Reads `[caption]` at the start: the caption and what follows.
pub(super) fn caption(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('[')?;
    let mut caption = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => caption.push(characters.next()?.1),
            ']' => return Some((caption, &inside[at + 1..])),
            other => caption.push(other),
        }
    }
    None
}

/// Reads a row of buttons.
pub(super) fn row(text: &str) -> Option<Vec<Key>> {
    let mut row = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (text, after) = caption(rest)?;
        let mut key = Key { text, does: None };
        rest = after;
        if let Some(inside) = after.strip_prefix('(') {
            let (does, after) = inside.split_once(')')?;
            key.does = Some(does.to_owned());
            rest = after;
        }
        row.push(key);
        rest = rest.trim_start();
    }
    Some(row)
}

impl Keyboard {
    /// From a call's `reply_markup`, however it was sent; `None` for inline keyboards.
    pub(super) fn of(markup: &Value) -> Option<Self> {
        let parsed;
        let markup = match markup {
            Value::String(text) => {
                parsed = serde_json::from_str::<Value>(text).ok()?;
                &parsed
            }
            other => other,
        };
        if let Some(rows) = markup["keyboard"].as_array() {
            let text = |key: &Value| {
                let text = key.as_str().or_else(|| key["text"].as_str());
                text.unwrap_or_default().to_owned()
            };
            let row = |row: &Value| Some(row.as_array()?.iter().map(text).collect::<Vec<String>>());
            return Some(Self::Rows(rows.iter().filter_map(row).collect()));
        }
        if markup["remove_keyboard"] == Value::Bool(true) {
            return Some(Self::Gone);
        }
        (markup["force_reply"] == Value::Bool(true)).then_some(Self::ForceReply)
    }
}

/// The rows of a message's inline keyboard.
pub(super) fn inline(markup: &Value) -> Vec<Vec<Key>> {
    let rows = markup["inline_keyboard"].as_array();
    rows.into_iter()
        .flatten()
        .filter_map(|row| Some(row.as_array()?.iter().map(Key::of).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let keys = [
            Key {
                text: "A ] \\ b".to_owned(),
                does: None,
            },
            Key {
                text: "Site".to_owned(),
                does: Some("https://example.org/a".to_owned()),
            },
        ];
        let written: Vec<_> = keys.iter().map(Key::write).collect();
        assert_eq!(row(&written.join(" ")), Some(keys.to_vec()));
        assert_eq!(row("[open"), None);
    }
}
