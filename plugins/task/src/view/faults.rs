//! What went wrong, and what to do instead.

use super::*;
use crate::quick::QuickError;
use crate::template::TemplateError;
use crate::title::{Title, TitleError};
use crate::work::Refused;
use vahta_plugin_sdk::people::Person as Known;

impl View<'_> {
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

    /// Why a line is no task. HTML.
    pub(crate) fn quick_fault(&self, fault: &QuickError) -> String {
        match fault {
            QuickError::Title(fault) => self.title_fault(*fault),
            QuickError::TwoPeople(first, second) => {
                let args = args!["first" => escape_html(first), "second" => escape_html(second)];
                self.text("two-people", args)
            }
            QuickError::TwoPriorities(first, second) => {
                let args = args!["first" => first.as_str(), "second" => second.as_str()];
                self.text("two-priorities", args)
            }
            QuickError::TooManyLabels => self.text(
                "too-many-labels",
                args!["limit" => crate::quick::MOST_LABELS],
            ),
            QuickError::Label(word) => {
                let args = args!["word" => escape_html(word), "limit" => crate::quick::LABEL];
                self.text("bad-label", args)
            }
            QuickError::Priority(word) => {
                self.text("bad-priority", args!["word" => escape_html(word)])
            }
            QuickError::Template(fault) => self.template_fault(fault),
            QuickError::Once(word) => self.text("no-series", args!["word" => escape_html(word)]),
            QuickError::Time {
                reason,
                word,
                example,
            } => self.time_fault(*reason, word, example),
        }
    }

    /// Why words are no time. HTML.
    pub(crate) fn time_fault(
        &self,
        reason: vahta_when::Reason,
        word: &str,
        example: &str,
    ) -> String {
        use vahta_when::Reason;
        let why = match reason {
            Reason::Past => "time-past",
            Reason::NoTime | Reason::UnknownWord => "time-unknown",
            Reason::Zero | Reason::TooShort => "time-short",
            Reason::Reversed => "time-reversed",
            Reason::NoStep => "time-no-step",
            Reason::Never => "time-never",
            Reason::TooFar | Reason::TooMany => "time-much",
            _ => "time-impossible",
        };
        let why = self.text(why, args!["word" => escape_html(word)]);
        let try_this = self.text("time-example", args!["example" => escape_html(example)]);
        format!("{why} {try_this}")
    }

    pub(crate) fn template_fault(&self, fault: &TemplateError) -> String {
        match fault {
            TemplateError::Empty => self.text("template-empty", &[]),
            TemplateError::TooMany => self.text(
                "template-too-many",
                args!["limit" => crate::template::MOST_STEPS],
            ),
            TemplateError::Name => self.text("template-name", &[]),
            TemplateError::Title { line, fault } => self.in_line(*line, self.title_fault(*fault)),
            TemplateError::Due { line, word } => {
                let args = args!["line" => *line, "word" => escape_html(word)];
                self.text("template-due", args)
            }
        }
    }

    /// What is wrong with one line of several.
    pub(crate) fn in_line(&self, line: usize, fault: String) -> String {
        self.text("template-line", args!["line" => line, "fault" => fault])
    }

    pub(crate) fn page_fault(&self) -> String {
        self.text("usage-tasks", &[])
    }

    /// Several people are called so. HTML.
    pub(crate) fn ambiguous(&self, name: &str, people: &[Known]) -> String {
        let names: Vec<String> = people
            .iter()
            .map(|known| match &known.username {
                Some(username) => format!("{} (@{username})", known.name),
                None => known.name.clone(),
            })
            .collect();
        let asked = self.text("ask-which", args!["name" => escape_html(name)]);
        format!("{asked} {}", escape_html(&names.join(", ")))
    }

    /// HTML.
    pub(crate) fn nobody(&self, name: &str) -> String {
        self.text("nobody-called", args!["name" => escape_html(name)])
    }

    /// Why nothing was changed: plain text, short enough for an answer to a button.
    pub(crate) fn refused(&self, id: TaskId, refused: &Refused) -> String {
        let number = id.to_string();
        match refused {
            Refused::Gone => self.gone(id),
            Refused::NotAllowed(permission) => self.not_allowed(permission),
            Refused::NotYours => self.text("answer-not-yours", args!["number" => number]),
            Refused::Approved => self.text("answer-approved", args!["number" => number]),
            Refused::Pending => self.text("answer-pending", args!["number" => number]),
            Refused::NoWay(state) => {
                let state = self.text(&format!("state-{}", state.as_str()), &[]);
                self.text("answer-no-way", args!["number" => number, "state" => state])
            }
            Refused::PartsOpen(count) => self.text(
                "answer-parts-open",
                args!["number" => number, "count" => *count],
            ),
            Refused::Nobody => self.text("answer-nobody", &[]),
            Refused::NoPart => self.text("answer-no-part", args!["number" => number]),
            Refused::Text => self.text("comment-length", &[]),
        }
    }

    /// Plain text: the task is what the button wants it to be.
    pub(crate) fn already(&self, task: &Task) -> String {
        let number = task.id.to_string();
        if task.state == State::Done {
            let who = self.who(task.done_by_name.as_deref());
            return self.text(
                "answer-already-done",
                args!["number" => number, "who" => who],
            );
        }
        let state = self.text(&format!("state-{}", task.state.as_str()), &[]);
        self.text(
            "answer-already",
            args!["number" => number, "state" => state],
        )
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
}
