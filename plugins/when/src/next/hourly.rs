//! A cron line that runs in every hour follows real time: both passes of an overlap count, and
//! what falls into a gap is not made up for, as the hour before and after it have theirs.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::days::cron_day;
use crate::cron::Cron;

#[derive(Debug)]
pub(super) struct Hourly<'a> {
    cron: &'a Cron,
    times: Vec<Time>,
    zone: &'a TimeZone,
    /// The next is at this instant or later.
    least: Option<Timestamp>,
}

impl<'a> Hourly<'a> {
    pub(super) fn new(cron: &'a Cron, least: Timestamp, zone: &'a TimeZone) -> Self {
        Self {
            cron,
            times: cron.times(),
            zone,
            least: Some(least),
        }
    }

    /// Between two changes of the clock the zone has one offset, and the wall clock runs straight.
    pub(super) fn next(&mut self) -> Option<Timestamp> {
        loop {
            let least = self.least?;
            let offset = self.zone.to_offset(least);
            let found = self.wall(offset.to_datetime(least));
            let found = found.and_then(|at| offset.to_timestamp(at).ok());
            let change = self.zone.following(least).next();
            let change = change.map(|change| change.timestamp());
            match (found, change) {
                (Some(at), change) if change.is_none_or(|change| at < change) => {
                    self.least = at.checked_add(1.second()).ok();
                    return Some(at);
                }
                (_, change) => self.least = change,
            }
        }
    }

    fn wall(&self, least: DateTime) -> Option<DateTime> {
        let date = cron_day(self.cron, least.date())?;
        if date == least.date() {
            let at = self.times.partition_point(|time| *time < least.time());
            if let Some(time) = self.times.get(at) {
                return Some(date.to_datetime(*time));
            }
            let date = cron_day(self.cron, date.tomorrow().ok()?)?;
            return Some(date.to_datetime(*self.times.first()?));
        }
        Some(date.to_datetime(*self.times.first()?))
    }
}
