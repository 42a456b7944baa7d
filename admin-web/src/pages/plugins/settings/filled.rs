//! What stands in the form's fields, and the document that comes of it.

use std::collections::HashMap;

use bot_core::plugin_settings::schema::{put, take};
use bot_core::plugin_settings::{Document, Fault, Field, Kind};
use bot_core::plugins_admin::Settings;
use serde_json::Value;

/// A form as somebody filled it in, or as the settings fill it.
pub(super) struct Filled {
    /// By pointer; never a secret.
    texts: HashMap<String, String>,
    /// Secrets that were typed, which are not shown again.
    secrets: HashMap<String, String>,
    /// Secrets to take away.
    pub(super) cleared: Vec<String>,
    pub(super) reset: bool,
    pub(super) faults: Vec<Fault>,
    pub(super) note: Option<String>,
    /// Somebody else was faster: say at each field that differs what is true now.
    pub(super) tell_now: bool,
}

/// The field of what the schema has no field for.
pub(super) const MORE: &str = "more";
/// Beside a secret: take it away.
pub(super) const CLEAR: &str = "clear:";

impl Filled {
    fn empty() -> Self {
        Self {
            texts: HashMap::new(),
            secrets: HashMap::new(),
            cleared: Vec::new(),
            reset: false,
            faults: Vec::new(),
            note: None,
            tell_now: false,
        }
    }

    /// As the settings are: only what somebody chose, for the rest has the defaults.
    pub(super) fn with(settings: &Settings) -> Self {
        let mut filled = Self::empty();
        filled.texts = texts_of(settings);
        filled
    }

    /// As it was sent.
    pub(super) fn typed(settings: &Settings, fields: Vec<(String, String)>) -> Self {
        let mut filled = Self::empty();
        for (name, text) in fields {
            if name == "reset" {
                filled.reset = true;
            } else if let Some(pointer) = name.strip_prefix(CLEAR) {
                filled.cleared.push(pointer.to_owned());
            } else if settings.schema.is_secret(&name) {
                filled.secrets.insert(name, text);
            } else {
                filled.texts.insert(name, text);
            }
        }
        filled
    }

    pub(super) fn text(&self, pointer: &str) -> &str {
        self.texts.get(pointer).map_or("", String::as_str)
    }

    pub(super) fn has(&self, pointer: &str) -> bool {
        self.texts.contains_key(pointer)
    }

    pub(super) fn faults_at<'a>(&'a self, pointer: &'a str) -> impl Iterator<Item = &'a Fault> {
        let inside = move |fault: &&Fault| {
            fault.pointer == pointer
                || fault
                    .pointer
                    .strip_prefix(pointer)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        self.faults.iter().filter(inside)
    }

    /// The document that the fields make. What equals its default is left out, so that a later
    /// default counts. Faults are noted.
    pub(super) fn read(&mut self, settings: &Settings) -> Document {
        let mut own = self.more();
        let held = settings.schema.secrets_in(&settings.own);
        for field in settings.schema.fields().iter().flat_map(Field::leaves) {
            let pointer = field.pointer.as_str();
            if let Kind::Secret(_) = field.kind {
                let typed = self.secrets.get(pointer).filter(|text| !text.is_empty());
                if let Some(typed) = typed {
                    put(&mut own, pointer, typed.as_str().into());
                } else if self.cleared.iter().any(|cleared| cleared == pointer) {
                    put(&mut own, pointer, Value::Null);
                } else if held.contains(&pointer) {
                    // Its group has to be there for it to stay.
                    put(&mut own, pointer, Value::Null);
                    take(&mut own, pointer);
                }
                continue;
            }
            match value(field, self.texts.get(pointer).map(String::as_str)) {
                Ok(Some(value)) if field.default.as_ref() != Some(&value) => {
                    put(&mut own, pointer, value);
                }
                Ok(_) => {}
                Err(fault) => self.faults.push(fault),
            }
        }
        if !self.faults.is_empty() {
            // The rest is told at the same time.
            let mut checked = own.clone();
            settings.schema.keep_secrets(&settings.own, &mut checked);
            let others = settings.schema.faults(&settings.schema.effective(&checked));
            let unread: Vec<String> = self.faults.iter().map(|f| f.pointer.clone()).collect();
            let others = others.into_iter().filter(|f| !unread.contains(&f.pointer));
            self.faults.extend(others);
        }
        own
    }

    fn more(&mut self) -> Document {
        let text = self.text(MORE).trim();
        if text.is_empty() {
            return Document::new();
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(more)) => more,
            _ => {
                self.faults.push(Fault::no_object(&format!("/{MORE}")));
                Document::new()
            }
        }
    }
}

/// What was typed; `None`: nothing, so the default.
fn value(field: &Field, text: Option<&str>) -> Result<Option<Value>, Fault> {
    match (&field.kind, text) {
        // A box that is not ticked is not sent.
        (Kind::Bool, None) if field.required || field.default.is_some() => Ok(Some(false.into())),
        (_, None) => Ok(None),
        (_, Some(text)) if text.trim().is_empty() => Ok(None),
        (_, Some(text)) => field.read(text).map(Some),
    }
}

/// The texts of the fields that somebody chose, and of what has no field.
pub(super) fn texts_of(settings: &Settings) -> HashMap<String, String> {
    let public = settings.public();
    let fields = settings.schema.fields();
    let mut texts = HashMap::new();
    for field in fields.iter().flat_map(Field::leaves) {
        let shown = match (&field.kind, field.of(&public).or(field.default.as_ref())) {
            (Kind::Secret(_), _) | (_, None) => continue,
            (Kind::Bool, Some(Value::Bool(false))) => continue,
            (_, Some(value)) => field.shown(value),
        };
        texts.insert(field.pointer.clone(), shown);
    }
    let mut more = public;
    for field in &fields {
        take(&mut more, &field.pointer);
    }
    if !more.is_empty() {
        let text = serde_json::to_string_pretty(&more).unwrap_or_default();
        texts.insert(MORE.to_owned(), text);
    }
    texts
}
