//! Wall-clock times on days that match.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::days::next_day;
use super::resolve::first_valid;
use crate::parse::Start;
use crate::when::{Days, Every, Rule, Step};

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

/// The first wall-clock time of a rule as if it had no step, and whether it is its day's first:
/// the anchor from which steps and counts begin.
pub(crate) fn first_wall(rule: &Rule, start: Start, zone: &TimeZone) -> Option<(DateTime, bool)> {
    let rule = without_step(rule);
    let times = times_of(&rule);
    let mut date = match start {
        Start::Wall(at) => at.date(),
        // As in `Calendar::new`: before everything that a gap may carry past the instant.
        Start::After(at) => zone.to_datetime(at).date().checked_sub(2.days()).ok()?,
    };
    // Two of them lie back, one may have lost its times, the next one has one.
    for _ in 0..5 {
        date = next_day(&rule, None, date)?;
        let at = times.iter().position(|time| {
            let wall = date.to_datetime(*time);
            match start {
                Start::Wall(from) => wall >= from,
                Start::After(after) => first_valid(wall, zone).is_some_and(|at| at > after),
            }
        });
        if let Some(time) = at.and_then(|at| times.get(at)) {
            return Some((date.to_datetime(*time), at == Some(0)));
        }
        date = date.tomorrow().ok()?;
    }
    None
}

fn without_step(rule: &Rule) -> Rule {
    let mut rule = rule.clone();
    if let Rule::Calendar { days, .. } = &mut rule {
        let (Days::Daily { step }
        | Days::Weekly { step, .. }
        | Days::Monthly { step, .. }
        | Days::Yearly { step, .. }) = days;
        *step = Step::MIN;
    }
    rule
}

fn times_of(rule: &Rule) -> Vec<Time> {
    match rule {
        Rule::Calendar { times, .. } => times.expand(),
        Rule::Cron(cron) => cron.times(),
        Rule::Interval { .. } => Vec::new(),
    }
}

impl<'a> Calendar<'a> {
    pub(super) fn new(every: &'a Every, after: Timestamp, zone: &'a TimeZone) -> Self {
        let times = times_of(&every.rule);
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
