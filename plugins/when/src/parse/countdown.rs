//! From now on: `in 1h30m`, `через 2 дня в 18:00`.

use jiff::civil::{Date, Time};
use jiff::{Span, Timestamp, Zoned};

use super::clock::times;
use super::duration::{Length, length};
use super::{Context, Evidence, Phrase};
use crate::cursor::{Cursor, Read};
use crate::error::Reason;
use crate::when::{Dates, Day, When};

pub(crate) fn read(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Phrase> {
    let from = c.at;
    let russian = c.take_word(|word| word == "через");
    let worded = russian || c.take_word(|word| word == "in");
    // `30m tea`: at the very beginning and in one piece, otherwise it is a length of cable.
    if !worded && (cx.strict || c.at > 0 || !c.line.glued(c.at + 1)) {
        return Ok(None);
    }
    let begin = c.at;
    let Some(length) = length(c, russian)? else {
        return Ok(None);
    };
    let example = || {
        let text = if c.russian() {
            "через 1 минуту"
        } else {
            "in 1 minute"
        };
        text.to_owned()
    };
    if length.is_zero() {
        return Err(c.error(begin, Reason::Zero, example()));
    }
    let too_far = c.error(begin, Reason::TooFar, example());
    let mut timed = length.seconds > 0;
    let when = if length.seconds > 0 {
        later(cx.now, &length).map(When::Instant)
    } else {
        date_later(cx.now.date(), &length).and_then(|date| {
            let here = c.at;
            match times(c, cx, true) {
                Ok(Some(read)) if !cx.strict || read.look > super::clock::Look::Bare => {
                    timed = true;
                    let times = read.times;
                    Dates::new(vec![Day { date, times }]).ok().map(When::Once)
                }
                _ => {
                    c.at = here;
                    Some(When::at(date.to_datetime(minute(cx.now))))
                }
            }
        })
    };
    let Some(when) = when else {
        return Err(too_far);
    };
    let end = c.at;
    c.at = from;
    Ok(Some(Phrase {
        when,
        timed,
        evidence: Evidence::Sure,
        clock_alone: false,
        end,
    }))
}

/// Days by the calendar first, then seconds by real time.
pub(crate) fn later(start: &Zoned, length: &Length) -> Option<Timestamp> {
    let date = date_later(start.date(), length)?;
    let at = if date == start.date() {
        start.timestamp()
    } else {
        let at = date.to_datetime(start.time());
        crate::next::resolve::first_valid(at, start.time_zone())?
    };
    let second = at.as_second().checked_add(i64::from(length.seconds))?;
    Timestamp::from_second(second).ok()
}

pub(crate) fn date_later(date: Date, length: &Length) -> Option<Date> {
    let span = Span::new().try_months(i64::from(length.months)).ok()?;
    date.checked_add(span.try_days(i64::from(length.days)).ok()?)
        .ok()
}

fn minute(now: &Zoned) -> Time {
    let time = now.time();
    Time::new(time.hour(), time.minute(), 0, 0).unwrap_or(Time::MIN)
}
