//! One field of a cron line: a set of numbers below 64, as bits.

/// What a field may hold.
pub(super) struct Kind {
    least: u8,
    most: u8,
    names: &'static [&'static str],
    /// `7` is Sunday, too.
    wraps: bool,
}

const fn plain(least: u8, most: u8) -> Kind {
    Kind {
        least,
        most,
        names: &[],
        wraps: false,
    }
}

pub(super) const MINUTE: Kind = plain(0, 59);
pub(super) const HOUR: Kind = plain(0, 23);
pub(super) const DAY: Kind = plain(1, 31);
pub(super) const MONTH: Kind = Kind {
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
    ..plain(1, 12)
};
pub(super) const WEEKDAY: Kind = Kind {
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    wraps: true,
    ..plain(0, 7)
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    bits: u64,
    starred: bool,
}

impl Field {
    pub(super) fn parse(text: &str, kind: &Kind) -> Option<Self> {
        let mut bits = 0;
        for part in text.split(',') {
            bits |= part_bits(part, kind)?;
        }
        if kind.wraps && bits & (1 << 7) != 0 {
            bits = (bits | 1) & !(1 << 7);
        }
        Some(Self {
            bits,
            starred: text.starts_with('*'),
        })
    }

    pub(super) fn has(self, value: u8) -> bool {
        value < 64 && self.bits & (1 << value) != 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |value| self.has(*value))
    }

    pub(super) fn starred(self) -> bool {
        self.starred
    }
}

fn part_bits(part: &str, kind: &Kind) -> Option<u64> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(number(step)?)),
        None => (part, None),
    };
    let (first, last) = match (range, range.split_once('-')) {
        ("*", _) => (
            kind.least,
            if kind.wraps { kind.most - 1 } else { kind.most },
        ),
        (_, Some((first, last))) => (value(first, kind)?, value(last, kind)?),
        // `5/10` has no end: crontab(5) allows a step after a range or `*` only.
        (_, None) if step.is_some() => return None,
        (single, None) => (value(single, kind)?, value(single, kind)?),
    };
    let step = step.unwrap_or(1);
    if first > last || step == 0 {
        return None;
    }
    Some(
        (first..=last)
            .step_by(usize::from(step))
            .fold(0, |bits, value| bits | 1 << value),
    )
}

fn value(text: &str, kind: &Kind) -> Option<u8> {
    let named = kind
        .names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    let value = match named {
        Some(at) => kind.least + u8::try_from(at).ok()?,
        None => number(text)?,
    };
    (kind.least..=kind.most).contains(&value).then_some(value)
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
