//! The days of a series: `on tue and thu`, `31st`, `15 и 31 числа`, `last friday`, `24.12`.

use jiff::civil::Date;

use super::repeater::kind_of_day;
use crate::cursor::{Cursor, Read};
use crate::error::Reason;
use crate::parse::{Context, date};
use crate::when::{Days, MonthDay, Step, Weekdays, YearDay};
use crate::words;

pub(super) struct On {
    pub(super) days: Which,
    pub(super) preposition: bool,
    /// A series by its form alone: `mondays`, `mon-fri`, `last day`, `31st of every month`.
    pub(super) repeats: bool,
}

pub(super) enum Which {
    Week(Weekdays),
    Month(Vec<MonthDay>),
    Year(Vec<YearDay>),
}

impl Which {
    pub(super) fn days(&self, step: Step) -> Days {
        match self {
            Self::Week(on) => Days::Weekly { step, on: *on },
            Self::Month(on) => Days::Monthly {
                step,
                on: on.clone(),
            },
            Self::Year(on) => Days::Yearly {
                step,
                on: on.clone(),
            },
        }
    }
}

/// `bare`: a number alone is a day of the month.
pub(super) fn read(c: &mut Cursor<'_>, cx: &Context<'_>, bare: bool) -> Read<On> {
    let from = c.at;
    let plural = c.take_word(|word| word == "по");
    let preposition = plural || c.take_word(|word| matches!(word, "on" | "в" | "во" | "на"));
    c.take_word(|word| word == "the");
    let here = c.at;
    if let Some((days, repeats)) = weekdays(c).filter(|_| c.ends()) {
        return Ok(Some(On {
            days: Which::Week(days),
            preposition,
            repeats: repeats || plural,
        }));
    }
    c.at = here;
    if let Some((days, repeats)) = month_days(c, bare).filter(|_| c.ends()) {
        return Ok(Some(On {
            days: Which::Month(days),
            preposition,
            repeats,
        }));
    }
    c.at = here;
    if let Some(days) = year_days(c, cx)? {
        return Ok(Some(On {
            days: Which::Year(days),
            preposition,
            repeats: false,
        }));
    }
    c.at = from;
    Ok(None)
}

fn weekdays(c: &mut Cursor<'_>) -> Option<(Weekdays, bool)> {
    let (mut days, mut repeats) = weekday_item(c)?;
    loop {
        let here = c.at;
        if !c.list_sign() {
            break;
        }
        c.take_word(|word| matches!(word, "on" | "по" | "в" | "во"));
        match weekday_item(c) {
            Some((more, again)) => {
                days = days.and(more);
                repeats |= again;
            }
            None => {
                c.at = here;
                break;
            }
        }
    }
    Some((days, repeats))
}

/// One weekday, a kind of them, or a range, which repeats by its form.
fn weekday_item(c: &mut Cursor<'_>) -> Option<(Weekdays, bool)> {
    if let Some(kind) = kind_of_day(c) {
        return Some(kind);
    }
    if let Some(day) = c.map_word(words::weekdays) {
        return Some((Weekdays::one(day), true));
    }
    let from = c.at;
    let worded = c.take_word(|word| matches!(word, "from" | "с" | "со"));
    let found = c.map_word(words::weekday).and_then(|first| {
        let here = c.at;
        let joined = if worded {
            c.take_word(|word| matches!(word, "to" | "through" | "till" | "по" | "до"))
        } else {
            c.sign('-')
        };
        if joined && let Some(last) = c.map_word(words::weekday) {
            return Some((Weekdays::range(first, last), true));
        }
        c.at = here;
        (!worded).then_some((Weekdays::one(first), false))
    });
    if found.is_none() {
        c.at = from;
    }
    found
}

fn month_days(c: &mut Cursor<'_>, bare: bool) -> Option<(Vec<MonthDay>, bool)> {
    let mut days = Vec::new();
    let mut repeats = false;
    let (at, waiting) = loop {
        c.take_word(|word| word == "the");
        let named = match several_nth(c) {
            Some(several) => {
                days.extend(several);
                true
            }
            None => {
                let (day, named, whole) = month_day(c)?;
                days.push(day);
                repeats |= whole;
                named
            }
        };
        let at = c.at;
        let mut ahead = *c;
        let more = days.len() < 31 && ahead.list_sign();
        ahead.take_word(|word| word == "the");
        if !more || month_day(&mut ahead).is_none() {
            break (at, !named);
        }
        c.list_sign();
    };
    c.at = at;
    // `15 и 31 числа`: the numbers before it wait for the last one's name.
    if waiting && !bare {
        return None;
    }
    // `of the month`, `каждого месяца` belong to it and make it a series.
    let here = c.at;
    let of = c.take_word(|word| word == "of");
    let each = c.take_word(words::every) || of && c.take_word(|word| matches!(word, "the" | "a"));
    if c.take_word(|word| matches!(word, "month" | "месяца")) {
        repeats |= of || each || !repeats;
    } else {
        c.at = here;
    }
    days.sort_unstable_by_key(order);
    days.dedup();
    Some((days, repeats))
}

/// Ascending days, then weekdays by their number, then the last day: one order for one meaning.
fn order(day: &MonthDay) -> (u8, i16, i8) {
    match day {
        MonthDay::Day(day) => (0, i16::from(*day), 0),
        MonthDay::Nth(nth, weekday) => (1, i16::from(*nth), weekday.to_monday_zero_offset()),
        MonthDay::Last => (2, 0, 0),
    }
}

/// `first and third monday`, `1-й и 3-й понедельник`: all of them words, or all of them digits.
fn several_nth(c: &mut Cursor<'_>) -> Option<Vec<MonthDay>> {
    let from = c.at;
    let digits = c.word().is_none();
    let mut all = Vec::new();
    loop {
        let nth = if digits {
            let nth = c.number().and_then(|(nth, _)| i8::try_from(nth).ok());
            nth.filter(|nth| (1..=5).contains(nth) && date::ordinal_end(c))
        } else {
            c.map_word(words::ordinal)
        };
        let Some(nth) = nth else {
            break;
        };
        all.push(nth);
        if let Some(weekday) = c.map_word(words::weekday) {
            let days = all.iter().map(|nth| MonthDay::Nth(*nth, weekday));
            return Some(days.collect());
        }
        if all.len() >= 6 || !c.list_sign() {
            break;
        }
    }
    c.at = from;
    None
}

/// A day, whether it is named as one, and whether it repeats by itself (`last day`).
fn month_day(c: &mut Cursor<'_>) -> Option<(MonthDay, bool, bool)> {
    let from = c.at;
    if let Some((day, digits)) = c.number() {
        let ended = date::ordinal_end(c);
        if ended && let Some(weekday) = c.map_word(words::weekday) {
            if let Ok(nth @ 1..=5) = i8::try_from(day) {
                return Some((MonthDay::Nth(nth, weekday), true, false));
            }
            c.at = from;
            return None;
        }
        let named = c.take_word(|word| matches!(word, "числа" | "число")) || ended;
        let day = u8::try_from(day).ok().filter(|day| (1..=31).contains(day));
        if let (Some(day), 1..=2, true) = (day, digits, c.ends()) {
            return Some((MonthDay::Day(day), named, false));
        }
        c.at = from;
        return None;
    }
    let nth = c.map_word(words::ordinal)?;
    if c.take_word(|word| matches!(word, "day" | "день" | "число")) {
        match nth {
            -1 => return Some((MonthDay::Last, true, true)),
            1 => return Some((MonthDay::Day(1), true, false)),
            _ => {}
        }
    } else if let Some(weekday) = c.map_word(words::weekday) {
        return Some((MonthDay::Nth(nth, weekday), true, false));
    }
    c.at = from;
    None
}

fn year_days(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Vec<YearDay>> {
    let mut days = Vec::new();
    let mut at = c.at;
    while let Some(read) = date::day(c, cx)? {
        let date::DayRef::Yearless { month, day } = read.day else {
            break;
        };
        let (Ok(m), Ok(d)) = (i8::try_from(month), i8::try_from(day)) else {
            break;
        };
        // 2000 was a leap year: 29 February may be meant.
        if Date::new(2000, m, d).is_err() {
            if cx.strict && read.from == cx.start {
                break;
            }
            return Err(c.error(read.from, Reason::NoSuchDate, date::nearest(month, day)));
        }
        days.push(YearDay {
            month: m.unsigned_abs(),
            day: d.unsigned_abs(),
        });
        at = c.at;
        if days.len() >= 31 || !c.list_sign() {
            break;
        }
    }
    c.at = at;
    days.sort_unstable();
    days.dedup();
    Ok((!days.is_empty()).then_some(days))
}
