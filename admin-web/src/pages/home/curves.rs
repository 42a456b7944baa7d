//! The dashboard's curves: drawn here as SVG, so that no script has to.

use bot_core::figures::{EVERY, KEPT, Sample};
use maud::{Markup, html};
use vahta_texts::Arg;

use crate::cx::Cx;
use crate::parts::took;

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 40.0;

pub(super) fn all(cx: &Cx, history: &[Sample]) -> Markup {
    let last = history.last();
    let of = |value: fn(&Sample) -> f64| history.iter().map(value).collect::<Vec<f64>>();
    let errors: u64 = history.iter().map(|sample| sample.errors).sum();
    let text = |value: Option<String>| value.unwrap_or_else(|| "—".into());
    let minutes = (EVERY.as_secs() as usize * KEPT / 60) as i64;
    html! {
        div.three role="group" aria-label=(cx.t("curves", &[("minutes", Arg::from(minutes))])) {
            (figure(cx, "figure-updates", &text(last.map(|s| rate(s.updates_per_second))),
                &[of(|s| s.updates_per_second)]))
            (figure(cx, "figure-latency", &text(last.map(latency)),
                &[of(|s| s.p50_us as f64), of(|s| s.p99_us as f64)]))
            (figure(cx, "figure-calls", &text(last.map(|s| rate(s.calls_per_second))),
                &[of(|s| s.calls_per_second)]))
            (figure(cx, "figure-errors", &errors.to_string(), &[of(|s| s.errors as f64)]))
            (figure(cx, "figure-waiting", &text(last.map(|s| (s.waiting + s.journal).to_string())),
                &[of(|s| (s.waiting + s.journal) as f64)]))
            (figure(cx, "figure-memory", &text(last.and_then(|s| s.memory_kb).map(|kb| format!("{} MB", kb / 1024))),
                &[of(|s| s.memory_kb.unwrap_or_default() as f64)]))
        }
    }
}

/// Nothing came in this sample's time: nothing took any.
fn latency(sample: &Sample) -> String {
    if sample.p99_us == 0 {
        return "—".into();
    }
    let time = |us: u64| took(i64::try_from(us).unwrap_or(i64::MAX));
    format!("{} / {}", time(sample.p50_us), time(sample.p99_us))
}

fn rate(per_second: f64) -> String {
    if per_second < 10.0 {
        format!("{per_second:.1}/s")
    } else {
        format!("{per_second:.0}/s")
    }
}

/// A figure with the curve of its last minutes; a second curve shares the first one's scale.
fn figure(cx: &Cx, id: &str, value: &str, curves: &[Vec<f64>]) -> Markup {
    let top = curves.iter().flatten().copied().fold(0.0, f64::max);
    html! {
        div.card.figure {
            span.label { (cx.t(id, &[])) }
            b { (value) }
            svg.spark viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" {
                @for (n, curve) in curves.iter().enumerate() {
                    @let line = line(curve, top);
                    @if n == 0 && !line.is_empty() {
                        path.area d=(format!("{line}V{HEIGHT}H{:.1}Z", x(0, curve.len()))) {}
                    }
                    path.second[n > 0] d=(line) {}
                }
            }
        }
    }
}

/// The newest sample is at the right edge, wherever the history begins.
fn x(n: usize, of: usize) -> f64 {
    let missing = KEPT.saturating_sub(of);
    (missing + n) as f64 / (KEPT - 1) as f64 * WIDTH
}

fn line(values: &[f64], top: f64) -> String {
    let scale = if top > 0.0 { top } else { 1.0 };
    let mut path = String::new();
    for (n, value) in values.iter().enumerate() {
        let y = HEIGHT - 1.0 - value / scale * (HEIGHT - 4.0);
        let letter = if n == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{letter}{:.1} {y:.1}", x(n, values.len())));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_ends_at_the_right_edge_and_stays_in_its_field() {
        assert_eq!(line(&[], 0.0), "");
        let line = line(&[0.0, 5.0, 10.0], 10.0);
        assert!(
            line.starts_with('M') && line.ends_with("L300.0 3.0"),
            "{line}"
        );
    }
}
