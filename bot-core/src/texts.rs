//! The core's texts: every `locales/<language>/*.ftl`, embedded at build time.

pub use vahta_texts::{Arg, Texts, args, escape_html};

/// `(language, FTL source)` of every file, listed by the build script.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// The languages that there are texts in, sorted.
pub fn languages() -> Vec<&'static str> {
    let mut languages: Vec<&str> = SOURCES.iter().map(|(language, _)| *language).collect();
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// What a language calls itself.
pub fn name_of(language: &str) -> &str {
    match language {
        "en" => "English",
        "ru" => "Русский",
        "th" => "ไทย",
        other => other,
    }
}

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
