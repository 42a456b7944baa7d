//! A time phrase somewhere in a line, as quick-add wants it.

use std::ops::Range;

use jiff::{Timestamp, Zoned};

use crate::error::Error;
use crate::lex::{Kind, Lexed, lex};
use crate::next::next_after;
use crate::parse::{Context, Defaults, Evidence, Phrase, belong_together, join, phrase};
use crate::when::When;

/// A phrase that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub when: When,
    /// The phrase's bytes, its preposition included.
    pub span: Range<usize>,
    /// The other part, if day and time stand apart: `tomorrow call Ann at 17:00`.
    pub apart: Option<Range<usize>>,
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
    let mut found: Vec<Candidate> = Vec::new();
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
                    let next = phrase.end.max(start + 1);
                    let rank = (phrase.timed, edge, start);
                    found.push(Candidate {
                        rank,
                        start,
                        phrase,
                    });
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
    let Some(best) = found.iter().max_by_key(|candidate| candidate.rank) else {
        return Ok(None);
    };
    let span = |candidate: &Candidate| line.span(candidate.start, candidate.phrase.end);
    let mut meant = (best.phrase.when.clone(), best.phrase.timed, None);
    let others = found.iter().filter(|other| other.start != best.start);
    for other in others.filter(|other| belong_together(&best.phrase, &other.phrase)) {
        let joined = join(&line, &cx, (span(best), &best.phrase), span(other))?;
        if let Some(both) = joined {
            meant = (both.when, both.timed, Some(span(other)));
            break;
        }
    }
    let (when, timed, apart) = meant;
    let Some(due) = next_after(&when, now.timestamp(), now.time_zone()) else {
        return Ok(None);
    };
    Ok(Some(Found {
        when,
        span: span(best),
        apart,
        due,
        timed,
    }))
}

struct Candidate {
    /// With a time, at an end of the line, further back.
    rank: (bool, bool, usize),
    start: usize,
    phrase: Phrase,
}

impl Found {
    /// The line without its phrase, white space brought together: the title.
    ///
    /// ```
    /// # use vahta_when::find;
    /// let now = "2026-07-15T12:00[Europe/Berlin]".parse::<jiff::Zoned>()?;
    /// let line = "tomorrow call Ann at 17:00 #sales";
    /// let found = find(line, &now)?.ok_or("none")?;
    /// assert_eq!(found.due, "2026-07-16T17:00+02:00".parse()?);
    /// assert_eq!(found.without(line), "call Ann #sales");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without(&self, line: &str) -> String {
        let inside = |at: usize| {
            self.span.contains(&at) || self.apart.as_ref().is_some_and(|apart| apart.contains(&at))
        };
        let kept = line.char_indices();
        let kept: String = kept
            .map(|(at, c)| if inside(at) { ' ' } else { c })
            .collect();
        kept.split_whitespace().collect::<Vec<_>>().join(" ")
    }
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
