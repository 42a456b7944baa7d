//! [`Texts`]: every language of a crate, with fallback to English.

use std::collections::{BTreeMap, BTreeSet};

use unic_langid::LanguageIdentifier;

use crate::Arg;
use crate::catalog::Catalog;

/// The language that every other one falls back to; it must be complete.
pub const FALLBACK: &str = "en";

/// The set cannot be used; every fault is listed, one a line.
#[derive(Debug, thiserror::Error)]
#[error("texts are faulty:\n  {}", .faults.join("\n  "))]
pub struct TextError {
    pub faults: Vec<String>,
}

/// Texts in all languages. Cheap to share behind an `Arc`; `Send + Sync`.
pub struct Texts {
    /// By lower-case language tag.
    catalogs: BTreeMap<String, Catalog>,
}

impl Texts {
    /// Builds a set from `(language, FTL source)` pairs; a language may have several sources.
    ///
    /// # Errors
    /// All of: syntax errors, ids defined twice, references into nothing, a missing English set,
    /// ids that a translation has and English lacks, translations that want other variables than
    /// English provides.
    pub fn from_ftl(sources: &[(&str, &str)]) -> Result<Texts, TextError> {
        let mut faults = Vec::new();
        let mut catalogs = BTreeMap::<String, Catalog>::new();
        for (language, ftl) in sources {
            let Ok(tag) = language.parse::<LanguageIdentifier>() else {
                faults.push(format!("{language}: not a language tag"));
                continue;
            };
            catalogs
                .entry(normal(language))
                .or_insert_with(|| Catalog::new(tag))
                .add(language, ftl, &mut faults);
        }
        for (language, catalog) in &catalogs {
            catalog.broken_references(language, &mut faults);
        }
        match catalogs.get(FALLBACK) {
            Some(english) => compare(english, &catalogs, &mut faults),
            None => faults.push(format!(
                "{FALLBACK}: missing, but every language falls back to it"
            )),
        }
        if faults.is_empty() {
            Ok(Texts { catalogs })
        } else {
            Err(TextError { faults })
        }
    }

    /// The text `id` (or its attribute, `id.attr`) in the nearest language: `ru-RU`, then `ru`,
    /// then English. An unknown id gives `⟨id⟩`.
    #[must_use]
    pub fn get(&self, lang: &str, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.nearest(lang)
            .find_map(|catalog| catalog.format(id, args))
            .unwrap_or_else(|| format!("⟨{id}⟩"))
    }

    /// Whether this very language (or its parent, `ru` for `ru-RU`) has the text itself, without
    /// falling back to English.
    #[must_use]
    pub fn has(&self, lang: &str, id: &str) -> bool {
        chain(lang).any(|tag| self.catalogs.get(&tag).is_some_and(|c| c.has(id)))
    }

    /// Language tags, sorted.
    #[must_use]
    pub fn languages(&self) -> Vec<&str> {
        self.catalogs.keys().map(String::as_str).collect()
    }

    /// Ids of exactly this language, sorted, attributes as `id.attr`; empty if it is unknown.
    #[must_use]
    pub fn ids(&self, lang: &str) -> Vec<&str> {
        self.catalogs
            .get(&normal(lang))
            .map(|c| c.ids().collect())
            .unwrap_or_default()
    }

    /// The variables that the text uses, embedded texts included, in the nearest language.
    #[must_use]
    pub fn variables(&self, lang: &str, id: &str) -> BTreeSet<String> {
        self.nearest(lang)
            .find(|catalog| catalog.has(id))
            .map(|catalog| catalog.variables(id))
            .unwrap_or_default()
    }

    fn nearest(&self, lang: &str) -> impl Iterator<Item = &Catalog> {
        chain(lang)
            .chain(std::iter::once(FALLBACK.to_owned()))
            .filter_map(|tag| self.catalogs.get(&tag))
    }
}

fn compare(english: &Catalog, catalogs: &BTreeMap<String, Catalog>, faults: &mut Vec<String>) {
    for (language, catalog) in catalogs.iter().filter(|(tag, _)| *tag != FALLBACK) {
        for id in catalog.ids() {
            if !english.has(id) {
                faults.push(format!("{language}: `{id}` is missing in {FALLBACK}"));
                continue;
            }
            let known = english.variables(id);
            for name in catalog.variables(id).difference(&known) {
                faults.push(format!(
                    "{language}: `{id}` wants ${name}, unknown in {FALLBACK}"
                ));
            }
        }
    }
}

/// `zh_Hans-CN` gives `zh-hans-cn`, `zh-hans`, `zh`.
fn chain(lang: &str) -> impl Iterator<Item = String> {
    std::iter::successors(Some(normal(lang)), |tag| {
        tag.rsplit_once('-').map(|(parent, _)| parent.to_owned())
    })
}

fn normal(lang: &str) -> String {
    lang.to_ascii_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests;
