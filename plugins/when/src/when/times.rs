//! Times of a day: single ones and windows.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::Malformed;

/// Never empty, ascending, nothing twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Slot>", into = "Vec<Slot>")]
pub struct Times(Vec<Slot>);

/// One time, or a window with a step: `10-18/1h30m` is 10:00, 11:30 … not after 18:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Slot {
    At(Time),
    Window { from: Time, to: Time, step_s: u32 },
}

/// More slots than anybody means; a limit because each line may be a person's.
pub(crate) const MOST_SLOTS: usize = 48;

/// The shortest step of a window and of an interval.
pub(crate) const SHORTEST_S: u32 = 60;

impl Times {
    #[must_use]
    pub fn one(time: Time) -> Self {
        Self(vec![Slot::At(time)])
    }

    /// # Errors
    /// No slot or too many, a reversed window, a step under a minute.
    pub fn new(mut slots: Vec<Slot>) -> Result<Self, Malformed> {
        if slots.is_empty() {
            return Err(Malformed("no time of day"));
        }
        if slots.len() > MOST_SLOTS {
            return Err(Malformed("too many times of day"));
        }
        for slot in &slots {
            if let Slot::Window { from, to, step_s } = slot {
                if from >= to {
                    return Err(Malformed("a window ends before it begins"));
                }
                if *step_s < SHORTEST_S {
                    return Err(Malformed("a window's step is under a minute"));
                }
            }
        }
        slots.sort_by_key(|slot| (slot.start(), *slot));
        slots.dedup();
        Ok(Self(slots))
    }

    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.0
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Result<Self, Malformed> {
        self.0.extend(other.0);
        Self::new(self.0)
    }

    /// Each single time, ascending.
    #[must_use]
    pub fn expand(&self) -> Vec<Time> {
        let mut times: Vec<Time> = self.0.iter().flat_map(|slot| slot.times()).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    pub(crate) fn last(&self) -> Time {
        self.0
            .iter()
            .filter_map(|slot| slot.times().last())
            .max()
            .unwrap_or(Time::MAX)
    }
}

impl Slot {
    pub(crate) fn start(&self) -> Time {
        match self {
            Self::At(time) => *time,
            Self::Window { from, .. } => *from,
        }
    }

    fn times(self) -> impl Iterator<Item = Time> {
        let (from, to, step) = match self {
            Self::At(time) => (seconds(time), seconds(time), 1),
            Self::Window { from, to, step_s } => (seconds(from), seconds(to), step_s.max(1)),
        };
        (from..=to).step_by(step as usize).filter_map(time_at)
    }
}

pub(crate) fn seconds(time: Time) -> u32 {
    let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
    u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(time.second().unsigned_abs())
}

/// The time of day so many seconds after midnight.
pub(crate) fn time_at(seconds: u32) -> Option<Time> {
    let part = |value: u32| i8::try_from(value).ok();
    Time::new(
        part(seconds / 3600)?,
        part(seconds / 60 % 60)?,
        part(seconds % 60)?,
        0,
    )
    .ok()
}

impl TryFrom<Vec<Slot>> for Times {
    type Error = Malformed;

    fn try_from(slots: Vec<Slot>) -> Result<Self, Malformed> {
        Self::new(slots)
    }
}

impl From<Times> for Vec<Slot> {
    fn from(times: Times) -> Self {
        times.0
    }
}
