//! What people see: texts and keyboards, made from values alone.

mod card;
mod faults;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vahta_plugin_sdk::prelude::{InlineKeyboardButton, InlineKeyboardMarkup, args};
use vahta_plugin_sdk::texts::{Arg, TextError, Texts, escape_html};

use crate::archive::Archive;
use crate::press::Press;

/// `(language, FTL source)`: a new language is a folder and a line here.
const SOURCES: &[(&str, &str)] = &[("en", include_str!("../locales/en/archives.ftl"))];

/// All languages of the plugin.
///
/// # Errors
/// Every fault of the embedded files; a test refuses that before they are shipped.
pub(crate) fn texts() -> Result<Texts, TextError> {
    Texts::from_ftl(SOURCES)
}

/// The content of a message: HTML and the buttons under it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Screen {
    pub(crate) text: String,
    pub(crate) keyboard: InlineKeyboardMarkup,
}

impl Screen {
    /// A text without buttons.
    pub(crate) fn plain(text: String) -> Self {
        Self {
            text,
            keyboard: InlineKeyboardMarkup::default(),
        }
    }

    /// The same, with a line above it.
    pub(crate) fn under(self, line: &str) -> Self {
        Self {
            text: format!("{line}\n\n{}", self.text),
            ..self
        }
    }
}

/// Texts in one person's language, times in their zone.
#[derive(Clone)]
pub(crate) struct View<'a> {
    texts: &'a Texts,
    language: &'a str,
    /// The site; empty when nobody said where it is.
    site: &'a str,
    zone: TimeZone,
    now: Timestamp,
}

impl<'a> View<'a> {
    pub(crate) fn new(texts: &'a Texts, language: &'a str, site: &'a str) -> Self {
        Self {
            texts,
            language,
            site,
            zone: TimeZone::UTC,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    /// With a person's zone, and the present to tell what is over.
    pub(crate) fn at(self, zone: Option<&str>, now: Timestamp) -> Self {
        let zone = zone.and_then(|name| TimeZone::get(name).ok());
        Self {
            zone: zone.unwrap_or(TimeZone::UTC),
            now,
            ..self
        }
    }

    pub(crate) fn text(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.texts.get(self.language, id, args)
    }

    /// An instant, as this person's clock shows it.
    pub(crate) fn time(&self, at: i64) -> String {
        let Ok(at) = Timestamp::from_microsecond(at) else {
            return String::new();
        };
        let (at, now) = (
            at.to_zoned(self.zone.clone()),
            self.now.to_zoned(self.zone.clone()),
        );
        let format = match (at.date() == now.date(), at.year() == now.year()) {
            (true, _) => "%H:%M",
            (false, true) => "%a %-d %b, %H:%M",
            (false, false) => "%-d %b %Y, %H:%M",
        };
        at.strftime(format).to_string()
    }

    /// The day of an instant, for charts.
    pub(crate) fn day(&self, at: i64) -> jiff::civil::Date {
        let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned(self.zone.clone()).date()
    }

    /// Seconds, in the two greatest units.
    pub(crate) fn span(&self, seconds: i64) -> String {
        let parts = [
            (86_400, "days"),
            (3_600, "hours"),
            (60, "minutes"),
            (1, "seconds"),
        ];
        let mut left = seconds.max(0);
        let mut said = Vec::new();
        for (length, unit) in parts {
            let count = left / length;
            left %= length;
            if count > 0 && said.len() < 2 {
                said.push(self.text(&format!("span-{unit}"), args!["count" => count]));
            }
        }
        said.join(" ")
    }

    /// The short link; none when nobody said where the site is.
    pub(crate) fn link(&self, archive: &Archive) -> Option<String> {
        let site = Some(self.site).filter(|site| !site.is_empty());
        site.map(|site| format!("{site}/pub/archive/a/{}", archive.token))
    }

    /// A path of the site, as people reach it from elsewhere.
    pub(crate) fn at_site(&self, path: &str) -> Option<String> {
        (!self.site.is_empty()).then(|| format!("{}{path}", self.site))
    }
}

/// Bytes as people read them, in powers of ten (IEC 80000-13).
pub(crate) fn size(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut whole = bytes.max(0);
    let mut tenths = 0;
    // Half up, in whole numbers: 999,950 bytes are 1.0 MB and not 1000.0 kB.
    while whole >= 1_000 && unit + 1 < UNITS.len() {
        let all = whole.saturating_mul(10) + tenths;
        let rounded = (all + 500) / 1_000;
        (whole, tenths) = (rounded / 10, rounded % 10);
        unit += 1;
    }
    match unit {
        0 => format!("{whole} B"),
        _ => format!("{whole}.{tenths} {}", UNITS[unit]),
    }
}

fn button(caption: String, press: Press) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(caption, press.data())
}

/// At most `most` characters; what is cut off shows as an ellipsis.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_unit_and_one_digit_behind_the_point() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_550, "1.6 kB"),
            (999_949, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (20_000_000, "20.0 MB"),
            (4_294_967_296, "4.3 GB"),
            (i64::MAX / 100_000, "92.2 TB"),
            (-5, "0 B"),
        ] {
            assert_eq!(size(bytes), text, "{bytes}");
        }
    }

    #[test]
    fn every_text_is_there() {
        texts().unwrap();
    }
}
