//! How long an archive lives, as people write it: `12h`, `7 days`, `2w`; a bare number is days.

use jiff::{Span, SpanRelativeTo, Unit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Unreadable,
    TooShort,
    /// Admins allow so many seconds.
    TooLong(i64),
}

const SHORTEST_S: i64 = 60;

/// Reads seconds, a minute at least and `longest` at most.
pub fn parse(text: &str, longest: i64) -> Result<i64, Fault> {
    let text = text.trim();
    let seconds = match text.parse::<i64>() {
        Ok(days) => days.saturating_mul(86_400),
        Err(_) => {
            let span: Span = text.parse().map_err(|_| Fault::Unreadable)?;
            let total = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours()));
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a span has at most centuries"
            )]
            let seconds = total.map_err(|_| Fault::Unreadable)? as i64;
            seconds
        }
    };
    match seconds {
        ..SHORTEST_S => Err(Fault::TooShort),
        _ if seconds > longest => Err(Fault::TooLong(longest)),
        _ => Ok(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_read_as_people_write_it() {
        for (text, seconds) in [
            ("7", 604_800),
            ("7 days", 604_800),
            ("7d", 604_800),
            ("2w", 1_209_600),
            ("12h", 43_200),
            ("1h30m", 5_400),
            (" 90 minutes ", 5_400),
        ] {
            assert_eq!(parse(text, i64::MAX), Ok(seconds), "{text}");
        }
        for (text, fault) in [
            ("", Fault::Unreadable),
            ("soon", Fault::Unreadable),
            ("1 month", Fault::Unreadable),
            ("0", Fault::TooShort),
            ("-3", Fault::TooShort),
            ("30s", Fault::TooShort),
            ("3w", Fault::TooLong(1_209_600)),
            ("99999999999999999999", Fault::Unreadable),
        ] {
            assert_eq!(parse(text, 1_209_600), Err(fault), "{text}");
        }
    }
}
