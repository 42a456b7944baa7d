//! When it is next, and after that.
//!
//! The clock's changes, one policy for all: a wall-clock time inside a gap is the first valid time
//! after the gap; one that comes twice is its first pass; two that fall together are one. A fixed
//! interval, and a cron line that runs in every hour, follow real time instead.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::when::{Every, Rule, When};

mod calendar;
mod days;
mod hourly;
pub(crate) mod resolve;

use calendar::Calendar;
pub(crate) use calendar::first_wall;
use hourly::Hourly;
use resolve::{first_valid, last_valid};

/// The first time after `after` (never `after` itself), or `None` when there is no more.
///
/// ```
/// # use vahta_when::{next_after, parse};
/// let now = "2026-03-28T12:00[Europe/Berlin]".parse::<jiff::Zoned>()?;
/// let when = parse("every day 2:30", &now)?.when;
/// // On 29 March 02:30 does not exist in Berlin: 03:00 is the first valid time after the gap.
/// let next = next_after(&when, now.timestamp(), now.time_zone());
/// assert_eq!(next, Some("2026-03-29T03:00+02:00".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn next_after(when: &When, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    occurrences(when, after, zone).next()
}

/// All times after `after`, ascending. Often endless: take what you need.
///
/// ```
/// # use vahta_when::{occurrences, parse};
/// let now = "2027-01-31T12:00[UTC]".parse::<jiff::Zoned>()?;
/// let when = parse("31st monthly 9:00", &now)?.when;
/// let days: Vec<i8> = occurrences(&when, now.timestamp(), now.time_zone())
///     .map(|at| at.to_zoned(now.time_zone().clone()).day())
///     .take(4)
///     .collect();
/// assert_eq!(days, [28, 31, 30, 31]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn occurrences<'a>(when: &'a When, after: Timestamp, zone: &'a TimeZone) -> Occurrences<'a> {
    let source = match when {
        When::Instant(at) => Source::Few(vec![*at].into_iter()),
        When::Once(dates) => {
            let all = dates.days().iter().flat_map(|day| {
                let times = day.times.expand().into_iter();
                times.map(|time| day.date.to_datetime(time))
            });
            let all: Vec<_> = all.filter_map(|at| first_valid(at, zone)).collect();
            Source::Few(all.into_iter())
        }
        When::Every(every) => Source::of(every, after, zone),
    };
    let (count, until) = match when {
        When::Every(every) => (
            every.count.map(std::num::NonZeroU32::get),
            every.until.and_then(|at| last_valid(at, zone)),
        ),
        _ => (None, None),
    };
    Occurrences {
        source,
        after,
        last: None,
        left: count,
        until,
    }
}

/// The iterator of [`occurrences`].
#[derive(Debug)]
pub struct Occurrences<'a> {
    source: Source<'a>,
    after: Timestamp,
    last: Option<Timestamp>,
    /// How many there may still be, those before `after` included.
    left: Option<u32>,
    until: Option<Timestamp>,
}

/// Ascending instants; two wall-clock times inside one gap come as the same instant twice.
#[derive(Debug)]
enum Source<'a> {
    Few(std::vec::IntoIter<Timestamp>),
    Interval {
        next: Option<Timestamp>,
        seconds: i64,
    },
    Calendar(Calendar<'a>),
    Hourly(Hourly<'a>),
}

impl<'a> Source<'a> {
    /// Begins shortly before `after`, or at the very first time if they are counted.
    fn of(every: &'a Every, after: Timestamp, zone: &'a TimeZone) -> Self {
        let counted = every.count.is_some();
        match &every.rule {
            Rule::Interval { seconds, first } => {
                let seconds = i64::from(seconds.get());
                let passed = after.as_second().saturating_sub(first.as_second());
                let skip = if counted {
                    0
                } else {
                    (passed / seconds).max(0)
                };
                let next = first.as_second().checked_add(skip.saturating_mul(seconds));
                let next = next.and_then(|second| Timestamp::from_second(second).ok());
                Self::Interval { next, seconds }
            }
            Rule::Cron(cron) if cron.every_hour() => {
                let from = every.from.and_then(|from| first_valid(from, zone));
                let start = match (counted, from) {
                    (true, Some(from)) => from,
                    (_, from) => from.map_or(after, |from| from.max(after)),
                };
                Self::Hourly(Hourly::new(cron, start, zone))
            }
            Rule::Cron(_) | Rule::Calendar { .. } => {
                Self::Calendar(Calendar::new(every, after, zone))
            }
        }
    }

    fn next(&mut self) -> Option<Timestamp> {
        match self {
            Self::Few(all) => all.next(),
            Self::Interval { next, seconds } => {
                let now = (*next)?;
                let second = now.as_second().checked_add(*seconds);
                *next = second.and_then(|second| Timestamp::from_second(second).ok());
                Some(now)
            }
            Self::Calendar(calendar) => calendar.next(),
            Self::Hourly(hourly) => hourly.next(),
        }
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        loop {
            if self.left == Some(0) {
                return None;
            }
            let at = self.source.next()?;
            if self.until.is_some_and(|until| at > until) {
                self.left = Some(0);
                return None;
            }
            if self.last.is_some_and(|last| at <= last) {
                continue;
            }
            self.last = Some(at);
            self.left = self.left.map(|left| left - 1);
            if at > self.after {
                return Some(at);
            }
        }
    }
}
