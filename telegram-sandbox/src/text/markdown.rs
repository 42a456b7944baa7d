//! MarkdownV2 style, <https://core.telegram.org/bots/api#markdownv2-style>, with Telegram's error
//! texts. Byte offsets count in the text as it was sent.

use super::links;
use super::output::{Output, link};
use crate::types::{Entity, EntityKind};

const RESERVED: &str = "_*[]()~`>#+-=|{}.!\n";

/// The text without markup, or what is wrong with it.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut parser = Parser {
        source,
        at: 0,
        out: Output::default(),
        open: Vec::new(),
        in_quote: false,
        line_begins: true,
    };
    while let Some(c) = parser.peek() {
        parser.step(c)?;
    }
    parser.finish()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Code,
    Pre,
    Link,
    Emoji,
    Quote,
}

impl Mark {
    /// The name in "Can't find end of … entity".
    fn name(self, has_language: bool) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strikethrough => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Code => "Code",
            Self::Pre if has_language => "PreCode",
            Self::Pre => "Pre",
            Self::Link => "TextUrl",
            Self::Emoji => "CustomEmoji",
            Self::Quote => "BlockQuote",
        }
    }

    /// What ends it.
    fn end(self) -> Option<&'static str> {
        match self {
            Self::Bold => Some("*"),
            Self::Italic => Some("_"),
            Self::Underline => Some("__"),
            Self::Strikethrough => Some("~"),
            Self::Spoiler => Some("||"),
            Self::Code => Some("`"),
            Self::Pre => Some("```"),
            Self::Link | Self::Emoji => Some("]"),
            Self::Quote => None,
        }
    }
}

/// Markup that waits for its end.
struct Open {
    mark: Mark,
    language: Option<String>,
    /// Where it began: in code units and bytes of the output, and in bytes of the source.
    start: usize,
    start_byte: usize,
    source_byte: usize,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    out: Output,
    open: Vec<Open>,
    in_quote: bool,
    /// Whether only the line's begin lies before: there a `>` quotes.
    line_begins: bool,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn step(&mut self, c: char) -> Result<(), String> {
        if c == '\\'
            && let Some(escaped) = self.rest()[1..]
                .chars()
                .next()
                .filter(|c| (*c as u32) <= 126)
        {
            self.out.push(escaped);
            self.at += 2;
            if escaped != '\r' {
                self.line_begins = escaped == '\n';
            }
            return Ok(());
        }
        let verbatim = self
            .open
            .last()
            .is_some_and(|open| matches!(open.mark, Mark::Code | Mark::Pre));
        let reserved = if verbatim { "`" } else { RESERVED };
        if !reserved.contains(c) {
            self.out.push(c);
            self.at += c.len_utf8();
            self.line_begins &= c == '\r';
            return Ok(());
        }
        if self.ends_here(c) {
            self.end(c)
        } else {
            self.begin(c)
        }
    }

    /// Whether the innermost markup ends at this character.
    fn ends_here(&self, c: char) -> bool {
        let Some(open) = self.open.last() else {
            return false;
        };
        if self.in_quote && c == '\n' && !self.rest()[1..].starts_with('>') {
            return true;
        }
        match open.mark {
            // Two underscores are always an underline's.
            Mark::Italic => c == '_' && !self.rest()[1..].starts_with('_'),
            mark => mark.end().is_some_and(|end| self.rest().starts_with(end)),
        }
    }

    fn begin(&mut self, c: char) -> Result<(), String> {
        let source_byte = self.at;
        let rest = self.rest();
        let (mark, width) = match c {
            '_' if rest.starts_with("__") => (Mark::Underline, 2),
            '_' => (Mark::Italic, 1),
            '*' => (Mark::Bold, 1),
            '~' => (Mark::Strikethrough, 1),
            '|' if rest.starts_with("||") => (Mark::Spoiler, 2),
            '[' => (Mark::Link, 1),
            '!' if rest.starts_with("![") => (Mark::Emoji, 2),
            '`' if rest.starts_with("```") => (Mark::Pre, 3),
            '`' => (Mark::Code, 1),
            '\n' => {
                self.out.push('\n');
                self.at += 1;
                self.line_begins = true;
                return Ok(());
            }
            '>' if self.line_begins && self.in_quote => {
                self.at += 1;
                return Ok(());
            }
            '>' if self.line_begins => {
                self.in_quote = true;
                (Mark::Quote, 1)
            }
            other => {
                return Err(format!(
                    "Character '{other}' is reserved and must be escaped with the preceding '\\'"
                ));
            }
        };
        self.at += width;
        let language = match mark {
            Mark::Pre => self.language(),
            _ => None,
        };
        self.open.push(Open {
            mark,
            language,
            start: self.out.units,
            start_byte: self.out.text.len(),
            source_byte,
        });
        Ok(())
    }

    /// The language after three backticks, and the one line break that is not part of the code.
    fn language(&mut self) -> Option<String> {
        let rest = self.rest();
        let length = rest.find(|c: char| c.is_ascii_whitespace() || c == '`');
        let language = match length {
            Some(length) if length > 0 && !rest[length..].starts_with('`') => {
                self.at += length;
                Some(rest[..length].to_owned())
            }
            _ => None,
        };
        let rest = self.rest();
        if rest.starts_with("\r\n") || rest.starts_with("\n\r") {
            self.at += 2;
        } else if rest.starts_with(['\n', '\r']) {
            self.at += 1;
        }
        language
    }

    fn end(&mut self, c: char) -> Result<(), String> {
        if c == '\n' && self.in_quote {
            return self.end_quote();
        }
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.at += open.mark.end().map_or(1, str::len);
        let kind = match open.mark {
            Mark::Bold => EntityKind::Bold,
            Mark::Italic => EntityKind::Italic,
            Mark::Underline => EntityKind::Underline,
            Mark::Strikethrough => EntityKind::Strikethrough,
            Mark::Spoiler => EntityKind::Spoiler,
            Mark::Code => EntityKind::Code,
            Mark::Quote => EntityKind::Blockquote,
            Mark::Pre => EntityKind::Pre {
                language: open.language,
            },
            Mark::Link => {
                let shown = self.out.text[open.start_byte..].to_owned();
                let url = self.address("a URL")?.unwrap_or(shown);
                match link(&url) {
                    Some(kind) => kind,
                    None => return Ok(()),
                }
            }
            Mark::Emoji => {
                let url = self.address("a custom emoji URL")?;
                let url =
                    url.ok_or("Custom emoji entity must contain a tg://emoji URL".to_owned())?;
                EntityKind::CustomEmoji {
                    custom_emoji_id: links::custom_emoji(&url)?.to_string(),
                }
            }
        };
        self.out.close(kind, open.start);
        Ok(())
    }

    /// `(…)` directly after a `]`; `None` if there is none.
    fn address(&mut self, what: &str) -> Result<Option<String>, String> {
        if self.peek() != Some('(') {
            return Ok(None);
        }
        self.at += 1;
        let begin = self.at;
        let mut url = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                ')' => {
                    self.at = begin + offset + 1;
                    return Ok(Some(url));
                }
                '\\' => match chars.clone().next() {
                    Some((_, escaped)) if (escaped as u32) <= 126 => {
                        url.push(escaped);
                        chars.next();
                    }
                    _ => url.push('\\'),
                },
                other => url.push(other),
            }
        }
        Err(format!("Can't find end of {what} at byte offset {begin}"))
    }

    /// A line break that no `>` follows ends the quotation, which includes it. An empty spoiler
    /// mark just before makes it expandable.
    fn end_quote(&mut self) -> Result<(), String> {
        let expandable = self.take_expand_mark(self.at);
        match self.open.pop() {
            Some(open) if open.mark == Mark::Quote => {
                self.out.push('\n');
                self.at += 1;
                self.line_begins = true;
                self.in_quote = false;
                self.out.close(quotation(expandable), open.start);
                Ok(())
            }
            Some(open) => Err(unended(&open)),
            None => Ok(()),
        }
    }

    /// Whether `||` stands directly before `end`; it is taken away then.
    fn take_expand_mark(&mut self, end: usize) -> bool {
        let found = self.open.last().is_some_and(|open| {
            open.mark == Mark::Spoiler
                && self.source[open.source_byte + 2..end]
                    .trim_end_matches('\r')
                    .is_empty()
        });
        if found {
            self.open.pop();
        }
        found
    }

    fn finish(mut self) -> Result<(String, Vec<Entity>), String> {
        if self.in_quote {
            let expandable = self.take_expand_mark(self.source.len());
            if self
                .open
                .last()
                .is_some_and(|open| open.mark == Mark::Quote)
                && let Some(open) = self.open.pop()
            {
                self.out.close(quotation(expandable), open.start);
            }
        }
        match self.open.pop() {
            None => Ok(self.out.finish()),
            Some(open) => Err(unended(&open)),
        }
    }
}

fn quotation(expandable: bool) -> EntityKind {
    match expandable {
        true => EntityKind::ExpandableBlockquote,
        false => EntityKind::Blockquote,
    }
}

fn unended(open: &Open) -> String {
    let name = open.mark.name(open.language.is_some());
    let begin = open.source_byte;
    format!("Can't find end of {name} entity at byte offset {begin}")
}

#[cfg(test)]
mod tests;
