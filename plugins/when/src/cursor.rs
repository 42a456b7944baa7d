//! A place in a line, and what may stand there.

use std::ops::Range;

use crate::error::{Error, Reason};
use crate::lex::{Kind, Lexed};

/// `None`: not this here, look for something else. An error: this it is, and it is wrong.
pub(crate) type Read<T> = Result<Option<T>, Error>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'l> {
    pub(crate) line: &'l Lexed<'l>,
    pub(crate) at: usize,
}

impl<'l> Cursor<'l> {
    pub(crate) fn new(line: &'l Lexed<'l>, at: usize) -> Self {
        Self { line, at }
    }

    pub(crate) fn word(&self) -> Option<&'l str> {
        self.line.word(self.at)
    }

    pub(crate) fn take_word(&mut self, is: impl Fn(&str) -> bool) -> bool {
        let found = self.word().is_some_and(is);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn map_word<T>(&mut self, meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        let meaning = meaning(self.word()?)?;
        self.at += 1;
        Some(meaning)
    }

    /// The value and the number of digits.
    pub(crate) fn number(&mut self) -> Option<(u32, usize)> {
        let Kind::Number(value, digits) = self.line.token(self.at)?.kind else {
            return None;
        };
        self.at += 1;
        Some((value, digits))
    }

    pub(crate) fn peek_sign(&self) -> Option<char> {
        match self.line.token(self.at)?.kind {
            Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    pub(crate) fn sign(&mut self, sign: char) -> bool {
        let found = self.peek_sign() == Some(sign);
        self.at += usize::from(found);
        found
    }

    /// The sign without white space before or after it.
    pub(crate) fn inner_sign(&mut self, sign: char) -> bool {
        let found = self.glued() && self.peek_sign() == Some(sign) && self.line.glued(self.at + 1);
        self.at += usize::from(found);
        found
    }

    /// No white space between what was read last and what comes.
    pub(crate) fn glued(&self) -> bool {
        self.line.glued(self.at)
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.line.len()
    }

    /// Whether what was read ends like a word: white space, the end, or punctuation before these.
    pub(crate) fn ends(&self) -> bool {
        let mut at = self.at;
        while self.line.glued(at) {
            let token = self.line.token(at);
            let closing = token.is_some_and(|token| {
                matches!(
                    token.kind,
                    Kind::Sign(',' | ';' | ':' | '.' | '!' | '?' | ')' | ']' | '"' | '»' | '…')
                )
            });
            // `9:00,13:00` and `mon,wed` may be written without white space.
            let comma = matches!(token.map(|token| &token.kind), Some(Kind::Sign(',' | ';')));
            if comma {
                return true;
            }
            if !closing {
                return false;
            }
            at += 1;
        }
        true
    }

    /// A comma or `and`, between the parts of a list.
    pub(crate) fn list_sign(&mut self) -> bool {
        let comma = self.sign(',') || self.sign(';');
        let and = self.take_word(|word| matches!(word, "and" | "и"));
        comma || and || self.sign('&')
    }

    pub(crate) fn span_from(&self, from: usize) -> Range<usize> {
        self.line.span(from, self.at)
    }

    /// The text read since then.
    pub(crate) fn text_from(&self, from: usize) -> &'l str {
        self.line.text.get(self.span_from(from)).unwrap_or_default()
    }

    pub(crate) fn error(&self, from: usize, reason: Reason, example: impl Into<String>) -> Error {
        Error {
            span: self.span_from(from),
            reason,
            example: example.into(),
        }
    }

    /// Whether the line is written in Cyrillic, for examples in its language.
    pub(crate) fn russian(&self) -> bool {
        russian(self.line.text)
    }
}

pub(crate) fn russian(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё'))
}
