//! Entities that Telegram finds by itself in plain text: mentions, commands, hashtags, cashtags,
//! links and e-mail addresses. Of two that overlap the first stays.

mod domains;
mod urls;

use super::{fix, units};
use crate::types::{Entity, EntityKind};

/// A find: its kind, and where it begins and ends in bytes.
type Found = (EntityKind, usize, usize);

/// The entities of a text, in order.
pub(crate) fn detect(text: &str) -> Vec<Entity> {
    // Most texts have none of the characters that belong to every entity.
    if !text.contains(['/', '@', '#', '$', '.', ':']) {
        return Vec::new();
    }
    let mut found: Vec<Found> = Vec::new();
    mentions(text, &mut found);
    commands(text, &mut found);
    hashtags(text, &mut found);
    cashtags(text, &mut found);
    urls::find(text, &mut found);
    let mut entities: Vec<Entity> = found
        .into_iter()
        .map(|(kind, begin, end)| Entity::new(kind, begin, end - begin))
        .collect();
    fix::sort(&mut entities);
    let mut kept: Vec<Entity> = Vec::with_capacity(entities.len());
    for entity in entities {
        if entity.offset >= kept.last().map_or(0, Entity::end) {
            kept.push(entity);
        }
    }
    // From bytes to code units.
    for entity in &mut kept {
        let (begin, end) = (entity.offset, entity.end());
        entity.offset = units(&text[..begin]);
        entity.length = units(&text[begin..end]);
    }
    kept
}

fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// Length in bytes of what fits at the begin.
fn run_of(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `@name` of 2 to 32 letters, not inside of a word.
fn mentions(text: &str, found: &mut Vec<Found>) {
    for (at, _) in text.match_indices('@') {
        if before(text, at).is_some_and(is_word) {
            continue;
        }
        let rest = &text[at + 1..];
        let length = run_of(rest, is_name);
        let word_goes_on = rest[length..].chars().next().is_some_and(is_word);
        if (2..=32).contains(&length) && !word_goes_on {
            found.push((EntityKind::Mention, at, at + 1 + length));
        }
    }
}

/// `/name` or `/name@bot`; what touches a word or another slash is none.
fn commands(text: &str, found: &mut Vec<Found>) {
    let is_edge = |c: char| is_word(c) || matches!(c, '/' | '<' | '>');
    for (at, _) in text.match_indices('/') {
        if before(text, at).is_some_and(is_edge) {
            continue;
        }
        let rest = &text[at + 1..];
        let length = run_of(rest, is_name);
        if !(1..=64).contains(&length) {
            continue;
        }
        let mut end = at + 1 + length;
        if let Some(address) = text[end..].strip_prefix('@') {
            let length = run_of(address, is_name);
            if !(3..=32).contains(&length) {
                continue;
            }
            end += 1 + length;
        }
        if !text[end..].chars().next().is_some_and(is_edge) {
            found.push((EntityKind::BotCommand, at, end));
        }
    }
}

fn is_tag(c: char) -> bool {
    is_word(c) || matches!(c, '\u{200c}' | '\u{b7}' | '\u{d80}'..='\u{dff}')
}

/// `#tag` of up to 256 letters and digits, at least one a letter.
fn hashtags(text: &str, found: &mut Vec<Found>) {
    for (at, _) in text.match_indices('#') {
        if before(text, at).is_some_and(is_tag) {
            continue;
        }
        let rest = &text[at + 1..];
        let length = run_of(rest, is_tag);
        let tag: String = rest[..length].chars().take(256).collect();
        let has_letter = tag.chars().any(char::is_alphabetic);
        if has_letter && !rest[length..].starts_with('#') {
            found.push((EntityKind::Hashtag, at, at + 1 + tag.len()));
        }
    }
}

/// `$ABC` of up to 8 capitals.
fn cashtags(text: &str, found: &mut Vec<Found>) {
    let is_edge = |c: char| is_tag(c) || c == '$';
    for (at, _) in text.match_indices('$') {
        if before(text, at).is_some_and(is_edge) {
            continue;
        }
        let rest = &text[at + 1..];
        let length = match rest.starts_with("1INCH") {
            true => 5,
            false => run_of(rest, |c| c.is_ascii_uppercase()),
        };
        let goes_on = rest[length..].chars().next().is_some_and(is_edge);
        if (1..=8).contains(&length) && !goes_on {
            found.push((EntityKind::Cashtag, at, at + 1 + length));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(EntityKind, String)> {
        let utf16: Vec<u16> = text.encode_utf16().collect();
        detect(text)
            .into_iter()
            .map(|e| {
                (
                    e.kind.clone(),
                    String::from_utf16_lossy(&utf16[e.offset..e.end()]),
                )
            })
            .collect()
    }

    #[test]
    fn commands_are_found_with_their_address_and_paths_are_not() {
        use EntityKind::BotCommand;
        assert_eq!(shown("/start"), [(BotCommand, "/start".to_owned())]);
        assert_eq!(
            shown("😀 /task@vahta_bot x"),
            [(BotCommand, "/task@vahta_bot".to_owned())]
        );
        assert_eq!(shown("/etc/passwd"), []);
        assert_eq!(shown("1/2 and a/b"), []);
    }

    #[test]
    fn mentions_hashtags_links_and_addresses_are_found() {
        assert_eq!(
            shown("(@ada) #ops, see https://example.org/a?b=1. or mail ada@example.org!"),
            [
                (EntityKind::Mention, "@ada".to_owned()),
                (EntityKind::Hashtag, "#ops".to_owned()),
                (EntityKind::Url, "https://example.org/a?b=1".to_owned()),
                (EntityKind::Email, "ada@example.org".to_owned()),
            ]
        );
        assert_eq!(shown("v1.2.3 and #1 and 3.14"), []);
    }
}
