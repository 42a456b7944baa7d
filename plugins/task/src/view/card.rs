//! One task: what it is, how far it is, and what can be done with it.

use super::*;
use crate::press::On;
use crate::task::{Part, Whole};

/// Parts that a card lists one by one; with more, the open ones come first.
const PARTS: usize = 12;
/// Squares of the bar.
const BAR: usize = 10;

impl View<'_> {
    /// One task, with the buttons that change it.
    pub(crate) fn card(&self, whole: &Whole) -> Screen {
        let task = &whole.task;
        let mut lines = vec![self.head(task)];
        lines.extend(self.about(whole));
        if task.state == State::Draft {
            lines.extend(self.preview(whole));
        }
        lines.extend(self.fate(task));
        lines.extend(self.progress(whole));
        lines.extend(whole.comments.iter().map(|comment| {
            let (name, text) = (
                shortened(&comment.by_name, 64),
                shortened(&comment.text, 200),
            );
            format!("💬 <b>{}</b>: {}", escape_html(&name), escape_html(&text))
        }));
        Screen {
            text: lines.join("\n"),
            keyboard: InlineKeyboardMarkup::new(self.buttons(whole)),
        }
    }

    /// What an older card says when there is a newer one below it.
    pub(crate) fn moved(&self, task: &Task) -> Screen {
        let (number, title) = (task.id.to_string(), escape_html(&task.title));
        let text = self.text("card-moved", args!["number" => number, "title" => title]);
        let show = button(self.text("button-show", &[]), Press::Show(task.id));
        Screen {
            text,
            keyboard: InlineKeyboardMarkup::new([[show]]),
        }
    }

    fn head(&self, task: &Task) -> String {
        let (number, title) = (task.id.to_string(), escape_html(&task.title));
        let args = args!["number" => number, "title" => title];
        match task.state {
            State::Draft => self.text("card-draft", args),
            State::Pending => self.text("card-pending", args),
            State::Open => self.text("card-open", args),
            State::Done => self.text("card-done", args),
            State::Rejected => self.text("card-rejected", args),
            State::Cancelled => self.text("card-cancelled", args),
        }
    }

    /// For whom, until when, how urgent, under which labels.
    fn about(&self, whole: &Whole) -> Option<String> {
        let task = &whole.task;
        let mut about = Vec::new();
        if let Some(name) = &task.assignee_name {
            let name = escape_html(&shortened(name, 64));
            about.push(self.text("about-assignee", args!["name" => name]));
        }
        if let Some(due) = task.due_at {
            let is_over = task.state == State::Open && due < self.now.as_microsecond();
            let id = if is_over {
                "about-overdue"
            } else {
                "about-due"
            };
            about.push(self.text(id, args!["time" => self.time(due)]));
        }
        if let Some(repeat) = &task.repeat {
            about.push(self.text(
                "about-repeat",
                args!["rule" => escape_html(&self.repeats(repeat))],
            ));
        }
        if task.priority != crate::priority::Priority::Normal {
            about.push(self.text(&format!("priority-{}", task.priority.as_str()), &[]));
        }
        if let Some(name) = whole.template.as_ref().filter(|_| task.may_get_steps()) {
            about.push(format!("%{}", escape_html(name)));
        }
        about.extend(
            whole
                .labels
                .iter()
                .map(|label| format!("#{}", escape_html(label))),
        );
        (!about.is_empty()).then(|| about.join(" · "))
    }

    /// Who did it, or why it will not be done.
    fn fate(&self, task: &Task) -> Option<String> {
        let decided = || escape_html(&self.who(task.decided_by_name.as_deref()));
        match task.state {
            State::Done => {
                let who = escape_html(&self.who(task.done_by_name.as_deref()));
                Some(self.text("card-done-by", args!["who" => who]))
            }
            State::Pending => Some(self.text("card-waits", &[])),
            State::Rejected => {
                let reason = task.reason.as_deref().unwrap_or_default();
                Some(match reason.is_empty() {
                    true => self.text("card-rejected-by", args!["who" => decided()]),
                    false => {
                        let reason = escape_html(&shortened(reason, 500));
                        let args = args!["who" => decided(), "reason" => reason];
                        self.text("card-rejected-because", args)
                    }
                })
            }
            State::Cancelled => task.reason.as_deref().map(escape_html),
            State::Draft | State::Open => None,
        }
    }

    fn progress(&self, whole: &Whole) -> Vec<String> {
        let (done, all) = whole.progress();
        if all == 0 {
            return Vec::new();
        }
        let full = (done * BAR).checked_div(all).unwrap_or(0);
        let bar = "▰".repeat(full) + &"▱".repeat(BAR - full);
        let mut lines = vec![format!("{bar} {done}/{all}")];
        let parts = shown(&whole.parts);
        let hidden = all - parts.len();
        lines.extend(parts.into_iter().map(|part| self.part(part)));
        if hidden > 0 {
            lines.push(self.text("parts-hidden", args!["count" => hidden]));
        }
        lines
    }

    fn part(&self, part: &Part) -> String {
        let mark = if part.done { "✅" } else { "⬜" };
        let title = escape_html(&shortened(&part.title, 100));
        let mut line = format!("{mark} {}. {title}", part.position);
        let who = match part.done {
            true => part.done_by_name.as_deref(),
            false => part.assignee_name.as_deref(),
        };
        if let Some(who) = who {
            line.push_str(" — ");
            line.push_str(&escape_html(&shortened(who, 64)));
        }
        if let (false, Some(due)) = (part.done, part.due_at) {
            line.push_str(" · ");
            line.push_str(&self.time(due));
        }
        line
    }

    fn buttons(&self, whole: &Whole) -> Vec<Vec<InlineKeyboardButton>> {
        let task = &whole.task;
        let mut rows = Vec::new();
        if matches!(task.state, State::Open | State::Done) {
            rows.extend(shown(&whole.parts).chunks(2).map(|pair| {
                pair.iter()
                    .map(|part| self.part_button(task.id, part))
                    .collect()
            }));
        }
        let bring = |id: &str, state| {
            let press = Press::Set {
                task: task.id,
                state,
                on: On::Card,
            };
            button(self.text(id, &[]), press)
        };
        let edit = || button(self.text("button-edit", &[]), Press::Edit(task.id));
        let say = || button(self.text("button-comment", &[]), Press::Say(task.id));
        // Fresh, it is a slip of the finger; later it is a decision.
        let drop = if task.version == 1 && task.follows.is_none() {
            "button-undo"
        } else {
            "button-cancel"
        };
        let (done, all) = whole.progress();
        match task.state {
            State::Draft => {
                rows.push(vec![bring("button-create", State::Open), edit()]);
                rows.push(vec![bring("button-discard", State::Cancelled)]);
            }
            State::Pending => {
                rows.push(vec![edit(), say(), bring(drop, State::Cancelled)]);
            }
            State::Open => {
                if done == all {
                    rows.push(vec![bring("button-done", State::Done)]);
                }
                let pass = Press::Pass {
                    task: task.id,
                    position: None,
                };
                rows.push(vec![edit(), say()]);
                rows.push(vec![
                    button(self.text("button-pass", &[]), pass),
                    bring(drop, State::Cancelled),
                ]);
            }
            State::Done => rows.push(vec![bring("button-reopen", State::Open), say()]),
            State::Rejected | State::Cancelled => {
                rows.push(vec![bring("button-again", State::Open)]);
            }
        }
        rows
    }

    fn part_button(&self, task: TaskId, part: &Part) -> InlineKeyboardButton {
        let mark = if part.done { "✅" } else { "⬜" };
        let caption = format!("{mark} {}. {}", part.position, shortened(&part.title, 24));
        let press = Press::Part {
            task,
            position: part.position,
            done: !part.done,
        };
        button(caption, press)
    }
}

/// Those that fit, the open ones first when not all do; in their order.
fn shown(parts: &[Part]) -> Vec<&Part> {
    if parts.len() <= PARTS {
        return parts.iter().collect();
    }
    let mut kept: Vec<&Part> = parts.iter().filter(|part| !part.done).take(PARTS).collect();
    let room = PARTS - kept.len();
    kept.extend(parts.iter().filter(|part| part.done).rev().take(room));
    kept.sort_by_key(|part| part.position);
    kept
}
