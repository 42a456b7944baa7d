//! What is wrong, where, and the nearest phrase that is right: which always parses.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::Zoned;
use vahta_when::{Reason, parse};

fn now() -> Zoned {
    "2026-07-15T12:07:33[Europe/Berlin]".parse().unwrap()
}

#[test]
fn an_error_points_at_the_word_and_its_example_parses() {
    use Reason::*;
    let mut faults = Vec::new();
    for (text, word, reason, example) in [
        ("24.12.2020 10:00 gifts", "24.12.2020", Past, "24.12"),
        ("2020-12-24", "2020-12-24", Past, "24.12"),
        ("today 9:00 tea", "today", Past, "tomorrow 9:00"),
        ("tea today 9:00", "today", Past, "tomorrow 9:00"),
        ("this monday 10:00", "this monday", Past, "tomorrow 9:00"),
        ("сегодня в 9:00", "сегодня", Past, "завтра в 9:00"),
        (
            "every day 9:00 until 2020-01-01",
            "2020-01-01",
            Past,
            "tomorrow 9:00",
        ),
        ("31.02 10:00", "31.02", NoSuchDate, "28.02"),
        ("31.02 tea", "31.02", NoSuchDate, "28.02"),
        ("31.02.2027", "31.02.2027", NoSuchDate, "28.02"),
        ("2027-02-31", "2027-02-31", NoSuchDate, "28.02"),
        ("31 april", "31 april", NoSuchDate, "30.04"),
        ("31 апреля в 10", "31 апреля", NoSuchDate, "30.04"),
        ("every year on 30.02", "30.02", NoSuchDate, "28.02"),
        ("tomorrow 25:00", "25:00", NoSuchTime, "23:00"),
        ("10:75 tea", "10:75", NoSuchTime, "10:59"),
        ("13am", "13am", NoSuchTime, "12:00"),
        ("завтра в 24:30", "24:30", NoSuchTime, "23:30"),
        ("in 0 minutes tea", "0 minutes", Zero, "in 1 minute"),
        ("через 0 минут", "0 минут", Zero, "через 1 минуту"),
        ("every 0 minutes", "0 minutes", Zero, "every minute"),
        ("every 0 days", "0 days", Zero, "every minute"),
        ("каждые 0 дней", "0 дней", Zero, "каждую минуту"),
        ("every 30 seconds", "30 seconds", TooShort, "every minute"),
        ("каждые 30 секунд", "30 секунд", TooShort, "каждую минуту"),
        ("10-18/30s stretch", "30s", TooShort, "10-18/1m"),
        ("10-18/0m stretch", "0m", Zero, "10-18/1m"),
        (
            "с 10 до 18 каждые 30 секунд",
            "30 секунд",
            TooShort,
            "с 10 до 18 каждые 1 минуту",
        ),
        ("every day 9:00 x0", "x0", Zero, "every day 9:00 ×1"),
        ("18-10/1h stretch", "18-10", Reversed, "10:00-18:00/1h"),
        ("mon-fri 18-10/1h", "18-10", Reversed, "10:00-18:00/1h"),
        ("10-10/1h", "10-10", Reversed, "10:00-23:59/1h"),
        (
            "every 2 hours from 18 to 10",
            "from 18 to 10",
            Reversed,
            "every day 9:00",
        ),
        ("cron 61 * * * *", "61", BadCron, "cron * * * * *"),
        ("0 24 * * *", "24", BadCron, "cron 0 * * * *"),
        ("cron 0 9 * *", "cron 0 9 * *", BadCron, "cron 0 9 * * 1-5"),
        ("cron * 9 x * *", "x", BadCron, "cron * 9 * * *"),
        ("cron 0 0 30 2 *", "0 0 30 2 *", Never, "cron 0 0 28 2 *"),
        ("0 0 31 2,4 *", "0 0 31 2,4 *", Never, "cron 0 0 28 2,4 *"),
        (
            "every monday 10 until tomorrow",
            "every monday 10 until tomorrow",
            Never,
            "tomorrow 9:00",
        ),
        (
            "every day 9:00 from 2020-01-01 x3",
            "every day 9:00 from 2020-01-01 x3",
            Never,
            "tomorrow 9:00",
        ),
        (
            "in 99999999999 years",
            "99999999999 years",
            TooFar,
            "in 1 year",
        ),
        ("every 99999 days", "99999 days", TooFar, "every day 9:00"),
        (
            "every day 9:00 x5000",
            "x5000",
            TooMany,
            "every day 9:00 ×1000",
        ),
        ("every mnday 10", "mnday", UnknownWord, "every monday 9:00"),
        (
            "every blursday",
            "blursday",
            UnknownWord,
            "every thursday 9:00",
        ),
        ("every", "every", UnknownWord, "every day 9:00"),
        (
            "каждый понедельнк в 10",
            "понедельнк",
            UnknownWord,
            "каждый понедельник в 9:00",
        ),
        (
            "tomorow at noonish",
            "tomorow",
            UnknownWord,
            "tomorrow 9:00",
        ),
        ("чай завтро", "завтро", UnknownWord, "завтра в 9:00"),
        (
            "friday 17:00-18:00 meeting",
            "17:00-18:00",
            NoStep,
            "17:00-18:00/1h",
        ),
        ("tomorrow 10-18", "10-18", NoStep, "10-18/1h"),
        ("today call Ann at 9:00", "today", Past, "tomorrow 9:00"),
        (
            "wednesday 17 july 10:00",
            "wednesday 17 july",
            NoSuchDate,
            "17.07",
        ),
        (
            "every day except sunday 9:00",
            "except",
            UnknownWord,
            "every mon-sat 9:00",
        ),
        (
            "каждый день кроме воскресенья в 9",
            "кроме",
            UnknownWord,
            "по будням в 9:00",
        ),
        ("18-10/30s stretch", "18-10", Reversed, "10:00-18:00/1h"),
        (
            "18:00:30-18:00/1h",
            "18:00:30-18:00",
            Reversed,
            "18:00-18:00:30/1h",
        ),
        ("tea", "tea", NoTime, "tomorrow 9:00"),
        ("", "", NoTime, "tomorrow 9:00"),
        ("купить 5 яблок", "купить 5 яблок", NoTime, "завтра в 9:00"),
    ] {
        match parse(text, &now()) {
            Ok(parsed) => faults.push(format!("{text}: {parsed:?}")),
            Err(error) => {
                let word_found = &text[error.span.clone()];
                if (word_found, error.reason, error.example.as_str()) != (word, reason, example) {
                    faults.push(format!("{text}: {word_found}: {error}"));
                }
                if let Err(again) = parse(&error.example, &now()) {
                    faults.push(format!("{text}: its example: {again}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
