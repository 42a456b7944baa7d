//! Lengths of time: `1h30m`, `2 hours and 15 minutes`, `полтора часа`.

use crate::cursor::{Cursor, Read};
use crate::error::Reason;
use crate::words::{self, Unit};

/// Calendar parts stay apart from seconds: a month is no number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Length {
    pub(crate) months: u32,
    pub(crate) days: u32,
    pub(crate) seconds: u32,
    /// One number and one unit, as `every 2 weeks` wants it.
    pub(crate) single: Option<(u32, Unit)>,
}

/// About a century: what is longer is a slip of the finger.
const MOST_DAYS: u64 = 36_600;

impl Length {
    pub(crate) fn is_zero(&self) -> bool {
        self.months == 0 && self.days == 0 && self.seconds == 0
    }

    fn add(&mut self, number: u32, unit: Unit) -> Option<()> {
        let of = |total: u32, factor: u32| number.checked_mul(factor)?.checked_add(total);
        match unit {
            Unit::Second => self.seconds = of(self.seconds, 1)?,
            Unit::Minute => self.seconds = of(self.seconds, 60)?,
            Unit::Hour => self.seconds = of(self.seconds, 3600)?,
            Unit::Day => self.days = of(self.days, 1)?,
            Unit::Week => self.days = of(self.days, 7)?,
            Unit::Month => self.months = of(self.months, 1)?,
            Unit::Year => self.months = of(self.months, 12)?,
        }
        let days = u64::from(self.months) * 31 + u64::from(self.days);
        (days + u64::from(self.seconds) / 86_400 <= MOST_DAYS).then_some(())
    }
}

/// At least one number with its unit; `unit_alone` also takes `час`, `day` as one of them.
pub(crate) fn length(c: &mut Cursor<'_>, unit_alone: bool) -> Read<Length> {
    let from = c.at;
    let mut length = Length::default();
    let mut parts = 0;
    let mut at = c.at;
    let mut finest = None;
    while let Some((number, fraction_s, unit)) = part(c, unit_alone && parts == 0) {
        // `2 hours 3 days` is two things, not one length.
        if finest.is_some_and(|finest| unit >= finest) {
            c.at = at;
            break;
        }
        finest = Some(unit);
        let added = length.add(number, unit);
        let added = added.and_then(|()| length.add(fraction_s, Unit::Second));
        if added.is_none() {
            let example = if c.russian() {
                "через 1 год"
            } else {
                "in 1 year"
            };
            return Err(c.error(from, Reason::TooFar, example));
        }
        length.single = (parts == 0 && fraction_s == 0).then_some((number, unit));
        parts += 1;
        at = c.at;
        c.sign(',');
        c.take_word(|word| matches!(word, "and" | "и"));
    }
    c.at = at;
    if parts == 0 {
        c.at = from;
        return Ok(None);
    }
    Ok(Some(length))
}

/// A number, the seconds of its fraction, and the unit.
fn part(c: &mut Cursor<'_>, unit_alone: bool) -> Option<(u32, u32, Unit)> {
    let from = c.at;
    let found = half(c)
        .or_else(|| numbered(c))
        .or_else(|| {
            unit_alone
                .then(|| c.map_word(words::unit))
                .flatten()
                .map(one)
        })
        // `1h30m`: a number may stick to the unit before it.
        .filter(|_| c.ends() || matches!(c.line.token(c.at), Some(next) if next.is_number()));
    if found.is_none() {
        c.at = from;
    }
    found
}

fn one(unit: Unit) -> (u32, u32, Unit) {
    (1, 0, unit)
}

fn numbered(c: &mut Cursor<'_>) -> Option<(u32, u32, Unit)> {
    let from = c.at;
    let mut found = || {
        if let Some(number) = c.map_word(words::number) {
            return Some((number, 0, c.map_word(words::unit)?));
        }
        let (number, _) = c.number()?;
        let tenths = if c.inner_sign('.') || c.inner_sign(',') {
            let (tenths, digits) = c.number()?;
            (digits == 1).then_some(tenths)?
        } else {
            0
        };
        let unit = c.map_word(words::unit)?;
        match (tenths, unit) {
            (0, unit) => Some((number, 0, unit)),
            (tenths, Unit::Hour) => Some((number, tenths * 360, unit)),
            (tenths, Unit::Minute) => Some((number, tenths * 6, unit)),
            _ => None,
        }
    };
    let found = found();
    if found.is_none() {
        c.at = from;
    }
    found
}

/// `half an hour`, `полчаса`, `полтора часа`.
fn half(c: &mut Cursor<'_>) -> Option<(u32, u32, Unit)> {
    let from = c.at;
    if c.take_word(|word| matches!(word, "полчаса" | "получаса")) {
        return Some((30, 0, Unit::Minute));
    }
    if c.take_word(|word| word == "полгода") {
        return Some((6, 0, Unit::Month));
    }
    if c.take_word(|word| word == "half") {
        c.take_word(|word| matches!(word, "an" | "a"));
        if c.take_word(|word| word == "hour") {
            return Some((30, 0, Unit::Minute));
        }
    }
    if c.take_word(|word| matches!(word, "полтора" | "полторы"))
        && c.map_word(words::unit) == Some(Unit::Hour)
    {
        return Some((90, 0, Unit::Minute));
    }
    c.at = from;
    None
}
