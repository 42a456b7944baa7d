//! What Telegram signed with the bot's token: `initData` of a Mini App, and the Login Widget's
//! answer. Each proves a person once, for a day.
//! Sources: core.telegram.org/bots/webapps, "Validating data received via the Mini App";
//! core.telegram.org/widgets/login, "Checking authorization".

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use ring::{digest, hmac};
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, transaction};

use super::Accounts;
use crate::config::Secret;
use crate::storage::schema::login_proofs;
use crate::tokens;

/// Older proofs are worth nothing.
pub const LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// How far Telegram's clock may be before ours.
const SKEW: Duration = Duration::from_secs(60);

/// A person that Telegram vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub telegram_id: i64,
    /// Stands for this one proof, in the table of used ones.
    fingerprint: String,
}

/// Why a proof proves nothing; for the log, the person sees one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoProof {
    #[error("it cannot be read")]
    Malformed,
    #[error("its signature is not that of this bot")]
    Signature,
    #[error("it is too old, or of the future")]
    Time,
}

/// Reads `Telegram.WebApp.initData`.
pub fn mini_app(init_data: &str, token: &Secret, now: Micros) -> Result<Proof, NoProof> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"WebAppData");
    let secret = hmac::sign(&key, token.expose().as_bytes());
    let (fields, fingerprint) = verify(init_data, secret.as_ref(), now)?;
    #[derive(serde::Deserialize)]
    struct User {
        id: i64,
    }
    let user = fields.get("user").ok_or(NoProof::Malformed)?;
    let user: User = serde_json::from_str(user).map_err(|_| NoProof::Malformed)?;
    Ok(Proof {
        telegram_id: user.id,
        fingerprint,
    })
}

/// Reads the query that the Login Widget adds to its callback.
pub fn widget(query: &str, token: &Secret, now: Micros) -> Result<Proof, NoProof> {
    let secret = digest::digest(&digest::SHA256, token.expose().as_bytes());
    let (fields, fingerprint) = verify(query, secret.as_ref(), now)?;
    let id = fields.get("id").and_then(|id| id.parse().ok());
    Ok(Proof {
        telegram_id: id.ok_or(NoProof::Malformed)?,
        fingerprint,
    })
}

/// Every field but `hash` is signed, `signature` included: sorted, `key=value`, one a line.
fn verify(
    query: &str,
    secret: &[u8],
    now: Micros,
) -> Result<(BTreeMap<String, String>, String), NoProof> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query).map_err(|_| NoProof::Malformed)?;
    let count = pairs.len();
    let mut fields: BTreeMap<String, String> = pairs.into_iter().collect();
    if fields.len() != count {
        // Two values of one name: which one is meant, and which one was signed?
        return Err(NoProof::Malformed);
    }
    let hash = fields.remove("hash").ok_or(NoProof::Malformed)?;
    // A line break would make one signed field read as two.
    if fields
        .iter()
        .any(|(name, value)| name.contains('\n') || value.contains('\n'))
    {
        return Err(NoProof::Malformed);
    }
    let lines: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let tag = from_hex(&hash).ok_or(NoProof::Malformed)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    // Constant in time.
    hmac::verify(&key, lines.join("\n").as_bytes(), &tag).map_err(|_| NoProof::Signature)?;
    let at: i64 = fields
        .get("auth_date")
        .and_then(|at| at.parse().ok())
        .ok_or(NoProof::Malformed)?;
    let at = Micros(at.saturating_mul(1_000_000));
    if at < now.minus(LIFETIME) || at > now.plus(SKEW) {
        return Err(NoProof::Time);
    }
    // Of the bytes, not of how they were written: one proof, one fingerprint.
    Ok((fields, tokens::hash(&URL_SAFE_NO_PAD.encode(tag))))
}

/// 32 bytes in hexadecimal, and nothing else: a number's sign is no digit.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

impl Accounts {
    /// Uses a proof up; false when it was used before.
    pub async fn use_proof(&self, proof: &Proof) -> Result<bool, DbError> {
        let now = Micros::now();
        transaction!(self.db, c => c.put_proof(&proof.fingerprint, now).await)
    }
}

#[async_trait::async_trait]
trait ProofRows {
    async fn put_proof(&mut self, hash: &str, now: Micros) -> Result<bool, DbError>;
}

macro_rules! proof_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl ProofRows for $conn {
            async fn put_proof(&mut self, hash: &str, now: Micros) -> Result<bool, DbError> {
                let insert = diesel::insert_into(login_proofs::table)
                    .values((login_proofs::hash.eq(hash), login_proofs::at.eq(now.0)))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }
        }
    };
}
proof_rows!(SqliteConn);
proof_rows!(PgConn);

/// What Telegram would sign: for programs that play Telegram, such as tests.
pub fn sign_mini_app(fields: &[(&str, &str)], token: &Secret) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"WebAppData");
    sign(fields, hmac::sign(&key, token.expose().as_bytes()).as_ref())
}

/// As [`sign_mini_app`], for the Login Widget.
pub fn sign_widget(fields: &[(&str, &str)], token: &Secret) -> String {
    let secret = digest::digest(&digest::SHA256, token.expose().as_bytes());
    sign(fields, secret.as_ref())
}

fn sign(fields: &[(&str, &str)], secret: &[u8]) -> String {
    let sorted: BTreeMap<&str, &str> = fields.iter().copied().collect();
    let lines: Vec<String> = sorted.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, lines.join("\n").as_bytes());
    let hash: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    let mut all = fields.to_vec();
    all.push(("hash", &hash));
    serde_urlencoded::to_string(all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Micros = Micros(1_800_000_000 * 1_000_000);

    fn token() -> Secret {
        Secret::new("1:token")
    }

    fn data(at: &str) -> Vec<(&str, &str)> {
        vec![
            ("query_id", "q"),
            ("user", r#"{"id":1001,"first_name":"Ada"}"#),
            ("auth_date", at),
            ("signature", "kept and signed"),
        ]
    }

    #[test]
    fn what_telegram_signed_names_the_person() {
        let signed = sign_mini_app(&data("1799999990"), &token());
        assert_eq!(mini_app(&signed, &token(), NOW).unwrap().telegram_id, 1001);
        let fields = [
            ("id", "1001"),
            ("auth_date", "1799999990"),
            ("first_name", "Ada"),
        ];
        let signed = sign_widget(&fields, &token());
        assert_eq!(widget(&signed, &token(), NOW).unwrap().telegram_id, 1001);
    }

    #[test]
    fn one_kind_of_proof_is_not_the_other() {
        let signed = sign_widget(&data("1799999990"), &token());
        assert_eq!(mini_app(&signed, &token(), NOW), Err(NoProof::Signature));
    }

    #[test]
    fn whatever_is_changed_proves_nothing() {
        let signed = sign_mini_app(&data("1799999990"), &token());
        for (from, to) in [
            ("1001", "1002"),
            ("signature=kept", "signature=lost"),
            ("q&", "r&"),
        ] {
            let forged = signed.replacen(from, to, 1);
            assert_ne!(forged, signed);
            assert_eq!(
                mini_app(&forged, &token(), NOW),
                Err(NoProof::Signature),
                "{from}"
            );
        }
        let other = Secret::new("2:token");
        assert_eq!(mini_app(&signed, &other, NOW), Err(NoProof::Signature));
        for text in ["", "hash=zz", "a=1&a=2&hash=00", "auth_date=1"] {
            assert_eq!(
                mini_app(text, &token(), NOW),
                Err(NoProof::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn a_proof_has_one_fingerprint_however_it_is_written() {
        // Signatures with a zero digit somewhere, where a sign could stand.
        let signed =
            (0..64).map(|n| sign_mini_app(&data(&(1_799_999_900 - n).to_string()), &token()));
        let signed: Vec<String> = signed.collect();
        let mut tried = 0;
        for text in &signed {
            let (fields, hash) = text.rsplit_once("hash=").unwrap();
            let hash = &hash[..64];
            let proof = mini_app(text, &token(), NOW).unwrap();
            let loud = format!("{fields}hash={}", hash.to_uppercase());
            assert_eq!(mini_app(&loud, &token(), NOW).unwrap(), proof);
            for at in (0..64).step_by(2).filter(|at| &hash[*at..=*at] == "0") {
                let signs = format!("{fields}hash={}%2B{}", &hash[..at], &hash[at + 1..]);
                assert_eq!(
                    mini_app(&signs, &token(), NOW),
                    Err(NoProof::Malformed),
                    "{signs}"
                );
                tried += 1;
            }
        }
        assert!(tried > 0);
    }

    #[test]
    fn one_field_never_reads_as_two() {
        let fields = [
            ("id", "1004"),
            ("auth_date", "1799999990"),
            ("first_name", "A\nid=1001\nlast_name=B"),
        ];
        let signed = sign_widget(&fields, &token());
        assert_eq!(widget(&signed, &token(), NOW), Err(NoProof::Malformed));
    }

    #[test]
    fn old_proofs_and_those_of_the_future_are_refused() {
        for (at, expected) in [
            ("1799913601", Ok(1001)),
            ("1799913599", Err(NoProof::Time)),
            ("1800000059", Ok(1001)),
            ("1800000061", Err(NoProof::Time)),
        ] {
            let signed = sign_mini_app(&data(at), &token());
            let found = mini_app(&signed, &token(), NOW).map(|proof| proof.telegram_id);
            assert_eq!(found, expected, "{at}");
        }
    }
}
