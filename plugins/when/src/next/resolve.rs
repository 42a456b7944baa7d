//! From the wall clock to an instant.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The first pass of an overlap, and the end of a gap.
pub(crate) fn first_valid(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(at).ok()
        }
        AmbiguousOffset::Gap { before, after } => {
            // Read with the later offset the time lies before the change, with the earlier one
            // after it (or on it).
            let low = after.to_timestamp(at).ok()?;
            let high = before.to_timestamp(at).ok()?;
            let change = zone.following(low).next().map(|change| change.timestamp());
            Some(change.filter(|change| *change <= high).unwrap_or(high))
        }
    }
}

/// The second pass of an overlap: the end of a range that includes it.
pub(crate) fn last_valid(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Fold { after, .. } => after.to_timestamp(at).ok(),
        _ => first_valid(at, zone),
    }
}
