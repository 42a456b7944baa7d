//! Cron lines as crontab(5) defines them: five fields, names, steps, `7` for Sunday.
//!
//! When day of month and day of week are both restricted (neither begins with `*`), either one
//! suffices. Seconds, years and Quartz's `L`, `W`, `#` are not part of it.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::when::Malformed;

mod field;

use field::{DAY, Field, HOUR, MINUTE, MONTH, WEEKDAY};

/// A line that parsed and fires at least now and then. Stored as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// Why a line is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CronFault {
    /// Not five fields.
    Fields,
    /// The field (from 0) that does not parse.
    Field(usize),
    /// It would never fire: `0 0 30 2 *`.
    Never,
}

impl Cron {
    pub(crate) fn parse(text: &str) -> Result<Self, CronFault> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(CronFault::Fields);
        };
        let read =
            |at: usize, text: &str, kind| Field::parse(text, kind).ok_or(CronFault::Field(at));
        let cron = Self {
            text: fields.join(" ").to_ascii_lowercase(),
            minutes: read(0, minute, &MINUTE)?,
            hours: read(1, hour, &HOUR)?,
            days: read(2, day, &DAY)?,
            months: read(3, month, &MONTH)?,
            weekdays: read(4, weekday, &WEEKDAY)?,
        };
        if cron.can_fire() {
            Ok(cron)
        } else {
            Err(CronFault::Never)
        }
    }

    /// The line, its fields parted by one space.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Runs in every hour, so it follows real time through a change of the clock, as an interval
    /// does; with fixed hours it is a list of wall-clock times.
    pub(crate) fn every_hour(&self) -> bool {
        self.hours.starred()
    }

    pub(crate) fn on(&self, date: Date) -> bool {
        let day = self.days.has(date.day().unsigned_abs());
        let weekday = date.weekday().to_sunday_zero_offset().unsigned_abs();
        let weekday = self.weekdays.has(weekday);
        let either = !self.days.starred() && !self.weekdays.starred();
        self.months.has(date.month().unsigned_abs())
            && if either {
                day || weekday
            } else {
                day && weekday
            }
    }

    pub(crate) fn has_month(&self, date: Date) -> bool {
        self.months.has(date.month().unsigned_abs())
    }

    /// The times of a day on which it fires, ascending.
    pub(crate) fn times(&self) -> Vec<Time> {
        let part = |value: u8| i8::try_from(value).unwrap_or(0);
        let minutes: Vec<u8> = self.minutes.iter().collect();
        self.hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| (hour, *minute)))
            .filter_map(|(hour, minute)| Time::new(part(hour), part(minute), 0, 0).ok())
            .collect()
    }

    /// A date within the 400 years after which the calendar repeats. Looked for month by month, so
    /// that a line which never fires costs little.
    fn can_fire(&self) -> bool {
        let mut months = (2000..2400).flat_map(|year| (1..=12).map(move |month| (year, month)));
        months.any(|(year, month)| match Date::new(year, month, 1) {
            Ok(first) if self.has_month(first) => {
                let mut days = (1..=first.days_in_month()).map(|day| Date::new(year, month, day));
                days.any(|date| date.is_ok_and(|date| self.on(date)))
            }
            _ => false,
        })
    }
}

impl TryFrom<String> for Cron {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text).map_err(|_| Malformed("not a cron line"))
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_manual_are_read() {
        for good in [
            "* * * * *",
            "*/15 9-17 * * mon-fri",
            "0 0 1,15 * 7",
            "5-55/10 0 * jan,DEC *",
            "0 0 29 2 *",
        ] {
            assert!(Cron::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn the_field_that_fails_is_named() {
        for (bad, fault) in [
            ("60 * * * *", CronFault::Field(0)),
            ("0 24 * * *", CronFault::Field(1)),
            ("0 0 0 * *", CronFault::Field(2)),
            ("0 0 * 13 *", CronFault::Field(3)),
            ("0 0 * * 8", CronFault::Field(4)),
            ("*/0 * * * *", CronFault::Field(0)),
            ("30-10 * * * *", CronFault::Field(0)),
            ("0 0 * *", CronFault::Fields),
            ("0 0 30 2 *", CronFault::Never),
            ("0 0 31 4,6,9,11 *", CronFault::Never),
        ] {
            assert_eq!(Cron::parse(bad), Err(fault), "{bad}");
        }
    }
}
