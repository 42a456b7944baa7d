//! How many bodies with files one of many sends at once: all places of the blob store together are
//! few, and a body may take its time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MOST: usize = 4;

/// Who has how many under way; cheap to clone.
#[derive(Clone)]
pub(crate) struct Turns<K>(Arc<Mutex<HashMap<K, usize>>>);

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// One turn of somebody, until it is dropped.
pub(crate) struct Turn<K: Eq + Hash> {
    turns: Turns<K>,
    who: K,
}

impl<K: Copy + Eq + Hash> Turns<K> {
    /// `None`: this one has all that one may have.
    pub(crate) fn take(&self, who: K) -> Option<Turn<K>> {
        let mut all = self.lock();
        let count = all.entry(who).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        drop(all);
        let turns = self.clone();
        Some(Turn { turns, who })
    }
}

impl<K> Turns<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Turn<K> {
    fn drop(&mut self) {
        let mut all = self.turns.lock();
        if let Some(count) = all.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use vahta_rows::UserId;

    use super::*;

    #[test]
    fn one_person_leaves_places_for_others() {
        let turns = Turns::default();
        let mut held: Vec<_> = std::iter::from_fn(|| turns.take(UserId(1))).collect();
        assert_eq!(held.len(), MOST);
        assert!(turns.take(UserId(2)).is_some());
        held.pop();
        assert!(turns.take(UserId(1)).is_some());
        drop(held);
        assert!(turns.lock().is_empty(), "nothing is kept of who has ended");
    }
}
