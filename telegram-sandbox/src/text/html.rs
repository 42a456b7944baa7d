//! HTML style, <https://core.telegram.org/bots/api#html-style>, with Telegram's error texts. Byte
//! offsets count in the text as it was sent.

use super::links::written_number;
use super::output::{Output, link};
use crate::types::{Entity, EntityKind};

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// The text without tags, or what is wrong with it.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut parser = Parser {
        source,
        at: 0,
        out: Output::default(),
        open: Vec::new(),
        named_code: None,
        broken: false,
    };
    while let Some(c) = parser.peek() {
        match c {
            '<' => parser.tag()?,
            '&' => {
                let decoded = parser.reference();
                parser.out.push(decoded);
            }
            other => {
                parser.out.push(other);
                parser.at += other.len_utf8();
            }
        }
    }
    match parser.open.pop() {
        None if parser.broken => Err("Text contains invalid Unicode characters after decoding \
                                      HTML entities, check for unmatched surrogate code units"
            .to_owned()),
        None => Ok(parser.out.finish()),
        Some(open) => Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            open.tag
        )),
    }
}

struct Parser<'a> {
    source: &'a str,
    /// Byte offset of what comes next.
    at: usize,
    out: Output,
    open: Vec<Open>,
    /// The entity of a `<code>` with a language that has just ended, and the language.
    named_code: Option<(usize, String)>,
    /// Half of a surrogate pair was written by its number.
    broken: bool,
}

/// As C sees it: the end of the text is white space too, a form feed is not.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\0')
}

/// A tag that waits for its end.
struct Open {
    tag: String,
    /// The one attribute that counts for this tag.
    argument: String,
    /// Where it began, in code units and in bytes of the output.
    start: usize,
    start_byte: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    /// Skips as long as `fits`, and gives what was skipped.
    fn skip(&mut self, fits: impl Fn(char) -> bool) -> &str {
        let rest = &self.source[self.at..];
        let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn skip_space(&mut self) {
        self.skip(is_space);
    }

    fn tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        if self.peek() == Some('/') {
            self.at += 1;
            self.end_tag(begin)
        } else {
            self.start_tag(begin)
        }
    }

    fn start_tag(&mut self, begin: usize) -> Result<(), String> {
        let tag = self.skip(|c| !is_space(c) && c != '>').to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!(
                "Unsupported start tag \"{tag}\" at byte offset {begin}"
            ));
        }
        let mut argument = String::new();
        loop {
            self.skip_space();
            if self.peek() == Some('>') {
                self.at += 1;
                break;
            }
            let (name, value) = self.attribute(&tag, begin)?;
            if let Some(value) = argument_of(&tag, &name, value.as_deref()) {
                argument = value;
            }
        }
        if tag == "span" && argument != "spoiler" {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        self.open.push(Open {
            tag,
            argument,
            start: self.out.units,
            start_byte: self.out.text.len(),
        });
        Ok(())
    }

    /// An attribute's name, and its value if it has one.
    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, Option<String>), String> {
        let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
        let name = self
            .skip(|c| !is_space(c) && !matches!(c, '=' | '>' | '/' | '"' | '\''))
            .to_owned();
        if name.is_empty() {
            return Err(format!(
                "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        self.skip_space();
        match self.peek() {
            None => return Err(unclosed()),
            Some('=') => self.at += 1,
            Some(_) => return Ok((name, None)),
        }
        self.skip_space();
        let value = match self.peek() {
            None => return Err(unclosed()),
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                self.quoted(quote)
            }
            Some(_) => {
                let token = self.at;
                let value = self
                    .skip(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
                    .to_ascii_lowercase();
                let ends = |c: char| is_space(c) || c == '>';
                if self.peek().is_some_and(|c| !ends(c)) {
                    return Err(format!(
                        "Unexpected end of name token at byte offset {token}"
                    ));
                }
                value
            }
        };
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        Ok((name, Some(value)))
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut value = String::new();
        while let Some(c) = self.peek() {
            if c == quote {
                self.at += 1;
                break;
            }
            if c == '&' {
                value.push(self.reference());
            } else {
                value.push(c);
                self.at += c.len_utf8();
            }
        }
        value
    }

    fn end_tag(&mut self, begin: usize) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let name = self.skip(|c| !is_space(c) && c != '>').to_ascii_lowercase();
        self.skip_space();
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !name.is_empty() && name != open.tag {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                open.tag
            ));
        }
        self.close(open)
    }

    fn close(&mut self, open: Open) -> Result<(), String> {
        let start = open.start;
        let kind = match open.tag.as_str() {
            "b" | "strong" => EntityKind::Bold,
            "i" | "em" => EntityKind::Italic,
            "s" | "strike" | "del" => EntityKind::Strikethrough,
            "u" | "ins" => EntityKind::Underline,
            "tg-spoiler" | "span" => EntityKind::Spoiler,
            "blockquote" if open.argument.is_empty() => EntityKind::Blockquote,
            "blockquote" => EntityKind::ExpandableBlockquote,
            "tg-emoji" => match written_number(&open.argument) {
                Some(id) if id != 0 => EntityKind::CustomEmoji {
                    custom_emoji_id: open.argument,
                },
                _ if self.out.units == start => return Ok(()),
                _ => return Err("Invalid custom emoji identifier specified".to_owned()),
            },
            "a" => {
                let shown = &self.out.text[open.start_byte..];
                let url = match open.argument.is_empty() {
                    true => shown,
                    false => &open.argument,
                };
                match link(url) {
                    Some(kind) => kind,
                    None => return Ok(()),
                }
            }
            "code" => return self.close_code(open),
            _ => return self.close_pre(start),
        };
        self.out.close(kind, start);
        Ok(())
    }

    /// `<code class="language-x">` around the whole of a `<pre>` names its language; inside of one
    /// it waits for the end of the `<pre>`.
    fn close_code(&mut self, open: Open) -> Result<(), String> {
        let language = Some(open.argument).filter(|language| !language.is_empty());
        if let (Some(twin), Some(_)) = (self.out.twin(open.start), &language)
            && matches!(twin.kind, EntityKind::Pre { .. })
        {
            twin.kind = EntityKind::Pre { language };
            return Ok(());
        }
        let before = self.out.count();
        self.out.close(EntityKind::Code, open.start);
        if let Some(language) = language.filter(|_| self.out.count() > before) {
            self.named_code = Some((before, language));
        }
        Ok(())
    }

    fn close_pre(&mut self, start: usize) -> Result<(), String> {
        let last = self.out.count().checked_sub(1);
        let named = self
            .named_code
            .take()
            .filter(|(place, _)| Some(*place) == last);
        if let (Some((_, language)), Some(twin)) = (named, self.out.twin(start))
            && twin.kind == EntityKind::Code
        {
            twin.kind = EntityKind::Pre {
                language: Some(language),
            };
            return Ok(());
        }
        self.out.close(EntityKind::Pre { language: None }, start);
        Ok(())
    }

    /// A character reference (`&lt;`, `&#128512;`), or the ampersand itself.
    fn reference(&mut self) -> char {
        let rest = &self.source[self.at + 1..];
        let (found, length) = match rest.strip_prefix('#') {
            Some(number) => {
                let (found, length) = numeric(number);
                self.broken |= found == Err(Surrogate);
                (found.unwrap_or(Some('\u{fffd}')), length)
            }
            None => named(rest),
        };
        self.at += 1;
        let Some(c) = found else {
            return '&';
        };
        self.at += length;
        if self.peek() == Some(';') {
            self.at += 1;
        }
        c
    }
}

/// The attributes that mean something, as the tag's argument.
fn argument_of(tag: &str, name: &str, value: Option<&str>) -> Option<String> {
    let value = match (tag, name) {
        ("blockquote", "expandable") => return Some("1".to_owned()),
        _ => value?,
    };
    match (tag, name) {
        ("a", "href") | ("tg-emoji", "emoji-id") => Some(value.to_owned()),
        ("code", "class") => value.strip_prefix("language-").map(str::to_owned),
        ("span", "class") => value.strip_prefix("tg-").map(str::to_owned),
        _ => None,
    }
}

/// Half of a surrogate pair.
#[derive(Debug, PartialEq, Eq)]
struct Surrogate;

/// Longer references than this many bytes, with the `&#`, are none.
const LONGEST_REFERENCE: usize = 10;

/// After `&#`: the character and how many bytes it took, with the `#`.
fn numeric(number: &str) -> (Result<Option<char>, Surrogate>, usize) {
    let (digits, radix, before) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16, 2),
        None => (number, 10, 1),
    };
    let length = digits
        .find(|c: char| !c.is_digit(radix))
        .unwrap_or(digits.len());
    let total = before + length;
    let code = u32::from_str_radix(&digits[..length], radix).ok();
    let code = code.filter(|code| (1..0x10_ffff).contains(code) && total + 1 < LONGEST_REFERENCE);
    match code {
        None => (Ok(None), total),
        Some(0xd800..=0xdfff) => (Err(Surrogate), total),
        Some(code) => (Ok(char::from_u32(code)), total),
    }
}

/// After `&`: the four names that Telegram knows.
fn named(rest: &str) -> (Option<char>, usize) {
    let length = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let c = match &rest[..length] {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        _ => None,
    };
    (c, length)
}

#[cfg(test)]
mod tests;
