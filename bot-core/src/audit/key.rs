//! The key of the chain.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::AuditError;
use crate::config::{self, Secret};

/// Makes MACs; never prints.
#[derive(Clone)]
pub struct Key(hmac::Key);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

impl Key {
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The configured key, or the file's, or a fresh one (`true`) that is in the file from now on.
    pub(super) fn load(config: &config::Audit) -> Result<(Self, bool), AuditError> {
        let path = &config.key_file;
        if config.key.is_some() || path.exists() {
            return Ok((Self::existing(config)?, false));
        }
        let secret = fresh().map_err(|text| fault(path, text))?;
        write(path, &secret).map_err(|error| fault(path, error.to_string()))?;
        tracing::info!(
            path = %path.display(),
            "a key for the audit chain was made; keep a copy apart from the database"
        );
        Ok((Self::new(secret.expose().as_bytes()), true))
    }

    /// The configured key, or the file's.
    pub(super) fn existing(config: &config::Audit) -> Result<Self, AuditError> {
        if let Some(key) = &config.key {
            return Ok(Self::new(key.expose().as_bytes()));
        }
        let path = &config.key_file;
        let text = std::fs::read_to_string(path).map_err(|error| fault(path, error.to_string()))?;
        let text = text.trim();
        if text.len() < 32 {
            return Err(fault(path, "is shorter than 32 characters".into()));
        }
        warn_if_readable(path);
        Ok(Self::new(text.as_bytes()))
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, bytes))
    }
}

fn fault(path: &Path, text: String) -> AuditError {
    AuditError::Key(path.display().to_string(), text)
}

fn fresh() -> Result<Secret, String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

fn write(path: &Path, secret: &Secret) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(secret.expose().as_bytes())?;
    file.sync_all()
}

fn warn_if_readable(path: &Path) {
    if let Ok(data) = std::fs::metadata(path)
        && data.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "others may read the key of the audit chain; chmod 600");
    }
}
