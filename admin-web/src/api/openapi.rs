//! The OpenAPI 3.1 document, made of the route list and the types that the handlers read and
//! write.

use bot_core::plugin_host::manifest::{Surface, UploadSpec, WebRoute};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::routes::{ALL, Needs, Route};

/// What goes wrong. Source: RFC 9457.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "describes what `problem` writes")]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: String,
    request_id: String,
    /// The one that is missing.
    permission: Option<String>,
    /// Fields that do not fit.
    errors: Option<Vec<FieldProblem>>,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "describes what `problem` writes")]
struct FieldProblem {
    /// JSON pointer.
    pointer: String,
    detail: String,
}

pub(crate) const DOC: Doc = Doc::new::<Value>("This document");

pub(crate) async fn show(cx: Cx) -> Outcome {
    Reply::ok(&with_plugins(&cx)?)
}

/// The document of the core's routes and of the API that each plugin's manifest lists.
pub(crate) fn with_plugins(cx: &Cx) -> Result<Value, crate::problem::Problem> {
    let mut document = document();
    for info in cx.app()?.plugins.list() {
        let Some(manifest) = info.manifest else {
            continue;
        };
        for route in manifest.web.iter().filter(|r| r.surface == Surface::Api) {
            let path = format!("/api/v1/p/{}{}", info.name, route.path);
            let method = route.method.to_lowercase();
            document["paths"][path.as_str()][method] = of_plugin(&info.name, &path, route);
        }
    }
    Ok(document)
}

/// What the manifest says, with what the core knows better.
fn of_plugin(plugin: &str, path: &str, route: &WebRoute) -> Value {
    let mut operation = match &route.openapi {
        Value::Object(_) => route.openapi.clone(),
        _ => json!({ "responses": { "default": { "$ref": "#/components/responses/Problem" } } }),
    };
    let words = path.trim_start_matches("/api/v1/").replace(['{', '}'], "");
    let words = words.trim_end_matches('/').replace(['/', '.', '-'], "_");
    operation["operationId"] = format!("{}_{words}", route.method.to_lowercase()).into();
    operation["tags"] = json!([plugin]);
    if operation["parameters"].is_null() {
        operation["parameters"] = path_parameters(path).into();
    }
    if let Some(upload) = &route.upload
        && operation["requestBody"].is_null()
    {
        operation["requestBody"] = files(upload);
    }
    operation["security"] = json!([{ "key": [] }, { "session": [] }]);
    if let Some(key) = &route.permission {
        operation["x-permission"] = key.as_str().into();
    }
    operation
}

/// A form with files. Source: OpenAPI 3.1, "Considerations for multipart Content".
fn files(upload: &UploadSpec) -> Value {
    let kinds = match upload.media_types.as_slice() {
        [] => "application/octet-stream".to_owned(),
        kinds => kinds.join(", "),
    };
    json!({
        "required": true,
        "description": format!(
            "Files in the field `file`: at most {}, together at most {} bytes",
            upload.max_files, upload.max_bytes
        ),
        "content": { "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": { "file": { "type": "array", "items": {} } }
            },
            "encoding": { "file": { "contentType": kinds } }
        }}
    })
}

/// The document of the core's routes.
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for route in ALL {
        let Some(doc) = route.doc else { continue };
        let method = route.method.as_str().to_lowercase();
        let operation = operation(&mut generator, route, doc);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Vahta",
            "version": "1",
            "description": "Everything that the bot's core can do. Lists go on with `after`; a POST \
                with an `Idempotency-Key` runs once; times are RFC 3339."
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": { "Problem": {
                "description": "What went wrong",
                "content": { "application/problem+json": { "schema": problem } }
            }},
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "A key of the page /keys" },
                "session": { "type": "apiKey", "in": "cookie", "name": crate::viewer::COOKIE }
            }
        }
    })
}

fn operation(generator: &mut SchemaGenerator, route: &Route, doc: &Doc) -> Value {
    let mut parameters = path_parameters(route.path);
    if let Some(query) = doc.query {
        parameters.extend(query_parameters(query(generator).to_value()));
    }
    let mut answer = json!({ "description": "Done" });
    if let Some(schema) = doc.answer {
        answer["content"] = json!({ "application/json": { "schema": schema(generator) } });
    }
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": doc.summary,
        "parameters": parameters,
        "responses": {
            doc.status.to_string(): answer,
            "default": { "$ref": "#/components/responses/Problem" }
        }
    });
    if let Some(schema) = doc.body {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema(generator) } }
        });
    }
    match route.needs {
        Needs::Nothing => {}
        Needs::Login => operation["security"] = json!([{ "key": [] }, { "session": [] }]),
        Needs::Key(key) => {
            operation["security"] = json!([{ "key": [] }, { "session": [] }]);
            operation["x-permission"] = key.into();
        }
    }
    operation
}

/// `get_users_id_sessions`.
fn operation_id(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1/");
    let words = path.replace(['{', '}'], "").replace(['/', '.'], "_");
    format!("{}_{words}", route.method.as_str().to_lowercase())
}

/// `{id}` is a number, everything else a name.
fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let kind = if name == "id" { "integer" } else { "string" };
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": kind } })
        })
        .collect()
}

fn query_parameters(mut schema: Value) -> Vec<Value> {
    let required = schema["required"].take();
    let Value::Object(properties) = schema["properties"].take() else {
        return Vec::new();
    };
    properties
        .into_iter()
        .map(|(name, schema)| {
            let needed = required
                .as_array()
                .is_some_and(|required| required.iter().any(|one| *one == name.as_str()));
            json!({ "name": name, "in": "query", "required": needed, "schema": schema })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    /// `vahta openapi > docs/openapi.json` writes it anew.
    #[test]
    fn the_checked_in_document_is_the_generated_one() {
        let kept = include_str!("../../../docs/openapi.json");
        let fresh = serde_json::to_string_pretty(&super::document()).unwrap() + "\n";
        assert!(
            kept == fresh,
            "docs/openapi.json is stale: cargo run -- openapi > docs/openapi.json"
        );
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        let document = super::document();
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
