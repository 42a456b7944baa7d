//! What may be a title: one line, tidied, not too long.

/// A tidied title: 1 to [`Title::LIMIT`] characters, no line breaks or control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

/// Why a text is no title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TitleError {
    #[error("a title has at least one visible character")]
    Empty,
    #[error("a title has at most {limit} characters, this one has {length}", limit = Title::LIMIT)]
    TooLong { length: usize },
}

impl Title {
    /// In characters (Unicode scalar values), after tidying. Twice as many UTF-16 units still leave
    /// room for the rest of a message (Bot API: 4096).
    pub const LIMIT: usize = 400;

    /// Tidies what somebody typed: line breaks, control characters and runs of white space become
    /// one space; characters that only turn the direction of what follows go.
    ///
    /// # Errors
    /// When nothing is left, or too much.
    pub fn parse(text: &str) -> Result<Self, TitleError> {
        let visible = text.chars().filter(|c| !is_invisible(*c));
        let spaced: String = visible
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let tidy = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
        match tidy.chars().count() {
            0 => Err(TitleError::Empty),
            length if length > Self::LIMIT => Err(TitleError::TooLong { length }),
            _ => Ok(Self(tidy)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks of direction reach beyond the title and garble the text around it; the others make two
/// titles differ that look the same, or one that looks like nothing. Joiners (U+200C, U+200D) stay:
/// scripts and emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(text: &str) -> String {
        Title::parse(text).map_or_else(|error| error.to_string(), |title| title.0)
    }

    #[test]
    fn line_breaks_and_control_characters_become_one_space() {
        assert_eq!(
            tidied("  Replace\r\n\tdisk \0\u{7} now  "),
            "Replace disk now"
        );
        assert_eq!(tidied("a\u{2028}b\u{85}c"), "a b c");
    }

    #[test]
    fn marks_that_turn_the_text_around_go_and_joined_emoji_stay() {
        assert_eq!(tidied("pay\u{202e}txt.exe\u{2066}"), "paytxt.exe");
        assert_eq!(tidied("👩\u{200d}🚒 drill"), "👩\u{200d}🚒 drill");
    }

    #[test]
    fn nothing_visible_is_no_title() {
        for text in ["", "   ", "\n\t", "\u{200b}\u{feff}"] {
            assert_eq!(Title::parse(text), Err(TitleError::Empty), "{text:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters_and_says_how_many_there_were() {
        let most = "ж".repeat(Title::LIMIT);
        assert_eq!(tidied(&most), most);
        let error = TitleError::TooLong { length: 401 };
        assert_eq!(
            Title::parse(&format!("{most} ж")),
            Err(TitleError::TooLong { length: 402 })
        );
        assert_eq!(Title::parse(&format!("{most}ж ")), Err(error));
        assert_eq!(
            error.to_string(),
            "a title has at most 400 characters, this one has 401"
        );
    }
}
