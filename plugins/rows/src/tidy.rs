//! Texts that people typed, before they stand beside other people's.

/// Without what turns the direction of the text around it, and without control characters but line
/// breaks and tabs. Source: Unicode Standard Annex 9, explicit directional formatting characters.
pub fn tidy(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_kept = |c: &char| !turns(*c) && (!c.is_control() || matches!(c, '\n' | '\t'));
    text.chars().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn what_turns_the_text_around_goes_and_everything_else_stays() {
        assert_eq!(tidy("pay\u{202e}txt.exe\u{2066}\u{200f}"), "paytxt.exe");
        assert_eq!(
            tidy("two\r\nlines\u{7}\tand 👩\u{200d}🚒"),
            "two\nlines\tand 👩\u{200d}🚒"
        );
    }
}
