//! Texts over Telegram's limit of 4096 UTF-16 units are split, never cut.

use serde_json::Value;

use super::{Call, Payload};

/// Bot API, `sendMessage`: "1-4096 characters after entities parsing", in UTF-16 code units.
const LIMIT: usize = 4096;

/// The call itself, or several that say the same in parts that fit. Only `sendMessage` is split;
/// the keyboard goes with the last part.
pub(super) fn parts(call: Call) -> Vec<Call> {
    if !call.method.eq_ignore_ascii_case("sendMessage") || is_small(&call.payload) {
        return vec![call];
    }
    let value: Value = match &call.payload {
        Payload::Json(value) => value.clone(),
        Payload::Raw(bytes) => match serde_json::from_slice(bytes) {
            Ok(value) => value,
            Err(_) => return vec![call],
        },
    };
    let Some(text) = value.get("text").and_then(Value::as_str) else {
        return vec![call];
    };
    if text.encode_utf16().count() <= LIMIT {
        return vec![call];
    }
    let is_html = value
        .get("parse_mode")
        .and_then(Value::as_str)
        .is_some_and(|m| m.eq_ignore_ascii_case("html"));
    let texts = if is_html { html(text) } else { plain(text) };
    let last = texts.len().saturating_sub(1);
    texts
        .into_iter()
        .enumerate()
        .map(|(n, text)| {
            let mut payload = value.clone();
            payload["text"] = text.into();
            if let Some(fields) = payload.as_object_mut() {
                // Offsets of entities belong to the whole text.
                fields.remove("entities");
                if n != last {
                    fields.remove("reply_markup");
                }
            }
            Call {
                payload: Payload::Json(payload),
                ..call.clone()
            }
        })
        .collect()
}

/// Cannot be over the limit whatever it holds: the usual case costs nothing.
fn is_small(payload: &Payload) -> bool {
    match payload {
        Payload::Raw(bytes) => bytes.len() <= LIMIT,
        Payload::Json(value) => value
            .get("text")
            .and_then(Value::as_str)
            .is_none_or(|t| t.len() <= LIMIT),
    }
}

/// Cuts at the last line end that fits, else at the last space, else between characters.
fn plain(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = fitting(rest, LIMIT);
        let cut = if end == rest.len() {
            end
        } else {
            nice_cut(rest, end)
        };
        parts.push(rest[..cut].to_string());
        rest = rest[cut..].trim_start_matches('\n');
    }
    parts
}

/// Bytes of the longest head of `text` with at most `units` UTF-16 units.
fn fitting(text: &str, units: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > units {
            return at;
        }
    }
    text.len()
}

fn nice_cut(text: &str, end: usize) -> usize {
    let head = &text[..end];
    let half = end / 2;
    head.rfind('\n')
        .or_else(|| head.rfind(' '))
        .filter(|&at| at > half)
        .map_or(end, |at| at + 1)
}

/// Splits HTML between its tokens; tags open at a cut are closed before it and opened after it.
fn html(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = Part::default();
    for token in tokens(text) {
        match token {
            Token::Tag(tag) => part.tag(tag),
            Token::Text(mut text) => {
                while !text.is_empty() {
                    let end = fitting_escaped(text, LIMIT - part.units);
                    if end == text.len() {
                        part.text(text);
                        break;
                    }
                    let cut = if end == 0 {
                        0
                    } else {
                        nice_cut_escaped(text, end)
                    };
                    part.text(&text[..cut]);
                    text = text[cut..].trim_start_matches('\n');
                    part = part.finish(&mut parts);
                }
            }
        }
    }
    part.finish(&mut parts);
    parts
}

#[derive(Default)]
struct Part {
    html: String,
    /// UTF-16 units of what will be seen.
    units: usize,
    open: Vec<String>,
}

impl Part {
    fn tag(&mut self, tag: &str) {
        if tag.starts_with("</") {
            self.open.pop();
        } else {
            self.open.push(tag.to_string());
        }
        self.html.push_str(tag);
    }

    fn text(&mut self, text: &str) {
        self.units += seen_units(text);
        self.html.push_str(text);
    }

    /// Closes what is open and begins the next part with the same tags.
    fn finish(mut self, parts: &mut Vec<String>) -> Self {
        for tag in self.open.iter().rev() {
            self.html.push_str(&format!("</{}>", tag_name(tag)));
        }
        if self.units > 0 {
            parts.push(self.html);
        }
        Self {
            html: self.open.concat(),
            units: 0,
            open: self.open,
        }
    }
}

fn tag_name(tag: &str) -> &str {
    let inner = tag.trim_start_matches('<').trim_end_matches('>');
    inner.split([' ', '\n']).next().unwrap_or(inner)
}

enum Token<'a> {
    Tag(&'a str),
    Text(&'a str),
}

fn tokens(mut text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    while !text.is_empty() {
        let at = text.find('<').unwrap_or(text.len());
        if at > 0 {
            tokens.push(Token::Text(&text[..at]));
            text = &text[at..];
        } else {
            let end = text.find('>').map_or(text.len(), |end| end + 1);
            tokens.push(Token::Tag(&text[..end]));
            text = &text[end..];
        }
    }
    tokens
}

/// `&lt;` is one seen character: steps over escapes as a whole.
fn escaped_chars(text: &str) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let c = rest.chars().next()?;
        let escape = (c == '&')
            .then(|| rest.find(';').filter(|&end| end <= 10))
            .flatten();
        let (bytes, units) = escape.map_or((c.len_utf8(), c.len_utf16()), |end| (end + 1, 1));
        let step = (at, bytes, units);
        at += bytes;
        Some(step)
    })
}

fn fitting_escaped(text: &str, units: usize) -> usize {
    let mut used = 0;
    for (at, _, width) in escaped_chars(text) {
        used += width;
        if used > units {
            return at;
        }
    }
    text.len()
}

fn seen_units(text: &str) -> usize {
    escaped_chars(text).map(|(_, _, units)| units).sum()
}

fn nice_cut_escaped(text: &str, end: usize) -> usize {
    // Line ends and spaces never stand inside an escape, so the plain rule holds.
    nice_cut(text, end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn units(text: &str) -> usize {
        text.encode_utf16().count()
    }

    #[test]
    fn a_long_text_is_split_at_line_ends_and_nothing_is_lost() {
        let text: String = (0..900).map(|n| format!("line {n} 🙂\n")).collect();
        let parts = plain(&text);
        assert!(parts.len() > 1 && parts.iter().all(|p| units(p) <= LIMIT));
        assert_eq!(parts.concat(), text);
    }

    #[test]
    fn tags_open_at_a_cut_are_closed_and_opened_again() {
        let text = format!("<b>{}</b> &lt;end&gt;", "word ".repeat(1_500));
        let parts = html(&text);
        assert!(parts.len() > 1);
        for part in &parts {
            assert_eq!(
                part.matches("<b>").count(),
                part.matches("</b>").count(),
                "{part}"
            );
            assert!(seen_units(&part.replace("<b>", "").replace("</b>", "")) <= LIMIT);
        }
        assert!(parts.last().unwrap().ends_with("&lt;end&gt;"));
    }

    #[test]
    fn an_escape_is_never_cut() {
        let text = "&amp;".repeat(5_000);
        let parts = html(&text);
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|p| p.ends_with(';') && p.starts_with('&')));
    }
}
