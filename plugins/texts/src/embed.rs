//! For build scripts: which `.ftl` files a crate embeds.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "cargo and a build script talk through the environment and standard output"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Lists `locales/<language>/*.ftl` of the crate being built in `$OUT_DIR/locales.rs`, as a slice
/// of `(language, source)`: adding a language is adding a folder.
///
/// # Errors
/// When there is no such folder, or cargo's variables are missing.
pub fn embed_locales() -> io::Result<()> {
    println!("cargo::rerun-if-changed=locales");
    let root =
        Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("locales");
    let mut sources = Vec::new();
    for language in fs::read_dir(&root)? {
        let language = language?;
        for file in fs::read_dir(language.path())? {
            let path = file?.path();
            if path.extension().is_some_and(|ext| ext == "ftl") {
                sources.push((language.file_name().to_string_lossy().into_owned(), path));
            }
        }
    }
    sources.sort();
    let mut code = String::from("&[\n");
    for (language, path) in sources {
        let _ = writeln!(code, "    ({language:?}, include_str!({path:?})),");
    }
    code.push(']');
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("locales.rs"), code)
}
