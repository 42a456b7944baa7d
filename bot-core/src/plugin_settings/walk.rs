//! One walk over a schema: refuses what we cannot keep a promise for, and finds its secrets.

use serde_json::Value;

use super::{SchemaFault, escaped};

/// Subschemas of one schema, references counted each time: more is a mistake, or malice.
const MOST: usize = 2_000;

/// Keywords that only make sense between documents, of which a manifest is one.
const FOREIGN: &[&str] = &[
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
];
/// Keywords whose schemas are for the same value.
const SAME: &[&str] = &["allOf", "anyOf", "oneOf", "if", "then", "else"];
/// Keywords whose schemas are for parts of the value that have no fixed name.
const PARTS: &[&str] = &[
    "items",
    "prefixItems",
    "contains",
    "additionalItems",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "dependentSchemas",
    "not",
];

type Walked = Result<(), SchemaFault>;

pub(super) struct Walk<'s> {
    root: &'s Value,
    /// JSON pointers of the secrets within a document.
    pub(super) secrets: Vec<String>,
    /// References that are being followed.
    open: Vec<&'s str>,
    seen: usize,
}

impl<'s> Walk<'s> {
    pub(super) fn over(root: &'s Value) -> Result<Vec<String>, SchemaFault> {
        let mut walk = Self {
            root,
            secrets: Vec::new(),
            open: Vec::new(),
            seen: 0,
        };
        walk.schema(root, "settings_schema", Some(""))?;
        walk.secrets.sort();
        walk.secrets.dedup();
        Ok(walk.secrets)
    }

    /// `pointer` is the place in a document; `None` where it has no fixed one.
    fn schema(&mut self, schema: &'s Value, at: &str, pointer: Option<&str>) -> Walked {
        self.seen += 1;
        if self.seen > MOST {
            return fault(at, format!("there are more than {MOST} subschemas"));
        }
        let fields = match schema {
            Value::Object(fields) => fields,
            Value::Bool(_) => return Ok(()),
            _ => return fault(at, "must be a schema: an object, true or false"),
        };
        if let Some(word) = FOREIGN.iter().find(|word| fields.contains_key(**word)) {
            return fault(at, format!("{word} is not supported"));
        }
        if is_secret(schema) {
            self.secret(schema, at, pointer)?;
        }
        if let Some(reference) = fields.get("$ref") {
            self.reference(reference, at, pointer)?;
        }
        if let Some(properties) = fields.get("properties") {
            let Value::Object(properties) = properties else {
                return fault(&format!("{at}.properties"), "must be an object");
            };
            for (name, property) in properties {
                let inner = pointer.map(|pointer| format!("{pointer}/{}", escaped(name)));
                let at = format!("{at}.properties.{name}");
                self.schema(property, &at, inner.as_deref())?;
            }
        }
        for word in SAME {
            if let Some(inner) = fields.get(*word) {
                self.each(inner, word, &format!("{at}.{word}"), pointer)?;
            }
        }
        for word in PARTS {
            if let Some(inner) = fields.get(*word) {
                self.each(inner, word, &format!("{at}.{word}"), None)?;
            }
        }
        Ok(())
    }

    /// A keyword's schema, list of schemas or schemas by name.
    fn each(&mut self, inner: &'s Value, word: &str, at: &str, pointer: Option<&str>) -> Walked {
        match inner {
            Value::Array(schemas) => {
                for (i, schema) in schemas.iter().enumerate() {
                    self.schema(schema, &format!("{at}[{i}]"), pointer)?;
                }
                Ok(())
            }
            Value::Object(named) if matches!(word, "patternProperties" | "dependentSchemas") => {
                for (name, schema) in named {
                    self.schema(schema, &format!("{at}.{name}"), pointer)?;
                }
                Ok(())
            }
            schema => self.schema(schema, at, pointer),
        }
    }

    fn reference(&mut self, reference: &'s Value, at: &str, pointer: Option<&str>) -> Walked {
        let at = format!("{at}.$ref");
        let Some(reference) = reference.as_str() else {
            return fault(&at, "must be a text");
        };
        let Some(target) = target(self.root, reference) else {
            let text = format!("{reference:?} leads nowhere in this schema (\"#/$defs/…\")");
            return fault(&at, text);
        };
        if self.open.contains(&reference) {
            return fault(&at, format!("{reference:?} contains itself"));
        }
        self.open.push(reference);
        self.schema(target, &at, pointer)?;
        self.open.pop();
        Ok(())
    }

    fn secret(&mut self, schema: &Value, at: &str, pointer: Option<&str>) -> Walked {
        let Some(pointer) = pointer.filter(|pointer| !pointer.is_empty()) else {
            let text = "a secret must be a property, not a part of a list or of a nameless object";
            return fault(at, text);
        };
        if schema["type"] != "string" {
            return fault(at, "a secret must say \"type\": \"string\"");
        }
        for word in ["default", "examples", "const", "enum"] {
            if schema.get(word).is_some() {
                let text = format!("a secret cannot have {word:?}: everybody can read a manifest");
                return fault(at, text);
            }
        }
        self.secrets.push(pointer.to_owned());
        Ok(())
    }
}

fn is_secret(schema: &Value) -> bool {
    schema["writeOnly"] == true || schema["format"] == "password"
}

/// What a local reference means; the root itself would contain itself.
pub(super) fn target<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    let pointer = reference.strip_prefix('#').filter(|p| p.starts_with('/'))?;
    root.pointer(pointer)
}

fn fault(at: &str, fault: impl Into<String>) -> Walked {
    Err(SchemaFault {
        at: at.into(),
        fault: fault.into(),
    })
}
