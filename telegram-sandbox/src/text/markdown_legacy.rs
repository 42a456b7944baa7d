//! The old Markdown style, <https://core.telegram.org/bots/api#markdown-style>: no nesting, a few
//! marks, kept for old bots.

use super::output::{Output, link};
use crate::types::{Entity, EntityKind};

/// The text without markup, or what is wrong with it.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut out = Output::default();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let next = source[at + c.len_utf8()..].chars().next();
        match (c, next) {
            ('\\', Some(escaped @ ('_' | '*' | '`' | '['))) => {
                out.push(escaped);
                at += 2;
            }
            ('_' | '*' | '`' | '[', _) => at = entity(source, at, &mut out)?,
            _ => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    Ok(out.finish())
}

/// Reads the entity that begins at `begin`; gives where it ends.
fn entity(source: &str, begin: usize, out: &mut Output) -> Result<usize, String> {
    let rest = &source[begin..];
    let start = out.units;
    let (mark, end) = match rest {
        _ if rest.starts_with("```") => ("```", "```"),
        _ if rest.starts_with('[') => ("[", "]"),
        _ => (&rest[..1], &rest[..1]),
    };
    let mut inner = begin + mark.len();
    let language = match mark {
        "```" => {
            let (language, length) = language(&source[inner..]);
            inner += length;
            language
        }
        _ => None,
    };
    let length = source[inner..]
        .find(end)
        .ok_or_else(|| format!("Can't find end of the entity starting at byte offset {begin}"))?;
    let shown = &source[inner..inner + length];
    shown.chars().for_each(|c| out.push(c));
    let mut after = inner + length + end.len();
    let kind = match mark {
        "*" => Some(EntityKind::Bold),
        "_" => Some(EntityKind::Italic),
        "`" => Some(EntityKind::Code),
        "```" => Some(EntityKind::Pre { language }),
        _ => {
            let mut url = shown;
            if let Some(address) = source[after..].strip_prefix('(') {
                let length = address.find(')').unwrap_or(address.len());
                url = &address[..length];
                after = (after + 1 + length + 1).min(source.len());
            }
            link(url)
        }
    };
    if let Some(kind) = kind {
        out.close(kind, start);
    }
    Ok(after)
}

/// The language after three backticks and the line break after it, with the bytes they take.
fn language(rest: &str) -> (Option<String>, usize) {
    let length = rest
        .find(|c: char| c.is_ascii_whitespace() || c == '`')
        .unwrap_or(0);
    let named = length > 0 && !rest[length..].starts_with('`');
    let before = if named { length } else { 0 };
    let line_break = usize::from(rest[before..].starts_with('\n'));
    let language = named.then(|| rest[..length].to_owned());
    (language, before + line_break)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_few_marks_are_read_and_an_open_one_is_refused() {
        let (text, entities) = parse("*b* _i_ `c` [x](https://e.org/a) a\\_b").unwrap_or_default();
        assert_eq!(text, "b i c x a_b");
        assert_eq!(entities.len(), 4);
        assert_eq!(
            parse("a_b").err().as_deref(),
            Some("Can't find end of the entity starting at byte offset 1")
        );
    }
}
