//! Lines above a card: why it comes now. HTML. And what those who approve read.

use super::*;
use crate::state::Step;
use crate::task::Part;
use crate::template::Template;

/// Microseconds after which a due date is no longer now.
const LATE: i64 = 10 * 60 * 1_000_000;

impl View<'_> {
    pub(crate) fn given(&self, by: &str) -> String {
        self.text(
            "notice-given",
            args!["by" => escape_html(&self.who(Some(by)))],
        )
    }

    pub(crate) fn comes_again(&self) -> String {
        self.text("notice-again", &[])
    }

    pub(crate) fn part_given(&self, position: i32, title: &str, by: &str) -> String {
        let by = escape_html(&self.who(Some(by)));
        let title = escape_html(&shortened(title, 100));
        let args = args!["by" => by, "position" => position, "title" => title];
        self.text("notice-part", args)
    }

    pub(crate) fn became(&self, step: Step, by: &str) -> String {
        let by = escape_html(&self.who(Some(by)));
        let id = match step {
            Step::Submit => "notice-submitted",
            Step::Approve => "notice-approved",
            Step::Reject => "notice-rejected",
            Step::Complete => "notice-done",
            Step::Reopen => "notice-reopened",
            Step::Cancel => "notice-cancelled",
        };
        self.text(id, args!["by" => by])
    }

    pub(crate) fn commented(&self, by: &str, text: &str) -> String {
        let by = escape_html(&self.who(Some(by)));
        let text = escape_html(&shortened(text, 500));
        self.text("notice-comment", args!["by" => by, "text" => text])
    }

    /// A notice where there is no room for a card.
    pub(crate) fn in_short(&self, line: &str, task: &Task) -> String {
        format!("{line}\n#{} {}", task.id, escape_html(&task.title))
    }

    /// `what`: "soon", "due" or "overdue".
    pub(crate) fn deadline(&self, what: &str, due: i64) -> String {
        let time = self.time(due);
        // Who was away, or slept, does not hear "now" of what is long over.
        let is_long_over = due < self.now.as_microsecond() - LATE;
        match what {
            _ if is_long_over => self.text("notice-overdue", args!["time" => time]),
            "soon" => self.text("notice-soon", args!["time" => time]),
            "overdue" => self.text("notice-overdue", args!["time" => time]),
            _ => self.text("notice-due", args!["time" => time]),
        }
    }

    /// The same of a step that has a date of its own.
    pub(crate) fn part_deadline(&self, part: &Part, what: &str, due: i64) -> String {
        let title = escape_html(&shortened(&part.title, 100));
        let args = args!["position" => part.position, "title" => title];
        format!(
            "{}\n{}",
            self.deadline(what, due),
            self.text("notice-step", args)
        )
    }

    /// What an approval is about: plain text, for the core shows it.
    pub(crate) fn request(
        &self,
        task: &Task,
        labels: &[String],
        template: Option<&Template>,
    ) -> String {
        let mut lines = Vec::new();
        if let Some(name) = &task.assignee_name {
            lines.push(self.text("about-assignee", args!["name" => name.clone()]));
        }
        if let Some(due) = task.due_at {
            lines.push(self.text("about-due", args!["time" => self.time(due)]));
        }
        lines.push(self.text(&format!("priority-{}", task.priority.as_str()), &[]));
        lines.extend(labels.iter().map(|label| format!("#{label}")));
        let mut text = lines.join(" · ");
        if let Some(template) = template {
            let steps = template.steps.iter().enumerate();
            let steps: Vec<String> = steps
                .map(|(n, step)| format!("{}. {step}", n + 1))
                .collect();
            text.push('\n');
            text.push_str(&format!("%{}:\n{}", template.name, steps.join("\n")));
        }
        text
    }
}
