//! Back to words, in such a way that they parse to the same thing.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::when::{Every, Rule, Slot, Times, When};

mod english;
mod russian;

/// The languages of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    English,
    Russian,
}

impl Language {
    /// From a language tag such as `ru-RU`; what is unknown is English.
    ///
    /// ```
    /// # use vahta_when::Language;
    /// assert_eq!(Language::of("ru-RU"), Language::Russian);
    /// assert_eq!(Language::of("de"), Language::English);
    /// ```
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("ru") {
            Self::Russian
        } else {
            Self::English
        }
    }
}

/// The phrase for it. Parsed at a present for which its times are still to come, in the same zone,
/// it is the same [`When`] again.
///
/// ```
/// # use vahta_when::{Language, parse, print};
/// let now = "2026-07-15T12:00[Europe/Berlin]".parse::<jiff::Zoned>()?;
/// let when = parse("every 2 weeks on tue at 9 until 31 december", &now)?.when;
/// let english = print(&when, Language::English, now.time_zone());
/// assert_eq!(english, "every 2 weeks on tue 09:00 from 2026-07-21 until 2026-12-31");
/// let russian = print(&when, Language::Russian, now.time_zone());
/// assert_eq!(russian, "каждые 2 недели по вторникам в 09:00 с 2026-07-21 до 2026-12-31");
/// assert_eq!(parse(&russian, &now)?.when, when);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn print(when: &When, language: Language, zone: &TimeZone) -> String {
    match when {
        When::Instant(at) => instant(*at, zone),
        When::Once(dates) => {
            let days = dates.days().iter();
            let days = days.map(|day| format!("{} {}", day.date, times(&day.times, language)));
            days.collect::<Vec<_>>().join(", ")
        }
        When::Every(every) => series(every, language, zone),
    }
}

fn series(every: &Every, language: Language, zone: &TimeZone) -> String {
    let russian = language == Language::Russian;
    let mut text = match &every.rule {
        Rule::Interval { seconds, first } => {
            let length = length(seconds.get(), language);
            let first = instant(*first, zone);
            if russian {
                format!("каждые {length} с {first}")
            } else {
                format!("every {length} from {first}")
            }
        }
        Rule::Calendar { days, times: at } => {
            let at = times(at, language);
            if russian {
                format!("{} в {at}", russian::days(days))
            } else {
                format!("{} {at}", english::days(days))
            }
        }
        Rule::Cron(cron) => format!("cron {}", cron.as_str()),
    };
    let (from, until) = if russian {
        ("с", "до")
    } else {
        ("from", "until")
    };
    if let Some(at) = every.from {
        text.push_str(&format!(" {from} {}", moment(at, Time::MIN)));
    }
    if let Some(at) = every.until {
        text.push_str(&format!(
            " {until} {}",
            moment(at, Time::constant(23, 59, 59, 0))
        ));
    }
    if let Some(count) = every.count {
        text.push_str(&format!(" ×{count}"));
    }
    text
}

/// With its offset: the clock alone may show it twice.
fn instant(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    // Offsets of the 19th century have seconds, which no phrase has.
    let zoned = if zoned.offset().seconds() % 60 == 0 {
        zoned
    } else {
        at.to_zoned(TimeZone::UTC)
    };
    let clock = clock(zoned.time());
    format!("{} {clock} {}", zoned.date(), zoned.strftime("%:z"))
}

/// The date alone if the time is the one that a date alone means.
fn moment(at: DateTime, implied: Time) -> String {
    if at.time() == implied {
        at.date().to_string()
    } else {
        format!("{} {}", at.date(), clock(at.time()))
    }
}

fn times(times: &Times, language: Language) -> String {
    let slots = times.slots().iter().map(|slot| match slot {
        Slot::At(time) => clock(*time),
        Slot::Window { from, to, step_s } => {
            let step = length(*step_s, language);
            format!("{}-{}/{step}", clock(*from), clock(*to))
        }
    });
    slots.collect::<Vec<_>>().join(", ")
}

pub(crate) fn clock(time: Time) -> String {
    let format = if time.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    time.strftime(format).to_string()
}

/// `1h30m`
fn length(seconds: u32, language: Language) -> String {
    let units = match language {
        Language::English => ["h", "m", "s"],
        Language::Russian => ["ч", "м", "с"],
    };
    let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    let parts = parts.iter().zip(units).filter(|(number, _)| **number > 0);
    parts
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}
