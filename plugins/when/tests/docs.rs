//! Every example of `docs/TIME.md` is executed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::Zoned;
use jiff::civil::DateTime;
use vahta_when::{find, occurrences, parse, relative};

fn now() -> Zoned {
    "2026-07-15T12:07:33[Europe/Berlin]".parse().unwrap()
}

/// The rows of the table with this head, cells without their code marks.
fn rows(head: &str) -> Vec<Vec<&'static str>> {
    let page = include_str!("../../../docs/TIME.md");
    let rows = page.lines().skip_while(|line| *line != head).skip(2);
    let rows: Vec<Vec<&str>> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().trim_matches('`')).collect()
        })
        .collect();
    assert!(!rows.is_empty(), "no table {head}");
    rows
}

#[test]
fn phrases_have_the_times_that_the_page_says() {
    let now = now();
    let zone = now.time_zone();
    for row in rows("| Phrase | Next times |") {
        let &[phrase, times] = row.as_slice() else {
            panic!("{row:?}")
        };
        let mut expected: Vec<&str> = times.split(", ").collect();
        let ends = expected.pop_if(|last| *last == "end").is_some();
        let expected: Vec<DateTime> = expected.iter().map(|time| time.parse().unwrap()).collect();
        let when = parse(phrase, &now).expect(phrase).when;
        let times: Vec<DateTime> = occurrences(&when, now.timestamp(), zone)
            .take(expected.len() + usize::from(ends))
            .map(|at| zone.to_datetime(at))
            .collect();
        assert_eq!(times, expected, "{phrase}");
    }
}

#[test]
fn lines_of_quick_add_have_the_phrase_that_the_page_says() {
    for row in rows("| Line | Phrase |") {
        let found = find(row[0], &now()).unwrap();
        let found = found.map_or("none", |found| &row[0][found.span]);
        assert_eq!(found, row[1], "{}", row[0]);
    }
}

#[test]
fn due_dates_are_what_the_page_says() {
    let now = now();
    for row in rows("| Offset | Due |") {
        let due = relative(row[0]).unwrap();
        let due = due.apply(now.timestamp(), now.time_zone()).unwrap();
        let expected: DateTime = row[1].parse().unwrap();
        assert_eq!(now.time_zone().to_datetime(due), expected, "{}", row[0]);
    }
}

#[test]
fn errors_are_what_the_page_says() {
    for row in rows("| Phrase | Word | Reason | For example |") {
        let error = parse(row[0], &now()).expect_err(row[0]);
        let word = &row[0][error.span.clone()];
        let reason = format!("{:?}", error.reason);
        assert_eq!([row[0], word, &reason, &error.example], row.as_slice());
        assert!(parse(&error.example, &now()).is_ok());
    }
}
