//! Bots of other libraries, if their runtimes are here.

use std::path::Path;

use anyhow::Result;

use super::contender::Contender;

/// Installs what can be installed; says which are not measured.
pub(crate) async fn find(_target: &Path) -> Result<Vec<Contender>> {
    Ok(Vec::new())
}
