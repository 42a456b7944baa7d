//! Quiet hours: from one time of day to another, by the calendar of the person's own zone.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use vahta_rows::Micros;

const DAY: i16 = 24 * 60;
/// Longer quiet hours within one day are the wrong way round: the day would be quiet, the night not.
const LONGEST_BY_DAY: i16 = 12 * 60;

/// From a time of day to another, which may be the next day's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Minutes after midnight.
    from: i16,
    to: i16,
}

/// Why these are no quiet hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuietFault {
    /// Not a time such as 22:00.
    #[error("`{0}` is no time of day; one looks like 22:00")]
    NoTime(String),
    /// They begin when they end.
    #[error("quiet hours cannot end at {0}, when they begin")]
    Equal(String),
    /// They would be quiet all day, and not at night.
    #[error("{from}–{to} would be quiet all day; was {to}–{from} meant?")]
    Reversed { from: String, to: String },
}

impl Quiet {
    /// From what a person types, such as "22:00" and "7:30".
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(from: &str, to: &str) -> Result<Self, QuietFault> {
        let quiet = Self {
            from: minutes(from)?,
            to: minutes(to)?,
        };
        if quiet.from == quiet.to {
            return Err(QuietFault::Equal(quiet.from_text()));
        }
        if quiet.to - quiet.from > LONGEST_BY_DAY {
            return Err(QuietFault::Reversed {
                from: quiet.from_text(),
                to: quiet.to_text(),
            });
        }
        Ok(quiet)
    }

    /// As the table has it; what makes no sense there is no quiet at all.
    pub fn from_columns(from: Option<i16>, to: Option<i16>) -> Option<Self> {
        let (from, to) = (from?, to?);
        let is_time = |minutes: i16| (0..DAY).contains(&minutes);
        (is_time(from) && is_time(to) && from != to).then_some(Self { from, to })
    }

    /// Minutes after midnight.
    pub fn columns(self) -> (i16, i16) {
        (self.from, self.to)
    }

    pub fn from_text(self) -> String {
        text(self.from)
    }

    pub fn to_text(self) -> String {
        text(self.to)
    }

    /// When it is over, if it is quiet now. A time that a change of the clocks leaves out is the
    /// instant of the change; of one that comes twice, the first counts.
    pub fn ends(self, now: Micros, time_zone: &str) -> Option<Micros> {
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        let now = Timestamp::from_microsecond(now.0).ok()?;
        let today = now.to_zoned(zone.clone()).date();
        let ends = [today.yesterday().ok(), Some(today)]
            .into_iter()
            .flatten()
            .find_map(|date| {
                let last = if self.from < self.to {
                    date
                } else {
                    date.tomorrow().ok()?
                };
                let begins = instant(&zone, at(date, self.from)?)?;
                let ends = instant(&zone, at(last, self.to)?)?;
                (begins <= now && now < ends).then_some(ends)
            })?;
        Some(Micros(ends.as_microsecond()))
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", text(self.from), text(self.to))
    }
}

fn text(minutes: i16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn minutes(typed: &str) -> Result<i16, QuietFault> {
    let fault = || QuietFault::NoTime(typed.trim().to_string());
    let (hours, minutes) = typed
        .trim()
        .split_once([':', '.'])
        .unwrap_or((typed.trim(), "00"));
    let number = |text: &str| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<i16>().ok()).flatten()
    };
    let hours = number(hours)
        .filter(|hours| *hours < 24)
        .ok_or_else(fault)?;
    let minutes = (minutes.len() == 2)
        .then(|| number(minutes))
        .flatten()
        .filter(|minutes| *minutes < 60)
        .ok_or_else(fault)?;
    Ok(hours * 60 + minutes)
}

fn at(date: Date, minutes: i16) -> Option<DateTime> {
    let hour = i8::try_from(minutes / 60).ok()?;
    let minute = i8::try_from(minutes % 60).ok()?;
    Some(date.to_datetime(Time::new(hour, minute, 0, 0).ok()?))
}

fn instant(zone: &TimeZone, at: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { after, .. } => {
            // With the later offset the time lies before the change that leaves it out.
            let before = after.to_timestamp(at).ok()?;
            let change = zone.following(before).next()?;
            Some(change.timestamp())
        }
        _ => ambiguous.earlier().ok(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const BERLIN: &str = "Europe/Berlin";

    fn micros(utc: &str) -> Micros {
        Micros(utc.parse::<Timestamp>().unwrap().as_microsecond())
    }

    fn quiet(from: &str, to: &str) -> Quiet {
        Quiet::parse(from, to).unwrap()
    }

    #[track_caller]
    fn ends(quiet: Quiet, zone: &str, now: &str, end: Option<&str>) {
        assert_eq!(quiet.ends(micros(now), zone), end.map(micros), "{now}");
    }

    #[test]
    fn a_night_is_quiet_on_both_sides_of_midnight() {
        let night = quiet("22:00", "7:00");
        ends(night, BERLIN, "2026-11-21T20:59:59Z", None);
        let end = Some("2026-11-22T06:00:00Z");
        ends(night, BERLIN, "2026-11-21T21:00:00Z", end);
        ends(night, BERLIN, "2026-11-22T05:59:59Z", end);
        ends(night, BERLIN, "2026-11-22T06:00:00Z", None);
        ends(
            night,
            "Asia/Bangkok",
            "2026-11-21T15:00:00Z",
            Some("2026-11-22T00:00:00Z"),
        );
    }

    #[test]
    fn hours_within_a_day_are_quiet_on_that_day() {
        let nap = quiet("13:00", "14:30");
        ends(nap, "UTC", "2026-11-21T12:59:00Z", None);
        ends(
            nap,
            "UTC",
            "2026-11-21T13:00:00Z",
            Some("2026-11-21T14:30:00Z"),
        );
        ends(nap, "UTC", "2026-11-21T14:30:00Z", None);
    }

    #[test]
    fn the_clocks_change_in_the_quiet_night() {
        let night = quiet("22:00", "07:00");
        // Summer time begins: the night is an hour shorter.
        ends(
            night,
            BERLIN,
            "2027-03-27T21:30:00Z",
            Some("2027-03-28T05:00:00Z"),
        );
        // And ends: an hour longer.
        ends(
            night,
            BERLIN,
            "2026-10-24T20:30:00Z",
            Some("2026-10-25T06:00:00Z"),
        );
    }

    #[test]
    fn an_end_that_the_clocks_leave_out_is_the_instant_of_the_change() {
        let short = quiet("22:00", "02:30");
        ends(
            short,
            BERLIN,
            "2027-03-27T22:00:00Z",
            Some("2027-03-28T01:00:00Z"),
        );
        ends(short, BERLIN, "2027-03-28T01:00:00Z", None);
        // One that comes twice counts once.
        ends(
            short,
            BERLIN,
            "2026-10-24T22:00:00Z",
            Some("2026-10-25T00:30:00Z"),
        );
        ends(short, BERLIN, "2026-10-25T01:10:00Z", None);
    }

    #[test]
    fn what_cannot_be_meant_is_said() {
        assert_eq!(quiet("9", "9.30").to_string(), "09:00–09:30");
        assert_eq!(quiet("17:00", "09:00").to_string(), "17:00–09:00");
        for bad in [
            "", "24:00", "7:60", "7:5", "seven", "-1:00", "07:00:00", "١٢:00",
        ] {
            let fault = QuietFault::NoTime(bad.into());
            assert_eq!(Quiet::parse(bad, "7:00"), Err(fault), "{bad}");
        }
        assert_eq!(
            Quiet::parse("7", "07:00"),
            Err(QuietFault::Equal("07:00".into()))
        );
        let reversed = Quiet::parse("07:00", "22:00");
        let (from, to) = ("07:00".into(), "22:00".into());
        assert_eq!(reversed, Err(QuietFault::Reversed { from, to }));
        assert_eq!(Quiet::from_columns(Some(5), Some(5)), None);
        assert_eq!(Quiet::from_columns(Some(5), Some(1_440)), None);
    }
}
