//! The site's own texts: every `locales/<language>/*.ftl`, embedded at build time.

use vahta_texts::Texts;

/// `(language, FTL source)` of every file, listed by the build script.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// All languages of the site.
#[expect(
    clippy::expect_used,
    reason = "the sources are embedded, and a test loads them"
)]
pub(crate) fn all() -> Texts {
    Texts::from_ftl(SOURCES).expect("the embedded texts are well formed")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_embedded_texts_are_well_formed() {
        assert!(super::all().languages().contains(&"en"));
    }
}
