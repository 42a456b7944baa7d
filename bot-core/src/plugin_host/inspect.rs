//! Looks at a file before any of its code runs, and says why it may not.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use object::{Object as _, ObjectSection as _};
use sha2::{Digest as _, Sha256};
use vahta_plugin_abi::{Header, HeaderError, SECTION, VAHTA_ABI};

use super::manifest::{Manifest, ManifestError};

/// A file that passed. What is loaded later are these bytes, not what the path holds by then.
#[derive(Debug)]
pub(super) struct Inspected {
    pub(super) file: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
    pub(super) manifest: Manifest,
}

/// Why a file is not loaded; each names both sides where there are two.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("cannot be read: {0}")]
    Unreadable(String),
    #[error("is owned by user {owner}, neither by user {us} that runs this process nor by root")]
    Owner { owner: u32, us: u32 },
    #[error("anybody may write to it (mode {mode:o}); use chmod o-w")]
    WorldWritable { mode: u32 },
    #[error("not a library: {0}")]
    NotALibrary(String),
    #[error("no `{SECTION}` section: not a Vahta plugin")]
    NoSection,
    #[error("its `{SECTION}` section is damaged: {0}")]
    BadSection(String),
    #[error("the plugin speaks ABI {plugin}, this host speaks ABI {host}")]
    Abi { plugin: u32, host: u32 },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("built with panic = \"abort\": one panic would end the whole process; use \"unwind\"")]
    PanicAbort,
    #[error(
        "brings its own SQLite; two copies in one process destroy the database: link the system's library"
    )]
    OwnSqlite,
    #[error("not approved: an admin must approve SHA-256 {sha256}")]
    NotApproved { sha256: String },
    #[error("{what} belongs to plugin {owner} ({owner_file}) already, {file} wants it too")]
    Taken {
        what: String,
        owner: String,
        owner_file: String,
        file: String,
    },
}

/// Reads a file once and checks everything that can be checked without running it.
///
/// # Errors
/// The first [`Refusal`] found. [`Refusal::NotApproved`] and [`Refusal::Taken`] are decided
/// elsewhere.
pub(super) fn inspect(file: &Path) -> Result<Inspected, Refusal> {
    let bytes = read(file)?;
    let library =
        object::File::parse(&*bytes).map_err(|error| Refusal::NotALibrary(error.to_string()))?;
    let section = library.section_by_name(SECTION).ok_or(Refusal::NoSection)?;
    let section = section
        .data()
        .map_err(|error| Refusal::BadSection(error.to_string()))?;
    let header = Header::parse(section).map_err(|error| {
        Refusal::BadSection(match error {
            HeaderError::Short => "it is too short".into(),
            HeaderError::Magic => "it does not begin with VAHTAPLG".into(),
            HeaderError::Length { said, there } => {
                format!("its manifest should have {said} bytes and has {there}")
            }
        })
    })?;
    if header.abi != VAHTA_ABI {
        return Err(Refusal::Abi {
            plugin: header.abi,
            host: VAHTA_ABI,
        });
    }
    let manifest = Manifest::parse(header.manifest)?;
    if is_rust(&library, &bytes) && !imports(&library, b"_Unwind_RaiseException") {
        return Err(Refusal::PanicAbort);
    }
    // The header of every database file, which only SQLite's own code carries; it survives strip.
    if contains(&bytes, b"SQLite format 3\0") {
        return Err(Refusal::OwnSqlite);
    }
    let sha256 = hex(&Sha256::digest(&bytes));
    Ok(Inspected {
        file: file.to_path_buf(),
        bytes,
        sha256,
        manifest,
    })
}

fn read(file: &Path) -> Result<Vec<u8>, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::Unreadable(error.to_string());
    let mut open = File::open(file).map_err(unreadable)?;
    // Of the open file, not of the path: the path may name another file by now.
    let about = open.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(Refusal::Unreadable("it is not a regular file".into()));
    }
    ownership(&about)?;
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    open.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(unix)]
fn ownership(about: &std::fs::Metadata) -> Result<(), Refusal> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = about.mode() & 0o7777;
    if mode & 0o002 != 0 {
        return Err(Refusal::WorldWritable { mode });
    }
    // The owner of our own entry in /proc is our effective user; without /proc there is no check.
    let us = std::fs::metadata("/proc/self").map(|me| me.uid());
    match us {
        Ok(us) if about.uid() != us && about.uid() != 0 => Err(Refusal::Owner {
            owner: about.uid(),
            us,
        }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn ownership(_about: &std::fs::Metadata) -> Result<(), Refusal> {
    Ok(())
}

/// Compiled by rustc: its version stands in `.comment`, and paths of its standard library stand in
/// panic messages even where `.comment` was stripped.
fn is_rust(library: &object::File<'_>, bytes: &[u8]) -> bool {
    let comment = library
        .section_by_name(".comment")
        .and_then(|section| section.data().ok());
    comment.is_some_and(|text| contains(text, b"rustc version")) || contains(bytes, b"/rustc/")
}

fn imports(library: &object::File<'_>, symbol: &[u8]) -> bool {
    let wanted = object::read::NameOrOrdinal::Name(symbol);
    library
        .imports()
        .is_ok_and(|mut all| all.any(|import| import.is_ok_and(|import| import.name() == wanted)))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(bytes, wanted).is_some()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
