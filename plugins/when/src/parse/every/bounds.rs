//! The bounds of a series: `from 1.09`, `until 31 december`, `×5`.

use std::num::NonZeroU32;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::anchor;
use crate::cursor::{Cursor, Read};
use crate::error::{Error, Reason};
use crate::next::resolve::first_valid;
use crate::parse::date::{self, DayRead, DayRef};
use crate::parse::{Context, clock, guess, once};
use crate::when::{Every, Rule, Step, Times};
use crate::words;

/// Counted by walking there: as many as that takes no time.
const MOST_TIMES: u32 = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Bounds {
    from: Option<From>,
    until: Option<DateTime>,
    count: Option<NonZeroU32>,
}

#[derive(Debug, Clone, Copy)]
enum From {
    Wall(DateTime),
    /// With its offset, as an interval is printed.
    Instant(Timestamp),
}

/// From where the first time is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start {
    /// This wall-clock time or later.
    Wall(DateTime),
    /// Later than this.
    After(Timestamp),
}

impl Bounds {
    pub(crate) fn is_empty(&self) -> bool {
        self.from.is_none() && self.until.is_none() && self.count.is_none()
    }

    /// Reads one bound; `open`: the times of the day are still to come, so a time after the date
    /// is one of these.
    pub(crate) fn read(
        &mut self,
        c: &mut Cursor<'_>,
        cx: &Context<'_>,
        open: bool,
    ) -> Result<bool, Error> {
        let here = c.at;
        if self.count.is_none() && self.count(c)? {
            return Ok(true);
        }
        c.at = here;
        if self.from.is_none() && from_word(c) {
            if let Some((date, time, _)) = moment(c, cx, open)? {
                let at = date.to_datetime(time.unwrap_or(Time::MIN));
                let instant = time.and_then(|_| once::offset_at(c, at));
                self.from = Some(instant.map_or(From::Wall(at), From::Instant));
                return Ok(true);
            }
            // `every 2 hours from 9:00`
            if let Some((time, _)) = clock(c, cx, true, true)?.filter(|_| c.ends()) {
                let date = once::next_date(cx, time);
                self.from = Some(From::Wall(date.to_datetime(time)));
                return Ok(true);
            }
        }
        c.at = here;
        if self.until.is_none() && c.take_word(words::until) {
            c.take_word(|word| matches!(word, "the" | "including" | "включительно"));
            if let Some((date, time, from)) = moment(c, cx, false)? {
                // The whole day counts, and the whole minute.
                let at = date.to_datetime(time.unwrap_or(END_OF_DAY));
                if first_valid(at, cx.now.time_zone()).is_none_or(|at| at <= cx.now.timestamp()) {
                    return Err(c.error(from, Reason::Past, guess::tomorrow(c)));
                }
                self.until = Some(at);
                return Ok(true);
            }
            if let Some((time, _)) = clock(c, cx, true, true)?.filter(|_| c.ends()) {
                self.until = Some(once::next_date(cx, time).to_datetime(time));
                return Ok(true);
            }
        }
        c.at = here;
        Ok(false)
    }

    /// `×5`, `x5`, `5 times`, `5 раз`
    fn count(&mut self, c: &mut Cursor<'_>) -> Result<bool, Error> {
        let from = c.at;
        let sign = c.sign('×') || c.take_word(|word| matches!(word, "x" | "х"));
        if sign && !c.glued() {
            return Ok(false);
        }
        let Some((count, _)) = c.number() else {
            return Ok(false);
        };
        if !sign && !c.take_word(|word| matches!(word, "times" | "раз" | "раза")) || !c.ends()
        {
            return Ok(false);
        }
        let Some(count) = NonZeroU32::new(count) else {
            return Err(c.error(from, Reason::Zero, guess::every_day(c) + " ×1"));
        };
        if count.get() > MOST_TIMES {
            let example = format!("{} ×{MOST_TIMES}", guess::every_day(c));
            return Err(c.error(from, Reason::TooMany, example));
        }
        self.count = Some(count);
        Ok(true)
    }

    /// Sets the bounds, and the anchor if something is counted from it.
    pub(crate) fn apply(
        &self,
        c: &Cursor<'_>,
        cx: &Context<'_>,
        every: &mut Every,
        step: Step,
    ) -> Result<(), Error> {
        every.until = self.until;
        every.count = self.count;
        let zone = cx.now.time_zone();
        if let Rule::Interval { first, .. } = &mut every.rule {
            let from = match self.from {
                Some(From::Instant(at)) => Some(at),
                // A date alone begins like other days.
                Some(From::Wall(at)) if at.time() == Time::MIN => {
                    first_valid(at.date().to_datetime(cx.default), zone)
                }
                Some(From::Wall(at)) => first_valid(at, zone),
                None => None,
            };
            *first = from.unwrap_or(*first);
            return Ok(());
        }
        let said = self.from.map(|from| match from {
            From::Wall(at) => at,
            From::Instant(at) => zone.to_datetime(at),
        });
        every.from = said;
        if step.get() > 1 || self.count.is_some() {
            every.from = anchor(cx, &every.rule, said);
            if every.from.is_none() {
                return Err(c.error(cx.start, Reason::Never, guess::every_day(c)));
            }
        }
        Ok(())
    }
}

const END_OF_DAY: Time = Time::constant(23, 59, 59, 0);

fn from_word(c: &mut Cursor<'_>) -> bool {
    c.take_word(|word| word == "начиная");
    if c.take_word(|word| word == "starting") {
        c.take_word(|word| matches!(word, "from" | "on" | "at"));
        return true;
    }
    c.take_word(|word| matches!(word, "from" | "since" | "с" | "со"))
}

/// A date, its time if one follows, and where it begins.
fn moment(c: &mut Cursor<'_>, cx: &Context<'_>, open: bool) -> Read<(Date, Option<Time>, usize)> {
    c.take_word(|word| word == "the");
    let from = c.at;
    let Some(read) = date::day(c, cx)? else {
        return Ok(None);
    };
    let date = date_of(c, cx, &read)?;
    let here = c.at;
    if !open {
        c.take_word(|word| matches!(word, "at" | "в" | "во"));
        if let Some((time, _)) = clock(c, cx, true, true)?.filter(|_| c.ends() || offset_comes(c)) {
            return Ok(Some((date, Some(time), from)));
        }
    }
    c.at = here;
    Ok(Some((date, None, from)))
}

fn offset_comes(c: &Cursor<'_>) -> bool {
    matches!(c.peek_sign(), Some('+' | '-'))
}

/// Unlike a single date this may be over: a series may have begun.
fn date_of(c: &Cursor<'_>, cx: &Context<'_>, read: &DayRead) -> Result<Date, Error> {
    match read.day {
        DayRef::Fixed(date) => Ok(date),
        _ => once::date_of(c, cx, read, &Times::one(END_OF_DAY)),
    }
}

/// The first time of an interval that begins now.
pub(crate) fn after_now(cx: &Context<'_>, seconds: NonZeroU32) -> Option<Timestamp> {
    let now = Timestamp::from_second(cx.now.timestamp().as_second()).ok()?;
    now.checked_add(SignedDuration::from_secs(i64::from(seconds.get())))
        .ok()
}
