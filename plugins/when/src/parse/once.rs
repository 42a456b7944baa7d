//! Single times: a day, a time, both in either order, and lists of these.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::Offset;

use super::clock::{self, TimesRead, times};
use super::date::{self, DayRead, DayRef, day, nearest};
use super::{Context, Evidence, Phrase, guess};
use crate::cursor::{Cursor, Read};
use crate::error::{Error, Reason};
use crate::when::{Dates, Slot, Times, When};
use crate::words;

mod resolve;

pub(super) use resolve::{date_of, next_date};
use resolve::{of_month, resolve, yearless};

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
        // A single time with its offset; in a list the offset stays outside the phrase.
        if entries.is_empty()
            && let Some(instant) = instant(c, &entry)
        {
            return Ok(Some(Phrase {
                when: When::Instant(instant),
                timed: true,
                evidence: Evidence::Sure,
                clock_alone: false,
                end: c.at,
            }));
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
