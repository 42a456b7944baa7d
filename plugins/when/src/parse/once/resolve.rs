//! From days as they were said to dates: beside their times and the present.

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use super::Entry;
use crate::cursor::Cursor;
use crate::error::{Error, Reason};
use crate::next::resolve::first_valid;
use crate::parse::date::{DayRead, DayRef, nearest};
use crate::parse::{Context, guess};
use crate::when::{Day, Times};

/// The dates that are meant, now that times and the present are known.
pub(super) fn resolve(c: &Cursor<'_>, cx: &Context<'_>, entry: &Entry) -> Result<Vec<Day>, Error> {
    let Some(read) = &entry.times else {
        let default = Times::one(cx.default);
        let days = entry.days.iter().map(|read| {
            let (date, times) = match read.day {
                // The default may be over today; the day is not.
                DayRef::Fixed(date) if date == cx.now.date() => (date, rest_of_today(cx)),
                _ => (date_of(c, cx, read, &default)?, default.clone()),
            };
            Ok(Day { date, times })
        });
        return days.collect();
    };
    if entry.days.is_empty() {
        return Ok(next_times(cx, &read.times));
    }
    let days = entry.days.iter().map(|day| {
        Ok(Day {
            date: date_of(c, cx, day, &read.times)?,
            times: read.times.clone(),
        })
    });
    days.collect()
}

/// The default, else the evening, else the last minute.
fn rest_of_today(cx: &Context<'_>) -> Times {
    let last = Time::constant(23, 59, 0, 0);
    let times = [cx.default, Time::constant(18, 0, 0, 0)];
    let ahead = times
        .into_iter()
        .find(|time| is_ahead(cx, cx.now.date(), *time));
    Times::one(ahead.unwrap_or(last))
}

/// Without a date each time is its next one: today or tomorrow.
fn next_times(cx: &Context<'_>, times: &Times) -> Vec<Day> {
    let days = times.slots().iter().filter_map(|slot| {
        let times = Times::new(vec![*slot]).ok()?;
        let date = next_date(cx, times.last());
        Some(Day { date, times })
    });
    days.collect()
}

fn is_ahead(cx: &Context<'_>, date: Date, time: Time) -> bool {
    first_valid(date.to_datetime(time), cx.now.time_zone())
        .is_some_and(|at| at > cx.now.timestamp())
}

pub(in crate::parse) fn date_of(
    c: &Cursor<'_>,
    cx: &Context<'_>,
    read: &DayRead,
    times: &Times,
) -> Result<Date, Error> {
    let last = times.last();
    let ahead = |date: Date| is_ahead(cx, date, last);
    let error = |reason, example: String| Error {
        span: c.line.span(read.from, read.to),
        reason,
        example,
    };
    let today = cx.now.date();
    match read.day {
        DayRef::Fixed(date) if ahead(date) => Ok(date),
        DayRef::Fixed(date) => {
            let dotted = c
                .line
                .token(read.from)
                .is_some_and(|token| token.is_number());
            let example = if dotted {
                let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
                nearest(u32::from(month), u32::from(day))
            } else {
                guess::tomorrow(c)
            };
            Err(error(Reason::Past, example))
        }
        DayRef::Weekday(weekday) => {
            let days = i64::from(weekday.since(today.weekday()));
            let next = today.checked_add(days.days()).ok();
            next.filter(|date| ahead(*date))
                .or_else(|| today.checked_add((days + 7).days()).ok())
                .ok_or_else(|| error(Reason::TooFar, guess::tomorrow(c)))
        }
        DayRef::Yearless { month, day } => yearless(cx, month, day, ahead)
            .ok_or_else(|| error(Reason::NoSuchDate, nearest(month, day))),
        DayRef::OfMonth(day) => {
            of_month(cx, day, ahead).ok_or_else(|| error(Reason::NoSuchDate, guess::tomorrow(c)))
        }
    }
}

/// This month's or a later one's: of two months in a row one has 31 days.
pub(super) fn of_month(cx: &Context<'_>, day: u32, ahead: impl Fn(Date) -> bool) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    let first = cx.now.date().first_of_month();
    (0..4)
        .filter_map(|months| first.checked_add(months.months()).ok())
        .filter_map(|month| Date::new(month.year(), month.month(), day).ok())
        .find(|date| ahead(*date))
}

/// This year's or a later one's; 29 February may be eight years away.
pub(super) fn yearless(
    cx: &Context<'_>,
    month: u32,
    day: u32,
    ahead: impl Fn(Date) -> bool,
) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let year = cx.now.year();
    (year..=year.saturating_add(8))
        .filter_map(|year| Date::new(year, month, day).ok())
        .find(|date| ahead(*date))
}

/// Today if the time is ahead, else tomorrow.
pub(in crate::parse) fn next_date(cx: &Context<'_>, time: Time) -> Date {
    let today = cx.now.date();
    match today.tomorrow() {
        Ok(tomorrow) if !is_ahead(cx, today, time) => tomorrow,
        _ => today,
    }
}
