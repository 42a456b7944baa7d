//! What differs from run to run. A pattern is a text with placeholders:
//!
//! | | stands for |
//! |---|---|
//! | `{date}` | `2026-11-21` |
//! | `{time}` | `23:05`, `23:05:01` |
//! | `{uuid}` | a UUID |
//! | `{host}` | a loopback address with its port |
//! | `{token}` | 16 or more of `A–Z a–z 0–9 _ -`, letters and digits mixed |
//! | `{number}` | digits |
//! | `{*}` | anything, up to the end of the line |
//! | `{=name}` | anything but white space; `{name}` in a person's line is what it was |
//! | `{{` | a brace |
//!
//! [`masked`] writes the first five into a recorded text; [`fits`] compares.

use std::collections::HashMap;

/// What `{=name}` stood for.
pub(super) type Names = HashMap<String, String>;

/// A placeholder's name, and how much at the start of a text it stands for.
type Mask = (&'static str, fn(&str) -> Option<usize>);

const MASKS: [Mask; 5] = [
    ("uuid", uuid),
    ("host", host),
    ("date", date),
    ("time", time),
    ("token", token),
];

/// A pattern that fits `text` today and tomorrow.
pub(super) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text;
    'text: while let Some(character) = rest.chars().next() {
        if before.is_none_or(|before| !is_word(before)) {
            for (name, length) in MASKS {
                if let Some(length) = length(rest) {
                    out.push('{');
                    out.push_str(name);
                    out.push('}');
                    before = rest[..length].chars().next_back();
                    rest = &rest[length..];
                    continue 'text;
                }
            }
        }
        out.push(character);
        if character == '{' {
            out.push('{');
        }
        before = Some(character);
        rest = &rest[character.len_utf8()..];
    }
    out
}

/// Whether a pattern fits a text; gives what its `{=name}`s stood for.
pub(super) fn fits(pattern: &str, text: &str) -> Option<Names> {
    let mut names = Names::new();
    matches(pattern, text, &mut names).then_some(names)
}

fn matches(pattern: &str, text: &str, names: &mut Names) -> bool {
    let Some(at) = pattern.find('{') else {
        return pattern == text;
    };
    let (literal, placeholder) = pattern.split_at(at);
    let Some(text) = text.strip_prefix(literal) else {
        return false;
    };
    if let Some(pattern) = placeholder.strip_prefix("{{") {
        return text
            .strip_prefix('{')
            .is_some_and(|text| matches(pattern, text, names));
    }
    let Some((name, after)) = placeholder[1..].split_once('}') else {
        return pattern == text;
    };
    if let Some((_, length)) = MASKS.iter().find(|(mask, _)| *mask == name) {
        return length(text).is_some_and(|length| matches(after, &text[length..], names));
    }
    let kept = name.strip_prefix('=');
    let fits: fn(char) -> bool = match (name, kept) {
        ("number", _) => |c| c.is_ascii_digit(),
        ("*", _) => |c| c != '\n',
        (_, Some(_)) => |c| !c.is_whitespace(),
        // Nothing we know: text like any other.
        _ => {
            return text
                .strip_prefix('{')
                .is_some_and(|text| matches(&placeholder[1..], text, names));
        }
    };
    let shortest = usize::from(name != "*");
    let mut ends: Vec<usize> = text
        .char_indices()
        .take_while(|(_, c)| fits(*c))
        .map(|(at, c)| at + c.len_utf8())
        .collect();
    if shortest == 0 {
        ends.insert(0, 0);
    }
    // The longest first, as a reader would take it.
    for end in ends.into_iter().rev() {
        if matches(after, &text[end..], names) {
            if let Some(kept) = kept {
                names.insert(kept.to_owned(), text[..end].to_owned());
            }
            return true;
        }
    }
    false
}

/// A pattern with what is known put in its place, and `{{` as `{`: what a person sends.
pub(super) fn filled(pattern: &str, names: &Names) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let placeholder = &rest[at + 1..];
        if let Some(after) = placeholder.strip_prefix('{') {
            out.push('{');
            rest = after;
            continue;
        }
        match placeholder.split_once('}') {
            Some((name, after)) if names.contains_key(name) => {
                out.push_str(&names[name]);
                rest = after;
            }
            _ => {
                out.push('{');
                rest = placeholder;
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

/// The length, if nothing of a word follows.
fn whole(text: &str, length: usize) -> Option<usize> {
    let next = text.get(length..)?.chars().next();
    next.is_none_or(|next| !is_word(next)).then_some(length)
}

/// `0` is a digit, `x` a hexadecimal one, everything else itself.
fn shaped(text: &str, shape: &str) -> bool {
    text.len() >= shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_hexdigit(),
                other => byte == other,
            })
}

fn date(text: &str) -> Option<usize> {
    shaped(text, "0000-00-00").then(|| whole(text, 10))?
}

fn time(text: &str) -> Option<usize> {
    if shaped(text, "00:00:00") {
        return whole(text, 8);
    }
    shaped(text, "00:00").then(|| whole(text, 5))?
}

fn uuid(text: &str) -> Option<usize> {
    shaped(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx").then(|| whole(text, 36))?
}

fn host(text: &str) -> Option<usize> {
    let name = ["127.0.0.1:", "localhost:", "[::1]:"]
        .into_iter()
        .find(|name| text.starts_with(name))?;
    let digits = text[name.len()..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    (digits > 0).then(|| whole(text, name.len() + digits))?
}

fn token(text: &str) -> Option<usize> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count();
    let token = &text[..length];
    let mixed = token.bytes().any(|byte| byte.is_ascii_digit())
        && token.bytes().any(|byte| byte.is_ascii_alphabetic());
    (length >= 16 && mixed).then(|| whole(text, length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_masked_and_fits_again() {
        let text = "At 23:05 on 2026-11-21 see http://127.0.0.1:8081/f/aB3dE6gH9jK2mN5p {x}";
        let pattern = masked(text);
        assert_eq!(
            pattern,
            "At {time} on {date} see http://{host}/f/{token} {{x}"
        );
        assert!(fits(&pattern, text).is_some());
        let tomorrow = "At 08:00 on 2026-11-22 see http://localhost:1/f/0123456789abcdefgh {x}";
        assert!(fits(&pattern, tomorrow).is_some());
        assert!(fits(&pattern, "At noon").is_none());
        let uuid = "id 67e55044-10b1-426f-9247-bb680e5fe0c8.";
        assert_eq!(masked(uuid), "id {uuid}.");
    }

    #[test]
    fn ordinary_words_are_not_masked() {
        for text in [
            "#12 Buy milk",
            "1:30 h",
            "2026-11-21T",
            "internationalisation",
            "12:345",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_name_is_kept_and_filled_in() {
        let names = fits("Code {=code}, {*}!", "Code 4-x, hurry!").unwrap();
        assert_eq!(
            filled("/use {code} {other} {{", &names),
            "/use 4-x {other} {"
        );
    }

    #[test]
    fn an_unknown_placeholder_is_text() {
        assert!(fits("{what} {number}", "{what} 12").is_some());
        assert!(fits("{number}", "x").is_none());
    }
}
