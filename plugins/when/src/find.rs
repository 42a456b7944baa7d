//! A time phrase somewhere in a line, as quick-add wants it.

use std::ops::Range;

use jiff::{Timestamp, Zoned};

use crate::error::Error;
use crate::lex::{Kind, Lexed, lex};
use crate::next::next_after;
use crate::parse::{Context, Defaults, Evidence, Phrase, phrase};
use crate::when::When;

/// A phrase that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub when: When,
    /// The phrase's bytes, its preposition included.
    pub span: Range<usize>,
    /// Its first time.
    pub due: Timestamp,
    /// Whether a time was named; if not, [`Defaults::time`] stands in.
    pub timed: bool,
}

/// Finds the time phrase anywhere in a line.
///
/// Careful where words have other meanings: numbers, versions, ratios and names of days inside a
/// sentence are left alone. Of several phrases the one with a time counts, then the one at an end of
/// the line, then the last.
///
/// # Errors
/// What is surely meant as a time and cannot be one: `on 31.02`, `tomorrow 25:00`, a date that is over.
///
/// ```
/// # use vahta_when::find;
/// let now = "2026-07-15T12:00[Europe/Berlin]".parse::<jiff::Zoned>()?;
/// let line = "Replace disk @bob tomorrow 17:00 !high #infra";
/// let found = find(line, &now)?.ok_or("none")?;
/// assert_eq!(&line[found.span], "tomorrow 17:00");
/// assert_eq!(found.due, "2026-07-16T17:00+02:00".parse()?);
/// assert_eq!(find("Upgrade nginx to v1.2 on 3 hosts", &now)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn find(text: &str, now: &Zoned) -> Result<Option<Found>, Error> {
    find_with(text, now, &Defaults::default())
}

/// [`find`] with a person's own defaults.
///
/// # Errors
/// As [`find`].
pub fn find_with(text: &str, now: &Zoned, defaults: &Defaults) -> Result<Option<Found>, Error> {
    let line = lex(text);
    let mut cx = Context {
        now,
        default: defaults.time,
        strict: true,
        start: 0,
    };
    let mut best: Option<((bool, bool), usize, Phrase)> = None;
    let mut error = None;
    let mut start = 0;
    while start < line.len() {
        if marker(&line, start) {
            start = line.chunk(start).0;
            continue;
        }
        if line.opens(start) {
            start += 1;
            continue;
        }
        match phrase(&line, &mut cx, start) {
            Ok(Some(phrase)) => {
                let edge = at_edge(&line, start, phrase.end);
                if phrase.evidence == Evidence::Sure || (phrase.evidence == Evidence::Edge && edge)
                {
                    let rank = (phrase.timed, edge);
                    let next = phrase.end.max(start + 1);
                    if best.as_ref().is_none_or(|(old, ..)| *old <= rank) {
                        best = Some((rank, start, phrase));
                    }
                    start = next;
                    continue;
                }
            }
            Ok(None) => {}
            // Wrong words are no mistake in a title; a wrong date is.
            Err(new) if new.reason.is_about_a_time() => error = error.or(Some(new)),
            Err(_) => {}
        }
        start = line.chunk(start).0;
    }
    if let Some(error) = error {
        return Err(error);
    }
    Ok(best.and_then(|(_, start, phrase)| {
        let due = next_after(&phrase.when, now.timestamp(), now.time_zone())?;
        Some(Found {
            span: line.span(start, phrase.end),
            due,
            timed: phrase.timed,
            when: phrase.when,
        })
    }))
}

/// `@bob`, `#12.10`, `!high`, `%tmpl`, `/cmd`: words of quick-add, whatever they look like.
fn marker(line: &Lexed<'_>, at: usize) -> bool {
    let sign = line.token(at).map(|token| &token.kind);
    matches!(sign, Some(Kind::Sign('@' | '#' | '!' | '%' | '/'))) && line.glued(at + 1)
}

/// Nothing but markers stands before it, or after it.
fn at_edge(line: &Lexed<'_>, start: usize, end: usize) -> bool {
    only_markers(line, 0, start) || only_markers(line, end, line.len())
}

fn only_markers(line: &Lexed<'_>, from: usize, to: usize) -> bool {
    let mut at = from;
    while at < to {
        let sign = matches!(line.token(at).map(|token| &token.kind), Some(Kind::Sign(_)));
        if marker(line, at) {
            at = line.chunk(at).0;
        } else if sign {
            at += 1;
        } else {
            return false;
        }
    }
    true
}
