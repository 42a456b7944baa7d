//! Series: what repeats, on which days, at which times, within which bounds, in any order.

use jiff::civil::{DateTime, Time};

use super::clock::{self, TimesRead, range, times};
use super::{Context, Evidence, Phrase, guess, once};
use crate::cursor::{Cursor, Read};
use crate::error::Reason;
use crate::next::first_wall;
use crate::when::{Days, Every, MonthDay, Rule, Slot, Step, Times, Weekdays, When, YearDay};
use crate::words::Unit;

pub(crate) mod bounds;
mod on;
mod repeater;

use bounds::{Bounds, Start};
use on::On;
use repeater::{Repeater, What};

const DAY_S: u32 = 86_400;

/// The parts as they are found.
#[derive(Default)]
struct Draft {
    repeater: Option<Repeater>,
    on: Option<On>,
    times: Option<TimesRead>,
    /// `every 2 hours from 9 to 18`
    window: Option<(Time, Time)>,
    bounds: Bounds,
}

pub(crate) fn read(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Phrase> {
    let from = c.at;
    let mut draft = Draft::default();
    loop {
        let here = c.at;
        // `every fri 18:00, 5 times`
        if draft.repeater.is_some() {
            c.sign(',');
        }
        if !draft.part(c, cx)? {
            c.at = here;
            break;
        }
    }
    let Some(repeater) = draft.repeater.take() else {
        c.at = from;
        return Ok(None);
    };
    // What a series leaves out would be left in the text, and it would come nevertheless.
    if !cx.strict
        && c.word()
            .is_some_and(|word| matches!(word, "except" | "excluding" | "кроме"))
    {
        let at = c.at;
        c.at += 1;
        let example = if c.russian() {
            "по будням в 9:00"
        } else {
            "every mon-sat 9:00"
        };
        return Err(c.error(at, Reason::UnknownWord, example));
    }
    let evidence = draft.evidence(&repeater);
    let timed = draft.times.is_some() || matches!(repeater.what, What::Interval(_));
    let Some((rule, step)) = draft.rule(cx, &repeater) else {
        c.at = from;
        return Ok(None);
    };
    let mut every = Every::new(rule);
    draft.bounds.apply(c, cx, &mut every, step)?;
    let end = c.at;
    Ok(Some(Phrase {
        when: When::Every(every),
        timed,
        evidence,
        clock_alone: false,
        end,
    }))
}

impl Draft {
    /// Reads one more part, if one is there.
    fn part(&mut self, c: &mut Cursor<'_>, cx: &Context<'_>) -> Found {
        let here = c.at;
        if self.repeater.is_none()
            && let Some(repeater) = repeater::read(c, cx)?
            && self.fits(&repeater, self.on.as_ref())
        {
            self.repeater = Some(repeater);
            return Ok(true);
        }
        c.at = here;
        if self.window.is_none() && self.is_interval() && self.times.is_none() {
            c.take_word(|word| matches!(word, "между"));
            if let Some((first, last)) = range(c, cx)?.filter(|_| c.ends()) {
                if first >= last {
                    return Err(c.error(here, Reason::Reversed, guess::every_day(c)));
                }
                self.window = Some((first, last));
                return Ok(true);
            }
            c.at = here;
        }
        if self.on.is_none()
            && let Some(on) = on::read(c, cx, self.wants_bare_days())?
            && (on.preposition || self.times.is_none())
            && self
                .repeater
                .as_ref()
                .is_none_or(|repeater| self.fits(repeater, Some(&on)))
        {
            self.on = Some(on);
            return Ok(true);
        }
        c.at = here;
        if self.times.is_none()
            && !self.is_interval()
            && !c.word().is_some_and(crate::words::until)
            && let Some(read) = times(c, cx, self.repeater.is_some() || self.on.is_some())?
            && self.takes(c, cx, &read)
        {
            self.times = Some(read);
            return Ok(true);
        }
        c.at = here;
        if self.repeater.is_some()
            && self
                .bounds
                .read(c, cx, self.times.is_none() && !self.is_interval())?
        {
            return Ok(true);
        }
        c.at = here;
        Ok(false)
    }

    /// A bare hour needs something before it, and inside a line also something after it.
    fn takes(&self, c: &Cursor<'_>, cx: &Context<'_>, read: &TimesRead) -> bool {
        if read.look > clock::Look::Bare || read.preposition {
            return true;
        }
        (self.repeater.is_some() || self.on.is_some()) && (!cx.strict || once::nothing_follows(c))
    }

    fn is_interval(&self) -> bool {
        let what = self.repeater.as_ref().map(|repeater| &repeater.what);
        matches!(what, Some(What::Interval(_)))
    }

    /// `monthly on 15`: a bare number is a day only there.
    fn wants_bare_days(&self) -> bool {
        let what = self.repeater.as_ref().map(|repeater| &repeater.what);
        matches!(what, Some(What::Unit(Unit::Month)))
    }

    fn fits(&self, repeater: &Repeater, on: Option<&On>) -> bool {
        let Some(on) = on else {
            return true;
        };
        match (&repeater.what, &on.days) {
            (What::Unit(Unit::Day), on::Which::Week(_)) => repeater.step.get() == 1,
            (What::Unit(Unit::Week), on::Which::Week(_))
            | (What::Unit(Unit::Month), on::Which::Month(_))
            | (What::Unit(Unit::Year), on::Which::Year(_)) => true,
            (What::Interval(seconds), on::Which::Week(_)) => seconds.get() < DAY_S,
            _ => false,
        }
    }

    fn evidence(&self, repeater: &Repeater) -> Evidence {
        if self.times.is_some() || self.window.is_some() || !self.bounds.is_empty() {
            Evidence::Sure
        } else if repeater.certain || self.on.is_some() {
            Evidence::Edge
        } else {
            Evidence::Weak
        }
    }

    /// What repeats, and its step.
    fn rule(&self, cx: &Context<'_>, repeater: &Repeater) -> Option<(Rule, Step)> {
        let step = repeater.step;
        let on = self.on.as_ref().map(|on| &on.days);
        let today = cx.now.date();
        let days = match (&repeater.what, on) {
            (What::Interval(seconds), on) => {
                // `every 2 hours on weekdays` begins with each day.
                let whole = on.map(|_| (Time::MIN, Time::constant(23, 59, 0, 0)));
                let Some((from, to)) = self.window.or(whole) else {
                    let first = bounds::after_now(cx, *seconds)?;
                    let seconds = *seconds;
                    return Some((Rule::Interval { seconds, first }, Step::MIN));
                };
                let days = match on {
                    Some(on::Which::Week(on)) => Days::Weekly { step, on: *on },
                    _ => Days::Daily { step },
                };
                let step_s = seconds.get();
                let times = Times::new(vec![Slot::Window { from, to, step_s }]).ok()?;
                return Some((Rule::Calendar { days, times }, Step::MIN));
            }
            (What::On(which), _) => which.days(step),
            (What::Unit(_), Some(which)) => which.days(step),
            (What::Unit(Unit::Week), None) => {
                let on = Weekdays::one(today.weekday());
                Days::Weekly { step, on }
            }
            (What::Unit(Unit::Month), None) => {
                let on = vec![MonthDay::Day(today.day().unsigned_abs())];
                Days::Monthly { step, on }
            }
            (What::Unit(Unit::Year), None) => {
                let (month, day) = (today.month().unsigned_abs(), today.day().unsigned_abs());
                let on = vec![YearDay { month, day }];
                Days::Yearly { step, on }
            }
            (What::Unit(_), None) => Days::Daily { step },
        };
        let times = match (&self.times, repeater.part) {
            (Some(read), _) => read.times.clone(),
            (None, Some(part)) => Times::one(part),
            (None, None) => Times::one(cx.default),
        };
        Some((Rule::Calendar { days, times }, step))
    }
}

/// Whether something was read.
type Found = Result<bool, crate::error::Error>;

/// The anchor: what steps and counts begin with. The day alone, if its first time is meant.
pub(super) fn anchor(cx: &Context<'_>, rule: &Rule, from: Option<DateTime>) -> Option<DateTime> {
    let start = match from {
        Some(from) => Start::Wall(from),
        None => Start::After(cx.now.timestamp()),
    };
    let (first, opens_day) = first_wall(rule, start, cx.now.time_zone())?;
    let midnight = first.date().to_datetime(Time::MIN);
    Some(if opens_day { midnight } else { first })
}
