//! Dialog sessions: at most one open a person and chat, with a JSON state that expires by itself.
//!
//! Truth is the table `user_sessions`; all open ones are held in memory as well, so that routing
//! an ordinary message costs no round trip. Every write goes to the table first and compares the
//! version: a handler that read an older state cannot overwrite a newer one.

mod rows;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;
use vahta_rows::{ChatId, Db, DbError, Micros, transaction, with_db};

use rows::SessionRows as _;

/// An open dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub plugin: String,
    pub state: Value,
    /// Grows by one with each write; starts anywhere, so that two dialogs never share one.
    pub version: i32,
    pub expires_at: Micros,
}

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Db(#[from] DbError),
    /// Somebody else wrote in between; the cache now holds what they wrote.
    #[error("the dialog was changed meanwhile: version {expected:?} was expected, {found:?} found")]
    Conflict {
        expected: Option<i32>,
        found: Option<i32>,
    },
}

type Key = (i64, i64);

/// All open dialogs; cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    db: Db,
    open: Arc<RwLock<HashMap<Key, Arc<Session>>>>,
    /// By key: memory follows the table in the order of the commits.
    writing: Arc<[Mutex<()>; SHARDS]>,
}

const SHARDS: usize = 64;

impl Sessions {
    /// Takes over what was open when the last process ended.
    pub async fn load(db: Db) -> Result<Self, DbError> {
        let now = Micros::now();
        let rows = with_db!(db, c => c.all_sessions(now).await)?;
        let open = rows
            .into_iter()
            .map(|(key, session)| (key, Arc::new(session)))
            .collect();
        let writing = Arc::new(std::array::from_fn(|_| Mutex::new(())));
        Ok(Self {
            db,
            open: Arc::new(RwLock::new(open)),
            writing,
        })
    }

    /// The open dialog of a person in a chat; memory only.
    pub fn open(&self, chat: ChatId, telegram_id: i64) -> Option<Arc<Session>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&(chat.0, telegram_id))
            .filter(|s| s.expires_at > Micros::now())
            .cloned()
    }

    /// Opens a dialog or moves it on. `expected` is the version that the caller read; `None`
    /// replaces whatever is open, for the newest dialog is the one that a person is in.
    pub async fn set(
        &self,
        chat: ChatId,
        telegram_id: i64,
        plugin: &str,
        state: Value,
        ttl: Duration,
        expected: Option<i32>,
    ) -> Result<Arc<Session>, SessionError> {
        let key = (chat.0, telegram_id);
        let _order = self.order(key).await;
        let now = Micros::now();
        let mut next = Session {
            plugin: plugin.into(),
            state,
            version: 0,
            expires_at: now.plus(ttl),
        };
        let written = transaction!(self.db, c => {
            let found = c.session(key).await?;
            // An expired dialog is as good as none.
            let open = found.as_ref().filter(|s| s.expires_at > now).map(|s| s.version);
            let fits = expected.is_none() || open == expected;
            let version = found.as_ref().map_or(first_version(now), |s| s.version.wrapping_add(1));
            if fits && c.write_session(key, &next, version, now).await? {
                Ok(Ok(version))
            } else {
                Ok(Err(c.session(key).await?))
            }
        })?;
        match written {
            Ok(version) => {
                next.version = version;
                let session = Arc::new(next);
                self.keep(key, Some(session.clone()));
                Ok(session)
            }
            Err(found) => {
                let version = found.as_ref().map(|s| s.version);
                self.keep(key, found.map(Arc::new));
                Err(SessionError::Conflict {
                    expected,
                    found: version,
                })
            }
        }
    }

    /// Ends a dialog; false when none was open.
    pub async fn clear(&self, chat: ChatId, telegram_id: i64) -> Result<bool, DbError> {
        let key = (chat.0, telegram_id);
        let _order = self.order(key).await;
        let cleared = transaction!(self.db, c => c.delete_session(key).await)?;
        self.keep(key, None);
        Ok(cleared)
    }

    /// Reads one chat's dialogs again: for an instance that takes a chat over from another.
    pub async fn refresh(&self, chat: ChatId) -> Result<(), DbError> {
        let now = Micros::now();
        let rows = with_db!(self.db, c => c.sessions_of(chat.0, now).await)?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(of, _), _| *of != chat.0);
        open.extend(
            rows.into_iter()
                .map(|(key, session)| (key, Arc::new(session))),
        );
        Ok(())
    }

    /// Forgets what has expired, in the table and in memory; returns how many rows went.
    pub async fn sweep(&self) -> Result<usize, DbError> {
        let now = Micros::now();
        let swept = transaction!(self.db, c => c.expire_sessions(now).await)?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.expires_at > now);
        Ok(swept)
    }

    /// Dialogs that are open now.
    pub fn len(&self) -> usize {
        self.open
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    async fn order(&self, key: Key) -> tokio::sync::MutexGuard<'_, ()> {
        let shard = (key.0 ^ key.1.rotate_left(7)).unsigned_abs() as usize % SHARDS;
        self.writing[shard].lock().await
    }

    fn keep(&self, key: Key, session: Option<Arc<Session>>) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        match session {
            Some(session) => open.insert(key, session),
            None => open.remove(&key),
        };
    }
}

/// A dialog that follows a cleared one must not be taken for it: neither a count nor the clock
/// would do, for both may come to the number that the cleared one had reached.
fn first_version(now: Micros) -> i32 {
    let mut bytes = [0_u8; 4];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = [
            now.0 as u8,
            (now.0 >> 8) as u8,
            (now.0 >> 16) as u8,
            (now.0 >> 24) as u8,
        ];
    }
    i32::from_le_bytes(bytes) & 0x3fff_ffff
}
