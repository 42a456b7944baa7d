//! A plugin's settings: what its manifest's JSON Schema says of them, and which values fit it.
//!
//! A settings document holds only what somebody chose; whatever it leaves out has the schema's
//! default. What is marked `"writeOnly": true` or `"format": "password"` is a **secret**: it goes
//! to the plugin and to nobody else, so nothing here puts a value into a text.
//!
//! | Module | What |
//! |---|---|
//! | [`Schema`] | a checked schema: defaults, secrets, validation |
//! | `walk` | what a schema must not hold, and where its secrets are |
//! | [`fault`] | what is wrong with which field |
//! | [`field`] | the fields of a form, and reading what people type into them |
//!
//! Errors: [`SchemaFault`] is the author's, [`Fault`] the person's who fills the form.

pub mod fault;
pub mod field;
pub mod schema;
mod walk;

pub use fault::Fault;
pub use field::{Field, Kind, Limits};
pub use schema::Schema;

use serde_json::{Map, Value};

/// A settings document.
pub type Document = Map<String, Value>;

/// Why a manifest's `settings_schema` is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {fault}")]
pub struct SchemaFault {
    /// Such as `settings_schema.properties.token`.
    pub at: String,
    pub fault: String,
}

/// `a/b` and `~` as parts of a JSON pointer (RFC 6901).
fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// The parts of a JSON pointer.
fn parts(pointer: &str) -> impl Iterator<Item = String> {
    let parts = pointer.split('/').skip(1);
    parts.map(|part| part.replace("~1", "/").replace("~0", "~"))
}
