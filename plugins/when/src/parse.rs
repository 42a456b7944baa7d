//! From a line to a [`When`]: the grammar of `docs/TIME.md`.
//!
//! Each reader takes a cursor and answers *not this*, *this*, or *this, and it is wrong here*. They
//! are tried side by side and the one that reads furthest counts.

use std::ops::Range;

use jiff::Zoned;
use jiff::civil::{Time, time};

use crate::cursor::{Cursor, Read};
use crate::error::{Error, Reason};
use crate::lex::{Lexed, lex};
use crate::next::next_after;
use crate::when::When;

mod apart;
mod clock;
mod countdown;
mod cron;
mod date;
mod duration;
mod every;
mod guess;
mod once;

pub(crate) use apart::{belong_together, join};
pub(crate) use clock::clock;
pub(crate) use countdown::{date_later, later};
pub(crate) use duration::{Length, length};
pub(crate) use every::bounds::Start;

/// What a phrase leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defaults {
    /// The time of a day that is named without one: `tomorrow`.
    pub time: Time,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            time: time(9, 0, 0, 0),
        }
    }
}

/// A phrase and the text that it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub when: When,
    /// The text without the phrase and without what parted them: `tea`.
    pub rest: String,
    /// The phrase's bytes.
    pub span: Range<usize>,
    /// The other part, if day and time stand apart: `tomorrow call Ann at 17:00`.
    pub apart: Option<Range<usize>>,
    /// Whether a time was named; if not, [`Defaults::time`] stands in.
    pub timed: bool,
}

/// Reads the time phrase at the beginning or the end of a text, in English or Russian.
///
/// # Errors
/// None is there, or it means nothing, or only what is past: the word, the reason, an example.
///
/// ```
/// # use vahta_when::{parse, When};
/// let now = "2026-07-15T12:00[Europe/Berlin]".parse::<jiff::Zoned>()?;
/// let parsed = parse("tomorrow 17:00 call Ann", &now)?;
/// assert_eq!(parsed.rest, "call Ann");
/// assert_eq!(parsed.when, When::at("2026-07-16T17:00".parse()?));
/// assert_eq!(parse("позвонить Ане завтра в 17:00", &now)?.rest, "позвонить Ане");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(text: &str, now: &Zoned) -> Result<Parsed, Error> {
    parse_with(text, now, &Defaults::default())
}

/// [`parse`] with a person's own defaults.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(text: &str, now: &Zoned, defaults: &Defaults) -> Result<Parsed, Error> {
    let line = lex(text);
    let mut cx = Context {
        now,
        default: defaults.time,
        strict: false,
        start: 0,
    };
    let mut first_error = match phrase(&line, &mut cx, 0) {
        Ok(Some(phrase)) => return with_end(&line, &mut cx, phrase),
        Ok(None) => None,
        Err(error) => Some((0, error)),
    };
    // The leftmost phrase that reaches the end: `call Ann on fri 9:00`, not `9:00` alone.
    for start in 1..line.len() {
        if line.glued(start) {
            continue;
        }
        match phrase(&line, &mut cx, start) {
            Ok(Some(phrase)) if tail_is_empty(&line, phrase.end) => {
                return match first_error {
                    Some((at, error)) if spoils(&line, at, &error, start) => Err(error),
                    _ => Ok(phrase.parsed(&line, start)),
                };
            }
            Ok(_) => {}
            Err(error) => first_error = first_error.or(Some((start, error))),
        }
    }
    Err(first_error.map_or_else(|| guess::no_time(&line), |(_, error)| error))
}

/// A phrase at the beginning, together with what it lacks if that stands at the end.
fn with_end(line: &Lexed<'_>, cx: &mut Context<'_>, first: Phrase) -> Result<Parsed, Error> {
    if first.timed && !first.clock_alone {
        return Ok(first.parsed(line, 0));
    }
    for start in first.end..line.len() {
        if line.glued(start) {
            continue;
        }
        let Ok(Some(last)) = phrase(line, cx, start) else {
            continue;
        };
        // Here the text lies between both, so what may be a part of it is left to it.
        let sure = last.evidence >= Evidence::Edge;
        if !tail_is_empty(line, last.end) || !sure || !belong_together(&first, &last) {
            continue;
        }
        let spans = (line.span(0, first.end), line.span(start, last.end));
        if let Some(both) = join(line, cx, (spans.0.clone(), &first), spans.1.clone())? {
            let between = line
                .text
                .get(spans.0.end..spans.1.start)
                .unwrap_or_default();
            return Ok(Parsed {
                when: both.when,
                rest: between.trim_matches(parting).to_owned(),
                span: spans.0,
                apart: Some(spans.1),
                timed: true,
            });
        }
    }
    Ok(first.parsed(line, 0))
}

/// What may stand between a phrase and the text.
fn parting(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '–' | '—')
}

/// Whether what is wrong at one place belongs to the phrase found behind it: `tea 31.02 10:00` is a
/// wrong date, not a 10:00 after a strange word.
fn spoils(line: &Lexed<'_>, at: usize, error: &Error, start: usize) -> bool {
    let begin = line.span(start, start + 1).start;
    let between = line.text.get(error.span.end.min(begin)..begin);
    let touches = between.is_some_and(|text| text.trim().is_empty());
    // `check every server at 9:00` has no wrong weekday.
    let meant = error.reason.is_about_a_time() || at == 0 || guess::is_near(line, error);
    touches && meant
}

/// What every reader needs to know.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) now: &'a Zoned,
    pub(crate) default: Time,
    /// Somewhere in a line rather than at its ends: doubtful things are no phrase.
    pub(crate) strict: bool,
    /// The token at which the phrase begins.
    pub(crate) start: usize,
}

/// How surely words are a time phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    Weak,
    /// At the beginning or the end of a line.
    Edge,
    Sure,
}

#[derive(Debug)]
pub(crate) struct Phrase {
    pub(crate) when: When,
    pub(crate) timed: bool,
    pub(crate) evidence: Evidence,
    /// A time of day and no day: one that stands elsewhere may be meant.
    pub(crate) clock_alone: bool,
    /// The token after it.
    pub(crate) end: usize,
}

type Reader = fn(&mut Cursor<'_>, &Context<'_>) -> Read<Phrase>;

const READERS: [Reader; 4] = [cron::read, every::read, countdown::read, once::read];

/// The longest phrase that begins at this token.
pub(crate) fn phrase(line: &Lexed<'_>, cx: &mut Context<'_>, start: usize) -> Read<Phrase> {
    cx.start = start;
    let mut best: Option<Phrase> = None;
    let mut error: Option<Error> = None;
    for reader in READERS {
        let mut c = Cursor::new(line, start);
        match reader(&mut c, cx) {
            Ok(Some(phrase)) if best.as_ref().is_none_or(|best| best.end < phrase.end) => {
                best = Some(phrase);
            }
            Ok(_) => {}
            Err(new) if error.as_ref().is_none_or(|old| old.span.end < new.span.end) => {
                error = Some(new);
            }
            Err(_) => {}
        }
    }
    let Some(phrase) = best else {
        return error.map_or(Ok(None), Err);
    };
    if next_after(&phrase.when, cx.now.timestamp(), cx.now.time_zone()).is_some() {
        return Ok(Some(phrase));
    }
    let reason = if phrase.when.repeats() {
        Reason::Never
    } else {
        Reason::Past
    };
    let mut c = Cursor::new(line, phrase.end);
    c.at = phrase.end;
    Err(c.error(start, reason, guess::tomorrow(&c)))
}

fn tail_is_empty(line: &Lexed<'_>, end: usize) -> bool {
    let after = line.span(0, end).end;
    let tail = line.text.get(after..).unwrap_or_default();
    tail.chars()
        .all(|c| c.is_whitespace() || matches!(c, '.' | ',' | ';' | '!' | '?' | ')' | '…'))
}

impl Phrase {
    fn parsed(self, line: &Lexed<'_>, start: usize) -> Parsed {
        let span = line.span(start, self.end);
        let before = line.text.get(..span.start).unwrap_or_default();
        let after = line.text.get(span.end..).unwrap_or_default();
        let rest = if before.trim().is_empty() {
            after
                .trim_start_matches(|c| parting(c) || c == '.')
                .trim_end()
        } else {
            before.trim_start().trim_end_matches(parting)
        };
        Parsed {
            rest: rest.to_owned(),
            span,
            when: self.when,
            apart: None,
            timed: self.timed,
        }
    }
}
