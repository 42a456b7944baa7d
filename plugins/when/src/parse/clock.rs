//! Times of a day: `17:00`, `5pm`, `в 9 вечера`, lists and windows of them.

use jiff::civil::Time;

use super::duration::length;
use super::{Context, once};
use crate::cursor::{Cursor, Read};
use crate::error::{Error, Reason};
use crate::print;
use crate::when::{Slot, Times};
use crate::words;

/// How much what was read looks like a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// A bare number: only beside a date, or after `at`.
    Bare,
    /// `morning`: only where no other word could be meant.
    Part,
    /// 17:00, which may also be a score or a ratio.
    Clock,
    /// `5pm`, `в 9 вечера`, a window with its step.
    Sure,
}

#[derive(Debug, Clone)]
pub(crate) struct TimesRead {
    pub(crate) times: Times,
    /// Of its first time.
    pub(crate) look: Look,
    /// It began with `at`, `в` …
    pub(crate) preposition: bool,
}

/// A list of times and windows.
pub(crate) fn times(c: &mut Cursor<'_>, cx: &Context<'_>, beside_day: bool) -> Read<TimesRead> {
    let from = c.at;
    let mut slots = Vec::new();
    let mut first: Option<(Look, bool)> = None;
    let mut at = c.at;
    loop {
        // After a comma `until 17.07` is no time of the list any more.
        let preposition = match first {
            None => c.take_word(words::preposition),
            Some(_) => c.take_word(|word| matches!(word, "at" | "в" | "во")),
        };
        let begin = c.at;
        // `в 8, 14 и 20 часов`: the preposition counts for all.
        let after_at = preposition || matches!(first, Some((_, true)));
        let near = preposition || beside_day && slots.is_empty();
        let Some((slot, look)) = slot(c, cx, after_at, near)? else {
            break;
        };
        if first.is_some() && look == Look::Bare && cx.strict && !list_goes_on(c) {
            break;
        }
        if slots.len() >= crate::when::MOST_SLOTS {
            return Err(c.error(begin, Reason::TooMany, "9:00, 13:00"));
        }
        slots.push(slot);
        first = first.or(Some((look, preposition)));
        at = c.at;
        if !c.list_sign() {
            break;
        }
    }
    c.at = at;
    let Some((look, preposition)) = first else {
        c.at = from;
        return Ok(None);
    };
    match Times::new(slots) {
        Ok(times) => Ok(Some(TimesRead {
            times,
            look,
            preposition,
        })),
        Err(_) => Err(c.error(from, Reason::TooMany, "9:00, 13:00")),
    }
}

/// A bare number in a list inside a line is an hour where the list goes on or the words end.
fn list_goes_on(c: &Cursor<'_>) -> bool {
    once::nothing_follows(c) || c.word().is_some_and(|word| matches!(word, "and" | "и"))
}

fn slot(c: &mut Cursor<'_>, cx: &Context<'_>, after_at: bool, near: bool) -> Read<(Slot, Look)> {
    if let Some(window) = window(c, cx)? {
        return Ok(Some((window, Look::Sure)));
    }
    let from = c.at;
    let Some((time, look)) = clock(c, cx, after_at, near)? else {
        return Ok(None);
    };
    if near && !cx.strict && c.peek_sign() == Some('-') && c.glued() {
        c.at = from;
        if let Some((first, last)) = range(c, cx)?.filter(|_| c.ends()) {
            if first >= last {
                return Err(reversed(c, from, first, last));
            }
            let example = format!("{}/1h", c.text_from(from));
            return Err(c.error(from, Reason::NoStep, example));
        }
        c.at = from;
        return Ok(None);
    }
    let complete = c.ends() || (c.line.glued(from) && offset_follows(c));
    if !complete {
        c.at = from;
        return Ok(None);
    }
    if look == Look::Part
        && let Some(exact) = exact_in_part(c, cx, time)?
    {
        return Ok(Some((Slot::At(exact), Look::Clock)));
    }
    Ok(Some((Slot::At(time), look)))
}

/// `evening at 8`: the clock time that is meant by both.
fn exact_in_part(c: &mut Cursor<'_>, cx: &Context<'_>, part: Time) -> Read<Time> {
    let from = c.at;
    let preposition = c.take_word(|word| matches!(word, "at" | "в"));
    if preposition
        && let Some((time, look)) = clock(c, cx, true, true)?
        && look != Look::Part
        && c.ends()
    {
        let later = part.hour() > 12 && time.hour() < 12;
        let hours = if later { time.hour() + 12 } else { time.hour() };
        return Ok(Time::new(hours, time.minute(), time.second(), 0).ok());
    }
    c.at = from;
    Ok(None)
}

/// `T10:00+02:00`, `T10:00Z`: only where the date stands before it without white space, for
/// `10:00-12:00` is a range.
fn offset_follows(c: &Cursor<'_>) -> bool {
    matches!(c.peek_sign(), Some('+' | '-')) || c.word() == Some("z")
}

/// `10-18/1h30m`, `from 10 to 18 every 90 min`, `с 10 до 18 каждые полчаса`.
fn window(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Slot> {
    let from = c.at;
    let Some((first, last)) = range(c, cx)? else {
        return Ok(None);
    };
    let range_text = c.text_from(from);
    let range_end = c.at;
    let slashed = c.sign('/');
    if !slashed && !c.take_word(words::every) {
        c.at = from;
        return Ok(None);
    }
    let step_from = c.at;
    let Some(step) = length(c, !slashed)? else {
        c.at = from;
        return Ok(None);
    };
    if !c.ends() || step.months > 0 || step.days > 0 {
        c.at = from;
        return Ok(None);
    }
    // Before its step, for the example about a step repeats the range.
    if first >= last {
        let mut whole = *c;
        whole.at = range_end;
        return Err(reversed(&whole, from, first, last));
    }
    let at_step = |reason| {
        let every = c.line.text.get(c.line.span(range_end, step_from));
        let minute = if c.russian() {
            "1 минуту"
        } else {
            "1 minute"
        };
        let minute = if slashed { "1m" } else { minute };
        let gap = if slashed { "" } else { " " };
        let example = format!(
            "{range_text}{gap}{}{gap}{minute}",
            every.unwrap_or("/").trim()
        );
        c.error(step_from, reason, example)
    };
    if step.seconds == 0 {
        return Err(at_step(Reason::Zero));
    }
    if step.seconds < crate::when::SHORTEST_S {
        return Err(at_step(Reason::TooShort));
    }
    Ok(Some(Slot::Window {
        from: first,
        to: last,
        step_s: step.seconds,
    }))
}

/// The range the other way round, or to the day's end if it has no length.
fn reversed(c: &Cursor<'_>, from: usize, first: Time, last: Time) -> Error {
    let end_of_day = Time::constant(23, 59, 0, 0);
    let (low, high) = match first == last {
        true if first < end_of_day => (first, end_of_day),
        true => (Time::MIN, end_of_day),
        false => (last, first),
    };
    let (low, high) = (print::clock(low), print::clock(high));
    c.error(from, Reason::Reversed, format!("{low}-{high}/1h"))
}

/// Two times with a dash, or `from … to`. Both may be bare hours.
pub(crate) fn range(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<(Time, Time)> {
    let from = c.at;
    let worded = c.take_word(|word| matches!(word, "from" | "between" | "с" | "со"));
    if let Some((first, _)) = clock(c, cx, worded, false)? {
        let joined = if worded {
            c.take_word(|word| matches!(word, "to" | "till" | "until" | "and" | "до" | "по"))
        } else {
            c.sign('-')
        };
        if joined && let Some((last, _)) = clock(c, cx, worded, false)? {
            return Ok(Some((first, last)));
        }
    }
    c.at = from;
    Ok(None)
}

/// One time. It may be followed by anything: whoever asked looks at that.
pub(crate) fn clock(
    c: &mut Cursor<'_>,
    cx: &Context<'_>,
    after_at: bool,
    near: bool,
) -> Read<(Time, Look)> {
    let from = c.at;
    if let Some(hour) = c.map_word(words::day_part) {
        return Ok(Time::new(hour, 0, 0, 0).ok().map(|time| (time, Look::Part)));
    }
    let Some((hour, digits)) = c.number() else {
        return Ok(None);
    };
    let (mut minute, mut second, mut look) = (0, 0, Look::Bare);
    let colon = digits <= 2 && two_digits_follow(c, ':');
    if colon || (digits <= 2 && near && two_digits_follow(c, '.') && !date_follows(c)) {
        c.at += 1;
        minute = c.number().map_or(0, |(minute, _)| minute);
        look = Look::Clock;
        if colon && two_digits_follow(c, ':') {
            c.at += 1;
            second = c.number().map_or(0, |(second, _)| second);
        }
    } else if after_at && hour <= 24 {
        // `в 9 часов`, `к 9 ч 30 мин`
        let before = c.at;
        if c.take_word(|word| matches!(word, "час" | "часа" | "часов" | "ч")) {
            look = Look::Sure;
            let here = c.at;
            match c.number() {
                Some((value, _))
                    if c.take_word(|word| {
                        matches!(word, "мин" | "минут" | "минуты" | "минуту" | "м")
                    }) =>
                {
                    minute = value;
                }
                _ => c.at = here,
            }
            if !c.ends() {
                c.at = before;
                look = Look::Bare;
            }
        }
    }
    // `2 дня` alone is two days, `2 ночи` two nights.
    let half = half_of_day(c, near || look > Look::Bare);
    let hour = match half {
        _ if digits > 2 => None,
        Some(half) => in_half(hour, half),
        None => Some(hour),
    };
    if half.is_some() {
        look = Look::Sure;
    }
    // A number with a unit is an amount, with a month a date, with `times` a count.
    if look == Look::Bare && c.word().is_some_and(means_an_amount) {
        c.at = from;
        return Ok(None);
    }
    let part = |value: u32| i8::try_from(value).ok();
    let time = hour.and_then(|hour| Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok());
    match time {
        Some(time) => Ok(Some((time, look))),
        None if look == Look::Bare || (cx.strict && from == cx.start) => {
            c.at = from;
            Ok(None)
        }
        None => {
            let hour = hour.unwrap_or(12).min(23);
            let example = format!("{hour:02}:{:02}", minute.min(59));
            Err(c.error(from, Reason::NoSuchTime, example))
        }
    }
}

fn means_an_amount(word: &str) -> bool {
    // A single letter would stick to its number; alone it is a preposition (`в 9 с 1 августа`).
    words::unit(word).is_some() && word.chars().count() > 1
        || words::month(word).is_some()
        || matches!(word, "times" | "раз" | "раза" | "числа" | "число" | "of")
}

fn two_digits_follow(c: &Cursor<'_>, sign: char) -> bool {
    let mut c = *c;
    c.inner_sign(sign) && c.number().is_some_and(|(_, digits)| digits == 2)
}

/// `24.12.2026`: the second dot makes it a date.
fn date_follows(c: &Cursor<'_>) -> bool {
    let mut c = *c;
    c.inner_sign('.') && c.number().is_some() && c.inner_sign('.')
}

#[derive(Debug, Clone, Copy)]
enum Half {
    Am,
    Pm,
    /// `12 ночи` is midnight, `3 ночи` is 3:00.
    Night,
}

fn half_of_day(c: &mut Cursor<'_>, sure: bool) -> Option<Half> {
    c.map_word(|word| {
        Some(match word {
            "am" | "утра" => Half::Am,
            "pm" => Half::Pm,
            "дня" | "вечера" if sure => Half::Pm,
            "ночи" if sure => Half::Night,
            _ => return None,
        })
    })
}

fn in_half(hour: u32, half: Half) -> Option<u32> {
    match (half, hour) {
        (Half::Am | Half::Night, 12) => Some(0),
        (Half::Pm, 12) => Some(12),
        (Half::Night, 9..=11) => Some(hour + 12),
        (Half::Am | Half::Night, 0..=11) => Some(hour),
        (Half::Pm, 1..=11) => Some(hour + 12),
        // `18:00 вечера` says it twice.
        (Half::Pm, 13..=23) => Some(hour),
        _ => None,
    }
}
