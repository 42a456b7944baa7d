//! A story as text.

use std::fmt::Write as _;

use super::event::{Body, Event, FileNote, Place, Shown, Story, Target, Verb};
use super::key::{Key, Keyboard, bracketed};
use super::pattern::masked;

impl Story {
    /// The text of a story file. What changes from run to run is masked if the story was recorded.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "story: {}", self.title);
        if !self.people.is_empty() || !self.groups.is_empty() {
            out.push('\n');
        }
        for person in &self.people {
            let _ = write!(out, "person {} {}", person.name, person.id);
            for (mark, value) in [("@", &person.username), ("language=", &person.language)] {
                if let Some(value) = value {
                    let _ = write!(out, " {mark}{value}");
                }
            }
            if let Some(name) = &person.full_name {
                let _ = write!(out, " {}", quoted(name));
            }
            out.push('\n');
        }
        for group in &self.groups {
            let _ = write!(out, "{} {} {}", group.kind, group.name, group.id);
            if group.is_forum {
                out.push_str(" forum");
            }
            if let Some(title) = &group.title {
                let _ = write!(out, " {}", quoted(title));
            }
            let _ = writeln!(out, " of {}", group.members.join(", "));
        }
        let mut writer = Writer::new(self.raw);
        for event in &self.events {
            if !event.by_bot() {
                out.push('\n');
            }
            writer.event(event, &mut out);
        }
        out
    }
}

/// Writes events; remembers in which chat the story is.
pub(super) struct Writer {
    raw: bool,
    place: Option<Place>,
}

impl Writer {
    pub(super) fn new(raw: bool) -> Self {
        Self { raw, place: None }
    }

    pub(super) fn event(&mut self, event: &Event, out: &mut String) {
        if let Verb::Raw(update) = &event.verb {
            let _ = writeln!(out, "raw {update}");
            return;
        }
        self.head(event, out);
        match &event.verb {
            Verb::Says { replies_to, body } => {
                if let Some(target) = replies_to {
                    out.push_str(" replies");
                    named(" to", target, out);
                }
                self.body(event, body, out);
            }
            Verb::Edits { target, body } => {
                out.push_str(" edits");
                named("", target, out);
                self.body(event, body, out);
            }
            Verb::Deletes(target) => {
                out.push_str(" deletes");
                named("", target, out);
                out.push('\n');
            }
            Verb::Pins(target) => {
                out.push_str(" pins");
                named("", target, out);
                out.push('\n');
            }
            Verb::Reacts { target, emoji } => {
                let _ = write!(out, " reacts {}", emoji.as_deref().unwrap_or("nothing"));
                named(" to", target, out);
                out.push('\n');
            }
            Verb::Presses {
                button,
                by_data,
                target,
                shown,
            } => {
                let button = bracketed(&self.exact(button));
                let _ = write!(
                    out,
                    " presses {}{button}",
                    if *by_data { "data" } else { "" }
                );
                named(" of", target, out);
                out.push('\n');
                self.shown(shown, out);
            }
            Verb::Opens { topic, title } => {
                let _ = write!(out, " opens {topic}");
                if title != topic {
                    let _ = write!(out, " {}", quoted(title));
                }
                self.about_group("in", event, out);
            }
            Verb::Joins => self.about_group("joins", event, out),
            Verb::Leaves => self.about_group("leaves", event, out),
            Verb::Adds(who) => self.about_group(&format!("adds {who} to"), event, out),
            Verb::Removes(who) => self.about_group(&format!("removes {who} from"), event, out),
            Verb::Blocks => out.push_str(" blocks\n"),
            Verb::Unblocks => out.push_str(" unblocks\n"),
            Verb::Raw(_) => {}
        }
    }

    /// Who, where, and the message's label.
    fn head(&mut self, event: &Event, out: &mut String) {
        out.push_str(&event.who);
        let usual = if event.by_bot() {
            self.place.as_ref() == Some(&event.place)
        } else {
            event.place.chat == event.who && event.place.thread.is_none()
        };
        let comes_or_goes = matches!(
            event.verb,
            Verb::Joins | Verb::Leaves | Verb::Adds(_) | Verb::Removes(_) | Verb::Opens { .. }
        );
        if !usual && !comes_or_goes {
            let _ = write!(out, " in {}", event.place.chat);
            if let Some(thread) = &event.place.thread {
                let _ = write!(out, "/{thread}");
            }
        }
        if !event.by_bot() {
            self.place = Some(event.place.clone());
        }
        if let Some(label) = &event.label {
            let _ = write!(out, " #{label}");
        }
    }

    fn about_group(&self, what: &str, event: &Event, out: &mut String) {
        let _ = writeln!(out, " {what} {}", event.place.chat);
    }

    fn body(&self, event: &Event, body: &Body, out: &mut String) {
        let text = match event.by_bot() {
            true => self.volatile(&body.text),
            false => self.exact(&body.text),
        };
        out.push(':');
        let mut lines = text.split('\n');
        let opening = lines.clone().next().unwrap_or_default();
        if !opening.is_empty() && !opening.starts_with(' ') {
            let _ = write!(out, " {opening}");
            lines.next();
        } else if text.is_empty() {
            lines.next();
        }
        out.push('\n');
        for line in lines {
            let _ = writeln!(out, "  | {line}");
        }
        for file in &body.files {
            self.file(file, out);
        }
        for row in &body.buttons {
            let row: Vec<String> = row
                .iter()
                .map(|key| {
                    Key {
                        text: self.volatile(&key.text),
                        does: key.does.as_deref().map(|does| self.volatile(does)),
                    }
                    .write()
                })
                .collect();
            let _ = writeln!(out, "  {}", row.join(" "));
        }
        match &body.keyboard {
            None => {}
            Some(Keyboard::Gone) => out.push_str("  keyboard gone\n"),
            Some(Keyboard::ForceReply) => out.push_str("  force reply\n"),
            Some(Keyboard::Rows(rows)) => {
                for row in rows {
                    let keys: Vec<_> = row
                        .iter()
                        .map(|key| bracketed(&self.volatile(key)))
                        .collect();
                    let _ = writeln!(out, "  keyboard {}", keys.join(" "));
                }
            }
        }
    }

    fn file(&self, file: &FileNote, out: &mut String) {
        let _ = write!(out, "  + {}", file.kind);
        if let Some(name) = &file.name {
            let _ = write!(out, " {}", quoted(&self.volatile(name)));
        }
        if let Some(bytes) = file.bytes {
            let _ = write!(out, " {bytes} bytes");
        }
        if let Some(about) = &file.about {
            let _ = write!(out, " : {}", self.volatile(&about.replace('\n', " ")));
        }
        out.push('\n');
    }

    fn shown(&self, shown: &Shown, out: &mut String) {
        if !shown.answered {
            out.push_str("  no answer\n");
        }
        if let Some(url) = &shown.url {
            let _ = writeln!(out, "  opens: {}", self.volatile(url));
        }
        if let Some(text) = &shown.text {
            let how = if shown.alert { "alerts" } else { "shows" };
            let mut lines = self.volatile(text);
            lines = lines.replace('\n', "\n  | ");
            let _ = writeln!(out, "  {how}: {lines}");
        }
    }

    /// What the bot wrote.
    fn volatile(&self, text: &str) -> String {
        if self.raw {
            masked(text)
        } else {
            text.to_owned()
        }
    }

    /// What a person wrote: the bot must get it as it was.
    fn exact(&self, text: &str) -> String {
        if self.raw {
            text.replace('{', "{{")
        } else {
            text.to_owned()
        }
    }
}

fn named(before: &str, target: &Target, out: &mut String) {
    if let Some(label) = &target.label {
        let _ = write!(out, "{before} #{label}");
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace(['"', '\n'], "'"))
}
