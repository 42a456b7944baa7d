//! Keys of programs.
//!
//! A key is `vahta_<id>_<secret>`: the id finds its row, the secret is 128 bits of which only the
//! SHA-256 is kept. A key may do what its scopes name *and* its owner holds at that moment, so
//! taking a role away also takes it from their keys. Blocking somebody revokes their keys for good.

mod rows;

use std::time::Duration;

use serde_json::json;
use subtle::ConstantTimeEq as _;
use vahta_rows::{DbError, Micros, UserId, transaction, with_db};

pub(crate) use self::rows::KeyRows;
use super::Accounts;
use crate::access::{Act, By, KeySet, RecordAct as _, keys};
use crate::tokens::{self, NoRandomness, Token};

/// No key lives longer.
pub const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
/// Of one person, with those that have ended.
const MOST: usize = 100;
/// How exact "last used" is.
const USED_EVERY: Duration = Duration::from_secs(60);
/// What every key begins with; finds keys that were left lying about.
pub const PREFIX: &str = "vahta_";
const ID_LENGTH: usize = 12;
const NAME_LENGTH: usize = 64;

/// A key; never holds the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: String,
    pub user: UserId,
    pub name: String,
    /// Permission keys.
    pub scopes: Vec<String>,
    pub created_at: Micros,
    pub expires_at: Micros,
    /// To the minute.
    pub used_at: Option<Micros>,
    pub revoked_at: Option<Micros>,
}

impl ApiKey {
    pub fn is_live(&self, now: Micros) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// What somebody wants a key for.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub name: String,
    pub scopes: Vec<String>,
    pub lifetime: Duration,
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub struct Made {
    pub key: ApiKey,
    /// In clear, for the one answer that carries it.
    pub secret: crate::config::Secret,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("a key has a name of 1 to {NAME_LENGTH} characters")]
    Name,
    #[error("a key lives for at least a minute and at most 365 days")]
    Lifetime,
    #[error("a key needs at least one scope")]
    NoScope,
    #[error("a scope is a permission that you hold; not so: {}", .0.join(", "))]
    NotYours(Vec<String>),
    #[error("nobody needs more than {MOST} keys; revoke one first")]
    TooMany,
}

impl Accounts {
    /// Makes a key for a person who holds `held`.
    pub async fn make_key(
        &self,
        user: UserId,
        held: &KeySet,
        new: NewKey,
        by: &By,
    ) -> Result<Made, KeyError> {
        let now = Micros::now();
        let name = new.name.trim().to_string();
        if name.is_empty() || name.chars().count() > NAME_LENGTH {
            return Err(KeyError::Name);
        }
        if new.lifetime < Duration::from_secs(60) || new.lifetime > LONGEST {
            return Err(KeyError::Lifetime);
        }
        let mut scopes = new.scopes;
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(KeyError::NoScope);
        }
        // Each by its name: a key to everything there is or will be would be no scope.
        let is_scope = |scope: &&String| keys::is_well_formed(scope) && held.contains(scope);
        let foreign: Vec<String> = scopes.iter().filter(|s| !is_scope(s)).cloned().collect();
        if !foreign.is_empty() {
            return Err(KeyError::NotYours(foreign));
        }
        if self
            .keys_of(user)
            .await?
            .iter()
            .filter(|key| key.is_live(now))
            .count()
            >= MOST
        {
            return Err(KeyError::TooMany);
        }
        let (id, secret) = (fresh_id()?, Token::fresh()?);
        let key = ApiKey {
            id,
            user,
            name,
            scopes,
            created_at: now,
            expires_at: now.plus(new.lifetime),
            used_at: None,
            revoked_at: None,
        };
        let act = Act {
            action: "key.create",
            object: format!("key:{}", key.id),
            detail: json!({ "name": key.name, "scopes": key.scopes, "until": key.expires_at }),
        };
        transaction!(self.db, c => {
            c.put_key(&key, &secret.hash()).await?;
            c.audit(by, &act).await
        })?;
        let clear = format!("{PREFIX}{}_{}", key.id, secret.expose());
        Ok(Made {
            key,
            secret: crate::config::Secret::new(clear),
        })
    }

    /// The key that this text is, if it still holds. Says at most once a minute that it was used.
    pub async fn key(&self, text: &str) -> Result<Option<ApiKey>, DbError> {
        let Some((id, secret)) = parts(text) else {
            return Ok(None);
        };
        let now = Micros::now();
        let Some((mut key, hash)) = with_db!(self.db, c => c.key(id).await)? else {
            return Ok(None);
        };
        let fits = bool::from(tokens::hash(secret).as_bytes().ct_eq(hash.as_bytes()));
        if !fits || !key.is_live(now) {
            return Ok(None);
        }
        if key.used_at.is_none_or(|at| at < now.minus(USED_EVERY)) {
            transaction!(self.db, c => c.use_key(id, now).await)?;
            key.used_at = Some(now);
        }
        Ok(Some(key))
    }

    /// A person's keys, the newest first; those that ended stay in the list.
    pub async fn keys_of(&self, user: UserId) -> Result<Vec<ApiKey>, DbError> {
        with_db!(self.db, c => c.keys_of(user).await)
    }

    /// Ends a key of a person for good; false when there is none that lives.
    pub async fn revoke_key(&self, user: UserId, id: &str, by: &By) -> Result<bool, DbError> {
        let now = Micros::now();
        let act = Act {
            action: "key.revoke",
            object: format!("key:{id}"),
            detail: json!({}),
        };
        transaction!(self.db, c => {
            let revoked = c.revoke_key(user, id, now).await?;
            if revoked {
                c.audit(by, &act).await?;
            }
            Ok(revoked)
        })
    }
}

/// Id and secret of a key's text. The secret may hold underscores; the id has none.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let is_id = id.len() == ID_LENGTH && id.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_id && tokens::is_well_formed(secret)).then_some((id, secret))
}

/// Twelve hexadecimal digits: finds the row, is no secret.
fn fresh_id() -> Result<String, NoRandomness> {
    let token = Token::fresh()?;
    Ok(token
        .expose()
        .bytes()
        .take(ID_LENGTH / 2)
        .map(|b| format!("{b:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_a_key_is_looked_up() {
        let secret = "A_b-".to_string() + &"x".repeat(18);
        let text = format!("vahta_0123456789ab_{secret}");
        assert_eq!(parts(&text), Some(("0123456789ab", secret.as_str())));
        for bad in [
            "",
            "vahta_",
            "vahta_0123456789ab_",
            "vahta_0123456789ab_short",
            &text[1..],
            &format!("{text}x"),
        ] {
            assert_eq!(parts(bad), None, "{bad}");
        }
        assert_eq!(fresh_id().unwrap().len(), ID_LENGTH);
    }
}
