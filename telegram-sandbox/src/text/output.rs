//! What a parser writes: plain text, its length in UTF-16 code units so far, and entities.

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

    /// Text and entities, by offset, the longer of two first.
    pub(crate) fn finish(mut self) -> (String, Vec<Entity>) {
        self.entities
            .sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
        (self.text, self.entities)
    }
}

/// What a link leads to: a person (`tg://user?id=…`), an address, or `None` if it is no link and
/// the text stays plain. Addresses get a scheme and a path, as at Telegram.
pub(crate) fn link(url: &str) -> Option<EntityKind> {
    let url = url.trim();
    if let Some(id) = url.strip_prefix("tg://user?id=") {
        let id = id.parse().ok()?;
        let user = MentionedUser {
            id,
            is_bot: false,
            first_name: String::new(),
            username: None,
        };
        return Some(EntityKind::TextMention { user });
    }
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), url),
    };
    if !matches!(scheme.as_str(), "http" | "https" | "tg" | "ton") {
        return None;
    }
    let host_length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at(host_length);
    let is_web = scheme.starts_with("http");
    let is_name = !host.is_empty() && !host.contains(char::is_whitespace);
    let is_dotted = host.contains('.') || host.contains(':') || host == "localhost";
    if !is_name || (is_web && !is_dotted) {
        return None;
    }
    let slash = if is_web && !tail.starts_with('/') {
        "/"
    } else {
        ""
    };
    let url = format!("{scheme}://{host}{slash}{tail}");
    Some(EntityKind::TextLink { url })
}
