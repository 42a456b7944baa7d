//! A task as it could have been written in one line.

use vahta_when::Language;

use super::*;
use crate::priority::Priority;
use crate::quick::Quick;
use crate::task::Whole;
use vahta_plugin_sdk::rows::Micros;

impl View<'_> {
    /// `/task …`, when that would read as this very task; a title that sounds like a time has none.
    pub(crate) fn in_one_line(&self, whole: &Whole) -> Option<String> {
        let wanted = quick(whole);
        let line = self.written(&wanted);
        let now = self.now.to_zoned(self.zone.clone());
        let read = Quick::parse(&line, &now).ok()?;
        (read == wanted).then(|| format!("/task {line}"))
    }

    fn written(&self, quick: &Quick) -> String {
        let mut line = quick.text.clone();
        let mut add = |sign: &str, word: &str| {
            line.push(' ');
            line.push_str(sign);
            line.push_str(word);
        };
        if let Some(person) = &quick.person {
            add("@", person);
        }
        let due = quick.due.map(|due| self.typed_time(due.0));
        match (&quick.repeat, due) {
            (Some(repeat), due) => {
                // The rule's own first time needs no words; another one does, if it can be said.
                let rule = self.repeats(repeat);
                let first = Quick::parse(&rule, &self.now.to_zoned(self.zone.clone()));
                let is_first = first.is_ok_and(|first| first.due == quick.due);
                if let Some(due) = due.filter(|_| !is_first) {
                    add("", &due);
                }
                add("", &rule);
            }
            (None, Some(due)) => add("", &due),
            (None, None) => {}
        }
        if let Some(priority) = quick.priority {
            add("!", priority.as_str());
        }
        for label in &quick.labels {
            add("#", label);
        }
        if let Some(template) = &quick.template {
            add("%", template);
        }
        line
    }

    /// [`Self::in_one_line`] below a draft. HTML.
    pub(crate) fn preview(&self, whole: &Whole) -> Option<String> {
        let line = self.in_one_line(whole)?;
        Some(self.text("preview-line", args!["line" => escape_html(&line)]))
    }

    /// The language that time phrases are written in.
    pub(super) fn phrases(&self) -> Language {
        Language::of(self.language)
    }
}

fn quick(whole: &Whole) -> Quick {
    let task = &whole.task;
    let mut labels = whole.labels.clone();
    labels.sort();
    Quick {
        text: task.title.clone(),
        person: task.assignee_name.as_deref().map(written_name),
        due: task.due_at.map(Micros),
        repeat: task.repeat.clone(),
        priority: (task.priority != Priority::Normal).then_some(task.priority),
        labels,
        template: whole.template.clone(),
    }
}

/// A name as it stands behind an `@`: in one word.
fn written_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join("_")
}
