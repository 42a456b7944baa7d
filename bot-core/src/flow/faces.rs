//! Who was seen lately with which names: a row a person and minute is enough.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::{Mutex, PoisonError};

use vahta_rows::Micros;

use super::Incoming;

/// How long a known face is no news.
const FRESH: i64 = 60 * 1_000_000;
/// Faces remembered; then all are forgotten, which costs one extra row each.
const MOST: usize = 50_000;

/// Secret messages remembered.
const SECRETS: usize = 10_000;

/// Remembers faces, and which messages held a secret: an edit of one holds it as well.
#[derive(Default)]
pub struct Faces {
    seen: Mutex<HashMap<(i64, i64), (i64, u64)>>,
    secrets: Mutex<HashSet<(i64, i32)>>,
}

impl Faces {
    /// A message whose text must not be written down, and from then on its edits.
    pub(super) fn is_secret(&self, incoming: &Incoming, typed_secret: bool) -> bool {
        let place = incoming.place.as_ref().map(|place| place.chat.0);
        let Some(key) = place.zip(incoming.message_id()) else {
            return typed_secret;
        };
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if typed_secret {
            if secrets.len() >= SECRETS {
                secrets.clear();
            }
            secrets.insert(key);
        }
        secrets.contains(&key)
    }

    /// Is the sender or the chat new, changed, or not seen for a while?
    pub(super) fn is_news(&self, incoming: &Incoming, at: Micros) -> bool {
        let key = (
            incoming
                .sender
                .as_ref()
                .map_or(0, |sender| sender.telegram_id),
            incoming.place.as_ref().map_or(0, |place| place.chat.0),
        );
        let mut hasher = DefaultHasher::new();
        if let Some(sender) = &incoming.sender {
            (&sender.username, &sender.first_name, &sender.last_name).hash(&mut hasher);
        }
        if let Some(place) = &incoming.place {
            (&place.title, &place.username).hash(&mut hasher);
        }
        let looks = hasher.finish();
        let mut faces = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if faces
            .get(&key)
            .is_some_and(|(seen, known)| *known == looks && at.0 - seen < FRESH)
        {
            return false;
        }
        if faces.len() >= MOST {
            faces.clear();
        }
        faces.insert(key, (at.0, looks));
        true
    }
}
