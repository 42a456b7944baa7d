//! The words of both languages. A word may mean several things (`second`, `дня`): what stands
//! around it decides, so each meaning has its own question.

use jiff::civil::Weekday;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

pub(crate) fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" | "с" | "сек" | "секунда" | "секунду"
        | "секунды" | "секунд" => Unit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" | "м" | "мин" | "минута" | "минуту"
        | "минуты" | "минут" => Unit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" | "ч" | "час" | "часа" | "часов" => {
            Unit::Hour
        }
        "d" | "day" | "days" | "д" | "дн" | "день" | "дня" | "дней" | "сутки" | "суток" => {
            Unit::Day
        }
        "w" | "wk" | "wks" | "week" | "weeks" | "н" | "нед" | "неделя" | "неделю" | "недели"
        | "недель" => Unit::Week,
        "mo" | "month" | "months" | "мес" | "месяц" | "месяца" | "месяцев" => {
            Unit::Month
        }
        "y" | "yr" | "yrs" | "year" | "years" | "г" | "год" | "года" | "лет" => {
            Unit::Year
        }
        _ => return None,
    })
}

/// In the singular or short form: `fri`, `пятницу`.
pub(crate) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "mon" | "monday" | "пн" | "понедельник" | "понедельника" | "понедельнику" => {
            Weekday::Monday
        }
        "tue" | "tues" | "tuesday" | "вт" | "вторник" | "вторника" | "вторнику" => {
            Weekday::Tuesday
        }
        "wed" | "weds" | "wednesday" | "ср" | "среда" | "среду" | "среды" | "среде" => {
            Weekday::Wednesday
        }
        "thu" | "thur" | "thurs" | "thursday" | "чт" | "четверг" | "четверга" | "четвергу" => {
            Weekday::Thursday
        }
        "fri" | "friday" | "пт" | "пятница" | "пятницу" | "пятницы" | "пятнице" => {
            Weekday::Friday
        }
        "sat" | "saturday" | "сб" | "суббота" | "субботу" | "субботы" | "субботе" => {
            Weekday::Saturday
        }
        "sun" | "sunday" | "вс" | "воскресенье" | "воскресенья" | "воскресенью" => {
            Weekday::Sunday
        }
        _ => return None,
    })
}

/// In the plural, which repeats: `fridays`, `по пятницам`.
pub(crate) fn weekdays(word: &str) -> Option<Weekday> {
    Some(match word {
        "mondays" | "понедельникам" => Weekday::Monday,
        "tuesdays" | "вторникам" => Weekday::Tuesday,
        "wednesdays" | "средам" => Weekday::Wednesday,
        "thursdays" | "четвергам" => Weekday::Thursday,
        "fridays" | "пятницам" => Weekday::Friday,
        "saturdays" | "субботам" => Weekday::Saturday,
        "sundays" | "воскресеньям" => Weekday::Sunday,
        _ => return None,
    })
}

pub(crate) fn month(word: &str) -> Option<i8> {
    Some(match word {
        "jan" | "january" | "янв" | "январь" | "января" => 1,
        "feb" | "february" | "фев" | "февр" | "февраль" | "февраля" => 2,
        "mar" | "march" | "мар" | "март" | "марта" => 3,
        "apr" | "april" | "апр" | "апрель" | "апреля" => 4,
        "may" | "май" | "мая" => 5,
        "jun" | "june" | "июн" | "июнь" | "июня" => 6,
        "jul" | "july" | "июл" | "июль" | "июля" => 7,
        "aug" | "august" | "авг" | "август" | "августа" => 8,
        "sep" | "sept" | "september" | "сен" | "сент" | "сентябрь" | "сентября" => {
            9
        }
        "oct" | "october" | "окт" | "октябрь" | "октября" => 10,
        "nov" | "november" | "ноя" | "нояб" | "ноябрь" | "ноября" => 11,
        "dec" | "december" | "дек" | "декабрь" | "декабря" => 12,
        _ => return None,
    })
}

/// Numbers that people write out.
pub(crate) fn number(word: &str) -> Option<u32> {
    Some(match word {
        "a" | "an" | "one" | "один" | "одна" | "одну" | "одни" => 1,
        "two" | "два" | "две" => 2,
        "three" | "три" => 3,
        "four" | "четыре" => 4,
        "five" | "пять" => 5,
        "six" | "шесть" => 6,
        "seven" | "семь" => 7,
        "eight" | "восемь" => 8,
        "nine" | "девять" => 9,
        "ten" | "десять" => 10,
        "twelve" | "двенадцать" => 12,
        "fifteen" | "пятнадцать" => 15,
        "twenty" | "двадцать" => 20,
        "thirty" | "тридцать" => 30,
        "forty" | "сорок" => 40,
        "sixty" | "шестьдесят" => 60,
        _ => return None,
    })
}

/// `first` to `fifth`, and -1 for `last`.
pub(crate) fn ordinal(word: &str) -> Option<i8> {
    Some(match word {
        "first" | "первый" | "первая" | "первую" | "первое" | "первого" => {
            1
        }
        "second" | "второй" | "вторая" | "вторую" | "второе" | "второго" => {
            2
        }
        "third" | "третий" | "третья" | "третью" | "третье" | "третьего" => {
            3
        }
        "fourth" | "четвертый" | "четвертая" | "четвертую" | "четвертое" | "четвертого" => {
            4
        }
        "fifth" | "пятый" | "пятая" | "пятую" | "пятое" | "пятого" => 5,
        "last" | "последний" | "последняя" | "последнюю" | "последнее" | "последнего" => {
            -1
        }
        _ => return None,
    })
}

/// What follows the digits of `31st` and `31-е`.
pub(crate) fn ordinal_end(word: &str) -> bool {
    matches!(
        word,
        "st" | "nd" | "rd" | "th" | "е" | "й" | "го" | "ого" | "ое" | "я" | "ю"
    )
}

/// Parts of a day that stand for a time: the hour.
pub(crate) fn day_part(word: &str) -> Option<i8> {
    Some(match word {
        "midnight" | "полночь" | "полуночи" => 0,
        "morning" | "утро" | "утром" | "утра" => 9,
        "noon" | "midday" | "полдень" | "полудня" | "полудню" => 12,
        "afternoon" | "днем" => 14,
        "evening" | "вечер" | "вечером" | "вечера" | "вечеру" => 19,
        _ => return None,
    })
}

/// Before a time or a date, without a meaning of its own.
pub(crate) fn preposition(word: &str) -> bool {
    matches!(
        word,
        "at" | "on"
            | "by"
            | "due"
            | "until"
            | "till"
            | "before"
            | "в"
            | "во"
            | "на"
            | "к"
            | "ко"
            | "до"
    )
}

pub(crate) fn until(word: &str) -> bool {
    matches!(word, "until" | "till" | "til" | "through" | "до" | "по")
}

pub(crate) fn every(word: &str) -> bool {
    matches!(
        word,
        "every"
            | "each"
            | "каждый"
            | "каждая"
            | "каждое"
            | "каждые"
            | "каждую"
            | "каждого"
            | "каждой"
    )
}

/// `this`, `next`: 0 and 1.
pub(crate) fn which(word: &str) -> Option<i64> {
    Some(match word {
        "this" | "этот" | "эта" | "эту" | "это" | "этой" | "этом" => 0,
        "next"
        | "следующий"
        | "следующая"
        | "следующую"
        | "следующее"
        | "следующей"
        | "следующем"
        | "следующего" => 1,
        _ => return None,
    })
}
