//! Each line of `tables/quick_add.txt`: what quick-add takes for a time, and what it leaves alone.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::Zoned;
use jiff::civil::DateTime;
use vahta_when::{Reason, find, relative};

fn now() -> Zoned {
    "2026-07-15T12:07:33[Europe/Berlin]".parse().unwrap()
}

#[test]
fn every_line_of_the_table_is_read_as_it_says() {
    let mut now = now();
    let mut faults = Vec::new();
    for line in include_str!("tables/quick_add.txt").lines() {
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        if let Some(time) = line.strip_prefix("now ") {
            now = time.parse().unwrap();
            continue;
        }
        let mut columns = line.split(" | ");
        let text = columns.next().unwrap();
        let phrase = columns.next().unwrap();
        let expected = (phrase != "-").then(|| {
            let due: DateTime = columns.next().unwrap().parse().unwrap();
            (phrase, now.time_zone().to_timestamp(due).unwrap())
        });
        let found = find(text, &now);
        let got = found.as_ref().map(|found| {
            let found = found.as_ref()?;
            Some((&text[found.span.clone()], found.due))
        });
        if got != Ok(expected) {
            faults.push(format!("{text}: {got:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_surely_a_time_and_wrong_is_an_error_at_the_word() {
    for (text, word, reason, example) in [
        ("Report on 31.02", "31.02", Reason::NoSuchDate, "28.02"),
        ("Report 31.02 10:00", "31.02", Reason::NoSuchDate, "28.02"),
        ("Report 01.02.2020", "01.02.2020", Reason::Past, "01.02"),
        (
            "Report 2020-02-01 9:00",
            "2020-02-01",
            Reason::Past,
            "01.02",
        ),
        ("Report today 9:00", "today", Reason::Past, "tomorrow 9:00"),
        (
            "Report tomorrow 25:00",
            "25:00",
            Reason::NoSuchTime,
            "23:00",
        ),
        (
            "Report in 0 minutes",
            "0 minutes",
            Reason::Zero,
            "in 1 minute",
        ),
        (
            "Отчёт сегодня в 9:00",
            "сегодня",
            Reason::Past,
            "завтра в 9:00",
        ),
        (
            "Отчёт через 0 минут",
            "0 минут",
            Reason::Zero,
            "через 1 минуту",
        ),
    ] {
        let error = find(text, &now()).expect_err(text);
        let found = (
            &text[error.span.clone()],
            error.reason,
            error.example.as_str(),
        );
        assert_eq!(found, (word, reason, example), "{text}");
    }
}

#[test]
fn a_template_says_how_long_after_the_start() {
    let start = "2026-01-31T12:00+01:00".parse().unwrap();
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    for (text, due, printed) in [
        ("2d", "2026-02-02T12:00", "+2d"),
        ("+3 days 18:00", "2026-02-03T18:00", "+3d 18:00"),
        ("1 month", "2026-02-28T12:00", "+1mo"),
        ("через 2 дня", "2026-02-02T12:00", "+2d"),
        ("через неделю в 9", "2026-02-07T09:00", "+7d 09:00"),
        ("2 weeks at 9:30", "2026-02-14T09:30", "+14d 09:30"),
        ("+1h30m", "2026-01-31T13:30", "+1h30m"),
        ("1d12h", "2026-02-02T00:00", "+1d12h"),
        ("in 1 year", "2027-01-31T12:00", "+1y"),
        ("0d 18:00", "2026-01-31T18:00", "+0d 18:00"),
        // On 29 March the clock leaves out 02:30.
        ("57 days 2:30", "2026-03-29T03:00", "+57d 02:30"),
    ] {
        let offset = relative(text).expect(text);
        let due: DateTime = due.parse().unwrap();
        let due = zone.to_timestamp(due).unwrap();
        assert_eq!(offset.apply(start, &zone), Some(due), "{text}");
        assert_eq!(offset.to_string(), printed, "{text}");
        assert_eq!(relative(printed), Ok(offset), "{text}");
    }
    for text in [
        "",
        "soon",
        "0d",
        "2d tea",
        "2h 18:00",
        "99999999999 days",
        "+",
        "2d 25:00",
    ] {
        let error = relative(text).expect_err(text);
        assert!(
            relative(&error.example).is_ok()
                || error.reason == Reason::TooFar
                || error.reason == Reason::NoSuchTime,
            "{text}: {error}"
        );
    }
}
