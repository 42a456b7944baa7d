//! The first day on or after a date that a rule names.

use jiff::civil::{Date, Weekday, date};
use jiff::{Span, ToSpan};

use crate::cron::Cron;
use crate::when::{Days, MonthDay, Rule, Weekdays, YearDay};

/// Steps without a start count from here: a Monday, the first of a month.
const EPOCH: Date = date(2001, 1, 1);

/// Months or years without the day that a rule wants (`5th monday`, 29 February) are passed over;
/// more of them in a row than any calendar has mean that there is none.
const MOST_EMPTY: usize = 5_000;

pub(crate) fn next_day(rule: &Rule, from: Option<Date>, least: Date) -> Option<Date> {
    let least = from.map_or(least, |from| least.max(from));
    let base = from.unwrap_or(EPOCH);
    match rule {
        Rule::Interval { .. } => None,
        Rule::Cron(cron) => cron_day(cron, least),
        Rule::Calendar { days, .. } => match days {
            Days::Daily { step } => {
                let off = ahead(days_between(base, least), step.get());
                least.checked_add(Span::new().try_days(off).ok()?).ok()
            }
            Days::Weekly { step, on } => weekly(step.get(), *on, base, least),
            Days::Monthly { step, on } => monthly(step.get(), on, base, least),
            Days::Yearly { step, on } => yearly(step.get(), on, base, least),
        },
    }
}

pub(super) fn cron_day(cron: &Cron, least: Date) -> Option<Date> {
    let mut date = least;
    for _ in 0..MOST_EMPTY * 4 {
        if cron.on(date) {
            return Some(date);
        }
        date = if cron.has_month(date) {
            date.tomorrow().ok()?
        } else {
            date.last_of_month().tomorrow().ok()?
        };
    }
    None
}

/// How many more until a multiple of the step.
fn ahead(passed: i64, step: u16) -> i64 {
    (-passed).rem_euclid(i64::from(step))
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn weekly(step: u16, on: Weekdays, base: Date, least: Date) -> Option<Date> {
    let monday = |date: Date| {
        let back = date.weekday().since(Weekday::Monday);
        date.checked_sub(i64::from(back).days()).ok()
    };
    let this = monday(least)?;
    let weeks = days_between(monday(base)?, this) / 7;
    let week = this.checked_add(Span::new().try_weeks(ahead(weeks, step)).ok()?);
    let in_week = |monday: Date| {
        let mut days = monday.series(1.day()).take(7);
        days.find(|date| *date >= least && on.has(date.weekday()))
    };
    let week = week.ok()?;
    in_week(week).or_else(|| in_week(week.checked_add(i64::from(step).weeks()).ok()?))
}

fn monthly(step: u16, on: &[MonthDay], base: Date, least: Date) -> Option<Date> {
    let number = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
    let mut month = number(least);
    month += ahead(month - number(base), step);
    for _ in 0..MOST_EMPTY {
        let year = i16::try_from(month.div_euclid(12)).ok()?;
        let first = i8::try_from(month.rem_euclid(12) + 1).ok()?;
        let first = Date::new(year, first, 1).ok()?;
        let days = on.iter().filter_map(|day| in_month(*day, first));
        if let Some(day) = days.filter(|date| *date >= least).min() {
            return Some(day);
        }
        month += i64::from(step);
    }
    None
}

fn in_month(day: MonthDay, first: Date) -> Option<Date> {
    match day {
        MonthDay::Day(day) => Some(clamped(first, day)),
        MonthDay::Last => Some(first.last_of_month()),
        MonthDay::Nth(nth, weekday) => first.nth_weekday_of_month(nth, weekday).ok(),
    }
}

fn clamped(first: Date, day: u8) -> Date {
    let day = i8::try_from(day).map_or(i8::MAX, |day| day.max(1));
    let day = day.min(first.days_in_month());
    Date::new(first.year(), first.month(), day).unwrap_or(first)
}

fn yearly(step: u16, on: &[YearDay], base: Date, least: Date) -> Option<Date> {
    let mut year = i64::from(least.year());
    year += ahead(year - i64::from(base.year()), step);
    for _ in 0..MOST_EMPTY {
        let this = i16::try_from(year).ok()?;
        let days = on.iter().filter_map(|on| {
            let first = Date::new(this, i8::try_from(on.month).ok()?, 1).ok()?;
            Some(clamped(first, on.day))
        });
        if let Some(day) = days.filter(|date| *date >= least).min() {
            return Some(day);
        }
        year += i64::from(step);
    }
    None
}
