//! Wall-clock times on days that match.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::days::next_day;
use super::resolve::first_valid;
use crate::when::{Every, Rule};

#[derive(Debug)]
pub(super) struct Calendar<'a> {
    rule: &'a Rule,
    zone: &'a TimeZone,
    from: Option<DateTime>,
    until: Option<DateTime>,
    times: Vec<Time>,
    /// The day under way and the next of its times.
    date: Option<Date>,
    at: usize,
}

impl<'a> Calendar<'a> {
    pub(super) fn new(every: &'a Every, after: Timestamp, zone: &'a TimeZone) -> Self {
        let times = match &every.rule {
            Rule::Calendar { times, .. } => times.expand(),
            Rule::Cron(cron) => cron.times(),
            Rule::Interval { .. } => Vec::new(),
        };
        // A gap carries a time at most one day on (Apia lost a whole one), so two days back is
        // before everything that can still come.
        let today = zone.to_datetime(after).date();
        let back = today.checked_sub(2.days()).unwrap_or(Date::MIN);
        let first = every.from.map(DateTime::date);
        let start = match first {
            Some(first) if every.count.is_some() || first > back => first,
            _ => back,
        };
        let mut calendar = Self {
            rule: &every.rule,
            zone,
            from: every.from,
            until: every.until,
            times,
            date: None,
            at: 0,
        };
        calendar.date = calendar.day(start);
        calendar
    }

    fn day(&self, date: Date) -> Option<Date> {
        next_day(self.rule, self.from.map(DateTime::date), date)
    }

    pub(super) fn next(&mut self) -> Option<Timestamp> {
        if self.times.is_empty() {
            return None;
        }
        loop {
            let date = self.date?;
            let Some(time) = self.times.get(self.at) else {
                self.at = 0;
                self.date = date.tomorrow().ok().and_then(|date| self.day(date));
                continue;
            };
            self.at += 1;
            let at = date.to_datetime(*time);
            if self.until.is_some_and(|until| at > until) {
                self.date = None;
                return None;
            }
            if self.from.is_some_and(|from| at < from) {
                continue;
            }
            // What no timestamp can say any more is the end.
            return first_valid(at, self.zone);
        }
    }
}
