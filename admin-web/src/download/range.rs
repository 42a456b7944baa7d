//! Which part of a file is asked for. Source: RFC 9110, section 14; several ranges at once are
//! answered with the whole, which it allows.

use std::ops::Range;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Whole,
    Part(Range<u64>),
    /// No byte of it is there.
    Nothing,
}

pub(super) fn of(range: Option<&str>, if_range: Option<&str>, tag: &str, size: u64) -> Wanted {
    let Some(range) = range else {
        return Wanted::Whole;
    };
    // Only the strong tag: files have no date here that a client could name.
    if if_range.is_some_and(|known| known.trim() != tag) {
        return Wanted::Whole;
    }
    parse(range, size).unwrap_or(Wanted::Whole)
}

/// `None`: not understood, and so ignored.
fn parse(range: &str, size: u64) -> Option<Wanted> {
    let (unit, ranges) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || ranges.contains(',') {
        return None;
    }
    let (first, last) = ranges.trim().split_once('-')?;
    let (begin, end) = match (number(first)?, number(last)?) {
        (None, None) => return None,
        (None, Some(suffix)) => (size.saturating_sub(suffix), size),
        (Some(first), None) => (first, size),
        (Some(first), Some(last)) if first > last => return None,
        (Some(first), Some(last)) => (first, last.saturating_add(1).min(size)),
    };
    Some(if begin < end {
        Wanted::Part(begin..end)
    } else {
        Wanted::Nothing
    })
}

/// The inner `None`: nothing stands there. More than fits is as good as the most.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ten(range: &str) -> Wanted {
        of(Some(range), None, "\"t\"", 10)
    }

    #[test]
    fn one_range_is_a_part() {
        assert_eq!(ten("bytes=0-0"), Wanted::Part(0..1));
        assert_eq!(ten("bytes=2-5"), Wanted::Part(2..6));
        assert_eq!(ten("bytes=7-"), Wanted::Part(7..10));
        assert_eq!(ten("bytes=-3"), Wanted::Part(7..10));
        assert_eq!(ten("bytes=-99"), Wanted::Part(0..10));
        assert_eq!(ten("bytes=5-99999999999999999999999"), Wanted::Part(5..10));
    }

    #[test]
    fn what_is_not_there_is_nothing_and_what_is_not_understood_is_ignored() {
        for nothing in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(ten(nothing), Wanted::Nothing, "{nothing}");
        }
        assert_eq!(of(Some("bytes=0-"), None, "\"t\"", 0), Wanted::Nothing);
        for ignored in [
            "bytes=5-2",
            "bytes=-",
            "bytes=a-b",
            "lines=1-2",
            "bytes=0-1,3-4",
            "0-1",
            "bytes=+1-2",
        ] {
            assert_eq!(ten(ignored), Wanted::Whole, "{ignored}");
        }
    }

    #[test]
    fn a_range_of_what_has_changed_is_the_whole() {
        let range = Some("bytes=0-0");
        assert_eq!(of(range, Some("\"t\""), "\"t\"", 10), Wanted::Part(0..1));
        for changed in ["\"u\"", "W/\"t\"", "Sat, 21 Nov 2026 15:00:00 GMT"] {
            assert_eq!(
                of(range, Some(changed), "\"t\"", 10),
                Wanted::Whole,
                "{changed}"
            );
        }
    }
}
