//! Names and passwords: one a person, set by whoever is logged in as that person.
//!
//! Argon2id with OWASP's smallest parameters (m = 19 MiB, t = 2, p = 1), off the async threads and
//! two at once at most. An unknown name costs the same work as a wrong password.

pub(crate) mod rows;

use std::sync::OnceLock;

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use vahta_rows::{DbError, Micros, UserId, transaction, with_db};

use self::rows::PasswordRows as _;
use super::Accounts;
use crate::tokens::NoRandomness;

pub const SHORTEST: usize = 8;
/// Long enough for any phrase; a megabyte of password would be an attack.
pub const LONGEST: usize = 128;

/// The most common passwords, in lower case; gathered by us from what everybody knows.
const COMMON: &str = include_str!("passwords/common.txt");

/// Why a name or password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not 3 to 32 of `a-z 0-9 . _ -`.
    BadName,
    NameTaken,
    TooShort,
    TooLong,
    TooCommon,
    /// It holds the name.
    LikeName,
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("the password is not taken: {0:?}")]
    Fault(Fault),
    #[error("no password could be hashed: {0}")]
    Hashing(String),
}

impl From<Fault> for PasswordError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The form in which names are stored and looked for.
pub fn normal_name(name: &str) -> String {
    name.trim().to_lowercase()
}

/// May this be somebody's name and password? `name` in its normal form.
pub fn check(name: &str, password: &str) -> Result<(), Fault> {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    if !(3..=32).contains(&name.len()) || !name.bytes().all(legal) {
        return Err(Fault::BadName);
    }
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Fault::TooShort);
    }
    if length > LONGEST {
        return Err(Fault::TooLong);
    }
    let lower = password.to_lowercase();
    let mut letters: Vec<char> = lower.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 4 || COMMON.lines().any(|common| common == lower) {
        return Err(Fault::TooCommon);
    }
    if lower.contains(name) {
        return Err(Fault::LikeName);
    }
    Ok(())
}

impl Accounts {
    /// Gives a person this name and password, in place of earlier ones.
    pub async fn set_password(
        &self,
        user: UserId,
        name: &str,
        password: &str,
    ) -> Result<(), PasswordError> {
        let name = normal_name(name);
        check(&name, password)?;
        let hash = self.hash(password.to_string()).await?;
        let now = Micros::now();
        let written = transaction!(self.db, c => {
            match c.name_owner(&name).await? {
                Some(owner) if owner != user => Ok(false),
                _ => c.put_password(user, &name, &hash, now).await.map(|()| true),
            }
        });
        match written {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fault::NameTaken.into()),
            // Somebody took the name between the question and the write.
            Err(DbError::Query(diesel::result::Error::DatabaseError(
                diesel::result::DatabaseErrorKind::UniqueViolation,
                _,
            ))) => Err(Fault::NameTaken.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// The hash of a password that [`check`] has taken.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn hash_of(&self, password: &str) -> Result<String, PasswordError> {
        self.hash(password.to_string()).await
    }

    /// Whose name and password these are.
    pub async fn check_password(
        &self,
        name: &str,
        password: &str,
    ) -> Result<Option<UserId>, PasswordError> {
        let name = normal_name(name);
        let found = with_db!(self.db, c => c.password_of_name(&name).await)?;
        let (user, hash) = match found {
            Some((user, hash)) => (Some(user), hash),
            None => (None, self.nobodys().await?),
        };
        // What nobody can have set is compared as well: the answer takes as long.
        let password: String = password.chars().take(LONGEST + 1).collect();
        let right = self.verify(password, hash).await?;
        Ok(user.filter(|_| right))
    }

    /// The person behind a name, for the buckets of [`attempts`](super::attempts).
    pub async fn owner_of_name(&self, name: &str) -> Result<Option<UserId>, DbError> {
        let name = normal_name(name);
        with_db!(self.db, c => c.name_owner(&name).await)
    }

    /// The name of somebody who has a password.
    pub async fn name_of(&self, user: UserId) -> Result<Option<String>, DbError> {
        with_db!(self.db, c => c.name_of_user(user).await)
    }

    /// Takes somebody's password away; false when there was none.
    pub async fn drop_password(&self, user: UserId) -> Result<bool, DbError> {
        transaction!(self.db, c => c.delete_password(user).await)
    }

    /// A hash that no password has been set for, made once, with today's parameters.
    async fn nobodys(&self) -> Result<String, PasswordError> {
        static HASH: OnceLock<String> = OnceLock::new();
        if let Some(hash) = HASH.get() {
            return Ok(hash.clone());
        }
        let hash = self.hash("nobody has this password".into()).await?;
        Ok(HASH.get_or_init(|| hash).clone())
    }

    async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|error| NoRandomness::from(error.to_string()))?;
        self.heavy(move || {
            let salt = SaltString::encode_b64(&salt).map_err(|e| e.to_string())?;
            let hash = hasher()?.hash_password(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|e| e.to_string())
        })
        .await
    }

    async fn verify(&self, password: String, hash: String) -> Result<bool, PasswordError> {
        self.heavy(move || {
            let hash = PasswordHash::new(&hash).map_err(|e| e.to_string())?;
            Ok(hasher()?
                .verify_password(password.as_bytes(), &hash)
                .is_ok())
        })
        .await
    }

    /// 20 ms and 19 MiB: on a thread that may block, and few at once.
    async fn heavy<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let fault = PasswordError::Hashing;
        let permit = self.hashing.clone().acquire_owned().await;
        let permit = permit.map_err(|error| fault(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await
            .map_err(|error| fault(error.to_string()))?
            .map_err(fault)
    }
}

fn hasher() -> Result<Argon2<'static>, String> {
    let params = Params::new(19_456, 2, 1, None).map_err(|e| e.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_and_passwords_keep_the_rules() {
        assert_eq!(check("ada", "correct horse battery"), Ok(()));
        assert_eq!(check("ada", "\u{44f}\u{44d}\u{44e}\u{448}1234"), Ok(()));
        assert_eq!(check("a", "correct horse"), Err(Fault::BadName));
        assert_eq!(check("ada lovelace", "correct horse"), Err(Fault::BadName));
        assert_eq!(check("ada", "1234567"), Err(Fault::TooShort));
        assert_eq!(check("ada", &"x1y2".repeat(33)), Err(Fault::TooLong));
        assert_eq!(check("ada", &"x1y2".repeat(32)), Ok(()));
        assert_eq!(check("ada", "Password123"), Err(Fault::TooCommon));
        assert_eq!(check("ada", "aaaaaaaaaaaa"), Err(Fault::TooCommon));
        assert_eq!(check("ada", "Ada!wears!hats"), Err(Fault::LikeName));
    }

    #[test]
    fn hashes_carry_owasps_parameters() {
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let hash = hasher().unwrap().hash_password(b"x", &salt).unwrap();
        let text = hash.to_string();
        assert!(
            text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{text}"
        );
    }
}
