//! Zones as people name them: `Europe/Berlin`, `berlin`, `Москва`, `UTC+3`.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::{Offset, TimeZone, db};

use crate::distance::{NEAR, distance};

mod cities;

/// A zone and the name under which it is stored.
///
/// [`zone`] reads every name back. Those with a slash, and `UTC`, are names of the IANA database;
/// whole hours are, too (`Etc/GMT-3` is three hours *ahead*, as POSIX counts), while `+05:30` is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    pub name: String,
    pub zone: TimeZone,
}

/// No zone has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown zone; for example: {}", nearest.join(", "))]
pub struct UnknownZone {
    /// Zones that are written like it, three at most, or examples; never empty.
    pub nearest: Vec<String>,
}

/// Finds a zone by its IANA name, by a city in English or Russian, or by its offset.
///
/// # Errors
/// Nothing is called so.
///
/// ```
/// # use vahta_when::zone;
/// assert_eq!(zone("berlin")?.name, "Europe/Berlin");
/// assert_eq!(zone("Нью-Йорк")?.name, "America/New_York");
/// assert_eq!(zone("new york")?.name, "America/New_York");
/// assert_eq!(zone("UTC+3")?.name, "Etc/GMT-3");
/// assert_eq!(zone("+5:30")?.name, "+05:30");
/// assert_eq!(zone("berln").unwrap_err().nearest[0], "Europe/Berlin");
/// # Ok::<(), vahta_when::UnknownZone>(())
/// ```
pub fn zone(text: &str) -> Result<Zone, UnknownZone> {
    let key = key(text);
    if let Some(zone) = offset(&key) {
        return Ok(zone);
    }
    let name = NAMES
        .get(key.as_str())
        .map(String::as_str)
        .or_else(|| cities::zone_of(&key));
    let found = name.and_then(|name| {
        let zone = TimeZone::get(name).ok()?;
        let name = name.to_owned();
        Some(Zone { name, zone })
    });
    found.ok_or_else(|| UnknownZone {
        nearest: nearest(&key),
    })
}

/// Lower case, one space between words, `_` as a space, `ё` as `е`.
fn key(text: &str) -> String {
    // Long names are none, and the nearest of one would cost time.
    let text: String = text.chars().take(64).collect();
    let words = text.split(|c: char| c.is_whitespace() || c == '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase().replace('ё', "е")
}

/// Whole names and their last parts, each in the form of [`key`].
static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut all: Vec<String> = db()
        .available()
        .map(|name| name.as_str().to_owned())
        .collect();
    // Whoever comes first keeps the city: places before old names and countries.
    all.sort_by_key(|name| (rank(name), name.clone()));
    let mut names = HashMap::with_capacity(all.len() * 2);
    for name in all {
        let whole = key(&name);
        if let Some((_, city)) = whole.rsplit_once('/')
            && rank(&name) < OLD
        {
            names.entry(city.to_owned()).or_insert_with(|| name.clone());
        }
        names.insert(whole, name);
    }
    names
});

const OLD: usize = 10;

fn rank(name: &str) -> usize {
    let parts = [
        "Europe/",
        "Asia/",
        "America/",
        "Africa/",
        "Australia/",
        "Pacific/",
        "Atlantic/",
        "Indian/",
        "Antarctica/",
        "Arctic/",
    ];
    parts
        .iter()
        .position(|part| name.starts_with(part))
        .unwrap_or(OLD)
}

/// `+3`, `UTC+3`, `gmt-05:30`, `utc`
fn offset(key: &str) -> Option<Zone> {
    let rest = key
        .strip_prefix("utc")
        .or_else(|| key.strip_prefix("gmt"))
        .map_or(key, str::trim_start);
    if (rest.is_empty() && !key.is_empty()) || key == "z" {
        return Some(Zone {
            name: "UTC".to_owned(),
            zone: TimeZone::UTC,
        });
    }
    let (sign, digits) = match rest.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, rest.strip_prefix(['-', '−'])?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, number(minutes)?),
        Some(_) => return None,
        // `+0530`
        None if digits.len() == 4 => (digits.get(..2)?, number(digits.get(2..)?)?),
        None => (digits, 0),
    };
    let hours = number(hours)?;
    if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
        return None;
    }
    let seconds = sign * (hours * 3600 + minutes * 60);
    if seconds == 0 {
        return offset("utc");
    }
    if minutes == 0 {
        // Named ones are understood by everything that takes a zone. GMT-12 is the last one west.
        let name = format!("Etc/GMT{}{hours}", if sign > 0 { '-' } else { '+' });
        if let Ok(zone) = TimeZone::get(&name) {
            return Some(Zone { name, zone });
        }
    }
    let sign = if sign > 0 { '+' } else { '-' };
    Some(Zone {
        name: format!("{sign}{hours:02}:{minutes:02}"),
        zone: TimeZone::fixed(Offset::from_seconds(seconds).ok()?),
    })
}

fn number(text: &str) -> Option<i32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn nearest(key: &str) -> Vec<String> {
    let known = NAMES
        .iter()
        .map(|(key, name)| (key.as_str(), name.as_str()));
    let mut found: Vec<(usize, &str)> = known
        .chain(cities::all())
        .map(|(known, name)| (distance(key, known), name))
        .filter(|(distance, _)| *distance <= NEAR)
        .collect();
    found.sort_unstable();
    found.dedup_by_key(|(_, name)| *name);
    let names: Vec<String> = found
        .iter()
        .take(3)
        .map(|(_, name)| (*name).to_owned())
        .collect();
    if names.is_empty() {
        let examples = ["Europe/Berlin", "Europe/Moscow", "UTC+3"];
        return examples.map(str::to_owned).to_vec();
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_name_city_and_offset_and_its_own_name_reads_back() {
        for (text, name) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("MOSCOW", "Europe/Moscow"),
            ("Sao Paulo", "America/Sao_Paulo"),
            ("são paulo", "America/Sao_Paulo"),
            ("Ho_Chi_Minh", "Asia/Ho_Chi_Minh"),
            ("buenos aires", "America/Argentina/Buenos_Aires"),
            ("san francisco", "America/Los_Angeles"),
            ("москва", "Europe/Moscow"),
            ("Санкт-Петербург", "Europe/Moscow"),
            ("екатеринбург", "Asia/Yekaterinburg"),
            ("алматы", "Asia/Almaty"),
            ("Минск", "Europe/Minsk"),
            ("utc", "UTC"),
            ("+0", "UTC"),
            ("+3", "Etc/GMT-3"),
            ("UTC+3", "Etc/GMT-3"),
            ("utc + 3", ""),
            ("GMT-5", "Etc/GMT+5"),
            ("+03:00", "Etc/GMT-3"),
            ("+0530", "+05:30"),
            ("UTC-3:30", "-03:30"),
            ("-13", "-13:00"),
            ("+15", ""),
            ("", ""),
            ("3", ""),
            ("+3:5", ""),
            ("Mars/Olympus", ""),
        ] {
            let found = zone(text).map(|zone| zone.name).unwrap_or_default();
            assert_eq!(found, name, "{text}");
            if !name.is_empty() {
                assert_eq!(zone(name).unwrap().name, name);
            }
        }
    }

    /// A database that has the city itself goes before our list, so the name may differ.
    #[test]
    fn every_city_has_a_zone() {
        for (city, name) in cities::all() {
            assert!(zone(city).is_ok() && zone(name).is_ok(), "{city} {name}");
        }
    }

    #[test]
    fn an_unknown_zone_brings_names_that_are_known() {
        for text in ["berln", "москв", "nowhere at all", "+99"] {
            for name in zone(text).unwrap_err().nearest {
                assert!(zone(&name).is_ok(), "{name}");
            }
        }
    }
}
