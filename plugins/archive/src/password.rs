//! A link's password: kept as Argon2id, checked in the same time whether there is one or not.
//! Source: OWASP, "Password Storage Cheat Sheet" (19 MiB, two passes, one lane).

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use vahta_plugin_sdk::Error;

/// Characters.
pub const SHORTEST: usize = 4;
pub const LONGEST: usize = 128;

/// Compared with when there is nothing else to compare with.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub fn is_allowed(password: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&password.chars().count())
}

/// Takes tens of milliseconds, on a thread of its own.
///
/// # Errors
/// When the system has no randomness.
pub async fn hash(password: &str) -> Result<String, Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| Error::other(error.to_string()))?;
    let salt = SaltString::encode_b64(&salt).map_err(|error| Error::other(error.to_string()))?;
    let password = password.to_owned();
    let hashed = tokio::task::spawn_blocking(move || {
        let hash = argon2()?.hash_password(password.as_bytes(), &salt);
        Ok(hash
            .map_err(|error| Error::other(error.to_string()))?
            .to_string())
    });
    hashed.await.map_err(Error::other)?
}

/// As [`hash`]; false as well for what is no hash.
///
/// # Errors
/// When the thread was ended.
pub async fn is_right(password: &str, hash: Option<&str>) -> Result<bool, Error> {
    let (password, is_real) = (password.to_owned(), hash.is_some());
    let hash = hash.unwrap_or(NOBODYS).to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        let Ok(hash) = PasswordHash::new(&hash) else {
            return Ok(false);
        };
        let fits = argon2()?.verify_password(password.as_bytes(), &hash);
        Ok(fits.is_ok() && is_real)
    });
    checked.await.map_err(Error::other)?
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None);
    let params = params.map_err(|error| Error::other(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_opens_and_nothing_opens_what_has_none() {
        let hash = hash("open sesame").await.unwrap();
        assert!(is_right("open sesame", Some(&hash)).await.unwrap());
        assert!(!is_right("Open sesame", Some(&hash)).await.unwrap());
        assert!(!is_right("", None).await.unwrap());
        assert!(!is_right("x", Some("not a hash")).await.unwrap());
    }
}
