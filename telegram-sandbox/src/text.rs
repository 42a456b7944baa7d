//! Message text: parse modes, entities, lengths in UTF-16 code units.

pub(crate) mod detect;
pub(crate) mod format;
pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod markdown_legacy;
pub(crate) mod tidy;

/// Most code units of a message's text, after entity parsing.
pub(crate) const MOST_TEXT: usize = 4096;
/// Most code units of a caption, after entity parsing.
pub(crate) const MOST_CAPTION: usize = 1024;

/// Length in UTF-16 code units.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
