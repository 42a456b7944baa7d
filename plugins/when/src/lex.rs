//! A line as numbers, words and signs.

use std::ops::Range;

#[derive(Debug)]
pub(crate) struct Lexed<'t> {
    pub(crate) text: &'t str,
    tokens: Vec<Token>,
    /// The words in lower case, `ё` as `е`, one after another.
    lower: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// No white space before it.
    pub(crate) glued: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its value (as high as it goes) and how many digits it has.
    Number(u32, usize),
    /// Where it stands in `lower`.
    Word(Range<usize>),
    /// Dashes of every length are `-`.
    Sign(char),
}

pub(crate) fn lex(text: &str) -> Lexed<'_> {
    let mut lexed = Lexed {
        text,
        tokens: Vec::new(),
        lower: String::new(),
    };
    let mut rest = text;
    let mut glued = false;
    while let Some(c) = rest.chars().next() {
        let start = text.len() - rest.len();
        let length = match c {
            _ if c.is_whitespace() => {
                rest = &rest[c.len_utf8()..];
                glued = false;
                continue;
            }
            _ if c.is_ascii_digit() => run(rest, |c| c.is_ascii_digit()),
            _ if c.is_alphabetic() => run(rest, char::is_alphabetic),
            _ => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        let kind = if c.is_ascii_digit() {
            Kind::Number(piece.parse().unwrap_or(u32::MAX), piece.len())
        } else if c.is_alphabetic() {
            let from = lexed.lower.len();
            let lower = piece.chars().flat_map(char::to_lowercase);
            lexed
                .lower
                .extend(lower.map(|c| if c == 'ё' { 'е' } else { c }));
            Kind::Word(from..lexed.lower.len())
        } else {
            Kind::Sign(match c {
                '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
                other => other,
            })
        };
        lexed.tokens.push(Token {
            kind,
            start,
            end: start + length,
            glued,
        });
        glued = true;
        rest = after;
    }
    lexed
}

fn run(text: &str, inside: impl Fn(char) -> bool) -> usize {
    text.find(|c| !inside(c)).unwrap_or(text.len())
}

impl<'t> Lexed<'t> {
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    pub(crate) fn word(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.kind {
            Kind::Word(range) => self.lower.get(range.clone()),
            _ => None,
        }
    }

    pub(crate) fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.glued)
    }

    /// A bracket or quotation mark with something inside it.
    pub(crate) fn opens(&self, at: usize) -> bool {
        let sign = self.tokens.get(at).map(|token| &token.kind);
        matches!(sign, Some(Kind::Sign('(' | '[' | '"' | '«'))) && self.glued(at + 1)
    }

    /// The bytes from one token up to (not including) another.
    pub(crate) fn span(&self, from: usize, to: usize) -> Range<usize> {
        let start = self
            .tokens
            .get(from)
            .map_or(self.text.len(), |first| first.start);
        let last = to.checked_sub(1).and_then(|last| self.tokens.get(last));
        start..last.map_or(start, |last| last.end.max(start))
    }

    /// The token after the run without white space that begins here, and the run's text.
    pub(crate) fn chunk(&self, at: usize) -> (usize, &'t str) {
        let mut end = at + 1;
        while self.glued(end) {
            end += 1;
        }
        (end, self.text.get(self.span(at, end)).unwrap_or_default())
    }
}

impl Token {
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number(..))
    }
}
