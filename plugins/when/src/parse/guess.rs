//! The nearest phrase that is right.

use crate::cursor::{Cursor, russian};
use crate::distance::{NEAR, distance};
use crate::error::{Error, Reason};
use crate::lex::Lexed;

/// An example for a word, in its language: the word it is nearest to, in a phrase that parses at any
/// present. Nothing about today does a minute before midnight.
const PHRASES: &[(&str, &str)] = &[
    ("tomorrow", "tomorrow 9:00"),
    ("today", "tomorrow 9:00"),
    ("monday", "monday 9:00"),
    ("tuesday", "tuesday 9:00"),
    ("wednesday", "wednesday 9:00"),
    ("thursday", "thursday 9:00"),
    ("friday", "friday 9:00"),
    ("saturday", "saturday 9:00"),
    ("sunday", "sunday 9:00"),
    ("weekday", "every weekday 9:00"),
    ("weekend", "every weekend 10:00"),
    ("every", "every day 9:00"),
    ("daily", "daily 9:00"),
    ("weekly", "weekly 9:00"),
    ("monthly", "monthly 9:00"),
    ("minute", "in 1 minute"),
    ("minutes", "in 5 minutes"),
    ("hours", "in 2 hours"),
    ("завтра", "завтра в 9:00"),
    ("послезавтра", "послезавтра в 9:00"),
    ("сегодня", "завтра в 9:00"),
    ("понедельник", "в понедельник в 9:00"),
    ("вторник", "во вторник в 9:00"),
    ("среду", "в среду в 9:00"),
    ("четверг", "в четверг в 9:00"),
    ("пятницу", "в пятницу в 9:00"),
    ("субботу", "в субботу в 9:00"),
    ("воскресенье", "в воскресенье в 9:00"),
    ("каждый", "каждый день в 9:00"),
    ("каждую", "каждую неделю в 9:00"),
    ("ежедневно", "ежедневно в 9:00"),
    ("через", "через 2 часа"),
    ("минут", "через 5 минут"),
    ("часов", "через 5 часов"),
];

/// After `every`.
const REPEATED: &[(&str, &str)] = &[
    ("day", "every day 9:00"),
    ("monday", "every monday 9:00"),
    ("tuesday", "every tuesday 9:00"),
    ("wednesday", "every wednesday 9:00"),
    ("thursday", "every thursday 9:00"),
    ("friday", "every friday 9:00"),
    ("saturday", "every saturday 9:00"),
    ("sunday", "every sunday 9:00"),
    ("weekday", "every weekday 9:00"),
    ("weekend", "every weekend 10:00"),
    ("minutes", "every 5 minutes"),
    ("hours", "every 2 hours"),
    ("weeks", "every 2 weeks on mon 9:00"),
    ("months", "every 2 months on the 1st 9:00"),
    ("month", "every month on the 1st 9:00"),
    ("year", "every year on 24.12 9:00"),
    ("день", "каждый день в 9:00"),
    ("понедельник", "каждый понедельник в 9:00"),
    ("вторник", "каждый вторник в 9:00"),
    ("среду", "каждую среду в 9:00"),
    ("четверг", "каждый четверг в 9:00"),
    ("пятницу", "каждую пятницу в 9:00"),
    ("субботу", "каждую субботу в 9:00"),
    ("воскресенье", "каждое воскресенье в 9:00"),
    ("неделю", "каждую неделю в 9:00"),
    ("месяц", "каждый месяц 1 числа в 9:00"),
    ("минут", "каждые 5 минут"),
    ("часа", "каждые 2 часа"),
    ("недели", "каждые 2 недели по понедельникам в 9:00"),
];

/// Nothing was found: the first word that is nearly one of ours, or the whole text.
pub(crate) fn no_time(line: &Lexed<'_>) -> Error {
    let near = (0..line.len()).find_map(|at| {
        let word = line.word(at).filter(|word| word.chars().count() >= 5)?;
        let (distance, example) = nearest(word, PHRASES)?;
        (distance > 0 && distance <= NEAR).then_some((at, example))
    });
    let trimmed = line.span(0, line.len());
    match near {
        Some((at, example)) => Error {
            span: line.span(at, at + 1),
            reason: Reason::UnknownWord,
            example: example.to_owned(),
        },
        None => Error {
            span: trimmed,
            reason: Reason::NoTime,
            example: if russian(line.text) {
                "завтра в 9:00".to_owned()
            } else {
                "tomorrow 9:00".to_owned()
            },
        },
    }
}

/// Whether the word that failed is nearly one that may follow `every`.
pub(crate) fn is_near(line: &Lexed<'_>, error: &Error) -> bool {
    let word = line.text.get(error.span.clone()).unwrap_or_default();
    let word = word.to_lowercase();
    nearest(&word, REPEATED).is_some_and(|(distance, _)| close(&word, distance))
}

/// Short words are near to everything.
fn close(word: &str, distance: usize) -> bool {
    distance <= if word.chars().count() < 5 { 1 } else { NEAR }
}

/// What may follow `every`, nearest to what does.
pub(crate) fn repeated(c: &Cursor<'_>) -> String {
    let word = c.word().unwrap_or_default();
    let found = nearest(word, REPEATED).filter(|(distance, _)| close(word, *distance));
    found.map_or_else(|| every_day(c), |(_, example)| example.to_owned())
}

pub(crate) fn every_day(c: &Cursor<'_>) -> String {
    if c.russian() {
        "каждый день в 9:00".to_owned()
    } else {
        "every day 9:00".to_owned()
    }
}

pub(crate) fn tomorrow(c: &Cursor<'_>) -> String {
    if c.russian() {
        "завтра в 9:00".to_owned()
    } else {
        "tomorrow 9:00".to_owned()
    }
}

fn nearest(word: &str, phrases: &[(&str, &'static str)]) -> Option<(usize, &'static str)> {
    phrases
        .iter()
        .map(|(known, example)| (distance(word, known), *example))
        .min_by_key(|(distance, _)| *distance)
}
