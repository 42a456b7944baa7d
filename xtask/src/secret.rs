//! Random secrets.

use anyhow::{Result, anyhow};

/// `bytes` random bytes from the system's generator, in hex.
pub(crate) fn hex(bytes: usize) -> Result<String> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).map_err(|e| anyhow!("no randomness from the system: {e}"))?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}
