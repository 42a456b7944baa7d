//! AES-256 in counter mode with an HMAC over what it made, as WinZip's AE-2 says.
//!
//! ```text
//! salt (16) │ password check (2) │ the entry's bytes, encrypted │ HMAC-SHA1, cut (10)
//! ```
//!
//! AE-2 leaves the CRC out: that of a short file gives it away.

use aes::Aes256;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::options::Password;

const SALT: usize = 16;
const KEY: usize = 32;
const CHECK: usize = 2;
const MAC: usize = 10;
/// Prescribed; a password that is guessable is weak here.
const ROUNDS: u32 = 1000;

/// What stands where the CRC would.
pub(crate) const NO_CRC: u32 = 0;

/// Encrypts one entry: each has a salt of its own, and so keys of its own.
pub(crate) struct Lock {
    cipher: ctr::Ctr128LE<Aes256>,
    mac: Hmac<Sha1>,
    head: [u8; SALT + CHECK],
}

impl Lock {
    /// Takes about a millisecond.
    ///
    /// # Errors
    /// Without random numbers.
    pub(crate) fn new(password: &Password) -> Result<Self, getrandom::Error> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt)?;
        Ok(Self::with_salt(password, &salt))
    }

    fn with_salt(password: &Password, salt: &[u8; SALT]) -> Self {
        let mut derived = [0; KEY + KEY + CHECK];
        pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, ROUNDS, &mut derived);
        let mut key = [0; KEY];
        key.copy_from_slice(&derived[..KEY]);
        // HMAC fills a short key up with zeros, to the hash's block.
        let mut mac_key = [0; 64];
        mac_key[..KEY].copy_from_slice(&derived[KEY..2 * KEY]);
        let mut head = [0; SALT + CHECK];
        head[..SALT].copy_from_slice(salt);
        head[SALT..].copy_from_slice(&derived[2 * KEY..]);
        // The counter begins with one.
        let mut counter = [0; 16];
        counter[0] = 1;
        Self {
            cipher: ctr::Ctr128LE::new(&key.into(), &counter.into()),
            mac: Hmac::new(&mac_key.into()),
            head,
        }
    }

    /// Stands before the entry's bytes.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Encrypts the next bytes.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        self.cipher.apply_keystream(bytes);
        self.mac.update(bytes);
    }

    /// Stands behind them.
    pub(crate) fn tail(self) -> [u8; MAC] {
        let mut tail = [0; MAC];
        tail.copy_from_slice(&self.mac.finalize().into_bytes()[..MAC]);
        tail
    }
}

/// The extra field that tells how the bytes were packed before they were encrypted.
pub(crate) fn field(method: u16) -> [u8; 7] {
    const AE_2: [u8; 2] = 2_u16.to_le_bytes();
    const BITS_256: u8 = 3;
    let method = method.to_le_bytes();
    [AE_2[0], AE_2[1], b'A', b'E', BITS_256, method[0], method[1]]
}
