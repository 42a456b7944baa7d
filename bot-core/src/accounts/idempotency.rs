//! Requests that a program sends again because it saw no answer: they run once.
//!
//! The first takes the key and runs; whoever comes meanwhile is told so; whoever comes within a day
//! after gets the same answer. A request that failed on our side gives the key back.

mod rows;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use vahta_rows::{DbError, Micros, transaction, with_db};

use self::rows::IdempotencyRows as _;
use super::Accounts;

/// A run that has not answered for so long died with its process: longer than any plugin's deadline.
const GIVEN_UP: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// How long an answer is kept.
pub const KEPT: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// A request under its key.
#[derive(Debug, Clone)]
pub struct Once {
    hash: String,
    request: String,
}

impl Once {
    /// `owner` is whose key it is: two people's keys never meet.
    pub fn new(owner: &str, key: &str, method: &str, path: &str, body: &[u8]) -> Self {
        let digest = |parts: &[&[u8]]| {
            let mut sha = Sha256::new();
            for part in parts {
                sha.update((part.len() as u64).to_be_bytes());
                sha.update(part);
            }
            URL_SAFE_NO_PAD.encode(sha.finalize())
        };
        Self {
            hash: digest(&[owner.as_bytes(), key.as_bytes()]),
            request: digest(&[method.as_bytes(), path.as_bytes(), body]),
        }
    }
}

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Ours: run it, then [`Accounts::end_once`].
    Run,
    /// It ran before: its answer.
    Answered { status: u16, answer: String },
    /// It runs now.
    Running,
    /// The key came with another request before.
    Another,
}

impl Accounts {
    /// Takes the key of a request, or says why not.
    pub async fn begin_once(&self, once: &Once) -> Result<Begin, DbError> {
        let now = Micros::now();
        let taken = transaction!(self.db, c => {
            c.forget_once(&once.hash, now.minus(KEPT), now.minus(GIVEN_UP)).await?;
            c.take_once(&once.hash, &once.request, now).await
        })?;
        if taken {
            return Ok(Begin::Run);
        }
        let found = with_db!(self.db, c => c.once(&once.hash).await)?;
        Ok(match found {
            // Given back this very moment.
            None => Begin::Running,
            Some((request, _)) if request != once.request => Begin::Another,
            Some((_, Some((status, answer)))) => Begin::Answered {
                status: u16::try_from(status).unwrap_or(500),
                answer,
            },
            Some((_, None)) => Begin::Running,
        })
    }

    /// Keeps the answer; `None` gives the key back, so that the request may be tried again.
    pub async fn end_once(&self, once: &Once, answer: Option<(u16, &str)>) -> Result<(), DbError> {
        transaction!(self.db, c => {
            match answer {
                Some((status, answer)) => c.answer_once(&once.hash, i32::from(status), answer).await,
                None => c.drop_once(&once.hash).await,
            }
        })
    }
}
