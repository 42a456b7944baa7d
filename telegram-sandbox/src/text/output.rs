//! What a parser writes: plain text, its length in UTF-16 code units so far, and entities.

use super::{fix, links};
use crate::types::{Entity, EntityKind, MentionedUser};

#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) units: usize,
    entities: Vec<Entity>,
}

impl Output {
    pub(crate) fn push(&mut self, c: char) {
        self.text.push(c);
        self.units += c.len_utf16();
    }

    /// Ends an entity that began at `start`; one without text is none.
    pub(crate) fn close(&mut self, kind: EntityKind, start: usize) {
        if self.units > start {
            let length = self.units - start;
            self.entities.push(Entity::new(kind, start, length));
        }
    }

    /// The entity that ended last, if it covers exactly what lies behind `start`.
    pub(crate) fn twin(&mut self, start: usize) -> Option<&mut Entity> {
        let units = self.units;
        self.entities
            .last_mut()
            .filter(|entity| entity.offset == start && entity.end() == units)
    }

    /// How many entities have ended.
    pub(crate) fn count(&self) -> usize {
        self.entities.len()
    }

    /// Text and entities, by offset, the longer of two first.
    pub(crate) fn finish(mut self) -> (String, Vec<Entity>) {
        fix::sort(&mut self.entities);
        (self.text, self.entities)
    }
}

/// What a link leads to: a person (`tg://user?id=…`), an address, or `None` if it is no link and
/// the text stays plain. Addresses get a scheme and a path, as at Telegram.
pub(crate) fn link(url: &str) -> Option<EntityKind> {
    if let Some(id) = links::person(url) {
        let user = MentionedUser {
            id,
            is_bot: false,
            first_name: String::new(),
            username: None,
        };
        return Some(EntityKind::TextMention { user });
    }
    let url = links::check(url, links::Only::Any).ok()?;
    Some(EntityKind::TextLink { url })
}
