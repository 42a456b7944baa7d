//! The part that makes it a series: `every 2 weeks`, `daily`, `mondays`, `mon-fri`, `last day`.

use std::num::NonZeroU32;

use jiff::civil::Time;

use super::on::{self, Which};
use crate::cursor::{Cursor, Read};
use crate::error::{Error, Reason};
use crate::parse::{Context, date, guess, length};
use crate::when::{SHORTEST_S, Step, Weekdays};
use crate::words::{self, Unit};

pub(super) struct Repeater {
    pub(super) what: What,
    pub(super) step: Step,
    /// `every morning`
    pub(super) part: Option<Time>,
    /// Not a mere `daily`, which also stands before nouns.
    pub(super) certain: bool,
}

pub(super) enum What {
    Interval(NonZeroU32),
    /// Day, week, month or year; the days may come apart from it.
    Unit(Unit),
    On(Which),
}

/// The longest step: 1,000 days, weeks, months or years.
const MOST_STEP: u32 = 1_000;

pub(super) fn read(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Repeater> {
    let from = c.at;
    if let Some(unit) = c.map_word(adverb) {
        if !c.ends() {
            c.at = from;
            return Ok(None);
        }
        let what = match unit {
            Unit::Hour => What::Interval(NonZeroU32::MIN.saturating_add(3_599)),
            unit => What::Unit(unit),
        };
        return Ok(Some(plain(what, Step::MIN, false)));
    }
    if every(c) {
        return after_every(c, cx);
    }
    c.at = from;
    // Days that repeat by their form: `mondays`, `пн-пт`, `по средам`, `last day`.
    let on = on::read(c, cx, false)?.filter(|on| on.repeats);
    Ok(on.map(|on| {
        let certain = !matches!(on.days, Which::Month(_));
        plain(What::On(on.days), Step::MIN, certain)
    }))
}

fn plain(what: What, step: Step, certain: bool) -> Repeater {
    Repeater {
        what,
        step,
        part: None,
        certain,
    }
}

fn every(c: &mut Cursor<'_>) -> bool {
    let from = c.at;
    if c.take_word(words::every) {
        return true;
    }
    let found = c.take_word(|word| word == "раз") && c.take_word(|word| word == "в")
        || c.take_word(|word| word == "once")
            && c.word().is_some_and(|word| matches!(word, "a" | "every"));
    if !found {
        c.at = from;
    } else if c.word() == Some("every") {
        c.at += 1;
    }
    found
}

fn after_every(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Repeater> {
    let here = c.at;
    if let Some(hour) = c.map_word(words::day_part).filter(|_| c.ends()) {
        let part = Time::new(hour, 0, 0, 0).ok();
        let mut repeater = plain(What::Unit(Unit::Day), Step::MIN, true);
        repeater.part = part;
        return Ok(Some(repeater));
    }
    c.at = here;
    if let Some(unit) = second_unit(c) {
        return Ok(Some(plain(What::Unit(unit), two(), true)));
    }
    c.at = here;
    if c.take_word(|word| word == "other")
        && let Some(on) = on::read(c, cx, false)?
        && matches!(on.days, Which::Week(_))
    {
        return Ok(Some(plain(What::On(on.days), two(), true)));
    }
    c.at = here;
    let length = length(c, true).map_err(|error| Error {
        example: guess::every_day(c),
        ..error
    })?;
    if let Some(length) = length {
        return measured(c, here, &length).map(Some);
    }
    if let Some(on) = on::read(c, cx, false)? {
        return Ok(Some(plain(What::On(on.days), Step::MIN, true)));
    }
    c.at = here;
    if c.at_end() {
        return Err(c.error(
            here.saturating_sub(1),
            Reason::UnknownWord,
            guess::every_day(c),
        ));
    }
    let example = guess::repeated(c);
    let mut word = *c;
    word.at += 1;
    Err(word.error(here, Reason::UnknownWord, example))
}

/// `every other day`, `every second week`, `каждый 2-й день`: the number of an ordinal is a step.
fn second_unit(c: &mut Cursor<'_>) -> Option<Unit> {
    let number = c.number();
    let second = match number {
        Some((2, 1)) => date::ordinal_end(c),
        Some(_) => false,
        None => c.take_word(|word| word == "other" || words::ordinal(word) == Some(2)),
    };
    let unit = second.then(|| c.map_word(words::unit)).flatten()?;
    (unit >= Unit::Day && c.ends()).then_some(unit)
}

fn two() -> Step {
    Step::MIN.saturating_add(1)
}

fn measured(
    c: &mut Cursor<'_>,
    from: usize,
    length: &crate::parse::Length,
) -> Result<Repeater, Error> {
    let minute = if c.russian() {
        "каждую минуту"
    } else {
        "every minute"
    };
    let wrong = |reason| c.error(from, reason, minute);
    if length.is_zero() {
        return Err(wrong(Reason::Zero));
    }
    if length.seconds > 0 {
        let days = length
            .days
            .checked_mul(86_400)
            .filter(|_| length.months == 0);
        let seconds = days.and_then(|days| days.checked_add(length.seconds));
        let seconds = seconds
            .and_then(NonZeroU32::new)
            .ok_or_else(|| wrong(Reason::TooFar))?;
        if seconds.get() < SHORTEST_S {
            return Err(wrong(Reason::TooShort));
        }
        return Ok(plain(What::Interval(seconds), Step::MIN, true));
    }
    let (number, unit) = match length.single {
        Some((number, unit)) => (number, unit),
        None if length.months == 0 => (length.days, Unit::Day),
        None if length.days == 0 => (length.months, Unit::Month),
        None => return Err(wrong(Reason::UnknownWord)),
    };
    let number = u16::try_from(number)
        .ok()
        .filter(|number| u32::from(*number) <= MOST_STEP);
    let step = number
        .and_then(Step::new)
        .ok_or_else(|| wrong(Reason::TooFar))?;
    Ok(plain(What::Unit(unit), step, true))
}

fn adverb(word: &str) -> Option<Unit> {
    Some(match word {
        "hourly" | "ежечасно" => Unit::Hour,
        "daily" | "ежедневно" => Unit::Day,
        "weekly" | "еженедельно" => Unit::Week,
        "monthly" | "ежемесячно" => Unit::Month,
        "yearly" | "annually" | "ежегодно" => Unit::Year,
        _ => return None,
    })
}

/// `weekday`, `weekends`, `будний день`: and whether the form itself repeats.
pub(super) fn kind_of_day(c: &mut Cursor<'_>) -> Option<(Weekdays, bool)> {
    let from = c.at;
    let found = c.map_word(|word| {
        Some(match word {
            "weekday" | "workday" => (Weekdays::WORK, false),
            "weekdays" | "workdays" | "будням" | "будни" => (Weekdays::WORK, true),
            "weekend" => (Weekdays::REST, false),
            "weekends" | "выходным" => (Weekdays::REST, true),
            "будний" | "рабочий" => (Weekdays::WORK, false),
            "рабочим" | "будним" => (Weekdays::WORK, true),
            "выходной" | "выходные" => (Weekdays::REST, false),
            "working" | "business" | "work" => (Weekdays::WORK, false),
            _ => return None,
        })
    });
    let found = found?;
    // An adjective wants its noun.
    let adjective = matches!(
        c.line.word(from),
        Some("будний" | "рабочий" | "рабочим" | "будним" | "working" | "business" | "work")
    );
    let noun = c.take_word(|word| matches!(word, "day" | "days" | "день" | "дням" | "дни"));
    if adjective && !noun {
        c.at = from;
        return None;
    }
    Some(found)
}
