//! What the bot did, against what it should have done.

use std::collections::HashMap;

use super::event::{Body, Event, FileNote, Place, Shown, Story, Target, Verb};
use super::key::{Key, Keyboard};
use super::pattern::{Names, fits};
use super::scene::EARLIER;
use super::write::Writer;

/// Messages by their label.
pub(super) type Labels = HashMap<String, i64>;

/// What may be expected of an event: whether it fits, and what its `{=name}`s stood for.
pub(super) fn event_fits(expected: &Event, actual: &Event, labels: &Labels) -> Option<Names> {
    let mut names = Names::new();
    let mut text = |pattern: &str, text: &str| match fits(pattern, text) {
        Some(found) => {
            names.extend(found);
            true
        }
        None => false,
    };
    if expected.who != actual.who || expected.place != actual.place {
        return None;
    }
    let same = |expected: &Target, actual: &Target| target_fits(expected, actual, labels);
    let fits = match (&expected.verb, &actual.verb) {
        (
            Verb::Says { replies_to, body },
            Verb::Says {
                replies_to: actual_reply,
                body: actual,
            },
        ) => {
            let replies = match (replies_to, actual_reply) {
                (None, None) => true,
                (Some(expected), Some(actual)) => same(expected, actual),
                _ => false,
            };
            replies && body_fits(body, actual, &mut text)
        }
        (
            Verb::Edits { target, body },
            Verb::Edits {
                target: actual_target,
                body: actual,
            },
        ) => same(target, actual_target) && body_fits(body, actual, &mut text),
        (Verb::Deletes(expected), Verb::Deletes(actual))
        | (Verb::Pins(expected), Verb::Pins(actual)) => same(expected, actual),
        (
            Verb::Reacts { target, emoji },
            Verb::Reacts {
                target: actual_target,
                emoji: actual,
            },
        ) => emoji == actual && same(target, actual_target),
        (Verb::Opens { title, .. }, Verb::Opens { title: actual, .. }) => text(title, actual),
        (Verb::Presses { shown, .. }, Verb::Presses { shown: actual, .. }) => {
            shown_fits(shown, actual, &mut text)
        }
        _ => false,
    };
    fits.then_some(names)
}

fn target_fits(expected: &Target, actual: &Target, labels: &Labels) -> bool {
    match expected.label.as_deref() {
        None => actual.label.is_none(),
        Some(EARLIER) => actual.label.as_deref() == Some(EARLIER),
        Some(label) => labels.get(label).copied() == actual.message,
    }
}

fn body_fits(expected: &Body, actual: &Body, text: &mut impl FnMut(&str, &str) -> bool) -> bool {
    let keyboards = match (&expected.keyboard, &actual.keyboard) {
        (Some(Keyboard::Rows(expected)), Some(Keyboard::Rows(actual))) => {
            alike(expected, actual, |expected, actual| {
                alike(expected, actual, |a: &String, b: &String| text(a, b))
            })
        }
        (expected, actual) => expected == actual,
    };
    keyboards
        && text(&expected.text, &actual.text)
        && alike(&expected.files, &actual.files, |expected, actual| {
            file_fits(expected, actual, text)
        })
        && alike(&expected.buttons, &actual.buttons, |expected, actual| {
            alike(expected, actual, |expected: &Key, actual: &Key| {
                text(&expected.text, &actual.text)
                    && both(expected.does.as_deref(), actual.does.as_deref(), text)
            })
        })
}

/// What a story does not say of a file does not matter.
fn file_fits(
    expected: &FileNote,
    actual: &FileNote,
    text: &mut impl FnMut(&str, &str) -> bool,
) -> bool {
    let mut told = |expected: &Option<String>, actual: &Option<String>| {
        expected
            .as_deref()
            .is_none_or(|expected| text(expected, actual.as_deref().unwrap_or_default()))
    };
    expected.kind == actual.kind
        && (expected.bytes.is_none() || expected.bytes == actual.bytes)
        && told(&expected.name, &actual.name)
        && told(&expected.about, &actual.about)
}

fn shown_fits(expected: &Shown, actual: &Shown, text: &mut impl FnMut(&str, &str) -> bool) -> bool {
    expected.answered == actual.answered
        && expected.alert == actual.alert
        && both(expected.text.as_deref(), actual.text.as_deref(), text)
        && both(expected.url.as_deref(), actual.url.as_deref(), text)
}

fn both(
    expected: Option<&str>,
    actual: Option<&str>,
    text: &mut impl FnMut(&str, &str) -> bool,
) -> bool {
    match (expected, actual) {
        (Some(expected), Some(actual)) => text(expected, actual),
        (expected, actual) => expected == actual,
    }
}

fn alike<T>(expected: &[T], actual: &[T], mut fits: impl FnMut(&T, &T) -> bool) -> bool {
    expected.len() == actual.len()
        && expected
            .iter()
            .zip(actual)
            .all(|(expected, actual)| fits(expected, actual))
}

/// Whether the bot did in each chat what it should have done, in that order. Between chats there is
/// no order, and a press is compared with its answer.
pub(super) fn passed(expected: &Story, actual: &Story, labels: &Labels) -> bool {
    let by_chat = |story: &Story| {
        let mut chats: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, event) in story.events.iter().enumerate() {
            if compared(event) {
                let chat = chats.entry(event.place.chat.clone()).or_default();
                chat.push(at);
            }
        }
        chats
    };
    let (mine, theirs) = (by_chat(expected), by_chat(actual));
    mine.len() == theirs.len()
        && mine.iter().all(|(chat, mine)| {
            // Answers to presses and deeds are two orders: an answer may come before or after.
            let pick = |story: &Story, places: &[usize], by_bot: bool| -> Vec<Event> {
                let events = places.iter().map(|at| &story.events[*at]);
                let events = events.filter(|event| event.by_bot() == by_bot);
                events.cloned().collect()
            };
            theirs.get(chat).is_some_and(|theirs| {
                [true, false].into_iter().all(|by_bot| {
                    let mine = pick(expected, mine, by_bot);
                    let theirs = pick(actual, theirs, by_bot);
                    alike(&mine, &theirs, |a, b| event_fits(a, b, labels).is_some())
                })
            })
        })
}

/// What a person does is played, not compared; but a press has the bot's answer with it.
fn compared(event: &Event) -> bool {
    event.by_bot() || matches!(event.verb, Verb::Presses { .. })
}

/// Both stories beside each other: `-` was expected, `+` came instead.
pub(super) fn diff(expected: &Story, actual: &Story, labels: &Labels) -> String {
    let left = &expected.events;
    let right: Vec<&Event> = actual
        .events
        .iter()
        .filter(|event| !matches!(event.verb, Verb::Raw(_)))
        .collect();
    let same = |left: &Event, right: &Event| {
        if compared(left) {
            event_fits(left, right, labels).is_some()
        } else {
            // The same act: filled in and labelled differently perhaps.
            left.who == right.who
                && left.place == right.place
                && std::mem::discriminant(&left.verb) == std::mem::discriminant(&right.verb)
        }
    };
    // The longest common part, from the end.
    let (rows, columns) = (left.len(), right.len());
    let mut longest = vec![vec![0u32; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            longest[row][column] = if same(&left[row], right[column]) {
                longest[row + 1][column + 1] + 1
            } else {
                longest[row + 1][column].max(longest[row][column + 1])
            };
        }
    }
    let mut mine = Writer::new(expected.raw);
    let mut theirs = Writer::new(actual.raw);
    let mut out = String::new();
    let (mut row, mut column) = (0, 0);
    while row < rows || column < columns {
        let together = row < rows
            && column < columns
            && longest[row][column] == longest[row + 1][column + 1] + 1
            && same(&left[row], right[column]);
        if together {
            // Written on both sides, so that both know in which chat they are.
            write(&mut theirs, right[column], "", &mut String::new());
            write(&mut mine, &left[row], "  ", &mut out);
            (row, column) = (row + 1, column + 1);
        } else if row < rows
            && (column == columns || longest[row + 1][column] >= longest[row][column + 1])
        {
            write(&mut mine, &left[row], "- ", &mut out);
            row += 1;
        } else {
            write(&mut theirs, right[column], "+ ", &mut out);
            column += 1;
        }
    }
    out
}

fn write(writer: &mut Writer, event: &Event, sign: &str, out: &mut String) {
    let mut text = String::new();
    writer.event(event, &mut text);
    for line in text.lines() {
        out.push_str(sign);
        out.push_str(line);
        out.push('\n');
    }
}

/// Calls people, groups and messages of a recorded story as the expected one does.
pub(super) fn rename(actual: &mut Story, expected: &Story) {
    let mut names: HashMap<String, String> = HashMap::new();
    for person in &actual.people {
        if let Some(known) = expected.people.iter().find(|known| known.id == person.id) {
            names.insert(person.name.clone(), known.name.clone());
        }
    }
    for group in &actual.groups {
        if let Some(known) = expected.groups.iter().find(|known| known.id == group.id) {
            names.insert(group.name.clone(), known.name.clone());
        }
    }
    let named = |name: &mut String| {
        if let Some(known) = names.get(name) {
            known.clone_into(name);
        }
    };
    for event in &mut actual.events {
        named(&mut event.who);
        let Place { chat, .. } = &mut event.place;
        named(chat);
        if let Verb::Adds(whom) | Verb::Removes(whom) = &mut event.verb {
            named(whom);
        }
    }
}
