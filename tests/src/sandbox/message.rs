//! A message as a person sees it.

use serde_json::Value;
use xtask::workspace::array;

#[derive(Debug, Clone)]
pub struct Message {
    pub id: i64,
    /// Written by the bot.
    pub is_bots: bool,
    pub from: i64,
    /// The text, or the caption.
    pub text: String,
    /// Captions and data, row by row.
    pub buttons: Vec<Vec<(String, String)>>,
    /// Source: Bot API, `Message`.
    pub raw: Value,
}

impl Message {
    pub(crate) fn read(raw: &Value) -> Self {
        let text = raw["text"]
            .as_str()
            .or_else(|| raw["caption"].as_str())
            .unwrap_or_default();
        let button = |button: &Value| {
            let part = |name: &str| button[name].as_str().unwrap_or_default().to_owned();
            (part("text"), part("callback_data"))
        };
        let rows = array(&raw["reply_markup"]["inline_keyboard"]);
        Self {
            id: raw["message_id"].as_i64().unwrap_or_default(),
            is_bots: raw["from"]["is_bot"].as_bool().unwrap_or_default(),
            from: raw["from"]["id"].as_i64().unwrap_or_default(),
            text: text.to_owned(),
            buttons: rows
                .iter()
                .map(|row| array(row).iter().map(button).collect())
                .collect(),
            raw: raw.clone(),
        }
    }

    /// The button whose caption is this, or contains it.
    pub fn button(&self, caption: &str) -> Option<&(String, String)> {
        let all = || self.buttons.iter().flatten();
        all()
            .find(|(text, _)| text == caption)
            .or_else(|| all().find(|(text, _)| text.contains(caption)))
    }

    /// One line for a report.
    pub fn line(&self) -> String {
        let who = if self.is_bots {
            "bot".to_owned()
        } else {
            self.from.to_string()
        };
        let captions: Vec<&str> = self
            .buttons
            .iter()
            .flatten()
            .map(|(text, _)| text.as_str())
            .collect();
        let buttons = if captions.is_empty() {
            String::new()
        } else {
            format!("  [{}]", captions.join("] ["))
        };
        format!(
            "  #{} {who}: {}{buttons}",
            self.id,
            self.text.replace('\n', "\n      ")
        )
    }
}
