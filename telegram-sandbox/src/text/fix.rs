//! Bringing entities into the form in which Telegram keeps them: nothing overlaps that may not,
//! styles are cut where something else begins or ends, code has no style.
//!
//! Three groups. *Styles* (bold, italic, underline, strikethrough, spoiler) may lie anywhere and
//! are cut to fit. *Quotes* do not overlap each other. Everything else is *solid*: of two that
//! overlap the first stays.

use std::collections::BTreeSet;

use crate::types::{Entity, EntityKind};

/// In order of offset; of two at one place the longer, then by rank.
pub(crate) fn sort(entities: &mut [Entity]) {
    entities.sort_by_key(|entity| {
        let longer_first = std::cmp::Reverse(entity.length);
        (entity.offset, longer_first, rank(&entity.kind))
    });
}

fn rank(kind: &EntityKind) -> u8 {
    match kind {
        EntityKind::Blockquote | EntityKind::ExpandableBlockquote => 0,
        EntityKind::Pre { language: Some(_) } => 10,
        EntityKind::Pre { language: None } => 11,
        EntityKind::Code => 20,
        EntityKind::TextLink { .. } | EntityKind::TextMention { .. } => 49,
        EntityKind::Bold => 90,
        EntityKind::Italic => 91,
        EntityKind::Underline => 92,
        EntityKind::Strikethrough => 93,
        EntityKind::Spoiler => 94,
        EntityKind::CustomEmoji { .. } => 99,
        _ => 50,
    }
}

fn is_style(kind: &EntityKind) -> bool {
    (90..=94).contains(&rank(kind))
}

fn is_quote(kind: &EntityKind) -> bool {
    rank(kind) == 0
}

fn is_code(kind: &EntityKind) -> bool {
    matches!(kind, EntityKind::Code | EntityKind::Pre { .. })
}

/// The entities as Telegram keeps them.
pub(crate) fn fix(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.retain(|entity| entity.length > 0);
    sort(&mut entities);
    let (styles, rest): (Vec<_>, Vec<_>) = entities
        .into_iter()
        .partition(|entity| is_style(&entity.kind));
    let (quotes, solid): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|entity| is_quote(&entity.kind));
    let quotes = without_overlap(quotes);
    let mut solid = without_overlap(solid);
    solid.retain(|entity| fits_quotes(entity, &quotes));
    join(styles, solid, quotes)
}

/// Adds entities that were found in the text; they give way to those that are there.
pub(crate) fn add_found(entities: Vec<Entity>, mut found: Vec<Entity>) -> Vec<Entity> {
    if found.is_empty() {
        return entities;
    }
    let (styles, rest): (Vec<_>, Vec<_>) = entities
        .into_iter()
        .partition(|entity| is_style(&entity.kind));
    let (quotes, mut solid): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|entity| is_quote(&entity.kind));
    found.retain(|new| fits_quotes(new, &quotes) && !solid.iter().any(|old| overlap(old, new)));
    solid.extend(found);
    sort(&mut solid);
    join(styles, solid, quotes)
}

fn join(styles: Vec<Entity>, solid: Vec<Entity>, quotes: Vec<Entity>) -> Vec<Entity> {
    let mut all = cut(&styles, &solid, &quotes);
    all.extend(solid);
    all.extend(quotes);
    sort(&mut all);
    all
}

fn overlap(one: &Entity, other: &Entity) -> bool {
    one.offset < other.end() && other.offset < one.end()
}

/// Of sorted entities those that begin after the end of the one kept before.
fn without_overlap(entities: Vec<Entity>) -> Vec<Entity> {
    let mut kept: Vec<Entity> = Vec::with_capacity(entities.len());
    for entity in entities {
        let end = kept.last().map_or(0, Entity::end);
        if entity.offset >= end {
            kept.push(entity);
        }
    }
    kept
}

/// Inside a quote or outside, but not across its border and not around it.
fn fits_quotes(entity: &Entity, quotes: &[Entity]) -> bool {
    let first = quotes.iter().find(|quote| quote.end() > entity.offset);
    first.is_none_or(|quote| {
        let ends_later = quote.end() < entity.end();
        let begins_inside = entity.offset < quote.offset && quote.offset < entity.end();
        !ends_later && !begins_inside
    })
}

/// Styles joined where they touch, cut at every border of the rest and where another style
/// begins, and left out of code.
fn cut(styles: &[Entity], solid: &[Entity], quotes: &[Entity]) -> Vec<Entity> {
    let kinds = [
        EntityKind::Bold,
        EntityKind::Italic,
        EntityKind::Underline,
        EntityKind::Strikethrough,
        EntityKind::Spoiler,
    ];
    let joined: Vec<(EntityKind, Vec<(usize, usize)>)> = kinds
        .into_iter()
        .map(|kind| {
            let of_kind = styles.iter().filter(|entity| entity.kind == kind);
            let spans = spans(of_kind);
            (kind, spans)
        })
        .collect();
    let rest = || solid.iter().chain(quotes);
    let mut borders: BTreeSet<usize> = rest().flat_map(|e| [e.offset, e.end()]).collect();
    let begins = joined.iter().flat_map(|(_, spans)| spans);
    borders.extend(begins.map(|(begin, _)| *begin));
    let code: Vec<&Entity> = solid
        .iter()
        .filter(|entity| is_code(&entity.kind))
        .collect();
    let mut pieces = Vec::new();
    for (kind, spans) in joined {
        for (begin, end) in spans {
            let mut at = begin;
            let inner = borders.range(begin + 1..end).copied();
            for next in inner.chain([end]) {
                let piece = Entity::new(kind.clone(), at, next - at);
                if !code.iter().any(|code| overlap(code, &piece)) {
                    pieces.push(piece);
                }
                at = next;
            }
        }
    }
    pieces
}

/// Begin and end of what the entities of one kind cover.
fn spans<'a>(entities: impl Iterator<Item = &'a Entity>) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for entity in entities {
        match spans.last_mut() {
            Some((_, end)) if entity.offset <= *end => *end = (*end).max(entity.end()),
            _ => spans.push((entity.offset, entity.end())),
        }
    }
    spans
}
