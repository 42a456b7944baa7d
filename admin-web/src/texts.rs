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

    /// What a page asks for by a literal is there; ids that are put together are for the stories.
    #[test]
    fn every_text_that_a_page_names_is_there() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut ids = Vec::new();
        let mut folders = vec![root.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for (at, call) in text.match_indices(".t(\"") {
                        let id = text[at + call.len()..]
                            .split('"')
                            .next()
                            .unwrap_or_default();
                        ids.push(id.to_owned());
                    }
                }
            }
        }
        let sources: String = super::SOURCES.iter().map(|(_, text)| *text).collect();
        ids.retain(|id| {
            !sources
                .lines()
                .any(|line| line.split(" =").next() == Some(id))
        });
        assert!(ids.is_empty(), "no text for {ids:?}");
    }
}
