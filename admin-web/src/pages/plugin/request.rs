//! A request as plugins get it.

use std::collections::BTreeMap;

use bot_core::blobs::Blob;
use bot_core::plugin_host::WebMatch;
use bot_core::plugin_host::manifest::Surface;
use serde_json::{Value, json};
use warp::http::header;

use crate::cx::Cx;
use crate::origin::Origin;
use crate::problem::Problem;

/// The JSON that crosses the border; `docs/PLUGIN_ABI.md` has the shape.
pub(super) fn body(cx: &Cx, surface: Surface, found: &WebMatch) -> Result<Vec<u8>, Problem> {
    let query: Vec<(String, String)> = cx.query()?;
    let (mut form, mut sent) = (Vec::new(), Value::Null);
    let mut files = Vec::new();
    if let Some(received) = &cx.received {
        form = received.fields.clone();
        files.extend(received.files.iter().map(|(field, blob)| file(field, blob)));
    } else if !cx.body.is_empty() {
        if is_json(cx) {
            sent = cx.json()?;
        } else {
            form = cx.form()?;
        }
    }
    let request = json!({
        "surface": surface,
        "method": found.route.method,
        "route": found.route.path,
        "path": cx.request.path,
        "params": object(&found.params),
        "query": object(&query),
        "form": object(form.iter().filter(|(name, _)| name != "csrf")),
        "json": sent,
        "files": files,
        "csrf": cx.viewer.csrf,
        "client": Origin::of(&cx.request),
    });
    serde_json::to_vec(&request).map_err(|_| Problem::Internal)
}

fn file(field: &str, blob: &Blob) -> Value {
    json!({
        "field": field,
        "id": blob.id,
        "name": blob.name,
        "media_type": blob.media_type,
        "size": blob.size,
        "sha256": blob.sha256,
    })
}

fn is_json(cx: &Cx) -> bool {
    cx.request
        .header(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("application/json"))
}

/// Of a repeated name the last one counts.
fn object<'p>(pairs: impl IntoIterator<Item = &'p (String, String)>) -> BTreeMap<&'p str, &'p str> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}
