//! The days of a series in English.

use crate::when::{Days, MonthDay, Weekdays, weekday_name};

pub(super) fn days(days: &Days) -> String {
    match days {
        Days::Daily { step } => every(step.get(), "day"),
        Days::Weekly { step, on } if step.get() == 1 => match *on {
            Weekdays::WORK => "every weekday".to_owned(),
            Weekdays::REST => "every weekend".to_owned(),
            on => format!("every {}", weekdays(on)),
        },
        Days::Weekly { step, on } => format!("{} on {}", every(step.get(), "week"), weekdays(*on)),
        Days::Monthly { step, on } => {
            let on: Vec<String> = on.iter().map(month_day).collect();
            format!("{} on the {}", every(step.get(), "month"), on.join(", "))
        }
        Days::Yearly { step, on } => {
            let on = on
                .iter()
                .map(|on| format!("{} {}", on.day, month(on.month)));
            let on: Vec<String> = on.collect();
            format!("{} on {}", every(step.get(), "year"), on.join(", "))
        }
    }
}

fn every(step: u16, unit: &str) -> String {
    match step {
        1 => format!("every {unit}"),
        step => format!("every {step} {unit}s"),
    }
}

fn weekdays(on: Weekdays) -> String {
    on.iter().map(weekday_name).collect::<Vec<_>>().join(", ")
}

fn month_day(day: &MonthDay) -> String {
    match day {
        MonthDay::Day(day) => {
            let end = match (day % 10, day / 10) {
                (1, 0 | 2 | 3) => "st",
                (2, 0 | 2) => "nd",
                (3, 0 | 2) => "rd",
                _ => "th",
            };
            format!("{day}{end}")
        }
        MonthDay::Nth(nth, weekday) => {
            let nth = match nth {
                1 => "first",
                2 => "second",
                3 => "third",
                4 => "fourth",
                5 => "fifth",
                _ => "last",
            };
            format!("{nth} {}", weekday_name(*weekday))
        }
        MonthDay::Last => "last day".to_owned(),
    }
}

fn month(month: u8) -> &'static str {
    match month {
        1 => "january",
        2 => "february",
        3 => "march",
        4 => "april",
        5 => "may",
        6 => "june",
        7 => "july",
        8 => "august",
        9 => "september",
        10 => "october",
        11 => "november",
        _ => "december",
    }
}
