//! Tasks that come again: once one is done, the next is there.
//!
//! | Written | When the next one is due |
//! |---|---|
//! | `every monday 10`, `каждый понедельник в 10` | at the rule's next time that is still to come |
//! | `every 3 days after done`, `каждые 3 дня после выполнения` | so long after this one was done |

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::sql_types::Text;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use vahta_plugin_sdk::rows::Micros;
use vahta_when::{Found, Language, Relative, When};

/// Behind the length of a pause.
const AFTER_DONE: [&str; 3] = ["after done", "after it is done", "после выполнения"];
/// Before it.
const EVERY: [&str; 6] = ["every", "each", "каждый", "каждую", "каждое", "каждые"];

/// When a task comes again; `task_tasks.repeat`, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromSqlRow)]
pub struct Repeat {
    rule: Rule,
    /// Whose clock the rule means.
    zone: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    Calendar(When),
    AfterDone(Relative),
}

/// A rule in a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub repeat: Repeat,
    /// The rule's own first time.
    pub due: Micros,
    /// What is left of the line.
    pub rest: String,
}

impl Repeat {
    /// The series of a time phrase; none when that names one time.
    pub fn of(found: &Found, zone: &TimeZone) -> Option<Self> {
        found.when.repeats().then(|| Self {
            rule: Rule::Calendar(found.when.clone()),
            zone: name(zone),
        })
    }

    /// Takes `every 3 days after done` out of a line.
    pub fn take_after_done(line: &str, now: &Zoned) -> Option<Taken> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let (tail, length) = AFTER_DONE.iter().find_map(|tail| {
            let tail: Vec<&str> = tail.split(' ').collect();
            let at = lower.windows(tail.len()).rposition(|part| part == tail)?;
            Some((at, tail.len()))
        })?;
        let head = lower[..tail]
            .iter()
            .rposition(|word| EVERY.contains(&word.as_str()))?;
        let pause = words[head + 1..tail].join(" ");
        let pause = vahta_when::relative(&pause).ok()?;
        let due = pause.apply(now.timestamp(), now.time_zone())?;
        let rest = words[..head].iter().chain(&words[tail + length..]);
        let rest: Vec<&str> = rest.copied().collect();
        Some(Taken {
            repeat: Self {
                rule: Rule::AfterDone(pause),
                zone: name(now.time_zone()),
            },
            due: Micros(due.as_microsecond()),
            rest: rest.join(" "),
        })
    }

    /// When the next one is due after this one, which was due and then done; none when it was the
    /// last.
    pub fn next(&self, due: Option<Micros>, done: Micros) -> Option<Micros> {
        let zone = crate::work::zone(Some(&self.zone));
        let at = |at: Micros| Timestamp::from_microsecond(at.0).ok();
        let next = match &self.rule {
            // Those that were missed meanwhile are missed.
            Rule::Calendar(when) => {
                let after = due.map_or(done, |due| due.max(done));
                vahta_when::next_after(when, at(after)?, &zone)
            }
            Rule::AfterDone(pause) => pause.apply(at(done)?, &zone),
        };
        next.map(|next| Micros(next.as_microsecond()))
    }

    /// As it can be written again.
    pub fn print(&self, language: Language) -> String {
        let zone = crate::work::zone(Some(&self.zone));
        match (&self.rule, language) {
            (Rule::Calendar(when), language) => vahta_when::print(when, language, &zone),
            (Rule::AfterDone(pause), Language::English) => {
                format!("every {} after done", length(pause, language))
            }
            (Rule::AfterDone(pause), Language::Russian) => {
                format!("каждые {} после выполнения", length(pause, language))
            }
        }
    }

    /// As it is stored.
    pub fn stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A pause in words that read back as it: `1 month 3 days 18:00`.
fn length(pause: &Relative, language: Language) -> String {
    let (hours, minutes) = (pause.seconds / 3_600, pause.seconds % 3_600 / 60);
    let parts = [
        (pause.months, "month", "мес"),
        (pause.days, "day", "дн"),
        (hours, "hour", "ч"),
        (minutes, "minute", "мин"),
    ];
    let words = parts.iter().filter(|(number, ..)| *number > 0);
    let mut words: Vec<String> = words
        .map(|(number, english, russian)| match (language, number) {
            (Language::Russian, _) => format!("{number} {russian}"),
            (Language::English, 1) => format!("1 {english}"),
            (Language::English, _) => format!("{number} {english}s"),
        })
        .collect();
    words.extend(pause.at.map(|at| at.strftime("%H:%M").to_string()));
    words.join(" ")
}

/// What a button offers, at the day and time that the task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Often {
    Day,
    Weekday,
    Week,
    Month,
}

impl Often {
    pub const ALL: [Self; 4] = [Self::Day, Self::Weekday, Self::Week, Self::Month];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|often| often.as_str() == name)
    }

    /// The rule; without a due date, at nine from today on.
    pub fn from(self, due: Option<Micros>, now: &Zoned) -> Option<Repeat> {
        let due = due.and_then(|due| Timestamp::from_microsecond(due.0).ok());
        let start = match due {
            Some(due) => due.to_zoned(now.time_zone().clone()),
            None => now
                .with()
                .time(jiff::civil::time(9, 0, 0, 0))
                .build()
                .ok()?,
        };
        let time = start.strftime("%H:%M");
        let phrase = match self {
            Self::Day => format!("every day {time}"),
            Self::Weekday => format!("every weekday {time}"),
            Self::Week => format!("every {} {time}", start.strftime("%A")),
            Self::Month => format!("{} {time}", monthly(start.day())),
        };
        let found = vahta_when::find(&phrase, now).ok()??;
        Repeat::of(&found, now.time_zone())
    }
}

/// `31st monthly`.
fn monthly(day: i8) -> String {
    let th = match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    format!("{day}{th} monthly")
}

/// Of a zone without a name, the offset of today is no rule for next summer: UTC then.
fn name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

impl<DB: Backend> FromSql<Text, DB> for Repeat
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(serde_json::from_str(&String::from_sql(bytes)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        let at: Timestamp = text.parse().unwrap();
        Micros(at.as_microsecond())
    }

    fn noon() -> Zoned {
        "2026-07-15T12:00[Europe/Berlin]".parse().unwrap()
    }

    fn by_calendar(phrase: &str) -> Repeat {
        let found = vahta_when::find(phrase, &noon()).unwrap().unwrap();
        Repeat::of(&found, noon().time_zone()).unwrap()
    }

    fn after_done(line: &str) -> Taken {
        Repeat::take_after_done(line, &noon()).unwrap()
    }

    #[test]
    fn the_calendar_goes_on_from_whatever_is_later() {
        let mondays = by_calendar("every monday 10");
        let due = at("2026-07-20T10:00+02:00");
        let next = at("2026-07-27T10:00+02:00");
        // Done before its time, in time, and so late that one is missed.
        assert_eq!(mondays.next(Some(due), at("2026-07-18T09:00Z")), Some(next));
        assert_eq!(mondays.next(Some(due), at("2026-07-20T12:00Z")), Some(next));
        let late = mondays.next(Some(due), at("2026-08-05T12:00Z"));
        assert_eq!(late, Some(at("2026-08-10T10:00+02:00")));
    }

    #[test]
    fn nine_in_the_morning_stays_nine_when_the_clocks_change() {
        let daily = by_calendar("every day 9:00");
        let saturday = at("2026-10-24T09:00+02:00");
        let sunday = daily.next(Some(saturday), saturday);
        assert_eq!(sunday, Some(at("2026-10-25T09:00+01:00")));
    }

    #[test]
    fn a_series_that_is_bounded_ends() {
        let twice = by_calendar("every day 9:00 ×2");
        let second = twice.next(Some(at("2026-07-16T09:00+02:00")), at("2026-07-16T10:00Z"));
        assert_eq!(second, Some(at("2026-07-17T09:00+02:00")));
        assert_eq!(twice.next(second, at("2026-07-17T10:00Z")), None);
    }

    #[test]
    fn a_pause_counts_from_when_it_was_done() {
        let taken = after_done("Water the plants every 3 days 18:00 after done #office");
        assert_eq!(taken.rest, "Water the plants #office");
        assert_eq!(taken.due, at("2026-07-18T18:00+02:00"));
        let next = taken.repeat.next(Some(taken.due), at("2026-07-20T06:00Z"));
        assert_eq!(next, Some(at("2026-07-23T18:00+02:00")));
        let russian = after_done("Полить цветы каждые 3 дня 18:00 после выполнения #office");
        assert_eq!((russian.due, &russian.repeat), (taken.due, &taken.repeat));
    }

    #[test]
    fn it_prints_as_it_can_be_written_and_is_stored() {
        let rules = [
            by_calendar("every 2 weeks on tue 9:00"),
            by_calendar("last day 18:00"),
            after_done("every 3 days 18:00 after done").repeat,
            after_done("every month after done").repeat,
            after_done("every 2 weeks after done").repeat,
            after_done("every 5 hours after done").repeat,
            after_done("every 90 minutes after done").repeat,
        ];
        for repeat in rules {
            for language in [Language::English, Language::Russian] {
                let printed = repeat.print(language);
                let read = match Repeat::take_after_done(&printed, &noon()) {
                    Some(taken) => taken.repeat,
                    None => by_calendar(&printed),
                };
                assert_eq!(read, repeat, "{printed}");
            }
            let stored: Repeat = serde_json::from_str(&repeat.stored()).unwrap();
            assert_eq!(stored, repeat);
        }
    }

    #[test]
    fn buttons_repeat_it_at_the_time_that_it_is_due() {
        let due = Some(at("2026-07-31T17:30+02:00"));
        let rules = Often::ALL.map(|often| {
            let repeat = often.from(due, &noon()).unwrap();
            repeat.print(Language::English)
        });
        let wanted = [
            "every day 17:30",
            "every weekday 17:30",
            "every fri 17:30",
            "every month on the 31st 17:30",
        ];
        assert_eq!(rules, wanted);
        for day in 1..=31 {
            let due = Some(at(&format!("2026-07-{day:02}T17:30+02:00")));
            assert!(Often::Month.from(due, &noon()).is_some(), "{day}");
        }
        for often in Often::ALL {
            assert!(often.from(None, &noon()).is_some());
            assert_eq!(Often::from_name(often.as_str()), Some(often));
        }
    }

    #[test]
    fn what_only_sounds_so_is_left_alone() {
        for line in [
            "after done",
            "call Ann after it is done",
            "every night after done",
        ] {
            assert_eq!(Repeat::take_after_done(line, &noon()), None, "{line}");
        }
    }
}
