//! Who has a page open now.
//!
//! A hint, not a truth: it only decides whether a page is given time to show a notice before
//! Telegram is. A page that is gone without a word, or one that another process serves, costs that
//! time or the toast, and never the notice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vahta_rows::UserId;

/// Open pages by person; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Presence(Arc<Mutex<HashMap<UserId, usize>>>);

/// One open page; it is gone when this is dropped.
#[derive(Debug)]
pub struct Here {
    presence: Presence,
    user: UserId,
}

impl Presence {
    /// Somebody has opened a page.
    #[must_use]
    pub fn enter(&self, user: UserId) -> Here {
        *self.lock().entry(user).or_default() += 1;
        Here {
            presence: self.clone(),
            user,
        }
    }

    pub fn is_here(&self, user: UserId) -> bool {
        self.lock().contains_key(&user)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let mut pages = self.presence.lock();
        if let Some(count) = pages.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                pages.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_here_until_their_last_page_is_closed() {
        let presence = Presence::default();
        let (first, second) = (presence.enter(UserId(1)), presence.enter(UserId(1)));
        assert!(presence.is_here(UserId(1)) && !presence.is_here(UserId(2)));
        drop(first);
        assert!(presence.is_here(UserId(1)));
        drop(second);
        assert!(!presence.is_here(UserId(1)));
    }
}
