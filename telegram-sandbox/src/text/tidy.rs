//! What Telegram does to every text before it is kept: control characters out, white space at
//! both ends away, entities checked, moved and brought into form.

use super::{detect, fix, units};
use crate::types::Entity;

/// The tidy text with the given entities and those found in it; a text that shows nothing is
/// empty. `Err` says which entity does not fit the text.
pub(crate) fn tidy(text: &str, entities: Vec<Entity>) -> Result<(String, Vec<Entity>), String> {
    let entities = fix::fix(entities);
    let (cleaned, entities) = clean(text, entities)?;
    let entities = fix::fix(entities);
    let (kept, entities) = trim(&cleaned, entities);
    if shows_nothing(&kept) {
        return Ok((String::new(), Vec::new()));
    }
    let entities = fix::add_found(entities, detect::detect(&kept));
    Ok((kept, entities))
}

/// The same for people's words, which have no entities but those found in them.
pub(crate) fn tidy_plain(text: &str) -> (String, Vec<Entity>) {
    tidy(text, Vec::new()).unwrap_or_default()
}

/// Control characters become spaces, and what would disturb the line is dropped.
fn clean(text: &str, mut entities: Vec<Entity>) -> Result<(String, Vec<Entity>), String> {
    let mut cleaned = String::with_capacity(text.len());
    // For each code unit of the text where it is now; `None` inside of a surrogate pair.
    let mut moved: Vec<Option<usize>> = Vec::with_capacity(text.len() + 1);
    // Where the next character begins, in bytes, for each code unit.
    let mut bytes: Vec<usize> = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    for (byte, c) in text.char_indices() {
        moved.push(Some(at));
        bytes.push(byte);
        if c.len_utf16() == 2 {
            moved.push(None);
            bytes.push(byte + c.len_utf8());
        }
        match c {
            '\n' => cleaned.push('\n'),
            '\r' | '\u{2028}'..='\u{202e}' | '\u{030a}' | '\u{0333}' | '\u{033f}' => continue,
            c if c <= ' ' => cleaned.push(' '),
            c => cleaned.push(c),
        }
        at += c.len_utf16();
    }
    moved.push(Some(at));
    if entities.is_empty() {
        return Ok((without_marks(&cleaned), entities));
    }
    check(&entities, &moved, &bytes)?;
    for entity in &mut entities {
        let to = |unit: usize| moved.get(unit).copied().flatten().unwrap_or(at);
        let (begin, end) = (to(entity.offset), to(entity.end()));
        entity.offset = begin;
        entity.length = end - begin;
    }
    Ok((without_marks(&cleaned), entities))
}

/// Entities must begin and end between characters of the text; the first that does not is named.
fn check(entities: &[Entity], moved: &[Option<usize>], bytes: &[usize]) -> Result<(), String> {
    let length = moved.len() - 1;
    let inside = |unit: usize| unit < length && moved[unit].is_none();
    let mut faults: Vec<(usize, String)> = Vec::new();
    for entity in entities {
        let (begin, end) = (entity.offset, entity.end());
        if inside(begin) {
            let byte = bytes[begin];
            let fault = "Entity begins in a middle of a UTF-16 symbol at byte offset";
            faults.push((begin, format!("{fault} {byte}")));
        } else if inside(end) {
            let byte = bytes[end];
            faults.push((
                end,
                format!(
                    "Entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 \
                     symbol at byte offset {byte}"
                ),
            ));
        }
    }
    if let Some((_, fault)) = faults.into_iter().min_by_key(|(at, _)| *at) {
        return Err(fault);
    }
    if let Some(entity) = entities.iter().find(|entity| entity.offset > length) {
        let offset = entity.offset;
        return Err(format!(
            "Entity begins after the end of the text at UTF-16 offset {offset}"
        ));
    }
    // The innermost of those that are still open at the end.
    match entities.iter().rfind(|entity| entity.end() > length) {
        None => Ok(()),
        Some(entity) => Err(format!(
            "Entity beginning at UTF-16 offset {} ends after the end of the text at UTF-16 \
             offset {}",
            entity.offset,
            entity.end()
        )),
    }
}

/// Of several direction marks in a row only the last keeps its meaning.
fn without_marks(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}');
    if !text.contains(is_mark) {
        return text.to_owned();
    }
    let mut chars = text.chars().peekable();
    let mut kept = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        let another_follows = chars.peek().is_some_and(|next| is_mark(*next));
        kept.push(if is_mark(c) && another_follows {
            '\u{200c}'
        } else {
            c
        });
    }
    kept
}

/// Spaces and line breaks go at the end, and at the begin as far as the first entity.
fn trim(text: &str, mut entities: Vec<Entity>) -> (String, Vec<Entity>) {
    let is_space = |c: char| matches!(c, ' ' | '\n');
    let kept = text.trim_end_matches(is_space);
    let total = units(kept);
    entities.retain(|entity| entity.offset < total);
    for entity in &mut entities {
        entity.length = entity.end().min(total) - entity.offset;
    }
    fix::sort(&mut entities);
    let first = entities.first().map_or(usize::MAX, |entity| entity.offset);
    // Spaces and line breaks are one byte and one code unit each.
    let lead = kept.chars().take_while(|c| is_space(*c)).count().min(first);
    for entity in &mut entities {
        entity.offset -= lead;
    }
    (kept[lead..].to_owned(), entities)
}

/// Blank characters of all kinds, of which nothing is seen.
fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c,
            ' ' | '\n' | '\u{a0}' | '\u{ad}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200f}'
            | '\u{202f}' | '\u{205f}'..='\u{2064}' | '\u{2800}' | '\u{3000}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffc}')
    })
}
