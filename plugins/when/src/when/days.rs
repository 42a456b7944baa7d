//! Days of the calendar on which something repeats.

use jiff::civil::{Date, Weekday};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Malformed, Step};

/// Which days. A step counts from [`Every::from`](super::Every::from).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    Daily {
        step: Step,
    },
    Weekly {
        step: Step,
        on: Weekdays,
    },
    Monthly {
        step: Step,
        #[serde(deserialize_with = "month_days")]
        on: Vec<MonthDay>,
    },
    Yearly {
        step: Step,
        #[serde(deserialize_with = "year_days")]
        on: Vec<YearDay>,
    },
}

/// A day of a month. It is the anchor of a monthly rule: what was said, never what a short month
/// made of it, so `31st monthly` is 31 January, 28 February, 31 March.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthDay {
    /// 1 to 31; the last day where the month is shorter.
    Day(u8),
    /// The nth weekday: 1 to 5, or -1 for the last one. A month without a fifth has none.
    Nth(i8, #[serde(with = "weekday_name")] Weekday),
    /// The last day.
    Last,
}

/// A day of each year; 29 February is the 28th in other years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct YearDay {
    pub month: u8,
    pub day: u8,
}

/// A set of weekdays, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Weekdays(u8);

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Weekdays {
    pub const WORK: Self = Self(0b001_1111);
    pub const REST: Self = Self(0b110_0000);

    #[must_use]
    pub fn one(day: Weekday) -> Self {
        Self(1 << day.to_monday_zero_offset())
    }

    /// From `first` on to `last`, over the week's end if need be: `fri-mon` has four days.
    #[must_use]
    pub fn range(first: Weekday, last: Weekday) -> Self {
        let mut days = Self::one(first);
        let mut day = first;
        while day != last {
            day = day.next();
            days = days.and(Self::one(day));
        }
        days
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub fn has(self, day: Weekday) -> bool {
        self.0 & Self::one(day).0 != 0
    }

    /// From Monday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::Monday
            .cycle_forward()
            .take(7)
            .filter(move |day| self.has(*day))
    }
}

impl TryFrom<Vec<String>> for Weekdays {
    type Error = Malformed;

    fn try_from(names: Vec<String>) -> Result<Self, Malformed> {
        let mut bits = 0;
        for name in &names {
            let at = NAMES.iter().position(|known| known == name);
            bits |= 1 << at.ok_or(Malformed("not a weekday"))?;
        }
        match bits {
            0 => Err(Malformed("no weekday")),
            bits => Ok(Self(bits)),
        }
    }
}

impl From<Weekdays> for Vec<String> {
    fn from(days: Weekdays) -> Self {
        days.iter().map(|day| name(day).to_owned()).collect()
    }
}

pub(crate) fn name(day: Weekday) -> &'static str {
    NAMES
        .get(day.to_monday_zero_offset().unsigned_abs() as usize)
        .copied()
        .unwrap_or("sun")
}

fn month_days<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<MonthDay>, D::Error> {
    let days = Vec::deserialize(from)?;
    let right = days.iter().all(|day| match day {
        MonthDay::Day(day) => (1..=31).contains(day),
        MonthDay::Nth(nth, _) => matches!(nth, -1 | 1..=5),
        MonthDay::Last => true,
    });
    let wrong = || D::Error::custom("no such day of a month");
    (right && !days.is_empty())
        .then_some(days)
        .ok_or_else(wrong)
}

fn year_days<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<YearDay>, D::Error> {
    let days: Vec<YearDay> = Vec::deserialize(from)?;
    // 2000 was a leap year.
    let right = days.iter().all(|day| {
        let (month, day) = (i8::try_from(day.month), i8::try_from(day.day));
        matches!((month, day), (Ok(month), Ok(day)) if Date::new(2000, month, day).is_ok())
    });
    let wrong = || D::Error::custom("no such day of a year");
    (right && !days.is_empty())
        .then_some(days)
        .ok_or_else(wrong)
}

/// jiff's weekday has no stored form of its own.
mod weekday_name {
    use super::{NAMES, Weekday, name};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(day: &Weekday, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name(*day))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Weekday, D::Error> {
        let text = String::deserialize(from)?;
        NAMES
            .iter()
            .position(|known| *known == text)
            .and_then(|at| Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok())
            .ok_or_else(|| D::Error::custom("not a weekday"))
    }
}
