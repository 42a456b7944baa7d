//! What Telegram does to every text before it is kept: control characters out, white space at
//! both ends away, entities sorted and cut to fit.

use super::{detect, units};
use crate::types::{Entity, EntityKind};

/// The tidy text with the given entities and those found in it.
pub(crate) fn tidy(text: &str, mut entities: Vec<Entity>) -> (String, Vec<Entity>) {
    entities.retain(|entity| entity.length > 0);
    let first = entities
        .iter()
        .map(|e| e.offset)
        .min()
        .unwrap_or(usize::MAX);
    // White space inside an entity at the start stays, as at Telegram.
    let mut lead = 0;
    let mut start = 0;
    for c in text.chars() {
        if lead >= first || !matches!(c, ' ' | '\n' | '\t' | '\r') {
            break;
        }
        lead += c.len_utf16();
        start += c.len_utf8();
    }
    let kept = text[start..].trim_end();
    let total = units(kept);
    for entity in &mut entities {
        let end = entity.end().saturating_sub(lead).min(total);
        entity.offset = entity.offset.saturating_sub(lead);
        entity.length = end.saturating_sub(entity.offset);
    }
    entities.retain(|entity| entity.length > 0);
    let found = detect::detect(kept);
    let free: Vec<_> = found
        .into_iter()
        .filter(|new| !entities.iter().any(|old| claims(old) && overlap(old, new)))
        .collect();
    entities.extend(free);
    entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    (kept.to_owned(), entities)
}

/// Entities inside which nothing else is found.
fn claims(entity: &Entity) -> bool {
    matches!(
        entity.kind,
        EntityKind::Code
            | EntityKind::Pre { .. }
            | EntityKind::TextLink { .. }
            | EntityKind::TextMention { .. }
            | EntityKind::Url
            | EntityKind::Mention
            | EntityKind::BotCommand
            | EntityKind::Hashtag
            | EntityKind::Email
    )
}

fn overlap(one: &Entity, other: &Entity) -> bool {
    one.offset < other.end() && other.offset < one.end()
}
