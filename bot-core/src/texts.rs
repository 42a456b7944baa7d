//! The core's texts: every `locales/<language>/*.ftl`, embedded at build time.

pub use vahta_texts::{Arg, Texts, args, escape_html};

/// `(language, FTL source)` of every file, listed by the build script.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// All languages of the core.
///
/// # Panics
/// When the files in `locales/` are faulty: a test refuses that before they are shipped.
#[expect(
    clippy::expect_used,
    reason = "the sources are embedded, and a test loads them"
)]
pub fn core() -> Texts {
    Texts::from_ftl(SOURCES).expect("the embedded texts are well formed")
}

#[cfg(test)]
mod tests;
