//! Whatever comes in: nothing panics, spans lie in the text, times ascend, examples parse, and what
//! is printed parses to the same.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::num::{NonZeroU16, NonZeroU32};

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vahta_when::{
    Cron, Dates, Day, Days, Every, Language, MonthDay, Rule, Slot, Times, Weekdays, When, YearDay,
    find, next_after, occurrences, parse, print, relative, zone,
};

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kolkata",
    "America/St_Johns",
];

fn presents() -> impl Strategy<Value = Zoned> {
    (0..ZONES.len(), 1_000_000_000_i64..2_500_000_000).prop_map(|(zone, second)| {
        let zone = TimeZone::get(ZONES[zone]).unwrap();
        Timestamp::from_second(second).unwrap().to_zoned(zone)
    })
}

fn times_of_day() -> impl Strategy<Value = Time> {
    (
        0..24_i8,
        0..60_i8,
        prop_oneof![4 => Just(0_i8), 1 => 0..60_i8],
    )
        .prop_map(|(hour, minute, second)| Time::new(hour, minute, second, 0).unwrap())
}

fn times() -> impl Strategy<Value = Times> {
    let window = (times_of_day(), times_of_day(), 60..20_000_u32);
    let slot = prop_oneof![
        4 => times_of_day().prop_map(Slot::At),
        1 => window.prop_filter_map("a range", |(from, to, step_s)| {
            (from < to).then_some(Slot::Window { from, to, step_s })
        }),
    ];
    vec(slot, 1..4).prop_map(|slots| Times::new(slots).unwrap())
}

fn weekday() -> impl Strategy<Value = Weekday> {
    (0..7_i8).prop_map(|at| Weekday::from_monday_zero_offset(at).unwrap())
}

fn weekdays() -> impl Strategy<Value = Weekdays> {
    vec(weekday(), 1..7).prop_map(|days| {
        let days = days.into_iter().map(Weekdays::one);
        days.reduce(Weekdays::and).unwrap()
    })
}

fn month_days() -> impl Strategy<Value = Vec<MonthDay>> {
    let day = prop_oneof![
        3 => (1..=31_u8).prop_map(MonthDay::Day),
        1 => Just(MonthDay::Last),
        2 => (prop_oneof![Just(-1_i8), 1..=5_i8], weekday())
            .prop_map(|(nth, weekday)| MonthDay::Nth(nth, weekday)),
    ];
    // The parser's order: days, weekdays, the last day.
    vec(day, 1..4).prop_map(|mut days| {
        days.sort_by_key(|day| match day {
            MonthDay::Day(day) => (0, i16::from(*day), 0),
            MonthDay::Nth(nth, weekday) => (1, i16::from(*nth), weekday.to_monday_zero_offset()),
            MonthDay::Last => (2, 0, 0),
        });
        days.dedup();
        days
    })
}

fn year_days() -> impl Strategy<Value = Vec<YearDay>> {
    let day = (1..=12_u8, 1..=31_u8).prop_filter_map("a date", |(month, day)| {
        let exists = Date::new(2000, month.cast_signed(), day.cast_signed()).is_ok();
        exists.then_some(YearDay { month, day })
    });
    vec(day, 1..3).prop_map(|mut days| {
        days.sort_unstable();
        days.dedup();
        days
    })
}

fn step() -> impl Strategy<Value = NonZeroU16> {
    prop_oneof![3 => Just(1), 2 => 2..30_u16].prop_map(|step| NonZeroU16::new(step).unwrap())
}

fn days() -> impl Strategy<Value = Days> {
    prop_oneof![
        step().prop_map(|step| Days::Daily { step }),
        (step(), weekdays()).prop_map(|(step, on)| Days::Weekly { step, on }),
        (step(), month_days()).prop_map(|(step, on)| Days::Monthly { step, on }),
        (step(), year_days()).prop_map(|(step, on)| Days::Yearly { step, on }),
    ]
}

fn rules(now: &Zoned) -> impl Strategy<Value = Rule> + use<> {
    let now = now.timestamp();
    let fields = ["*", "*/5", "0", "1-5", "1,3,5", "2-5/2"].map(str::to_owned);
    let field = proptest::sample::select(fields.to_vec());
    prop_oneof![
        4 => (days(), times()).prop_map(|(days, times)| Rule::Calendar { days, times }),
        1 => (60..500_000_u32, -1_000_000..1_000_000_i64).prop_map(move |(seconds, first)| {
            Rule::Interval {
                seconds: NonZeroU32::new(seconds).unwrap(),
                first: Timestamp::from_second(now.as_second() + first).unwrap(),
            }
        }),
        1 => vec(field, 5).prop_filter_map("a line", |fields| {
            Cron::try_from(fields.join(" ")).ok().map(Rule::Cron)
        }),
    ]
}

/// What the parser makes of a step or a count: an anchor, which it brings to the first time.
fn whens() -> impl Strategy<Value = (Zoned, When)> {
    let bounds = (
        option::of(0..2000_i64),
        option::of(0..4000_i64),
        option::of(1..50_u32),
    );
    let series = presents().prop_flat_map(move |now| {
        let rules = rules(&now);
        (Just(now), rules, bounds.clone()).prop_map(|(now, rule, (from, until, count))| {
            let day = |days: i64| now.date().checked_add(days.days()).unwrap();
            let mut every = Every::new(rule);
            if !matches!(every.rule, Rule::Interval { .. }) {
                every.from = from.map(|days| day(days).at(0, 0, 0, 0));
            }
            every.until = until.map(|days| day(days + 1).at(23, 59, 59, 0));
            every.count = count.and_then(NonZeroU32::new);
            (now, When::Every(every))
        })
    });
    let once = (presents(), vec((1..3000_i64, times()), 1..4)).prop_map(|(now, days)| {
        let days = days.into_iter().map(|(later, times)| Day {
            date: now.date().checked_add(later.days()).unwrap(),
            times,
        });
        let dates = Dates::new(days.collect()).unwrap();
        (now, When::Once(dates))
    });
    let instant = (presents(), 1..100_000_000_i64).prop_map(|(now, later)| {
        let at = Timestamp::from_second(now.timestamp().as_second() + later).unwrap();
        (now, When::Instant(at))
    });
    prop_oneof![6 => series, 2 => once, 1 => instant]
}

/// Words of the grammar in any order, with noise.
fn lines() -> impl Strategy<Value = String> {
    let words = [
        "in",
        "every",
        "day",
        "monday",
        "mon-fri",
        "10-18/1h30m",
        "9:00",
        "25:00",
        "5pm",
        "24.12",
        "31.02",
        "2026-12-24",
        "T",
        "tomorrow",
        "next",
        "until",
        "x5",
        "×0",
        "from",
        "31st",
        "last",
        "monthly",
        "cron",
        "0",
        "*",
        "*/5",
        "1-5",
        "через",
        "2",
        "часа",
        "каждый",
        "понедельник",
        "по",
        "будням",
        "числа",
        "в",
        "до",
        "с",
        "99999999999",
        ",",
        "and",
        "и",
        "-",
        "/",
        "+02:00",
        "@bob",
        "#1.2",
        "(",
        "½",
        "𝟗",
        "İ",
        "ß",
        "\u{301}",
        "half",
        "an",
        "hour",
        "of",
        "the",
    ];
    let word = proptest::sample::select(words.to_vec());
    vec((word, prop_oneof![4 => Just(" "), 1 => Just("")]), 0..12).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(word, gap)| [word, gap])
            .collect()
    })
}

fn check(text: &str, now: &Zoned) -> Result<(), TestCaseError> {
    match parse(text, now) {
        Ok(parsed) => {
            prop_assert!(text.get(parsed.span.clone()).is_some());
            prop_assert!(next_after(&parsed.when, now.timestamp(), now.time_zone()).is_some());
        }
        Err(error) => {
            prop_assert!(text.get(error.span.clone()).is_some());
            prop_assert!(parse(&error.example, now).is_ok(), "{text:?}: {error}");
        }
    }
    if let Ok(Some(found)) = find(text, now) {
        prop_assert!(text.get(found.span.clone()).is_some());
        prop_assert!(found.due > now.timestamp());
    }
    if let Ok(offset) = relative(text) {
        prop_assert_eq!(relative(&offset.to_string()), Ok(offset));
        let _ = offset.apply(now.timestamp(), now.time_zone());
    }
    let _ = zone(text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>(), now in presents()) {
        check(&text, &now)?;
    }

    #[test]
    fn no_heap_of_words_panics_and_each_error_brings_a_phrase(text in lines(), now in presents()) {
        check(&text, &now)?;
    }

    #[test]
    fn what_is_printed_parses_to_the_same((now, when) in whens()) {
        // What never comes is refused; whether something comes is the engine's to say.
        prop_assume!(next_after(&when, now.timestamp(), now.time_zone()).is_some());
        for language in [Language::English, Language::Russian] {
            let printed = print(&when, language, now.time_zone());
            let parsed = parse(&printed, &now);
            let parsed = parsed.map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
            prop_assert_eq!(&parsed.rest, "", "{}", printed);
            // A step or a count without its anchor is given one; then it stays.
            let again = print(&parsed.when, language, now.time_zone());
            prop_assert_eq!(&parse(&again, &now).unwrap().when, &parsed.when, "{}", again);
            if anchored(&when) {
                prop_assert_eq!(&parsed.when, &when, "{}", printed);
            }
        }
    }

    #[test]
    fn times_ascend_within_their_bounds((now, when) in whens()) {
        let zone = now.time_zone();
        let mut last = now.timestamp();
        for at in occurrences(&when, now.timestamp(), zone).take(20) {
            prop_assert!(at > last);
            prop_assert_eq!(next_after(&when, last, zone), Some(at));
            last = at;
        }
    }

    #[test]
    fn the_stored_form_reads_back((_, when) in whens()) {
        let stored = serde_json::to_string(&when).unwrap();
        prop_assert_eq!(serde_json::from_str::<When>(&stored).unwrap(), when);
    }
}

/// Not counted from anything that the parser would have to find first.
fn anchored(when: &When) -> bool {
    let When::Every(every) = when else {
        return true;
    };
    let step = match &every.rule {
        Rule::Calendar { days, .. } => match days {
            Days::Daily { step }
            | Days::Weekly { step, .. }
            | Days::Monthly { step, .. }
            | Days::Yearly { step, .. } => step.get(),
        },
        _ => 1,
    };
    matches!(every.rule, Rule::Interval { .. }) || (step == 1 && every.count.is_none())
}

#[test]
fn a_stored_form_that_cannot_be_is_refused() {
    for wrong in [
        r#"{"once":[]}"#,
        r#"{"once":[{"date":"2026-12-24","times":[]}]}"#,
        r#"{"once":[{"date":"2026-12-24","times":[{"from":"18:00:00","to":"10:00:00","step_s":60}]}]}"#,
        r#"{"once":[{"date":"2026-12-24","times":[{"from":"10:00:00","to":"18:00:00","step_s":0}]}]}"#,
        r#"{"every":{"rule":{"interval":{"seconds":0,"first":"2026-12-24T00:00:00Z"}}}}"#,
        r#"{"every":{"rule":{"calendar":{"days":{"daily":{"step":0}},"times":["09:00:00"]}}}}"#,
        r#"{"every":{"rule":{"calendar":{"days":{"weekly":{"step":1,"on":[]}},"times":["09:00:00"]}}}}"#,
        r#"{"every":{"rule":{"calendar":{"days":{"monthly":{"step":1,"on":[]}},"times":["09:00:00"]}}}}"#,
        r#"{"every":{"rule":{"calendar":{"days":{"monthly":{"step":1,"on":[{"day":32}]}},"times":["09:00:00"]}}}}"#,
        r#"{"every":{"rule":{"calendar":{"days":{"monthly":{"step":1,"on":[{"nth":[6,"fri"]}]}},"times":["09:00:00"]}}}}"#,
        r#"{"every":{"rule":{"calendar":{"days":{"yearly":{"step":1,"on":[{"month":2,"day":30}]}},"times":["09:00:00"]}}}}"#,
        r#"{"every":{"rule":{"cron":"0 0 30 2 *"}}}"#,
    ] {
        assert!(serde_json::from_str::<When>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_stored_form_stays_as_it_is() {
    let now: Zoned = "2026-07-15T12:00[Europe/Berlin]".parse().unwrap();
    for (text, stored) in [
        ("in 1h", r#"{"instant":"2026-07-15T11:00:00Z"}"#),
        (
            "24.12 10:00",
            r#"{"once":[{"date":"2026-12-24","times":["10:00:00"]}]}"#,
        ),
        (
            "every 2 weeks on tue 10-18/1h until 31.12 ×5",
            concat!(
                r#"{"every":{"rule":{"calendar":{"days":{"weekly":{"step":2,"on":["tue"]}},"#,
                r#""times":[{"from":"10:00:00","to":"18:00:00","step_s":3600}]}},"#,
                r#""from":"2026-07-21T00:00:00","until":"2026-12-31T23:59:59","count":5}}"#
            ),
        ),
        (
            "every month on the 15th, last fri and last day 9:00",
            concat!(
                r#"{"every":{"rule":{"calendar":{"days":{"monthly":{"step":1,"#,
                r#""on":[{"day":15},{"nth":[-1,"fri"]},"last"]}},"times":["09:00:00"]}}}}"#
            ),
        ),
        (
            "every year on 24.12 9:00",
            concat!(
                r#"{"every":{"rule":{"calendar":{"days":{"yearly":{"step":1,"#,
                r#""on":[{"month":12,"day":24}]}},"times":["09:00:00"]}}}}"#
            ),
        ),
        (
            "cron 0 9 * * 1-5",
            r#"{"every":{"rule":{"cron":"0 9 * * 1-5"}}}"#,
        ),
        (
            "every 90 minutes",
            r#"{"every":{"rule":{"interval":{"seconds":5400,"first":"2026-07-15T11:30:00Z"}}}}"#,
        ),
    ] {
        let when = parse(text, &now).expect(text).when;
        assert_eq!(serde_json::to_string(&when).unwrap(), stored, "{text}");
    }
}
