//! Due dates of templates: so long after the start, perhaps at a time of day.

use std::fmt::{self, Display, Formatter};

use jiff::Timestamp;
use jiff::civil::{Date, Time, time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::cursor::Cursor;
use crate::error::{Error, Reason};
use crate::lex::lex;
use crate::next::resolve::first_valid;
use crate::parse::{Context, Length, clock, date_later, later, length};

/// A length of time from a start, applied by the calendar of a zone.
///
/// Its [`Display`] is short, the same in every language, and parses back: `+3d 18:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relative {
    #[serde(default)]
    pub months: u32,
    #[serde(default)]
    pub days: u32,
    #[serde(default)]
    pub seconds: u32,
    /// The time on that day, instead of the start's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

/// Reads `2d`, `+3 days 18:00`, `in 2 weeks`, `через 2 дня в 18:00`: the whole text is the phrase.
///
/// # Errors
/// It is none, or zero, or too long; a time of day after hours and minutes.
///
/// ```
/// # use vahta_when::relative;
/// let berlin = jiff::tz::TimeZone::get("Europe/Berlin")?;
/// let start = "2026-07-15T12:00+02:00".parse()?;
/// assert_eq!(relative("2d")?.apply(start, &berlin), Some("2026-07-17T12:00+02:00".parse()?));
/// let due = relative("через 3 дня в 18:00")?;
/// assert_eq!(due.apply(start, &berlin), Some("2026-07-18T18:00+02:00".parse()?));
/// assert_eq!(due.to_string(), "+3d 18:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn relative(text: &str) -> Result<Relative, Error> {
    let line = lex(text);
    let mut c = Cursor::new(&line, 0);
    let example = if c.russian() {
        "через 2 дня в 18:00"
    } else {
        "+2d 18:00"
    };
    if !c.sign('+') {
        c.take_word(|word| matches!(word, "in" | "через" | "after"));
    }
    let begin = c.at;
    let wrong = |at: usize, reason| Error {
        span: line.span(at, (at + 1).min(line.len())),
        reason,
        example: example.to_owned(),
    };
    let whole = length(&mut c, true)?;
    let Some(length) = whole else {
        return Err(wrong(begin, Reason::UnknownWord));
    };
    let long = c.span_from(begin);
    let mut at = None;
    if !c.at_end() {
        let here = c.at;
        // The readers of clocks ask for the present only where a time is near a date.
        let now = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
        let cx = Context {
            now: &now,
            default: time(9, 0, 0, 0),
            strict: false,
            start: 0,
        };
        let preposition = c.take_word(crate::words::preposition);
        match clock(&mut c, &cx, preposition, true)? {
            Some((time, _)) if c.at_end() && length.seconds == 0 => at = Some(time),
            _ => return Err(wrong(here, Reason::UnknownWord)),
        }
    }
    if length.is_zero() && at.is_none() {
        return Err(Error {
            span: long,
            reason: Reason::Zero,
            example: example.to_owned(),
        });
    }
    let Length {
        months,
        days,
        seconds,
        ..
    } = length;
    Ok(Relative {
        months,
        days,
        seconds,
        at,
    })
}

impl Relative {
    /// `None` beyond the year 9999.
    #[must_use]
    pub fn apply(&self, start: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let length = Length {
            months: self.months,
            days: self.days,
            seconds: self.seconds,
            single: None,
        };
        let start = start.to_zoned(zone.clone());
        match self.at {
            Some(at) => {
                let date: Date = date_later(start.date(), &length)?;
                first_valid(date.to_datetime(at), zone)
            }
            None => later(&start, &length),
        }
    }
}

impl Display for Relative {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (years, months) = (self.months / 12, self.months % 12);
        let (hours, minutes, seconds) = (
            self.seconds / 3600,
            self.seconds / 60 % 60,
            self.seconds % 60,
        );
        let parts = [
            (years, "y"),
            (months, "mo"),
            (self.days, "d"),
            (hours, "h"),
            (minutes, "m"),
            (seconds, "s"),
        ];
        f.write_str("+")?;
        if parts.iter().all(|(number, _)| *number == 0) {
            f.write_str("0d")?;
        }
        for (number, unit) in parts {
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        match self.at {
            Some(at) => write!(f, " {}", at.strftime("%H:%M")),
            None => Ok(()),
        }
    }
}
