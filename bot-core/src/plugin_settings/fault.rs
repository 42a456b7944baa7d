//! What is wrong with a setting, without its value: it may be a secret.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Is};
use serde_json::Value;
use vahta_texts::{Arg, Texts};

use super::escaped;

/// One field that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer; empty for the whole document.
    pub pointer: String,
    /// The text's id in `locales/*/settings.ftl`.
    pub id: &'static str,
    /// What the schema wants, such as the limit; never what was given.
    pub wanted: String,
}

impl Fault {
    pub(super) fn new(
        pointer: impl Into<String>,
        id: &'static str,
        wanted: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            id,
            wanted: wanted.into(),
        }
    }

    /// A setting that the schema does not have.
    pub fn unknown(pointer: &str) -> Self {
        Self::new(pointer, "setting-unknown", "")
    }

    /// Something that had to be a JSON object.
    pub fn no_object(pointer: &str) -> Self {
        Self::new(pointer, "setting-type", "object")
    }

    pub fn is_unknown(&self) -> bool {
        self.id == "setting-unknown"
    }

    /// Why, for people; `texts` are the core's. Plain text: escape it for HTML.
    pub fn reason(&self, texts: &Texts, language: &str) -> String {
        texts.get(language, self.id, &[("wanted", Arg::from(&self.wanted))])
    }

    /// The field as people write it: `quiet.from`.
    pub fn field(&self) -> String {
        super::parts(&self.pointer).collect::<Vec<_>>().join(".")
    }
}

/// For the log and the plugin's state; people get [`Fault::reason`].
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = self.id.trim_start_matches("setting-");
        write!(f, "{} ({what}", self.field())?;
        if !self.wanted.is_empty() {
            write!(f, ": {}", self.wanted)?;
        }
        f.write_str(")")
    }
}

/// What the validator found, by field.
pub(super) fn of(error: &ValidationError<'_>) -> Vec<Fault> {
    let here = error.instance_path().as_str();
    let one = |id, wanted: String| vec![Fault::new(here, id, wanted)];
    match error.kind() {
        Is::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let pointer = format!("{here}/{}", escaped(name));
            vec![Fault::new(pointer, "setting-missing", "")]
        }
        Is::AdditionalProperties { unexpected } | Is::UnevaluatedProperties { unexpected } => {
            let unknown = |name: &String| {
                let pointer = format!("{here}/{}", escaped(name));
                Fault::new(pointer, "setting-unknown", "")
            };
            unexpected.iter().map(unknown).collect()
        }
        Is::Type { kind } => one("setting-type", types(kind)),
        Is::Enum { options } => one("setting-choice", choices(options)),
        Is::Constant { expected_value } => one("setting-choice", plain(expected_value)),
        Is::Minimum { limit } => one("setting-min", plain(limit)),
        Is::Maximum { limit } => one("setting-max", plain(limit)),
        Is::ExclusiveMinimum { limit } => one("setting-above", plain(limit)),
        Is::ExclusiveMaximum { limit } => one("setting-below", plain(limit)),
        Is::MultipleOf { multiple_of } => one("setting-multiple", multiple_of.to_string()),
        Is::MinLength { limit } => one("setting-short", limit.to_string()),
        Is::MaxLength { limit } => one("setting-long", limit.to_string()),
        Is::MinItems { limit } => one("setting-few", limit.to_string()),
        Is::MaxItems { limit } => one("setting-many", limit.to_string()),
        Is::UniqueItems => one("setting-twice", String::new()),
        Is::Pattern { pattern } => one("setting-pattern", pattern.clone()),
        Is::Format { format } => one("setting-format", format.clone()),
        _ => one("setting-other", error.kind().keyword().to_owned()),
    }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(all) => {
            let all: Vec<String> = all.iter().map(|one| one.to_string()).collect();
            all.join(" / ")
        }
    }
}

fn choices(options: &Value) -> String {
    let options: Vec<String> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(plain)
        .collect();
    options.join(", ")
}

/// A value without the quotes around a text.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
