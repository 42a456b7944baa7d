//! The texts of one language: a Fluent bundle and an index of what stands in it.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::Arg;
use crate::scan::{self, Needs};

pub(crate) struct Catalog {
    bundle: FluentBundle<FluentResource>,
    index: BTreeMap<String, Needs>,
}

impl Catalog {
    pub(crate) fn new(language: LanguageIdentifier) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks (U+2068/2069) around arguments break links, commands and copied text.
        bundle.set_use_isolating(false);
        Catalog {
            bundle,
            index: BTreeMap::new(),
        }
    }

    /// Adds one source; what is wrong with it is appended to `faults`, prefixed by the language.
    pub(crate) fn add(&mut self, language: &str, ftl: &str, faults: &mut Vec<String>) {
        let resource = match FluentResource::try_new(ftl.to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                for error in errors {
                    let line = ftl[..floor(ftl, error.pos.start)].matches('\n').count() + 1;
                    faults.push(format!("{language}: line {line}: {}", error.kind));
                }
                resource
            }
        };
        self.index.extend(scan::entries(resource.entries()));
        if let Err(errors) = self.bundle.add_resource(resource) {
            for error in errors {
                faults.push(match error {
                    FluentError::Overriding { id, .. } => format!("{language}: `{id}` twice"),
                    other => format!("{language}: {other}"),
                });
            }
        }
    }

    /// References to texts that do not exist in this language.
    pub(crate) fn broken_references(&self, language: &str, faults: &mut Vec<String>) {
        for (id, needs) in &self.index {
            for target in needs
                .references
                .iter()
                .filter(|t| !self.index.contains_key(*t))
            {
                faults.push(format!(
                    "{language}: `{id}` refers to `{target}`, which is not there"
                ));
            }
        }
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        !id.starts_with('-') && self.index.contains_key(id)
    }

    /// Ids that can be asked for, attributes included; terms are internal to a language.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.index
            .keys()
            .map(String::as_str)
            .filter(|id| !id.starts_with('-'))
    }

    /// Variables of a text and of the texts it embeds. A term sees only what it is passed, so the
    /// walk stops there.
    pub(crate) fn variables(&self, id: &str) -> BTreeSet<String> {
        let mut variables = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if id.starts_with('-') || !seen.insert(id) {
                continue;
            }
            if let Some(needs) = self.index.get(id) {
                variables.extend(needs.variables.iter().cloned());
                open.extend(needs.references.iter().map(String::as_str));
            }
        }
        variables
    }

    /// Formats a text; a missing argument shows as `{$name}`, which the tests look for.
    pub(crate) fn format(&self, id: &str, args: &[(&str, Arg<'_>)]) -> Option<String> {
        let (message, attribute) = match id.split_once('.') {
            Some((message, attribute)) => (message, Some(attribute)),
            None => (id, None),
        };
        let message = self.bundle.get_message(message)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            values.set(*name, FluentValue::from(arg));
        }
        let mut errors = Vec::new();
        Some(
            self.bundle
                .format_pattern(pattern, Some(&values), &mut errors)
                .into_owned(),
        )
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
