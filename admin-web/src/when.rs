//! Instants in the viewer's time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use vahta_rows::Micros;

/// To the minute, with the exact instant for whoever points at it.
pub(crate) fn show(at: Micros, time_zone: &str) -> Markup {
    let Ok(instant) = Timestamp::from_microsecond(at.0) else {
        return html! { "—" };
    };
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let local = instant
        .to_zoned(zone)
        .strftime("%Y-%m-%d %H:%M")
        .to_string();
    html! { time datetime=(instant.to_string()) title=(instant.to_string()) { (local) } }
}
