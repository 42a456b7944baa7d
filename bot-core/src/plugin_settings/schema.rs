//! A schema that was checked, and what can be done with it.

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::walk::{Walk, target};
use super::{Document, Fault, Field, SchemaFault, escaped, fault, field, parts};

/// The schema of one plugin's settings.
pub struct Schema {
    root: Value,
    validator: Validator,
    /// JSON pointers.
    secrets: Vec<String>,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("root", &self.root).finish()
    }
}

impl Schema {
    /// Checks a manifest's `settings_schema`; `None` when it has none.
    ///
    /// # Errors
    /// What is wrong where: no schema, a reference to elsewhere, a secret that could not be kept,
    /// a default that does not fit.
    pub fn read(root: &Value) -> Result<Option<Self>, SchemaFault> {
        if root.is_null() {
            return Ok(None);
        }
        let refused = |at: &str, fault: String| SchemaFault {
            at: format!("settings_schema{at}"),
            fault,
        };
        if !root.is_object() {
            return Err(refused("", "must be an object (a JSON Schema)".into()));
        }
        if root["type"] != "object" {
            return Err(refused(".type", "must be \"object\"".into()));
        }
        let secrets = Walk::over(root)?;
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_format("time", is_time)
            .build(root)
            .map_err(|error| {
                let at = error.instance_path().as_str().replace('/', ".");
                refused(&at, error.to_string())
            })?;
        let schema = Self {
            root: root.clone(),
            validator,
            secrets,
        };
        // What a person has to give is missing, and that is all that may be wrong.
        let defaults = schema.effective(&Document::new());
        match schema.faults(&defaults).into_iter().find(is_misfit) {
            Some(fault) => Err(refused(
                &fault.pointer.replace('/', ".properties."),
                format!("its default does not fit: {fault}"),
            )),
            None => Ok(Some(schema)),
        }
    }

    /// The schema as the manifest has it.
    pub fn json(&self) -> &Value {
        &self.root
    }

    /// The fields of a form.
    pub fn fields(&self) -> Vec<Field> {
        field::all(self)
    }

    /// JSON pointers of what nobody may read.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }

    pub fn is_secret(&self, pointer: &str) -> bool {
        self.secrets.iter().any(|secret| secret == pointer)
    }

    /// Is it a secret, or a group that holds one?
    pub fn has_secret(&self, pointer: &str) -> bool {
        let inside = format!("{pointer}/");
        self.is_secret(pointer)
            || self
                .secrets
                .iter()
                .any(|secret| secret.starts_with(&inside))
    }

    /// The document with the defaults of what it leaves out: what the plugin gets.
    pub fn effective(&self, own: &Document) -> Document {
        let mut document = own.clone();
        self.fill(&self.root, &mut document);
        document
    }

    fn fill(&self, schema: &Value, document: &mut Document) {
        let schema = self.resolved(schema);
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return;
        };
        for (name, property) in properties {
            let property = self.resolved(property);
            if let Some(given) = document.get_mut(name) {
                if let Value::Object(given) = given {
                    self.fill(&Value::Object(property), given);
                }
                continue;
            }
            let mut default = property.get("default").cloned();
            if default.is_none() && property.contains_key("properties") {
                default = Some(Value::Object(Map::new()));
            }
            if let Some(Value::Object(group)) = &mut default {
                self.fill(&Value::Object(property.clone()), group);
                // A group that a person has to complete is theirs to begin.
                let missing = |name: &Value| name.as_str().is_some_and(|n| !group.contains_key(n));
                let required = property.get("required").and_then(Value::as_array);
                let begun = property.contains_key("default") || !group.is_empty();
                if !begun || required.into_iter().flatten().any(missing) {
                    continue;
                }
            }
            document.extend(default.map(|default| (name.clone(), default)));
        }
    }

    /// What does not fit, by field; of an effective document.
    pub fn faults(&self, effective: &Document) -> Vec<Fault> {
        let document = Value::Object(effective.clone());
        let mut faults: Vec<Fault> = self
            .validator
            .iter_errors(&document)
            .flat_map(|error| fault::of(&error))
            .collect();
        faults.sort_by(|a, b| (&a.pointer, a.id).cmp(&(&b.pointer, b.id)));
        faults.dedup();
        faults
    }

    /// Does it take properties that it has no name for?
    pub fn takes_more(&self) -> bool {
        let open = |word: &str| self.root.get(word).is_some_and(Value::is_object);
        open("additionalProperties") || open("patternProperties")
    }

    /// The document that takes every choice back, secrets too.
    pub fn secrets_gone(&self) -> Document {
        let mut document = Document::new();
        for secret in self.secrets.iter().filter(|s| s.rfind('/') == Some(0)) {
            put(&mut document, secret, Value::Null);
        }
        document
    }

    /// The document without its secrets.
    pub fn public(&self, document: &Document) -> Document {
        let mut document = document.clone();
        for secret in &self.secrets {
            take(&mut document, secret);
        }
        document
    }

    /// The secrets that a document holds.
    pub fn secrets_in(&self, document: &Document) -> Vec<&str> {
        let secrets = self.secrets.iter().map(String::as_str);
        secrets
            .filter(|secret| find(document, secret).is_some())
            .collect()
    }

    /// Secrets that `new` says nothing of stay as they are in `old`, for nobody who sends a
    /// document back could have read them; null takes one away.
    pub fn keep_secrets(&self, old: &Document, new: &mut Document) {
        for secret in &self.secrets {
            match (find(new, secret), find(old, secret)) {
                (Some(Value::Null), _) => drop(take(new, secret)),
                (None, Some(kept)) => put_beside(new, secret, kept.clone()),
                _ => {}
            }
        }
    }

    /// A schema with its references and single choices put in, so that its keywords stand side by
    /// side: what `$ref`, one `allOf` or "this or null" says.
    pub(super) fn resolved(&self, schema: &Value) -> Map<String, Value> {
        let mut fields = schema.as_object().cloned().unwrap_or_default();
        // Bounded: the walk has refused circles.
        for _ in 0..16 {
            let inner = if let Some(Value::String(reference)) = fields.remove("$ref") {
                target(&self.root, &reference).cloned()
            } else {
                let only = ["allOf", "anyOf", "oneOf"]
                    .iter()
                    .find_map(|word| Some((*word, only(fields.get(*word)?)?)));
                only.map(|(word, inner)| {
                    fields.remove(word);
                    inner
                })
            };
            let Some(Value::Object(inner)) = inner else {
                break;
            };
            for (name, value) in inner {
                fields.entry(name).or_insert(value);
            }
        }
        fields
    }
}

/// The one schema of a list that is not "null".
fn only(schemas: &Value) -> Option<Value> {
    let mut schemas = schemas
        .as_array()?
        .iter()
        .filter(|schema| schema["type"] != "null");
    let one = schemas.next()?.clone();
    // A constant is a choice, if only one.
    (schemas.next().is_none() && one.get("const").is_none()).then_some(one)
}

/// `22:00` or `22:00:30`, as a clock shows it: RFC 3339's own form has a zone, which people do not
/// type.
fn is_time(text: &str) -> bool {
    text.parse::<jiff::civil::Time>().is_ok() && text.len() <= 8
}

fn is_misfit(fault: &Fault) -> bool {
    fault.id != "setting-missing" && !fault.pointer.is_empty()
}

fn find<'d>(document: &'d Document, pointer: &str) -> Option<&'d Value> {
    let mut parts = parts(pointer);
    let first = document.get(&parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(&part))
}

/// Takes a value out of a document.
pub fn take(document: &mut Document, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let name = parts(&format!("/{name}")).next()?;
    parent_of(document, parent)?.remove(&name)
}

/// Puts a value where its parent already is.
fn put_beside(document: &mut Document, pointer: &str, value: Value) {
    if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(name) = parts(&format!("/{name}")).next()
        && let Some(parent) = parent_of(document, parent)
    {
        parent.insert(name, value);
    }
}

fn parent_of<'d>(document: &'d mut Document, pointer: &str) -> Option<&'d mut Document> {
    let mut here = document;
    for part in parts(pointer) {
        here = here.get_mut(&part)?.as_object_mut()?;
    }
    Some(here)
}

/// Puts a value into a document and makes the objects on the way.
pub fn put(document: &mut Document, pointer: &str, value: Value) {
    let mut here = document;
    let mut parts = parts(pointer).peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            here.insert(part, value);
            return;
        }
        let inner = here
            .entry(part)
            .or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        let Value::Object(inner) = inner else { return };
        here = inner;
    }
}

/// The pointer of a name as people write it: `quiet.from`.
pub fn pointer_of(name: &str) -> String {
    name.split('.')
        .map(|part| format!("/{}", escaped(part)))
        .collect()
}

pub(super) fn value_at<'d>(document: &'d Document, pointer: &str) -> Option<&'d Value> {
    find(document, pointer)
}

#[cfg(test)]
mod tests;
