//! A day at one place and its time at another: `tomorrow call Ann at 17:00`.

use std::ops::Range;

use super::{Context, Phrase, phrase};
use crate::cursor::Read;
use crate::error::Error;
use crate::lex::{Lexed, lex};
use crate::when::When;

/// Whether one of them lacks what the other is: a day (or a series) without a time, a time alone.
pub(crate) fn belong_together(one: &Phrase, other: &Phrase) -> bool {
    let lacks_time = |phrase: &Phrase| !phrase.timed && !matches!(phrase.when, When::Instant(_));
    (lacks_time(one) && other.clock_alone) || (one.clock_alone && lacks_time(other))
}

/// Reads both as one phrase, the day first. An error keeps its place in the line.
pub(crate) fn join(
    line: &Lexed<'_>,
    cx: &Context<'_>,
    (one, first): (Range<usize>, &Phrase),
    other: Range<usize>,
) -> Read<Phrase> {
    let (day, time) = if first.clock_alone {
        (other, one)
    } else {
        (one, other)
    };
    let (Some(day_text), Some(time_text)) =
        (line.text.get(day.clone()), line.text.get(time.clone()))
    else {
        return Ok(None);
    };
    let both = format!("{day_text} {time_text}");
    let joined = lex(&both);
    let mut cx = Context {
        now: cx.now,
        default: cx.default,
        strict: false,
        start: 0,
    };
    match phrase(&joined, &mut cx, 0) {
        Ok(Some(phrase)) if phrase.end == joined.len() && phrase.timed => Ok(Some(phrase)),
        Ok(_) => Ok(None),
        Err(error) if error.reason.is_about_a_time() => {
            let gap = day_text.len() + 1;
            let span = if error.span.start < gap { day } else { time };
            Err(Error { span, ..error })
        }
        Err(_) => Ok(None),
    }
}
