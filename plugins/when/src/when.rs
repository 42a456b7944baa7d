//! What a phrase means: data that is stored, shown, and asked for its next time.
//!
//! Wall-clock times carry no zone: whoever asks brings it, so that a person who moves takes their
//! "every day 9:00" along. Only a countdown and a fixed interval are instants.
//!
//! The JSON form is stored by plugins: it changes by addition only, and what it could say wrongly
//! (an empty list, a reversed window, a cron line that does not parse) is refused when it is read.

use std::num::{NonZeroU16, NonZeroU32};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

mod days;
mod times;

pub(crate) use days::name as weekday_name;
pub use days::{Days, MonthDay, Weekdays, YearDay};
pub(crate) use times::{MOST_SLOTS, SHORTEST_S};
pub use times::{Slot, Times};

pub use crate::cron::Cron;

/// A moment, some moments, or a series.
///
/// ```
/// # use vahta_when::{When, parse};
/// let now = "2026-07-15T12:00[Europe/Berlin]".parse::<jiff::Zoned>()?;
/// let when = parse("every monday 10 report", &now)?.when;
/// let stored = serde_json::to_string(&when)?;
/// assert_eq!(serde_json::from_str::<When>(&stored)?, when);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The same instant in every zone: `in 1h30m`.
    Instant(Timestamp),
    /// Wall-clock times on dates: `24.12 10:00`.
    Once(Dates),
    /// A series: `every monday 10`.
    Every(Every),
}

/// Dates with their times: never empty, ascending, each date once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Day>", into = "Vec<Day>")]
pub struct Dates(Vec<Day>);

/// One date and its times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub date: Date,
    pub times: Times,
}

/// A series and its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Every {
    pub rule: Rule,
    /// Nothing before this; what `every 2 weeks` and `×5` count from. Unused by an interval, whose
    /// rule has its own first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime>,
    /// The last time that may be, itself included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime>,
    /// How many times in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<NonZeroU32>,
}

/// What repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Runs on through changes of the clock: `every 90 minutes`.
    Interval {
        seconds: NonZeroU32,
        first: Timestamp,
    },
    /// Days of the calendar, each with the same wall-clock times.
    Calendar { days: Days, times: Times },
    /// A line of crontab(5).
    Cron(Cron),
}

/// A stored form that says what cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) &'static str);

impl Dates {
    /// Sorts, and brings the times of one date together.
    ///
    /// # Errors
    /// No date, or too many times on one.
    pub fn new(mut days: Vec<Day>) -> Result<Self, Malformed> {
        days.sort_by_key(|day| day.date);
        let mut merged: Vec<Day> = Vec::with_capacity(days.len());
        for day in days {
            match merged.pop() {
                Some(Day { date, times }) if date == day.date => {
                    let times = times.and(day.times)?;
                    merged.push(Day { date, times });
                }
                last => {
                    merged.extend(last);
                    merged.push(day);
                }
            }
        }
        if merged.is_empty() {
            return Err(Malformed("no date"));
        }
        Ok(Self(merged))
    }

    #[must_use]
    pub fn days(&self) -> &[Day] {
        &self.0
    }
}

impl TryFrom<Vec<Day>> for Dates {
    type Error = Malformed;

    fn try_from(days: Vec<Day>) -> Result<Self, Malformed> {
        Self::new(days)
    }
}

impl From<Dates> for Vec<Day> {
    fn from(dates: Dates) -> Self {
        dates.0
    }
}

impl When {
    /// One wall-clock time.
    #[must_use]
    pub fn at(at: DateTime) -> Self {
        let times = Times::one(at.time());
        let date = at.date();
        Self::Once(Dates(vec![Day { date, times }]))
    }

    /// Whether it is a series; a list of dates is not.
    #[must_use]
    pub fn repeats(&self) -> bool {
        matches!(self, Self::Every(_))
    }
}

impl Every {
    #[must_use]
    pub fn new(rule: Rule) -> Self {
        Self {
            rule,
            from: None,
            until: None,
            count: None,
        }
    }
}

/// The step of a rule: every, every second, every third …
pub type Step = NonZeroU16;
