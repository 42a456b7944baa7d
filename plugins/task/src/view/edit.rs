//! Changing a task: which field, and to what.

use super::*;
use crate::priority::Priority;
use crate::repeat::Often;
use crate::task::Whole;
use crate::template::Template;
use vahta_plugin_sdk::people::Person as Known;

/// What can be changed of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    Title,
    Assignee,
    Due,
    Repeat,
    Priority,
    Labels,
    Template,
}

impl Field {
    pub(crate) const ALL: [Self; 7] = [
        Self::Title,
        Self::Assignee,
        Self::Due,
        Self::Repeat,
        Self::Priority,
        Self::Labels,
        Self::Template,
    ];

    /// As buttons name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Assignee => "who",
            Self::Due => "due",
            Self::Repeat => "again",
            Self::Priority => "prio",
            Self::Labels => "labels",
            Self::Template => "tpl",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }
}

impl View<'_> {
    /// The card, with a button for each field below it.
    pub(crate) fn fields(&self, whole: &Whole) -> Screen {
        let task = whole.task.id;
        let field = |field: Field| {
            let caption = self.text(&format!("field-{}", field.as_str()), &[]);
            button(caption, Press::Field { task, field })
        };
        // Steps that were made are the task's own.
        let fields = Field::ALL
            .into_iter()
            .filter(|field| *field != Field::Template || whole.task.may_get_steps());
        let fields: Vec<_> = fields.map(field).collect();
        let mut rows: Vec<Vec<_>> = fields.chunks(3).map(<[_]>::to_vec).collect();
        rows.push(vec![button(
            self.text("button-back", &[]),
            Press::Show(task),
        )]);
        Screen {
            keyboard: InlineKeyboardMarkup::new(rows),
            ..self.card(whole)
        }
    }

    /// What follows a change: more changes, or for a draft its creation.
    pub(crate) fn edited(&self, whole: &Whole) -> Screen {
        match whole.task.state {
            State::Draft => self.card(whole),
            _ => self.fields(whole),
        }
    }

    /// Asks what a field shall be; a typed answer counts as well as a button.
    pub(crate) fn ask(
        &self,
        whole: &Whole,
        field: Field,
        people: &[Known],
        templates: &[Template],
    ) -> Screen {
        let task = whole.task.id;
        let put = |caption: String, value: &str| {
            let value = value.to_owned();
            button(caption, Press::Put { task, field, value })
        };
        let mut rows: Vec<Vec<_>> = match field {
            Field::Priority => {
                let all = Priority::ALL.map(|priority| {
                    let name = priority.as_str();
                    put(self.text(&format!("priority-{name}"), &[]), name)
                });
                all.chunks(2).map(<[_]>::to_vec).collect()
            }
            Field::Assignee => {
                let all: Vec<_> = people
                    .iter()
                    .map(|known| put(shortened(&known.name, 30), &known.user_id.to_string()))
                    .collect();
                all.chunks(2).map(<[_]>::to_vec).collect()
            }
            Field::Template => {
                let all: Vec<_> = templates
                    .iter()
                    .take(20)
                    .map(|template| put(format!("%{}", template.name), &template.id.to_string()))
                    .collect();
                all.chunks(2).map(<[_]>::to_vec).collect()
            }
            Field::Repeat => {
                let all = Often::ALL.map(|often| {
                    let name = often.as_str();
                    put(self.text(&format!("often-{}", name), &[]), name)
                });
                all.chunks(2).map(<[_]>::to_vec).collect()
            }
            Field::Title | Field::Due | Field::Labels => Vec::new(),
        };
        let is_set = match field {
            Field::Assignee => whole.task.assignee.is_some(),
            Field::Due => whole.task.due_at.is_some(),
            Field::Repeat => whole.task.repeat.is_some(),
            Field::Template => whole.task.template_id.is_some(),
            Field::Labels => !whole.labels.is_empty(),
            Field::Title | Field::Priority => false,
        };
        if is_set {
            rows.push(vec![put(self.text("button-none", &[]), "-")]);
        }
        rows.push(vec![button(
            self.text("button-back", &[]),
            Press::Edit(task),
        )]);
        let question = self.text(&format!("ask-{}", field.as_str()), &[]);
        Screen {
            text: format!("{}\n\n{question}", self.card(whole).text),
            keyboard: InlineKeyboardMarkup::new(rows),
        }
    }

    /// Several people are called so: which of them?
    pub(crate) fn which(&self, task: TaskId, name: &str, people: &[Known]) -> Screen {
        let rows = people.iter().map(|known| {
            let caption = match &known.username {
                Some(username) => format!("{} (@{username})", shortened(&known.name, 24)),
                None => shortened(&known.name, 40),
            };
            let press = Press::Put {
                task,
                field: Field::Assignee,
                value: known.user_id.to_string(),
            };
            vec![button(caption, press)]
        });
        Screen {
            text: self.text("ask-which", args!["name" => escape_html(name)]),
            keyboard: InlineKeyboardMarkup::new(rows),
        }
    }

    pub(crate) fn ask_comment(&self, task: &Task) -> String {
        let args = args!["number" => task.id.to_string(), "title" => escape_html(&task.title)];
        self.text("ask-comment", args)
    }
}
