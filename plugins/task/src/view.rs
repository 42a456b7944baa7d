//! What people see: texts and keyboards, made from values alone.

mod card;
mod digest;
mod edit;
mod faults;
mod line;
mod list;
mod notices;
mod pass;
mod templates;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vahta_plugin_sdk::prelude::{InlineKeyboardButton, InlineKeyboardMarkup, args};
use vahta_plugin_sdk::texts::{Arg, TextError, Texts, escape_html};

use crate::press::Press;
use crate::repeat::Repeat;
use crate::sight::Sight;
use crate::state::State;
use crate::store::lists::{Filter, Page};
use crate::task::{Task, TaskId};

pub(crate) use edit::Field;

/// `(language, FTL source)`: a new language is a folder and a line here.
const SOURCES: &[(&str, &str)] = &[("en", include_str!("../locales/en/tasks.ftl"))];

/// All languages of the plugin.
///
/// # Errors
/// Every fault of the embedded files; a test refuses that before they are shipped.
pub(crate) fn texts() -> Result<Texts, TextError> {
    Texts::from_ftl(SOURCES)
}

/// The content of a message: HTML and the buttons under it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Screen {
    pub(crate) text: String,
    pub(crate) keyboard: InlineKeyboardMarkup,
}

impl Screen {
    /// A text without buttons.
    pub(crate) fn plain(text: String) -> Self {
        Self {
            text,
            keyboard: InlineKeyboardMarkup::default(),
        }
    }

    /// The same, with a line above it.
    pub(crate) fn under(self, line: &str) -> Self {
        Self {
            text: format!("{line}\n\n{}", self.text),
            ..self
        }
    }
}

/// Texts in one person's language, times in their zone.
#[derive(Clone)]
pub(crate) struct View<'a> {
    texts: &'a Texts,
    language: &'a str,
    zone: TimeZone,
    now: Timestamp,
}

impl<'a> View<'a> {
    pub(crate) fn new(texts: &'a Texts, language: &'a str) -> Self {
        Self {
            texts,
            language,
            zone: TimeZone::UTC,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    /// With a person's zone, and the present to tell what is over.
    pub(crate) fn at(self, zone: TimeZone, now: Timestamp) -> Self {
        Self { zone, now, ..self }
    }

    pub(crate) fn text(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.texts.get(self.language, id, args)
    }

    /// An instant, as this person's clock shows it.
    pub(crate) fn time(&self, at: i64) -> String {
        let Ok(at) = Timestamp::from_microsecond(at) else {
            return String::new();
        };
        let (at, now) = (
            at.to_zoned(self.zone.clone()),
            self.now.to_zoned(self.zone.clone()),
        );
        let format = if at.date() == now.date() {
            "%H:%M"
        } else if at.year() == now.year() {
            "%a %-d %b, %H:%M"
        } else {
            "%-d %b %Y, %H:%M"
        };
        at.strftime(format).to_string()
    }

    /// An instant as it can be typed again.
    pub(crate) fn typed_time(&self, at: i64) -> String {
        let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let at = at.to_zoned(self.zone.clone());
        let format = match at.second() {
            0 => "%Y-%m-%d %H:%M",
            _ => "%Y-%m-%d %H:%M:%S",
        };
        at.strftime(format).to_string()
    }

    /// A rule, as this person can type it again.
    pub(crate) fn repeats(&self, repeat: &Repeat) -> String {
        repeat.print(self.phrases())
    }

    /// A page of what a person sees here.
    pub(crate) fn list(&self, page: &Page, filter: &Filter, sight: Sight) -> Screen {
        list::screen(self, page, filter, sight, None)
    }

    /// The page after a press that changed `task`. It may have moved to another page; then it
    /// stands on top once more, so that a slip of the finger is undone where it happened.
    pub(crate) fn list_after(
        &self,
        page: &Page,
        filter: &Filter,
        sight: Sight,
        task: &Task,
    ) -> Screen {
        list::screen(self, page, filter, sight, Some(task))
    }

    /// Who did it; short enough for an answer to a button (Bot API: 200 characters).
    fn who(&self, name: Option<&str>) -> String {
        match name.map(str::trim) {
            None | Some("") => self.text("somebody", &[]),
            Some(name) => shortened(name, 64),
        }
    }
}

fn button(caption: String, press: Press) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(caption, press.data())
}

/// At most `most` characters; what is cut off shows as an ellipsis.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
