//! What is wrong with a phrase, where, and what would be right.

use std::ops::Range;

/// Points at the word that failed.
///
/// ```
/// # use vahta_when::{Reason, parse};
/// let now = "2026-07-15T12:00[Europe/Berlin]".parse::<jiff::Zoned>()?;
/// let text = "tea 31.02 10:00";
/// let error = parse(text, &now).unwrap_err();
/// assert_eq!(error.reason, Reason::NoSuchDate);
/// assert_eq!(&text[error.span.clone()], "31.02");
/// assert_eq!(error.example, "28.02");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at bytes {}..{}; for example: {example}", span.start, span.end)]
pub struct Error {
    /// Bytes of the text that was parsed.
    pub span: Range<usize>,
    pub reason: Reason,
    /// The nearest phrase that is right, in the language of the text. It always parses.
    pub example: String,
}

/// Translated by whoever shows it; its own text is for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing that looks like a time, at the beginning or the end.
    #[error("no time found")]
    NoTime,
    #[error("unknown word")]
    UnknownWord,
    /// Every time that it names is over.
    #[error("this is in the past")]
    Past,
    /// 31.02
    #[error("no such date")]
    NoSuchDate,
    /// 25:00
    #[error("no such time of day")]
    NoSuchTime,
    /// `in 0 minutes`, `every 0 days`, `x0`
    #[error("zero")]
    Zero,
    /// `every 30 seconds`
    #[error("under a minute")]
    TooShort,
    /// `18-10/1h`
    #[error("the range ends before it begins")]
    Reversed,
    /// `friday 17:00-18:00`: a window says how often.
    #[error("a window without a step")]
    NoStep,
    #[error("not a cron line")]
    BadCron,
    /// `0 0 30 2 *`, or an end before the first time
    #[error("it never comes")]
    Never,
    #[error("too far away")]
    TooFar,
    /// More times, days or repetitions than one phrase may have.
    #[error("too many")]
    TooMany,
}

impl Reason {
    /// A time that is wrong, rather than words that are none.
    pub(crate) fn is_about_a_time(self) -> bool {
        !matches!(self, Self::NoTime | Self::UnknownWord | Self::BadCron)
    }
}
