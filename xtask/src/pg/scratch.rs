//! A short-lived folder and a free port.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::unistd::User;

use crate::secret;

/// A private folder (0700) under the system's temporary one, removed when dropped. Its path is
/// short, because a Unix socket's path may have only about 100 bytes.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(what: &str, owner: Option<&User>) -> Result<Scratch> {
        let path = std::env::temp_dir().join(format!("vahta-{what}-{}", secret::hex(4)?));
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        let scratch = Scratch(path);
        if let Some(user) = owner {
            chown(&scratch.0, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("xtask: {} stays behind: {error}", self.0.display());
        }
    }
}

/// A loopback port that is free now. Somebody may take it before the server does; the callers
/// try again.
pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
