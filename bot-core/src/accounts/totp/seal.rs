//! The secret of a second factor at rest: encrypted when `VAHTA_SECRET` is set (ChaCha20-Poly1305
//! under a key derived by HKDF-SHA256), in clear when it is not. The person's id is part of what is
//! authenticated, so that nobody's secret can be put into another row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use vahta_rows::UserId;

use crate::config::Secret;
use crate::tokens::NoRandomness;

const CLEAR: &str = "clear:";
const SEALED: &str = "v1:";

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("a second factor is encrypted, and VAHTA_SECRET is not set or another one")]
    OtherKey,
    #[error("a stored second factor cannot be read")]
    Malformed,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

fn key(secret: &Secret) -> Result<LessSafeKey, SealError> {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"vahta");
    let derived = salt.extract(secret.expose().as_bytes());
    let key = derived.expand(&[b"totp"], &CHACHA20_POLY1305);
    let key = key.map_err(|_| SealError::Malformed)?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

pub(super) fn seal(
    secret: Option<&Secret>,
    user: UserId,
    plain: &[u8],
) -> Result<String, SealError> {
    let Some(secret) = secret else {
        return Ok(format!("{CLEAR}{}", STANDARD_NO_PAD.encode(plain)));
    };
    let nonce = super::random::<NONCE_LEN>()?;
    let mut sealed = plain.to_vec();
    key(secret)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(user.0.to_be_bytes()),
            &mut sealed,
        )
        .map_err(|_| SealError::Malformed)?;
    let whole = [nonce.as_slice(), &sealed].concat();
    Ok(format!("{SEALED}{}", STANDARD_NO_PAD.encode(whole)))
}

pub(super) fn open(
    secret: Option<&Secret>,
    user: UserId,
    stored: &str,
) -> Result<Vec<u8>, SealError> {
    let decode = |text| {
        STANDARD_NO_PAD
            .decode(text)
            .map_err(|_| SealError::Malformed)
    };
    if let Some(clear) = stored.strip_prefix(CLEAR) {
        return decode(clear);
    }
    let sealed = stored.strip_prefix(SEALED).ok_or(SealError::Malformed)?;
    let secret = secret.ok_or(SealError::OtherKey)?;
    let whole = decode(sealed)?;
    let (nonce, sealed) = whole
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(SealError::Malformed)?;
    let mut sealed = sealed.to_vec();
    let plain = key(secret)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(user.0.to_be_bytes()),
            &mut sealed,
        )
        .map_err(|_| SealError::OtherKey)?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_with_its_key_and_for_its_person() {
        let (ours, other) = (Secret::new("a".repeat(32)), Secret::new("b".repeat(32)));
        let sealed = seal(Some(&ours), UserId(7), b"hunter2").unwrap();
        assert!(!sealed.contains(&STANDARD_NO_PAD.encode("hunter2")));
        assert_eq!(open(Some(&ours), UserId(7), &sealed).unwrap(), b"hunter2");
        assert!(open(Some(&other), UserId(7), &sealed).is_err());
        assert!(open(Some(&ours), UserId(8), &sealed).is_err());
        assert!(open(None, UserId(7), &sealed).is_err());
    }

    #[test]
    fn without_a_key_it_says_that_it_is_clear() {
        let clear = seal(None, UserId(7), b"x").unwrap();
        assert!(clear.starts_with(CLEAR));
        // A key that is set later does not lock anybody out.
        let later = Secret::new("a".repeat(32));
        assert_eq!(open(Some(&later), UserId(7), &clear).unwrap(), b"x");
    }
}
