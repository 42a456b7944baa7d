//! How many forms with files one person sends at once: all places of the blob store together are
//! few, and a body may take its time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vahta_rows::UserId;

const MOST: usize = 4;

/// Who has how many under way; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashMap<UserId, usize>>>);

/// One of a person's turns, until it is dropped.
pub(crate) struct Turn {
    turns: Turns,
    user: UserId,
}

impl Turns {
    /// `None`: this person has all that one may have.
    pub(crate) fn take(&self, user: UserId) -> Option<Turn> {
        let mut all = self.lock();
        let count = all.entry(user).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        drop(all);
        let turns = self.clone();
        Some(Turn { turns, user })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut all = self.turns.lock();
        if let Some(count) = all.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_person_leaves_places_for_others() {
        let turns = Turns::default();
        let mut held: Vec<Turn> = std::iter::from_fn(|| turns.take(UserId(1))).collect();
        assert_eq!(held.len(), MOST);
        assert!(turns.take(UserId(2)).is_some());
        held.pop();
        assert!(turns.take(UserId(1)).is_some());
        drop(held);
        assert!(turns.lock().is_empty(), "nothing is kept of who has ended");
    }
}
