//! Single times: a day, a time, both in either order, and lists of these.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

use super::clock::{self, TimesRead, times};
use super::date::{self, DayRead, DayRef, day, nearest};
use super::{Context, Evidence, Phrase, guess};
use crate::cursor::{Cursor, Read};
use crate::error::{Error, Reason};
use crate::next::resolve::first_valid;
use crate::when::{Dates, Day, Slot, Times, When};
use crate::words;

/// More dates than one phrase needs.
const MOST_DAYS: usize = 60;

/// Days and their times; at least one of both is there.
struct Entry {
    days: Vec<DayRead>,
    times: Option<TimesRead>,
    preposition: bool,
}

pub(crate) fn read(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Phrase> {
    let mut entries = Vec::new();
    let mut evidence = Evidence::Weak;
    let begin = c.at;
    let mut at = c.at;
    loop {
        let from = c.at;
        let Some(entry) = entry(c, cx)? else {
            break;
        };
        if let Some(instant) = instant(c, &entry) {
            c.at = c.at.max(from);
            if entries.is_empty() {
                return Ok(Some(Phrase {
                    when: When::Instant(instant),
                    timed: true,
                    evidence: Evidence::Sure,
                    clock_alone: false,
                    end: c.at,
                }));
            }
        }
        if !entries.is_empty() && cx.strict && entry.evidence() < Evidence::Edge {
            break;
        }
        evidence = evidence.max(entry.evidence());
        if entries.len() >= MOST_DAYS {
            return Err(c.error(from, Reason::TooMany, guess::tomorrow(c)));
        }
        entries.push(entry);
        at = c.at;
        if !c.list_sign() {
            break;
        }
    }
    c.at = at;
    if entries.is_empty() {
        return Ok(None);
    }
    let mut days = Vec::new();
    for entry in &entries {
        if cx.strict && entry.evidence() < Evidence::Edge && entry.times.is_none() {
            // A doubtful date may not even be a wrong one.
            return Ok(None);
        }
        days.extend(resolve(c, cx, entry)?);
    }
    let timed = entries.iter().any(|entry| entry.times.is_some());
    let Ok(dates) = Dates::new(days) else {
        return Err(c.error(begin, Reason::TooMany, guess::tomorrow(c)));
    };
    Ok(Some(Phrase {
        when: When::Once(dates),
        timed,
        evidence,
        clock_alone: entries.iter().all(|entry| entry.days.is_empty()),
        end: at,
    }))
}

fn entry(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Entry> {
    let from = c.at;
    if let Some((days, preposition)) = days(c, cx)? {
        let here = c.at;
        c.sign(',');
        c.take_word(|word| word == "t");
        let mut times = times(c, cx, true)?;
        if cx.strict
            && let Some(read) = &times
            && read.look == clock::Look::Bare
            && !(read.preposition || nothing_follows(c))
        {
            times = None;
        }
        if times.is_none() {
            c.at = here;
        }
        return Ok(Some(Entry {
            days,
            times,
            preposition,
        }));
    }
    c.at = from;
    let Some(read) = times(c, cx, false)? else {
        return Ok(None);
    };
    if read.look == clock::Look::Bare && !read.preposition {
        c.at = from;
        return Ok(None);
    }
    let here = c.at;
    if let Some((days, _)) = days(c, cx)? {
        return Ok(Some(Entry {
            days,
            times: Some(read),
            preposition: true,
        }));
    }
    c.at = here;
    let preposition = read.preposition;
    Ok(Some(Entry {
        days: Vec::new(),
        times: Some(read),
        preposition,
    }))
}

/// A bare hour counts where the line or its words end: `tomorrow 9 #ops`.
pub(super) fn nothing_follows(c: &Cursor<'_>) -> bool {
    c.at_end()
        || matches!(
            c.peek_sign(),
            Some('@' | '#' | '!' | '%' | ',' | ';' | '.' | ')')
        )
}

/// One day or a list of them, and whether a preposition stands before it.
fn days(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<(Vec<DayRead>, bool)> {
    let from = c.at;
    let preposition = c.take_word(words::preposition);
    c.take_word(|word| word == "the");
    let Some(first) = day(c, cx)? else {
        c.at = from;
        return Ok(None);
    };
    let mut days = vec![first];
    loop {
        let here = c.at;
        // `Thursday 24 December` is one day, said twice.
        let direct = !c.list_sign();
        let after_weekday =
            matches!(days.last(), Some(last) if matches!(last.day, DayRef::Weekday(_)));
        if !direct {
            c.take_word(words::preposition);
        }
        c.take_word(|word| word == "the");
        let next = if direct && !after_weekday {
            None
        } else {
            day(c, cx)?
        };
        match next {
            Some(next) if days.len() < MOST_DAYS => {
                if let (Some(last), true) = (days.last(), after_weekday)
                    && same_day(cx, last.day, next.day)
                {
                    days.pop();
                } else if direct {
                    return contradiction(c, cx, &days, next).map_or_else(
                        || {
                            c.at = here;
                            Ok(Some((days, preposition)))
                        },
                        Err,
                    );
                }
                days.push(next);
            }
            _ => {
                c.at = here;
                break;
            }
        }
    }
    Ok(Some((days, preposition)))
}

/// `wednesday 17 july` of a year in which it is a Friday: nobody can tell which one is meant.
fn contradiction(
    c: &Cursor<'_>,
    cx: &Context<'_>,
    days: &[DayRead],
    next: DayRead,
) -> Option<Error> {
    let weekday = days.last()?;
    let date = match next.day {
        DayRef::Fixed(_) | DayRef::Yearless { .. } | DayRef::OfMonth(_) if !cx.strict => {
            date_of(c, cx, &next, &Times::one(Time::MAX)).ok()?
        }
        _ => return None,
    };
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    Some(Error {
        span: c.line.span(weekday.from, next.to),
        reason: Reason::NoSuchDate,
        example: nearest(u32::from(month), u32::from(day)),
    })
}

fn same_day(cx: &Context<'_>, weekday: DayRef, date: DayRef) -> bool {
    let DayRef::Weekday(weekday) = weekday else {
        return false;
    };
    let ahead = |date| date >= cx.now.date();
    let date = match date {
        DayRef::Fixed(date) => Some(date),
        DayRef::Yearless { month, day } => yearless(cx, month, day, ahead),
        DayRef::OfMonth(day) => of_month(cx, day, ahead),
        DayRef::Weekday(_) => None,
    };
    date.is_some_and(|date| date.weekday() == weekday)
}

/// `2026-10-25 02:30 +01:00`: a time with its offset is an instant.
fn instant(c: &mut Cursor<'_>, entry: &Entry) -> Option<Timestamp> {
    let ([only], Some(read)) = (entry.days.as_slice(), &entry.times) else {
        return None;
    };
    let (DayRef::Fixed(date), [Slot::At(time)]) = (only.day, read.times.slots()) else {
        return None;
    };
    offset_at(c, date.to_datetime(*time))
}

/// The instant of a wall-clock time, if its offset follows.
pub(super) fn offset_at(c: &mut Cursor<'_>, at: DateTime) -> Option<Timestamp> {
    let from = c.at;
    let offset = offset(c).filter(|_| c.ends());
    if offset.is_none() {
        c.at = from;
    }
    offset?.to_timestamp(at).ok()
}

/// Today if the time is ahead, else tomorrow.
pub(super) fn next_date(cx: &Context<'_>, time: Time) -> Date {
    let today = cx.now.date();
    match today.tomorrow() {
        Ok(tomorrow) if !is_ahead(cx, today, time) => tomorrow,
        _ => today,
    }
}

fn offset(c: &mut Cursor<'_>) -> Option<Offset> {
    if c.glued() && c.take_word(|word| word == "z") {
        return Some(Offset::UTC);
    }
    let sign = if c.sign('+') {
        1
    } else if c.sign('-') {
        -1
    } else {
        return None;
    };
    let (hours, 2) = c.number().filter(|_| c.glued())? else {
        return None;
    };
    let (minutes, 2) = c.inner_sign(':').then(|| c.number()).flatten()? else {
        return None;
    };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (hours <= 14 && minutes < 60).then(|| Offset::from_seconds(sign * seconds).ok())?
}

impl Entry {
    fn evidence(&self) -> Evidence {
        let day = self.days.iter().map(|day| day.look).max();
        let time = self.times.as_ref().map(|read| read.look);
        match (day, time) {
            (Some(_), Some(_)) | (Some(date::Look::Sure), None) => Evidence::Sure,
            (Some(_), None) if self.preposition => Evidence::Sure,
            (Some(date::Look::Edge), None) => Evidence::Edge,
            (None, Some(clock::Look::Sure)) => Evidence::Sure,
            (None, Some(clock::Look::Clock | clock::Look::Part)) if self.preposition => {
                Evidence::Sure
            }
            (None, Some(clock::Look::Clock)) => Evidence::Edge,
            _ => Evidence::Weak,
        }
    }
}

/// The dates that are meant, now that times and the present are known.
fn resolve(c: &Cursor<'_>, cx: &Context<'_>, entry: &Entry) -> Result<Vec<Day>, Error> {
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

pub(super) fn date_of(
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
fn of_month(cx: &Context<'_>, day: u32, ahead: impl Fn(Date) -> bool) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    let first = cx.now.date().first_of_month();
    (0..4)
        .filter_map(|months| first.checked_add(months.months()).ok())
        .filter_map(|month| Date::new(month.year(), month.month(), day).ok())
        .find(|date| ahead(*date))
}

/// This year's or a later one's; 29 February may be eight years away.
fn yearless(cx: &Context<'_>, month: u32, day: u32, ahead: impl Fn(Date) -> bool) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let year = cx.now.year();
    (year..=year.saturating_add(8))
        .filter_map(|year| Date::new(year, month, day).ok())
        .find(|date| ahead(*date))
}
