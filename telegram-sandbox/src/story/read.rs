//! Reading a story file.

use std::collections::HashSet;
use std::fmt;

use super::event::{BOT, Body, Event, FileNote, Group, Person, Story, Verb};
use super::key::{self, Keyboard};
use super::read_line;

/// What is wrong with a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    pub line: usize,
    pub reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ReadError {}

impl Story {
    /// Reads the text of a story file; docs/stories.md is the grammar.
    ///
    /// # Errors
    /// The first line that cannot be understood.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        let mut story = Self::default();
        let mut place = None;
        for (number, line) in (1..).zip(text.lines()) {
            let understood = if line.trim().is_empty() || line.starts_with("//") {
                Ok(())
            } else if let Some(below) = line.strip_prefix("  ") {
                match story.events.last_mut() {
                    Some(event) => indented(event, below),
                    None => Err("nothing stands above this line".to_owned()),
                }
            } else if declared(&mut story, line).map_err(|reason| at(number, reason))? {
                Ok(())
            } else {
                read_line::event(line, place.as_ref()).map(|mut event| {
                    event.line = number;
                    if !event.by_bot() && !matches!(event.verb, Verb::Raw(_)) {
                        place = Some(event.place.clone());
                    }
                    story.events.push(event);
                })
            };
            understood.map_err(|reason| at(number, reason))?;
        }
        story.check()?;
        Ok(story)
    }

    /// Everybody and every group that is spoken of was introduced, every label given.
    fn check(&self) -> Result<(), ReadError> {
        let people: HashSet<&str> = self.people.iter().map(|p| p.name.as_str()).collect();
        let groups: HashSet<&str> = self.groups.iter().map(|g| g.name.as_str()).collect();
        let mut labels = HashSet::from([super::scene::EARLIER]);
        for event in &self.events {
            let fail = |reason: String| Err(at(event.line, reason));
            if matches!(event.verb, Verb::Raw(_)) {
                continue;
            }
            if !event.by_bot() && !people.contains(event.who.as_str()) {
                return fail(format!("who is {}? There is no `person {0} …`", event.who));
            }
            let chat = event.place.chat.as_str();
            if !people.contains(chat) && !groups.contains(chat) {
                return fail(format!("there is no chat {chat}"));
            }
            if let Verb::Adds(whom) | Verb::Removes(whom) = &event.verb
                && whom != BOT
                && !people.contains(whom.as_str())
            {
                return fail(format!("who is {whom}? There is no `person {whom} …`"));
            }
            if let Some(label) = event.target().and_then(|target| target.label.as_deref())
                && !labels.contains(label)
            {
                return fail(format!("no message above is called #{label}"));
            }
            labels.extend(event.label.as_deref());
        }
        for member in self.groups.iter().flat_map(|group| &group.members) {
            if !people.contains(member.as_str()) {
                let reason = format!("who is {member}? There is no `person {member} …`");
                return Err(at(0, reason));
            }
        }
        Ok(())
    }
}

fn at(line: usize, reason: String) -> ReadError {
    ReadError { line, reason }
}

/// `story: …`, `person …` and the groups; `false`: it is something else.
fn declared(story: &mut Story, line: &str) -> Result<bool, String> {
    if let Some(title) = line.strip_prefix("story:") {
        story.title = title.trim().to_owned();
        return Ok(true);
    }
    let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
    let fail = |reason: &str| Err(format!("`{line}`: {reason}"));
    match kind {
        "person" => match person(rest) {
            Some(person) => story.people.push(person),
            None => return fail("it should be `person Ada 1001 @ada language=en \"Ada L.\"`"),
        },
        "group" | "supergroup" | "channel" => match group(kind, rest) {
            Some(group) => story.groups.push(group),
            None => return fail("it should be `supergroup Ops -1001 forum \"Title\" of Ada, Lim`"),
        },
        _ => return Ok(false),
    }
    Ok(true)
}

fn person(text: &str) -> Option<Person> {
    let (text, full_name) = without_quoted(text);
    let mut words = text.split_whitespace();
    let mut person = Person {
        name: words.next()?.to_owned(),
        id: words.next()?.parse().ok()?,
        full_name,
        ..Person::default()
    };
    for word in words {
        if let Some(name) = word.strip_prefix('@') {
            person.username = Some(name.to_owned());
        } else {
            person.language = Some(word.strip_prefix("language=")?.to_owned());
        }
    }
    Some(person)
}

fn group(kind: &str, text: &str) -> Option<Group> {
    let (text, title) = without_quoted(text);
    let (head, members) = text.split_once(" of ").unwrap_or((&text, ""));
    let mut words = head.split_whitespace();
    let mut group = Group {
        name: words.next()?.to_owned(),
        id: words.next()?.parse().ok()?,
        kind: kind.to_owned(),
        title,
        members: members
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        is_forum: false,
    };
    for word in words {
        match word {
            "forum" => group.is_forum = true,
            _ => return None,
        }
    }
    Some(group)
}

/// The line without what stands in quotation marks, and that.
fn without_quoted(text: &str) -> (String, Option<String>) {
    let parts: Vec<&str> = text.splitn(3, '"').collect();
    match parts[..] {
        [before, quoted, after] => (format!("{before}{after}"), Some(quoted.to_owned())),
        _ => (text.to_owned(), None),
    }
}

/// A line below another one belongs to it.
fn indented(event: &mut Event, line: &str) -> Result<(), String> {
    if let Verb::Presses { shown, .. } = &mut event.verb {
        if line == "no answer" {
            shown.answered = false;
        } else if let Some(url) = line.strip_prefix("opens: ") {
            shown.url = Some(url.to_owned());
        } else if let Some(text) = line.strip_prefix("shows: ") {
            shown.text = Some(text.to_owned());
        } else if let Some(text) = line.strip_prefix("alerts: ") {
            (shown.text, shown.alert) = (Some(text.to_owned()), true);
        } else if let (Some(next), Some(text)) = (line.strip_prefix("| "), &mut shown.text) {
            text.push('\n');
            text.push_str(next);
        } else {
            return Err("below a press stands shows:, alerts:, opens: or no answer".to_owned());
        }
        return Ok(());
    }
    let (Verb::Says { body, .. } | Verb::Edits { body, .. }) = &mut event.verb else {
        return Err("nothing can stand below this".to_owned());
    };
    below_text(body, line)
}

fn below_text(body: &mut Body, line: &str) -> Result<(), String> {
    let rows = || format!("`{line}` should be buttons: [One] [Two]");
    if let Some(text) = line.strip_prefix('|') {
        // After a bare colon the text begins here.
        if !body.text.is_empty() {
            body.text.push('\n');
        }
        body.text.push_str(text.strip_prefix(' ').unwrap_or(text));
    } else if let Some(note) = line.strip_prefix("+ ") {
        body.files.push(file(note)?);
    } else if line == "keyboard gone" {
        body.keyboard = Some(Keyboard::Gone);
    } else if line == "force reply" {
        body.keyboard = Some(Keyboard::ForceReply);
    } else if let Some(keys) = line.strip_prefix("keyboard ") {
        let keys = key::row(keys).ok_or_else(rows)?;
        let row = keys.into_iter().map(|key| key.text).collect();
        match &mut body.keyboard {
            Some(Keyboard::Rows(rows)) => rows.push(row),
            other => *other = Some(Keyboard::Rows(vec![row])),
        }
    } else if line.starts_with('[') {
        body.buttons.push(key::row(line).ok_or_else(rows)?);
    } else {
        return Err(format!(
            "`{line}`: below a text stand `| more text`, `[Button]`, `keyboard [Key]`, `+ file`"
        ));
    }
    Ok(())
}

/// `document "a.txt" 12 bytes : about`
fn file(note: &str) -> Result<FileNote, String> {
    let (head, about) = match note.split_once(" : ") {
        Some((head, about)) => (head, Some(about.to_owned())),
        None => (note, None),
    };
    let (head, name) = without_quoted(head);
    let mut words = head.split_whitespace();
    let kind = words.next().unwrap_or_default().to_owned();
    let bytes = match words.next() {
        None => None,
        Some(number) => Some(
            number
                .parse()
                .map_err(|_| format!("`+ {note}` should be `+ document \"name\" 12 bytes`"))?,
        ),
    };
    Ok(FileNote {
        kind,
        name,
        bytes,
        about,
    })
}
