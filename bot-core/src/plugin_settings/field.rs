//! The fields of a form, derived from a schema, and reading what people type into one.

use serde_json::{Map, Value};

use super::fault::plain;
use super::schema::value_at;
use super::{Document, Fault, Schema, escaped};

/// One field of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// JSON pointer of its value.
    pub pointer: String,
    /// The schema's title, else the property's name.
    pub title: String,
    pub description: String,
    /// It has to be given: it is required and has no default.
    pub required: bool,
    pub default: Option<Value>,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text {
        /// `date`, `time`, `email`, `uri`, …; empty: any text.
        format: String,
        limits: Limits,
        pattern: Option<String>,
    },
    /// A text that is never shown.
    Secret(Limits),
    Integer(Limits),
    Number(Limits),
    Bool,
    /// Values, each with what people see.
    Choice(Vec<(Value, String)>),
    /// A list of texts, one a line.
    Lines,
    /// An object with fields of its own.
    Group(Vec<Field>),
    /// Everything else: typed as JSON.
    Json,
}

/// The least and the most, as the schema writes them; of texts, their lengths.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    pub least: Option<String>,
    pub most: Option<String>,
}

pub(super) fn all(schema: &Schema) -> Vec<Field> {
    group(schema, &schema.resolved(schema.json()), "", 0)
}

fn group(schema: &Schema, object: &Map<String, Value>, at: &str, depth: u8) -> Vec<Field> {
    let Some(Value::Object(properties)) = object.get("properties") else {
        return Vec::new();
    };
    let required = object.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.into_iter().flatten().any(|one| one == name);
    let mut fields = Vec::new();
    for (name, property) in properties {
        let fields_of = schema.resolved(property);
        let pointer = format!("{at}/{}", escaped(name));
        let text = |word: &str| {
            fields_of
                .get(word)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let default = fields_of.get("default").cloned();
        fields.push(Field {
            title: text("title").unwrap_or_else(|| name.replace('_', " ")),
            description: text("description").unwrap_or_default(),
            required: is_required(name) && default.is_none(),
            default,
            kind: kind(schema, fields_of, &pointer, depth),
            pointer,
        });
    }
    // What the schema's author numbers comes in that order, the rest by name.
    let order = |field: &Field| {
        let name = super::parts(&field.pointer).last().unwrap_or_default();
        let place = properties.get(&name).and_then(|p| p.get("x-order"));
        place.and_then(Value::as_i64).unwrap_or(i64::MAX)
    };
    fields.sort_by_key(order);
    fields
}

fn kind(schema: &Schema, fields: Map<String, Value>, pointer: &str, depth: u8) -> Kind {
    let limits = |least: &str, most: &str| Limits {
        least: fields.get(least).map(plain),
        most: fields.get(most).map(plain),
    };
    if schema.is_secret(pointer) {
        return Kind::Secret(limits("minLength", "maxLength"));
    }
    if let Some(choices) = choices(&fields) {
        return Kind::Choice(choices);
    }
    let one = |kind: &Value| {
        kind.as_str()
            .filter(|kind| *kind != "null")
            .map(str::to_owned)
    };
    let kind = match fields.get("type") {
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(one);
            kinds.next().filter(|_| kinds.next().is_none())
        }
        Some(kind) => one(kind),
        None => None,
    };
    match kind.as_deref() {
        Some("string") => Kind::Text {
            format: fields.get("format").map(plain).unwrap_or_default(),
            limits: limits("minLength", "maxLength"),
            pattern: fields.get("pattern").map(plain),
        },
        Some("integer") => Kind::Integer(limits("minimum", "maximum")),
        Some("number") => Kind::Number(limits("minimum", "maximum")),
        Some("boolean") => Kind::Bool,
        Some("array") if fields.get("items").is_some_and(|i| is_text(schema, i)) => Kind::Lines,
        Some("object") if depth == 0 && is_closed_group(&fields) => {
            Kind::Group(group(schema, &fields, pointer, depth + 1))
        }
        _ => Kind::Json,
    }
}

/// Scalars to choose from: `enum`, or `oneOf` constants with titles, as schemars writes them.
fn choices(fields: &Map<String, Value>) -> Option<Vec<(Value, String)>> {
    let is_scalar = |value: &Value| !value.is_object() && !value.is_array() && !value.is_null();
    let found: Vec<(Value, String)> = if let Some(Value::Array(values)) = fields.get("enum") {
        let values = values.iter().filter(|value| !value.is_null());
        values.map(|value| (value.clone(), plain(value))).collect()
    } else {
        let one = |schema: &Value| {
            let value = schema.get("const")?.clone();
            let title = schema.get("title").map_or_else(|| plain(&value), plain);
            Some((value, title))
        };
        let schemas = fields.get("oneOf")?.as_array()?;
        schemas.iter().map(one).collect::<Option<_>>()?
    };
    let distinct = |i: usize| {
        found[..i]
            .iter()
            .all(|(v, _)| plain(v) != plain(&found[i].0))
    };
    (!found.is_empty() && found.iter().all(|(v, _)| is_scalar(v)) && (0..found.len()).all(distinct))
        .then_some(found)
}

fn is_text(schema: &Schema, items: &Value) -> bool {
    schema
        .resolved(items)
        .get("type")
        .is_some_and(|t| t == "string")
}

/// Has it nothing but named fields?
fn is_closed_group(fields: &Map<String, Value>) -> bool {
    let open = ["additionalProperties", "patternProperties"];
    fields.contains_key("properties")
        && open
            .iter()
            .all(|word| fields.get(*word).is_none_or(|value| *value == false))
}

impl Field {
    /// As people write it: `quiet.from`.
    pub fn name(&self) -> String {
        super::parts(&self.pointer).collect::<Vec<_>>().join(".")
    }

    /// The field's value in a document.
    pub fn of<'d>(&self, document: &'d Document) -> Option<&'d Value> {
        value_at(document, &self.pointer)
    }

    /// A value as the field shows it; a secret shows nothing.
    pub fn shown(&self, value: &Value) -> String {
        match (&self.kind, value) {
            (Kind::Secret(_), _) => String::new(),
            (Kind::Lines, Value::Array(lines)) => {
                lines.iter().map(plain).collect::<Vec<_>>().join("\n")
            }
            (Kind::Json | Kind::Group(_), value) => {
                serde_json::to_string_pretty(value).unwrap_or_default()
            }
            (_, value) => plain(value),
        }
    }

    /// What somebody typed; the schema has not been asked yet.
    ///
    /// # Errors
    /// When it is no value of the field's kind at all.
    pub fn read(&self, text: &str) -> Result<Value, Fault> {
        let bad = |id, wanted: &str| Fault::new(&self.pointer, id, wanted);
        let trimmed = text.trim();
        match &self.kind {
            // A secret is taken as it was typed: spaces may be part of it.
            Kind::Secret(_) => Ok(text.into()),
            Kind::Text { .. } => Ok(text.replace("\r\n", "\n").into()),
            Kind::Integer(_) => match trimmed.parse::<i64>() {
                Ok(number) => Ok(number.into()),
                Err(_) => Err(bad("setting-type", "integer")),
            },
            Kind::Number(_) => {
                let number = trimmed.parse::<f64>().ok();
                let number = number.and_then(serde_json::Number::from_f64);
                number
                    .map(Value::Number)
                    .ok_or_else(|| bad("setting-type", "number"))
            }
            Kind::Bool => match trimmed.to_lowercase().as_str() {
                "true" | "on" | "yes" => Ok(true.into()),
                "false" | "off" | "no" => Ok(false.into()),
                _ => Err(bad("setting-type", "boolean")),
            },
            Kind::Choice(choices) => {
                let found = choices.iter().find(|(value, _)| plain(value) == trimmed);
                found.map(|(value, _)| value.clone()).ok_or_else(|| {
                    let all: Vec<String> = choices.iter().map(|(value, _)| plain(value)).collect();
                    bad("setting-choice", &all.join(", "))
                })
            }
            Kind::Lines => {
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                Ok(lines.map(Value::from).collect())
            }
            Kind::Group(_) | Kind::Json => serde_json::from_str(trimmed)
                .map_err(|error| bad("setting-json", &where_in(&error))),
        }
    }

    /// Every field that holds a value: the field itself, or those of its group.
    pub fn leaves(&self) -> Vec<&Field> {
        match &self.kind {
            Kind::Group(fields) => fields.iter().collect(),
            _ => vec![self],
        }
    }
}

/// The place of a fault in JSON, without its text.
fn where_in(error: &serde_json::Error) -> String {
    format!("{}:{}", error.line(), error.column())
}

#[cfg(test)]
mod tests;
