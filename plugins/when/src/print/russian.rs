//! The days of a series in Russian.

use jiff::civil::Weekday;

use crate::when::{Days, MonthDay, Weekdays};

pub(super) fn days(days: &Days) -> String {
    match days {
        Days::Daily { step } => every(step.get(), &["день", "дня", "дней"], "каждый"),
        Days::Weekly { step, on } => {
            let on = match *on {
                Weekdays::WORK => "по будням".to_owned(),
                Weekdays::REST => "по выходным".to_owned(),
                on => {
                    let on: Vec<&str> = on.iter().map(on_weekdays).collect();
                    format!("по {}", on.join(", "))
                }
            };
            match step.get() {
                1 => on,
                step => {
                    let every = every(step, &["неделю", "недели", "недель"], "каждую");
                    format!("{every} {on}")
                }
            }
        }
        Days::Monthly { step, on } => {
            let every = every(step.get(), &["месяц", "месяца", "месяцев"], "каждый");
            let at = match on.first() {
                Some(MonthDay::Nth(2, _)) => "во ",
                Some(MonthDay::Nth(..) | MonthDay::Last) => "в ",
                _ => "",
            };
            let on: Vec<String> = on.iter().map(month_day).collect();
            format!("{every} {at}{}", on.join(", "))
        }
        Days::Yearly { step, on } => {
            let every = every(step.get(), &["год", "года", "лет"], "каждый");
            let on = on
                .iter()
                .map(|on| format!("{} {}", on.day, month(on.month)));
            format!("{every} {}", on.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `каждый день`, `каждый 21 день`, `каждые 2 дня`, `каждые 5 дней`.
fn every(step: u16, [one, few, many]: &[&str; 3], singular: &str) -> String {
    match (step, step % 10, step % 100 / 10) {
        (1, ..) => format!("{singular} {one}"),
        (_, 1, tens) if tens != 1 => format!("{singular} {step} {one}"),
        (_, 2..=4, tens) if tens != 1 => format!("каждые {step} {few}"),
        _ => format!("каждые {step} {many}"),
    }
}

fn on_weekdays(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "понедельникам",
        Weekday::Tuesday => "вторникам",
        Weekday::Wednesday => "средам",
        Weekday::Thursday => "четвергам",
        Weekday::Friday => "пятницам",
        Weekday::Saturday => "субботам",
        Weekday::Sunday => "воскресеньям",
    }
}

fn month_day(day: &MonthDay) -> String {
    match day {
        MonthDay::Day(day) => format!("{day} числа"),
        MonthDay::Last => "последний день".to_owned(),
        MonthDay::Nth(nth, weekday) => {
            let (gender, name) = match weekday {
                Weekday::Monday => (0, "понедельник"),
                Weekday::Tuesday => (0, "вторник"),
                Weekday::Wednesday => (1, "среду"),
                Weekday::Thursday => (0, "четверг"),
                Weekday::Friday => (1, "пятницу"),
                Weekday::Saturday => (1, "субботу"),
                Weekday::Sunday => (2, "воскресенье"),
            };
            let forms = match nth {
                1 => ["первый", "первую", "первое"],
                2 => ["второй", "вторую", "второе"],
                3 => ["третий", "третью", "третье"],
                4 => ["четвёртый", "четвёртую", "четвёртое"],
                5 => ["пятый", "пятую", "пятое"],
                _ => ["последний", "последнюю", "последнее"],
            };
            let nth = match gender {
                0 => forms[0],
                1 => forms[1],
                _ => forms[2],
            };
            format!("{nth} {name}")
        }
    }
}

fn month(month: u8) -> &'static str {
    match month {
        1 => "января",
        2 => "февраля",
        3 => "марта",
        4 => "апреля",
        5 => "мая",
        6 => "июня",
        7 => "июля",
        8 => "августа",
        9 => "сентября",
        10 => "октября",
        11 => "ноября",
        _ => "декабря",
    }
}
