//! Where the clock jumps: a gap ends at its first valid time, an overlap counts once, fixed
//! intervals run on.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use vahta_when::{occurrences, parse};

/// The next times of a phrase, with their offsets.
#[track_caller]
fn check(now: &str, phrase: &str, expected: &[&str]) {
    let now: Zoned = now.parse().unwrap();
    let when = parse(phrase, &now).unwrap().when;
    let zone = now.time_zone();
    let times: Vec<String> = occurrences(&when, now.timestamp(), zone)
        .take(expected.len())
        .map(|at| {
            at.to_zoned(zone.clone())
                .strftime("%m-%d %H:%M%:z")
                .to_string()
        })
        .collect();
    assert_eq!(times, expected, "{phrase}");
}

#[test]
fn a_time_in_the_gap_of_berlin_is_the_first_valid_one_and_the_series_goes_on() {
    let expected = [
        "03-27 02:30+01:00",
        "03-28 03:00+02:00",
        "03-29 02:30+02:00",
    ];
    check(
        "2027-03-26T12:00[Europe/Berlin]",
        "every day 2:30",
        &expected,
    );
    check(
        "2027-03-26T12:00[Europe/Berlin]",
        "cron 30 2 * * *",
        &expected,
    );
    check(
        "2027-03-28T00:00[Europe/Berlin]",
        "2:30",
        &["03-28 03:00+02:00"],
    );
}

#[test]
fn times_that_fall_together_at_the_end_of_a_gap_are_one() {
    let expected = [
        "03-28 03:00+02:00",
        "03-28 03:15+02:00",
        "03-29 02:00+02:00",
    ];
    check(
        "2027-03-28T01:00[Europe/Berlin]",
        "every day 2:00, 2:30, 3:00, 3:15",
        &expected,
    );
    let expected = [
        "03-28 01:30+01:00",
        "03-28 03:00+02:00",
        "03-28 03:30+02:00",
    ];
    check(
        "2027-03-28T01:00[Europe/Berlin]",
        "every day 1-4/30m",
        &expected,
    );
    let expected = ["03-28 03:00+02:00", "03-29 02:00+02:00"];
    check(
        "2027-03-28T01:00[Europe/Berlin]",
        "cron */15 2 * * *",
        &expected,
    );
}

#[test]
fn a_time_in_the_overlap_of_berlin_counts_once() {
    let expected = [
        "10-30 02:30+02:00",
        "10-31 02:30+02:00",
        "11-01 02:30+01:00",
    ];
    check(
        "2027-10-29T12:00[Europe/Berlin]",
        "every day 2:30",
        &expected,
    );
    check(
        "2027-10-29T12:00[Europe/Berlin]",
        "cron 30 2 * * *",
        &expected,
    );
    // In the second pass the time of the first one is over.
    check(
        "2027-10-31T02:10+01:00[Europe/Berlin]",
        "every day 2:30",
        &["11-01 02:30+01:00"],
    );
}

#[test]
fn an_interval_and_a_cron_line_of_every_hour_run_on_real_time() {
    let overlap = [
        "10-31 01:30+02:00",
        "10-31 02:30+02:00",
        "10-31 02:30+01:00",
        "10-31 03:30+01:00",
    ];
    check("2027-10-31T00:30[Europe/Berlin]", "every hour", &overlap);
    check(
        "2027-10-31T00:30[Europe/Berlin]",
        "cron 30 * * * *",
        &overlap,
    );
    let gap = [
        "03-28 01:30+01:00",
        "03-28 03:30+02:00",
        "03-28 04:30+02:00",
    ];
    check("2027-03-28T00:30[Europe/Berlin]", "every hour", &gap);
    check("2027-03-28T00:30[Europe/Berlin]", "cron 30 * * * *", &gap);
    // A day has 23 hours there; an interval of 24 hours moves on the clock, a daily time does not.
    let expected = ["03-28 13:00+02:00", "03-29 13:00+02:00"];
    check(
        "2027-03-27T12:00[Europe/Berlin]",
        "every 24 hours",
        &expected,
    );
}

#[test]
fn a_countdown_through_a_change_is_real_time_and_days_are_the_calendars() {
    check(
        "2027-03-28T01:30[Europe/Berlin]",
        "in 1 hour",
        &["03-28 03:30+02:00"],
    );
    check(
        "2027-10-31T02:30+02:00[Europe/Berlin]",
        "in 1 hour",
        &["10-31 02:30+01:00"],
    );
    check(
        "2027-03-27T12:00[Europe/Berlin]",
        "in 1 day",
        &["03-28 12:00+02:00"],
    );
    check(
        "2027-03-27T02:30[Europe/Berlin]",
        "in 1 day",
        &["03-28 03:00+02:00"],
    );
}

#[test]
fn new_york_has_its_own_dates() {
    // 2027: 14 March and 7 November.
    check(
        "2027-03-13T12:00[America/New_York]",
        "every day 2:30",
        &["03-14 03:00-04:00", "03-15 02:30-04:00"],
    );
    check(
        "2027-11-06T12:00[America/New_York]",
        "every day 1:30",
        &["11-07 01:30-04:00", "11-08 01:30-05:00"],
    );
}

#[test]
fn lord_howe_moves_by_half_an_hour() {
    // 2027: 3 October 02:00 becomes 02:30; 4 April 02:00 becomes 01:30.
    check(
        "2027-10-02T12:00[Australia/Lord_Howe]",
        "every day 2:15",
        &["10-03 02:30+11:00", "10-04 02:15+11:00"],
    );
    check(
        "2027-04-03T12:00[Australia/Lord_Howe]",
        "every day 1:45",
        &["04-04 01:45+11:00", "04-05 01:45+10:30"],
    );
    let expected = [
        "04-04 01:30+11:00",
        "04-04 02:00+10:30",
        "04-04 03:00+10:30",
    ];
    check(
        "2027-04-04T00:30[Australia/Lord_Howe]",
        "every hour",
        &expected,
    );
}

#[test]
fn midnight_did_not_exist_in_sao_paulo() {
    // 2018-11-04 began at 01:00; 2018-02-17 ended at 23:59 twice.
    check(
        "2018-11-03T12:00[America/Sao_Paulo]",
        "every day 0:00",
        &["11-04 01:00-02:00", "11-05 00:00-02:00"],
    );
    check(
        "2018-11-03T12:00[America/Sao_Paulo]",
        "cron 0 0 * * *",
        &["11-04 01:00-02:00", "11-05 00:00-02:00"],
    );
    check(
        "2018-02-17T12:00[America/Sao_Paulo]",
        "every day 23:30",
        &["02-17 23:30-02:00", "02-18 23:30-03:00"],
    );
}

#[test]
fn apia_skipped_a_day() {
    // 30 December 2011 did not exist: its times are the first moment of the 31st.
    let expected = [
        "12-29 09:00-10:00",
        "12-31 00:00+14:00",
        "12-31 09:00+14:00",
    ];
    check(
        "2011-12-28T12:00[Pacific/Apia]",
        "every day 9:00",
        &expected,
    );
    let expected = [
        "12-29 23:00-10:00",
        "12-31 00:00+14:00",
        "12-31 01:00+14:00",
    ];
    check("2011-12-29T22:00[Pacific/Apia]", "every hour", &expected);
    check(
        "2011-12-29T22:00[Pacific/Apia]",
        "cron 0 * * * *",
        &expected,
    );
}

#[test]
fn asking_from_each_minute_of_a_change_never_goes_back_nor_skips() {
    for (zone, from) in [
        ("Europe/Berlin", "2027-03-27T20:00:00Z"),
        ("Europe/Berlin", "2027-10-30T20:00:00Z"),
        ("Australia/Lord_Howe", "2027-04-03T10:00:00Z"),
        ("America/Sao_Paulo", "2018-11-03T20:00:00Z"),
        ("Pacific/Apia", "2011-12-29T20:00:00Z"),
    ] {
        let zone = TimeZone::get(zone).unwrap();
        let start: Timestamp = from.parse().unwrap();
        let now = start.to_zoned(zone.clone());
        for phrase in [
            "every day 0:00, 1:45, 2:15, 2:30",
            "cron */20 * * * *",
            "every 50 minutes",
        ] {
            let when = parse(phrase, &now).unwrap().when;
            let all: Vec<Timestamp> = occurrences(&when, start, &zone).take(300).collect();
            assert!(all.is_sorted_by(|a, b| a < b), "{phrase}");
            for minute in 0..900 {
                let after = start + jiff::SignedDuration::from_mins(minute);
                let expected = all.iter().find(|at| **at > after).copied();
                let next = vahta_when::next_after(&when, after, &zone);
                assert_eq!(next, expected, "{phrase} after {after}");
            }
        }
    }
}
