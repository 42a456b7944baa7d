//! Each line of `tables/phrases.txt`: what a phrase means and what text it leaves.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::Zoned;
use jiff::civil::DateTime;
use vahta_when::{Language, occurrences, parse, print};

struct Line {
    now: Zoned,
    text: &'static str,
    times: Vec<DateTime>,
    /// There are no more than these.
    ends: bool,
    rest: &'static str,
}

/// The lines; those with `!` instead of times are no phrase.
fn table() -> (Vec<Line>, Vec<(Zoned, &'static str)>) {
    let mut now: Option<Zoned> = None;
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for line in include_str!("tables/phrases.txt").lines() {
        if let Some(time) = line.strip_prefix("now ") {
            now = Some(time.parse().unwrap());
        } else if let Some(text) = line.strip_suffix(" |!") {
            wrong.push((now.clone().unwrap(), text));
        } else if !line.is_empty() && !line.starts_with("# ") {
            let mut columns = line.split(" | ");
            let text = columns.next().unwrap();
            let mut times: Vec<&str> = columns.next().expect(line).split("; ").collect();
            let ends = times.last() == Some(&"end");
            times.retain(|time| *time != "end");
            lines.push(Line {
                now: now.clone().unwrap(),
                text,
                times: times
                    .iter()
                    .map(|time| time.trim().parse().expect(line))
                    .collect(),
                ends,
                rest: columns.next().unwrap_or_default(),
            });
        }
    }
    (lines, wrong)
}

#[test]
fn every_phrase_of_the_table_means_what_it_says() {
    let (lines, wrong) = table();
    let mut faults = Vec::new();
    for line in &lines {
        let parsed = match parse(line.text, &line.now) {
            Ok(parsed) => parsed,
            Err(error) => {
                faults.push(format!("{}: {error}", line.text));
                continue;
            }
        };
        let zone = line.now.time_zone();
        let wanted = line.times.len() + usize::from(line.ends);
        let times: Vec<DateTime> = occurrences(&parsed.when, line.now.timestamp(), zone)
            .take(wanted)
            .map(|at| zone.to_datetime(at))
            .collect();
        if times != line.times || parsed.rest != line.rest {
            faults.push(format!("{}: {times:?} {:?}", line.text, parsed.rest));
        }
    }
    for (now, text) in wrong {
        if let Ok(parsed) = parse(text, &now) {
            faults.push(format!("{text}: {parsed:?}"));
        }
    }
    assert!(
        faults.is_empty(),
        "{}\n{} faults",
        faults.join("\n"),
        faults.len()
    );
    assert!(lines.len() >= 300, "only {} phrases", lines.len());
}

#[test]
fn what_is_printed_parses_to_the_same() {
    let mut faults = Vec::new();
    for line in table().0 {
        let Ok(parsed) = parse(line.text, &line.now) else {
            continue;
        };
        for language in [Language::English, Language::Russian] {
            let printed = print(&parsed.when, language, line.now.time_zone());
            match parse(&printed, &line.now) {
                Ok(again) if again.when == parsed.when && again.rest.is_empty() => {}
                other => faults.push(format!("{}: {printed}: {other:?}", line.text)),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_stored_form_reads_back() {
    for line in table().0 {
        if let Ok(parsed) = parse(line.text, &line.now) {
            let stored = serde_json::to_string(&parsed.when).unwrap();
            let again: vahta_when::When = serde_json::from_str(&stored).expect(&stored);
            assert_eq!(again, parsed.when, "{stored}");
        }
    }
}
