//! What people see: texts and keyboards, made from values alone.

mod list;

use vahta_plugin_sdk::prelude::{InlineKeyboardButton, InlineKeyboardMarkup, args};
use vahta_plugin_sdk::texts::{Arg, TextError, Texts, escape_html};

use crate::press::{On, Press};
use crate::sight::Sight;
use crate::state::State;
use crate::store::Page;
use crate::task::{Task, TaskId};
use crate::title::{Title, TitleError};

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

/// Texts in one person's language.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    texts: &'a Texts,
    language: &'a str,
}

impl<'a> View<'a> {
    pub(crate) fn new(texts: &'a Texts, language: &'a str) -> Self {
        Self { texts, language }
    }

    fn text(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.texts.get(self.language, id, args)
    }

    /// One task, with the button that changes it.
    pub(crate) fn card(&self, task: &Task) -> Screen {
        let (number, title) = (task.id.to_string(), escape_html(&task.title));
        let (text, caption, state) = match task.state {
            State::Open => {
                let text = self.text("card-open", args!["number" => number, "title" => title]);
                (text, self.text("button-done", &[]), State::Done)
            }
            State::Done => {
                let who = escape_html(&self.who(task));
                let args = args!["number" => number, "title" => title, "who" => who];
                (
                    self.text("card-done", args),
                    self.text("button-reopen", &[]),
                    State::Open,
                )
            }
        };
        let press = Press::Set {
            task: task.id,
            state,
            on: On::Card,
        };
        Screen {
            text,
            keyboard: InlineKeyboardMarkup::new([[button(caption, press)]]),
        }
    }

    /// A page of what a person sees here.
    pub(crate) fn list(&self, page: &Page, sight: Sight) -> Screen {
        list::screen(self, page, sight, None)
    }

    /// The page after a press that changed `task`. It may have moved to another page; then it
    /// stands on top once more, so that a slip of the finger is undone where it happened.
    pub(crate) fn list_after(&self, page: &Page, sight: Sight, task: &Task) -> Screen {
        list::screen(self, page, sight, Some(task))
    }

    /// Why a text is no title, and what would be one.
    pub(crate) fn title_fault(&self, fault: TitleError) -> String {
        match fault {
            TitleError::Empty => self.text("usage-task", &[]),
            TitleError::TooLong { length } => {
                let args = args!["length" => length, "limit" => Title::LIMIT];
                self.text("title-too-long", args)
            }
        }
    }

    pub(crate) fn page_fault(&self) -> String {
        self.text("usage-tasks", &[])
    }

    /// Plain text: the task is what the button wants it to be.
    pub(crate) fn already(&self, task: &Task) -> String {
        let number = task.id.to_string();
        match task.state {
            State::Open => self.text("answer-already-open", args!["number" => number]),
            State::Done => {
                let who = self.who(task);
                self.text(
                    "answer-already-done",
                    args!["number" => number, "who" => who],
                )
            }
        }
    }

    /// Plain text: there is no such task, or none that this person may see here.
    pub(crate) fn gone(&self, task: TaskId) -> String {
        self.text("answer-gone", args!["number" => task.to_string()])
    }

    pub(crate) fn not_allowed(&self, permission: &str) -> String {
        self.text("answer-not-allowed", args!["permission" => permission])
    }

    pub(crate) fn bad_button(&self) -> String {
        self.text("answer-bad-button", &[])
    }

    /// Who did it; short enough for an answer to a button (Bot API: 200 characters).
    fn who(&self, task: &Task) -> String {
        match task.done_by_name.as_deref().map(str::trim) {
            None | Some("") => self.text("somebody", &[]),
            Some(name) => shortened(name, 64),
        }
    }
}

fn button(caption: String, press: Press) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(caption, press.data())
}

/// At most `most` characters; what is cut off shows as an ellipsis.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
