//! `/api`: the API to read and to try. Forms are made from the OpenAPI document; what they send
//! goes through the same guard as everything else, as the person who is logged in.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use maud::{Markup, html};
use serde_json::Value;
use vahta_texts::Arg;
use warp::http::{HeaderValue, Method, StatusCode, header};

use crate::answer::Answer;
use crate::api::openapi;
use crate::cx::Cx;
use crate::guard::{self, Request};
use crate::page;
use crate::problem::Problem;

/// What a trial was answered.
struct Tried {
    operation: String,
    status: StatusCode,
    body: String,
}

pub(crate) async fn show(cx: Cx) -> Answer {
    let content = content(&cx, None)?;
    cx.page(&cx.t("api-title", &[]), &content)
}

/// Sends what a form of this page says.
pub(crate) async fn try_it(cx: Cx) -> Answer {
    let fields: Vec<(String, String)> = cx.form()?;
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    };
    let id = field("operation").unwrap_or_default();
    let document = openapi::with_plugins(&cx)?;
    let (method, path, operation) = operations(&document)
        .find(|(_, _, operation)| operation["operationId"] == id)
        .ok_or(Problem::NotFound)?;
    let (mut path, mut query) = (path.to_string(), Vec::new());
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let value = field(&format!("in-{name}")).unwrap_or_default().trim();
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), value);
        } else if !value.is_empty() {
            query.push((name, value));
        }
    }
    let query = serde_urlencoded::to_string(&query).map_err(|e| Problem::Bad(e.to_string()))?;
    let method: Method = method
        .to_uppercase()
        .parse()
        .map_err(|_| Problem::NotFound)?;
    let body = Bytes::from(field("body").unwrap_or_default().to_string());
    let answer = Box::pin(send(&cx, method, &path, query, body)).await;
    let tried = Tried {
        operation: id.to_string(),
        status: answer.0,
        body: answer.1,
    };
    let content = content(&cx, Some(&tried))?;
    cx.page(&cx.t("api-title", &[]), &content)
}

/// Asks our own guard, with the cookie of the one who asks us.
async fn send(
    cx: &Cx,
    method: Method,
    path: &str,
    query: String,
    body: Bytes,
) -> (StatusCode, String) {
    let mut headers = cx.request.headers.clone();
    for name in [header::ACCEPT, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    if let Ok(token) = HeaderValue::from_str(&cx.viewer.csrf) {
        headers.insert("x-csrf-token", token);
    }
    let request = Request::new(method, path, query, headers, cx.request.client);
    let body = futures::stream::iter([Ok::<_, warp::Error>(body)]);
    let response = guard::answer(cx.site.clone(), request, body).await;
    let status = response.status();
    let body = match response.into_body().collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let text = match serde_json::from_slice::<Value>(&body) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(&body).into_owned(),
    };
    (status, text)
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

fn content(cx: &Cx, tried: Option<&Tried>) -> Result<Markup, Problem> {
    let document = openapi::with_plugins(cx)?;
    Ok(html! {
        div.head {
            h1 { (cx.t("api-title", &[])) }
            a.button href="/keys" { (cx.t("nav-keys", &[])) }
            a.button href="/api/v1/openapi.json" { "openapi.json" }
            p.quiet.small.wide { (cx.t("api-about", &[])) }
        }
        pre tabindex="0" { code { "curl -H 'Authorization: Bearer vahta_…' https://…/api/v1/status" } }
        section.card.flush {
            @for (method, path, operation) in operations(&document) {
                (one(cx, &document, method, path, operation, tried))
            }
        }
    })
}

fn one(
    cx: &Cx,
    document: &Value,
    method: &str,
    path: &str,
    operation: &Value,
    tried: Option<&Tried>,
) -> Markup {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let permission = operation["x-permission"].as_str();
    let tried = tried.filter(|tried| tried.operation == id);
    html! {
        details.operation #{ "op-" (id) } open[tried.is_some()] {
            summary {
                span class={ "badge " (kind_of(method)) } { (method.to_uppercase()) }
                code.break { (path) }
                span.quiet.small { (operation["summary"].as_str().unwrap_or_default()) }
            }
            @if let Some(permission) = permission {
                p.quiet { (cx.t("api-needs", &[("permission", Arg::from(permission))])) }
            }
            form.stack method="post" action={ "/api#op-" (id) } {
                (page::csrf(cx))
                input type="hidden" name="operation" value=(id);
                @for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    (input(parameter))
                }
                @if let Some(example) = example(document, operation) {
                    label { (cx.t("api-body", &[]))
                        textarea name="body" rows="6" spellcheck="false" { (example) }
                    }
                }
                div { button { (cx.t("api-try", &[])) } }
            }
            @if let Some(tried) = tried {
                div role="status" {
                    p { strong { (tried.status.to_string()) } }
                    pre tabindex="0" { code { (tried.body) } }
                }
            }
        }
    }
}

/// What only reads looks calmer than what changes or takes away.
fn kind_of(method: &str) -> &'static str {
    match method {
        "get" => "",
        "delete" => "bad",
        _ => "accent",
    }
}

fn input(parameter: &Value) -> Markup {
    let name = parameter["name"].as_str().unwrap_or_default();
    let required = parameter["required"].as_bool().unwrap_or(false);
    let about = parameter["schema"]["description"].as_str();
    html! {
        label { (name) @if let Some(about) = about { span.quiet { " " (about) } }
            input name=(format!("in-{name}")) required[required];
        }
    }
}

/// The body's fields with a value of the right kind.
fn example(document: &Value, operation: &Value) -> Option<String> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    let resolved = resolve(document, schema);
    let mut example = serde_json::Map::new();
    for (name, schema) in resolved["properties"].as_object()? {
        let is_required = resolved["required"]
            .as_array()
            .is_some_and(|required| required.iter().any(|one| one == name));
        if is_required {
            example.insert(name.clone(), value_of(document, schema));
        }
    }
    serde_json::to_string_pretty(&Value::Object(example)).ok()
}

fn value_of(document: &Value, schema: &Value) -> Value {
    match resolve(document, schema)["type"].as_str() {
        Some("integer" | "number") => 1.into(),
        Some("boolean") => false.into(),
        Some("array") => Value::Array(Vec::new()),
        Some("object") => Value::Object(serde_json::Map::new()),
        _ => "".into(),
    }
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let reference = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
    reference
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(schema)
}
