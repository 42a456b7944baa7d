//! Entities that Telegram finds by itself in plain text: commands, mentions, hashtags, links,
//! e-mail addresses. Simpler than the original, and careful to find no more.

use super::units;
use crate::types::{Entity, EntityKind};

/// The entities of a text, in order.
pub(crate) fn detect(text: &str) -> Vec<Entity> {
    // Most texts have none of the characters that begin an entity.
    if !text.contains(['/', '@', '#', '$', '.']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        detect_in_word(word.trim_end(), offset, &mut found);
        offset += units(word);
    }
    found
}

fn detect_in_word(word: &str, offset: usize, found: &mut Vec<Entity>) {
    let lead = word.trim_start_matches(['(', '[', '{', '"', '\'', '«', '<', ',', ';']);
    let offset = offset + units(word) - units(lead);
    let kind_and_bytes = command(lead)
        .map(|bytes| (EntityKind::BotCommand, bytes))
        .or_else(|| mention(lead).map(|bytes| (EntityKind::Mention, bytes)))
        .or_else(|| hashtag(lead).map(|bytes| (EntityKind::Hashtag, bytes)))
        .or_else(|| cashtag(lead).map(|bytes| (EntityKind::Cashtag, bytes)))
        .or_else(|| email(lead).map(|bytes| (EntityKind::Email, bytes)))
        .or_else(|| url(lead).map(|bytes| (EntityKind::Url, bytes)));
    if let Some((kind, bytes)) = kind_and_bytes {
        found.push(Entity::new(kind, offset, units(&lead[..bytes])));
    }
}

fn run_of(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `/name` or `/name@bot`; a slash after it makes it a path.
fn command(word: &str) -> Option<usize> {
    let name = word.strip_prefix('/')?;
    let length = run_of(name, is_name);
    if !(1..=64).contains(&length) || name[length..].starts_with('/') {
        return None;
    }
    let addressed = mention(&name[length..]).unwrap_or(0);
    Some(1 + length + addressed)
}

fn mention(word: &str) -> Option<usize> {
    let name = word.strip_prefix('@')?;
    let length = run_of(name, is_name);
    (2..=32).contains(&length).then_some(1 + length)
}

fn hashtag(word: &str) -> Option<usize> {
    let tag = word.strip_prefix('#')?;
    let length = run_of(tag, |c| c.is_alphanumeric() || c == '_');
    let has_letter = tag[..length].chars().any(|c| !c.is_numeric());
    (length > 0 && has_letter).then_some(1 + length)
}

fn cashtag(word: &str) -> Option<usize> {
    let tag = word.strip_prefix('$')?;
    let length = run_of(tag, |c| c.is_ascii_uppercase());
    let ends = !tag[length..].starts_with(|c: char| c.is_alphanumeric());
    ((3..=8).contains(&length) && ends).then_some(1 + length)
}

fn email(word: &str) -> Option<usize> {
    let (local, rest) = word.split_once('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    if local.is_empty() || !local.chars().all(plain) {
        return None;
    }
    let domain = host(rest)?;
    Some(local.len() + 1 + domain)
}

fn url(word: &str) -> Option<usize> {
    let scheme = ["https://", "http://", "tg://", "ftp://"]
        .iter()
        .find(|scheme| {
            word.len() >= scheme.len()
                && word.is_char_boundary(scheme.len())
                && word[..scheme.len()].eq_ignore_ascii_case(scheme)
        })
        .map_or(0, |scheme| scheme.len());
    let rest = &word[scheme..];
    let host_length = if scheme > 0 {
        run_of(rest, |c| {
            c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
        })
    } else {
        host(rest)?
    };
    if host_length == 0 {
        return None;
    }
    let tail = &rest[host_length..];
    let tail = match tail.strip_prefix(':') {
        Some(port) => &port[run_of(port, |c| c.is_ascii_digit())..],
        None => tail,
    };
    let before_path = word.len() - tail.len();
    let path = if tail.starts_with(['/', '?', '#']) {
        tail.trim_end_matches(['.', ',', '!', '?', ')', ']', '"', '\'', ';', ':', '>'])
            .len()
    } else {
        0
    };
    Some(before_path + path)
}

/// A dotted name with a top-level domain that people use; the length, or `None`.
fn host(text: &str) -> Option<usize> {
    let length = run_of(text, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
    });
    let name = text[..length].trim_end_matches(['.', '-']);
    let (before, top) = name.rsplit_once('.')?;
    let known = [
        "com", "org", "net", "io", "dev", "me", "de", "uk", "eu", "info", "app", "ru", "invalid",
    ];
    let fits = !before.is_empty()
        && !before.starts_with('.')
        && known.iter().any(|tld| top.eq_ignore_ascii_case(tld));
    fits.then_some(name.len())
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
