//! What many pages are made of.

use maud::{Markup, PreEscaped, html};
use vahta_rows::Micros;
use vahta_texts::Arg;

use crate::cx::Cx;
use crate::page;

/// "Nothing here": a title `<id>` and what to do, `<id>-do`.
pub(crate) fn empty(cx: &Cx, id: &str) -> Markup {
    html! {
        div.empty {
            strong { (cx.t(id, &[])) }
            span { (cx.t(&format!("{id}-do"), &[])) }
        }
    }
}

pub(crate) fn badge(kind: &str, text: &str) -> Markup {
    html! { span class={ "badge " (kind) } { (text) } }
}

/// A button that sends a form of its own, after a question if there is one.
pub(crate) fn act(cx: &Cx, path: &str, text: &str, class: &str, ask: Option<&str>) -> Markup {
    html! {
        form method="post" action=(path) data-confirm=[ask] {
            (page::csrf(cx))
            button class={ "little " (class) } { (text) }
        }
    }
}

/// The way to the page before and after; `None` at an end.
pub(crate) fn pages(cx: &Cx, before: Option<String>, after: Option<String>) -> Markup {
    if before.is_none() && after.is_none() {
        return PreEscaped(String::new());
    }
    html! {
        nav.pages aria-label=(cx.t("pages", &[])) {
            @if let Some(href) = before { a rel="prev" href=(href) { "← " (cx.t("newer", &[])) } } @else { span {} }
            @if let Some(href) = after { a rel="next" href=(href) { (cx.t("older", &[])) " →" } }
        }
    }
}

/// Links of which one is where we are.
pub(crate) fn segments(here: &str, links: &[(&str, String, String)]) -> Markup {
    html! {
        nav.segments {
            @for (name, href, text) in links {
                a href=(href) aria-current=[(*name == here).then_some("page")] { (text) }
            }
        }
    }
}

pub(crate) fn option(value: &str, text: &str, chosen: &str) -> Markup {
    html! { option value=(value) selected[value == chosen] { (text) } }
}

/// A path with a query; empty values are left out.
pub(crate) fn href(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    match serde_urlencoded::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_string(),
    }
}

/// "850 bytes", "12 KiB", "1.5 GiB".
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1_024 {
        return format!("{count} bytes");
    }
    let (mut value, mut unit) = (count as f64 / 1_024.0, 0);
    while value >= 1_024.0 && unit + 1 < UNITS.len() {
        value /= 1_024.0;
        unit += 1;
    }
    let text = format!("{value:.1}");
    format!("{} {}", text.trim_end_matches(".0"), UNITS[unit])
}

/// "850 µs", "12 ms", "1.2 s".
pub(crate) fn took(us: i64) -> String {
    match us {
        ..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{:.1} ms", us as f64 / 1e3),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{:.1} s", us as f64 / 1e6),
    }
}

/// An instant in the viewer's zone, as short as it can be; exact on hover and for programs.
pub(crate) fn time(cx: &Cx, at: Micros) -> Markup {
    let Ok(instant) = jiff::Timestamp::from_microsecond(at.0) else {
        return html! { "—" };
    };
    let zone = zone(cx);
    let (then, now) = (
        instant.to_zoned(zone.clone()),
        jiff::Timestamp::now().to_zoned(zone),
    );
    let short = if then.date() == now.date() {
        "%H:%M:%S"
    } else if then.year() == now.year() {
        "%-d %b %H:%M"
    } else {
        "%-d %b %Y"
    };
    html! {
        time.nowrap datetime=(instant) title=(then.strftime("%A, %-d %B %Y, %H:%M:%S%.6f %Z")) {
            (then.strftime(short))
        }
    }
}

/// The viewer's zone; UTC when its name means nothing here.
pub(crate) fn zone(cx: &Cx) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(&cx.viewer.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
}

/// How long ago, or until when, in the largest unit: "5 min", "3 h", "2 d".
pub(crate) fn span(cx: &Cx, seconds: i64) -> String {
    let (id, n) = match seconds.abs() {
        s @ ..60 => ("span-seconds", s),
        s @ 60..3_600 => ("span-minutes", s / 60),
        s @ 3_600..86_400 => ("span-hours", s / 3_600),
        s => ("span-days", s / 86_400),
    };
    cx.t(id, &[("n", Arg::from(n))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        assert_eq!(took(850), "850 µs");
        assert_eq!(took(1_234), "1.2 ms");
        assert_eq!(took(45_678), "45 ms");
        assert_eq!(took(2_500_000), "2.5 s");
    }

    #[test]
    fn a_link_leaves_out_what_is_empty_and_escapes_the_rest() {
        assert_eq!(href("/users", &[("q", ""), ("page", "")]), "/users");
        assert_eq!(href("/users", &[("q", "a&b=c")]), "/users?q=a%26b%3Dc");
    }
}
