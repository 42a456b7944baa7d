//! Downloads per day, as bars: a picture that needs no script.

use jiff::civil::Date;
use maud::{Markup, html};

use crate::view::View;

/// Each of the last days, with how many ended on it.
pub(super) fn days(view: &View<'_>, now: i64, days: i64, ended: &[i64]) -> Vec<(Date, usize)> {
    let today = view.day(now);
    let ended: Vec<Date> = ended.iter().map(|at| view.day(*at)).collect();
    let back = (0..days).rev();
    back.filter_map(|back| {
        let day = today
            .checked_sub(jiff::Span::new().try_days(back).ok()?)
            .ok()?;
        Some((day, ended.iter().filter(|it| **it == day).count()))
    })
    .collect()
}

pub(super) fn bars(days: &[(Date, usize)], label: &str) -> Markup {
    const HEIGHT: usize = 60;
    const STEP: usize = 10;
    let most = days
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or_default()
        .max(1);
    let width = days.len() * STEP;
    html! {
        svg.bars role="img" aria-label=(label) viewBox={ "0 0 " (width) " " (HEIGHT) }
            preserveAspectRatio="none" {
            @for (at, (day, count)) in days.iter().enumerate() {
                @let tall = count * HEIGHT / most;
                rect x=(at * STEP + 1) y=(HEIGHT - tall) width=(STEP - 2) height=(tall) {
                    title { (day) ": " (count) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn every_day_has_its_bar_and_midnight_is_the_viewers() {
        let texts = crate::view::texts().unwrap();
        let now: Timestamp = "2026-11-22T01:00:00Z".parse().unwrap();
        let view = View::new(&texts, "en", "").at(Some("America/New_York"), now);
        let late: Timestamp = "2026-11-22T00:30:00Z".parse().unwrap();
        let ended = [late.as_microsecond(), late.as_microsecond()];
        let days = days(&view, now.as_microsecond(), 3, &ended);
        let counts: Vec<_> = days.iter().map(|(day, n)| (day.to_string(), *n)).collect();
        let wanted = [("2026-11-19", 0), ("2026-11-20", 0), ("2026-11-21", 2)];
        assert_eq!(counts, wanted.map(|(day, n)| (day.to_owned(), n)));
        assert!(bars(&days, "x").into_string().matches("<rect").count() == 3);
    }
}
