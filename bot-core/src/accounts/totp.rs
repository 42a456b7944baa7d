//! The second factor: codes that follow from a secret and the time (RFC 6238), and recovery codes
//! for whoever lost the secret. No code works twice.

mod code;
mod rows;
mod seal;

use std::time::Duration;

use serde_json::json;
use vahta_rows::{DbError, Micros, UserId, transaction, with_db};

use self::rows::TotpRows as _;
pub use self::seal::SealError;
use super::Accounts;
use crate::access::{Act, By, RecordAct as _};
use crate::tokens::{self, NoRandomness};

/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A secret to show once, for the person's authenticator.
pub struct Enrolment {
    /// Base32, as people type it.
    pub secret: String,
    /// `otpauth://…`, for a QR code.
    pub url: String,
}

/// A person's second factor, as stored.
struct Stored {
    /// Sealed.
    secret: String,
    confirmed: bool,
}

fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| NoRandomness::from(error.to_string()))?;
    Ok(bytes)
}

impl Accounts {
    /// Does logging in take a code as well?
    pub async fn has_totp(&self, user: UserId) -> Result<bool, DbError> {
        let stored = with_db!(self.db, c => c.totp_of(user).await)?;
        Ok(stored.is_some_and(|stored| stored.confirmed))
    }

    /// Recovery codes that were not used yet.
    pub async fn recovery_codes_left(&self, user: UserId) -> Result<i64, DbError> {
        with_db!(self.db, c => c.codes_left(user).await)
    }

    /// A new secret, which counts only after [`Self::confirm_totp`]. `None` when a confirmed one is
    /// in the way.
    pub async fn begin_totp(
        &self,
        user: UserId,
        issuer: &str,
        label: &str,
    ) -> Result<Option<Enrolment>, TotpError> {
        let secret = random::<20>()?;
        let sealed = seal::seal(self.secret.as_ref(), user, &secret)?;
        let begun = transaction!(self.db, c => c.begin(user, &sealed).await)?;
        Ok(begun.then(|| enrolment(&secret, issuer, label)))
    }

    /// The secret that waits for its first code, to show it again.
    pub async fn pending_totp(
        &self,
        user: UserId,
        issuer: &str,
        label: &str,
    ) -> Result<Option<Enrolment>, TotpError> {
        let stored = with_db!(self.db, c => c.totp_of(user).await)?;
        let Some(stored) = stored.filter(|stored| !stored.confirmed) else {
            return Ok(None);
        };
        let secret = seal::open(self.secret.as_ref(), user, &stored.secret)?;
        Ok(Some(enrolment(&secret, issuer, label)))
    }

    /// The first right code makes the secret count; answers the recovery codes, to be shown once.
    pub async fn confirm_totp(
        &self,
        user: UserId,
        code: &str,
    ) -> Result<Option<Vec<String>>, TotpError> {
        let stored = with_db!(self.db, c => c.totp_of(user).await)?;
        let Some(stored) = stored.filter(|stored| !stored.confirmed) else {
            return Ok(None);
        };
        let secret = seal::open(self.secret.as_ref(), user, &stored.secret)?;
        let now = Micros::now();
        let Some(step) = code::matching_step(&secret, code, now) else {
            return Ok(None);
        };
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            codes.push(recovery_code(&random::<10>()?));
        }
        let hashes: Vec<String> = codes.iter().map(|code| recovery_hash(code)).collect();
        let confirmed = transaction!(self.db, c => {
            if !c.confirm(user, &stored.secret, step, now).await? {
                return Ok(false);
            }
            c.replace_codes(user, &hashes).await.map(|()| true)
        })?;
        Ok(confirmed.then_some(codes))
    }

    /// Is this the code of now, or a recovery code? Either works once.
    pub async fn check_totp(&self, user: UserId, code: &str) -> Result<bool, TotpError> {
        let code = code.trim();
        let stored = with_db!(self.db, c => c.totp_of(user).await)?;
        let Some(stored) = stored.filter(|stored| stored.confirmed) else {
            return Ok(false);
        };
        let now = Micros::now();
        if code.len() > code::DIGITS + 2 {
            let hash = recovery_hash(code);
            return Ok(transaction!(self.db, c => c.use_code(user, &hash, now).await)?);
        }
        let secret = seal::open(self.secret.as_ref(), user, &stored.secret)?;
        let Some(step) = code::matching_step(&secret, code, now) else {
            return Ok(false);
        };
        Ok(transaction!(self.db, c => c.use_step(user, step).await)?)
    }

    /// Takes the second factor and its recovery codes away, as an act of `by`: the person's own, or
    /// of somebody who helps after both were lost. False when there was none.
    pub async fn drop_totp(&self, user: UserId, by: &By) -> Result<bool, DbError> {
        let act = Act {
            action: "totp.drop",
            object: format!("user:{user}"),
            detail: json!({}),
        };
        transaction!(self.db, c => {
            c.replace_codes(user, &[]).await?;
            let dropped = c.delete_totp(user).await?;
            if dropped {
                c.audit(by, &act).await?;
            }
            Ok(dropped)
        })
    }
}

fn enrolment(secret: &[u8], issuer: &str, label: &str) -> Enrolment {
    let secret = code::base32(secret);
    let url = code::url(&secret, issuer, label);
    Enrolment { secret, url }
}

/// 80 bits in four groups of four.
fn recovery_code(bytes: &[u8; 10]) -> String {
    let text = code::base32(bytes);
    let groups: Vec<String> = text
        .as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join("-")
}

/// Dashes, spaces and case are what people type differently.
fn recovery_hash(code: &str) -> String {
    let bare: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    tokens::hash(&bare)
}

/// The code of a secret at this instant: for programs that play an authenticator, such as tests.
pub fn code_at(secret: &str, now: Micros, steps: i64) -> Option<String> {
    let key = code::from_base32(secret)?;
    Some(code::at(&key, code::step(now) + steps, code::DIGITS))
}

/// How long one code is shown.
pub const STEP: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        let code = recovery_code(&[0xa5; 10]);
        assert_eq!(code.len(), 19);
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(recovery_hash(&code), recovery_hash(&typed));
    }
}
