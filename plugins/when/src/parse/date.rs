//! Dates as people write them. Most become one only beside a time and the present: `monday 10` said
//! on a Monday at 9 is today.

use jiff::civil::Date;
use jiff::civil::Weekday;
use jiff::{Span, ToSpan};

use super::Context;
use crate::cursor::{Cursor, Read};
use crate::error::Reason;
use crate::words::{self, Unit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayRef {
    Fixed(Date),
    /// The next such day on which a time is left.
    Weekday(Weekday),
    /// In this year or a later one.
    Yearless {
        month: u32,
        day: u32,
    },
    /// In this month or a later one.
    OfMonth(u32),
}

/// How much it looks like a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// `24.12`, `31st`, `sat`: beside a time or after `on`.
    Weak,
    /// `friday`: at the beginning or the end of a line.
    Edge,
    /// `tomorrow`, `2026-12-24`
    Sure,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct DayRead {
    pub(crate) day: DayRef,
    pub(crate) look: Look,
    /// Its tokens.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

pub(crate) fn day(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<DayRead> {
    let from = c.at;
    let found = match iso(c, cx)? {
        Some(found) => Some(found),
        None => relative(c, cx)
            .or_else(|| weekday(c, cx))
            .or_else(|| rewind(c, month_first))
            .or_else(|| rewind(c, day_first))
            .map_or_else(|| dotted(c, cx), |found| Ok(Some(found)))?,
    };
    match found {
        Some((day, look)) if c.ends() || time_is_glued(c) => Ok(Some(DayRead {
            day,
            look,
            from,
            to: c.at,
        })),
        _ => {
            c.at = from;
            Ok(None)
        }
    }
}

type Found = Option<(DayRef, Look)>;

fn rewind(c: &mut Cursor<'_>, read: impl FnOnce(&mut Cursor<'_>) -> Found) -> Found {
    let from = c.at;
    let found = read(c);
    if found.is_none() {
        c.at = from;
    }
    found
}

/// `2026-12-24T10:00`
fn time_is_glued(c: &Cursor<'_>) -> bool {
    c.glued() && c.word() == Some("t") && c.line.glued(c.at + 1)
}

fn fixed(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month, day) = (year.try_into(), month.try_into(), day.try_into());
    Date::new(year.ok()?, month.ok()?, day.ok()?).ok()
}

/// A date with its year, or what is wrong with it.
fn full(c: &Cursor<'_>, from: usize, year: u32, month: u32, day: u32) -> Read<(DayRef, Look)> {
    if let Some(date) = fixed(year, month, day) {
        return Ok(Some((DayRef::Fixed(date), Look::Sure)));
    }
    Err(c.error(from, Reason::NoSuchDate, nearest(month, day)))
}

/// The nearest day that exists in every year.
pub(crate) fn nearest(month: u32, day: u32) -> String {
    let month = month.clamp(1, 12);
    let most = match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    format!("{:02}.{month:02}", day.clamp(1, most))
}

fn iso(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<(DayRef, Look)> {
    let from = c.at;
    let mut parts = || {
        let (year, 4) = c.number()? else { return None };
        let sign = if c.peek_sign() == Some('/') { '/' } else { '-' };
        let (month, 1..=2) = c.inner_sign(sign).then(|| c.number()).flatten()? else {
            return None;
        };
        let (day, 1..=2) = c.inner_sign(sign).then(|| c.number()).flatten()? else {
            return None;
        };
        Some((year, month, day))
    };
    match parts() {
        Some((year, month, day)) if c.ends() || time_is_glued(c) => {
            if cx.strict && !(1970..2200).contains(&year) {
                c.at = from;
                return Ok(None);
            }
            full(c, from, year, month, day)
        }
        _ => {
            c.at = from;
            Ok(None)
        }
    }
}

/// `24.12`, `24.12.2026`, `24.12.26`
fn dotted(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<(DayRef, Look)> {
    let from = c.at;
    let mut parts = || {
        let (day, 1..=2) = c.number()? else {
            return None;
        };
        let (month, 1..=2) = c.inner_sign('.').then(|| c.number()).flatten()? else {
            return None;
        };
        let year = if c.inner_sign('.') {
            let year = match c.number()? {
                (year, 4) => year,
                (year, 2) => 2000 + year,
                _ => return None,
            };
            of_the_year(c);
            Some(year)
        } else {
            None
        };
        Some((day, month, year))
    };
    let Some((day, month, year)) = parts().filter(|_| c.ends()) else {
        c.at = from;
        return Ok(None);
    };
    match year {
        // Three numbers with dots may be a version, too; one that is no date is one.
        Some(year) if cx.strict && fixed(year, month, day).is_none() && from == cx.start => {
            c.at = from;
            Ok(None)
        }
        Some(year) => full(c, from, year, month, day),
        None if (1..=31).contains(&day) && (1..=12).contains(&month) => {
            Ok(Some((DayRef::Yearless { month, day }, Look::Weak)))
        }
        // `10.75` is a number, not a wrong date.
        None => {
            c.at = from;
            Ok(None)
        }
    }
}

/// `24 december`, `24th of December 2026`, `24 декабря`, `31st`, `31 числа`
fn day_first(c: &mut Cursor<'_>) -> Found {
    let (day, digits) = c.number()?;
    if digits > 2 || !(1..=31).contains(&day) {
        return None;
    }
    let ended = ordinal_end(c);
    let here = c.at;
    c.take_word(|word| word == "of");
    if let Some(month) = c.map_word(words::month) {
        return Some(with_year(c, month, day));
    }
    c.at = here;
    let russian = !ended && c.take_word(|word| matches!(word, "числа" | "число" | "числу"));
    (ended || russian).then_some((DayRef::OfMonth(day), Look::Weak))
}

/// `december 24`, `Dec 24th, 2026`
fn month_first(c: &mut Cursor<'_>) -> Found {
    let month = c.map_word(words::month)?;
    let (day, 1..=2) = c.number()? else {
        return None;
    };
    ordinal_end(c);
    (1..=31).contains(&day).then(|| with_year(c, month, day))
}

/// The end of an ordinal: `st`, or a dash and `го`.
pub(crate) fn ordinal_end(c: &mut Cursor<'_>) -> bool {
    let from = c.at;
    let glued = c.glued();
    c.inner_sign('-');
    if glued && c.take_word(words::ordinal_end) && (c.ends() || c.peek_sign() == Some('-')) {
        return true;
    }
    c.at = from;
    false
}

fn with_year(c: &mut Cursor<'_>, month: i8, day: u32) -> (DayRef, Look) {
    let month = u32::from(month.unsigned_abs());
    let here = c.at;
    c.sign(',');
    if let Some((year, 4)) = c.number()
        && (c.ends() || c.word() == Some("г"))
        && let Some(date) = fixed(year, month, day)
    {
        of_the_year(c);
        return (DayRef::Fixed(date), Look::Sure);
    }
    c.at = here;
    (DayRef::Yearless { month, day }, Look::Edge)
}

/// `2026 г.`, `2026 года`
fn of_the_year(c: &mut Cursor<'_>) {
    if c.take_word(|word| matches!(word, "г" | "года")) && c.glued() {
        c.sign('.');
    }
}

fn relative(c: &mut Cursor<'_>, cx: &Context<'_>) -> Found {
    let from = c.at;
    let today = cx.now.date();
    let days = c.map_word(|word| {
        Some(match word {
            "today" | "tonight" | "сегодня" => 0,
            "tomorrow" | "tmrw" | "завтра" => 1,
            "послезавтра" => 2,
            _ => return None,
        })
    });
    if let Some(days) = days {
        return ahead(today, days.days());
    }
    if c.take_word(|word| word == "the") | c.take_word(|word| word == "day")
        && c.take_word(|word| word == "after")
        && c.take_word(|word| word == "tomorrow")
    {
        return ahead(today, 2.days());
    }
    c.at = from;
    let which = c.map_word(words::which)?;
    let unit = c.map_word(|word| match word {
        "неделе" => Some(Unit::Week),
        "месяце" => Some(Unit::Month),
        "году" => Some(Unit::Year),
        word => words::unit(word).filter(|_| word.len() > 3),
    });
    let found = match (which, unit) {
        (1, Some(Unit::Week)) => {
            let monday = i64::from(today.weekday().since(Weekday::Monday));
            ahead(today, (7 - monday + day_of_week(c)).days())
        }
        (1, Some(Unit::Month)) => {
            let first = today.last_of_month().tomorrow().ok();
            first.and_then(|first| day_of_month(c, first))
        }
        (1, Some(Unit::Year)) => ahead(today.last_of_year(), 1.days()),
        _ => None,
    };
    if found.is_none() {
        c.at = from;
    }
    found
}

/// `next week on friday`: days after its Monday.
fn day_of_week(c: &mut Cursor<'_>) -> i64 {
    let from = c.at;
    c.take_word(|word| matches!(word, "on" | "в" | "во"));
    let day = c.map_word(words::weekday).filter(|_| c.ends());
    if day.is_none() {
        c.at = from;
    }
    day.map_or(0, |day| i64::from(day.since(Weekday::Monday)))
}

/// `next month on the 5th`; the first, if no day is named or the month has none of that number.
fn day_of_month(c: &mut Cursor<'_>, first: Date) -> Found {
    let from = c.at;
    c.take_word(|word| word == "on");
    c.take_word(|word| word == "the");
    let day = match day_first(c) {
        Some((DayRef::OfMonth(day), _)) if c.ends() => i8::try_from(day).ok(),
        _ => None,
    };
    let date = day.and_then(|day| Date::new(first.year(), first.month(), day).ok());
    if date.is_none() {
        c.at = from;
    }
    Some((DayRef::Fixed(date.unwrap_or(first)), Look::Sure))
}

fn ahead(today: Date, span: Span) -> Found {
    let date = today.checked_add(span).ok()?;
    Some((DayRef::Fixed(date), Look::Sure))
}

/// `fri`, `this fri` (of this week), `next fri` (of the next one; weeks begin on Monday).
fn weekday(c: &mut Cursor<'_>, cx: &Context<'_>) -> Found {
    let from = c.at;
    let which = c.map_word(words::which);
    let begin = c.at;
    let Some(day) = c.map_word(words::weekday) else {
        c.at = from;
        return None;
    };
    let Some(weeks) = which else {
        let word = c.line.word(begin).unwrap_or_default();
        // Words that mean something else, too: `среда` is also an environment.
        let doubtful = matches!(
            word,
            "sat" | "sun" | "wed" | "mon" | "среда" | "среду" | "среды" | "среде"
        );
        let look = if doubtful { Look::Weak } else { Look::Edge };
        return Some((DayRef::Weekday(day), look));
    };
    let today = cx.now.date();
    let monday = i64::from(today.weekday().since(Weekday::Monday));
    let days = weeks * 7 - monday + i64::from(day.since(Weekday::Monday));
    ahead(today, days.days())
}
