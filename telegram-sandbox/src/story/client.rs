//! The control API from outside, over HTTP: the sandbox may be another process.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::play::PlayError;

const CONTROL: &str = "/sandbox/api/";

#[derive(Clone, Debug)]
pub(super) struct Control {
    http: Client<HttpConnector, Full<Bytes>>,
    url: String,
}

/// A file that a person sends.
pub(super) struct Upload {
    /// The Bot API's field.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Separates the parts; nothing that a story sends contains it.
const BOUNDARY: &str = "vahta-story-5f1c1f0e7d";

impl Control {
    pub(super) fn new(sandbox: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            http: Client::builder(TokioExecutor::new()).build(connector),
            url: sandbox.trim_end_matches('/').to_owned(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, PlayError> {
        let path = format!("{CONTROL}{path}");
        self.ask(Method::GET, &path, "application/json", Vec::new())
            .await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, PlayError> {
        let body = body.to_string().into_bytes();
        let path = format!("{CONTROL}{path}");
        self.ask(Method::POST, &path, "application/json", body)
            .await
    }

    /// A call of the Bot API.
    pub(super) async fn bot_api(
        &self,
        token: &str,
        method: &str,
        body: &Value,
    ) -> Result<Value, PlayError> {
        let path = format!("/bot{token}/{method}");
        let body = body.to_string().into_bytes();
        self.ask(Method::POST, &path, "application/json", body)
            .await
    }

    pub(super) async fn upload(
        &self,
        path: &str,
        fields: &Value,
        file: &Upload,
    ) -> Result<Value, PlayError> {
        let mut body = Vec::new();
        for (name, value) in fields.as_object().into_iter().flatten() {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let part = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n\
             content-type: application/octet-stream\r\n\r\n",
            file.kind,
            file.name.replace(['"', '\r', '\n'], "_")
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&file.bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let path = format!("{CONTROL}{path}");
        self.ask(Method::POST, &path, &kind, body).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Value, PlayError> {
        let lost = |reason: String| PlayError::Sandbox(format!("{path}: {reason}"));
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", kind)
            .body(Full::from(body))
            .map_err(|reason| lost(reason.to_string()))?;
        let response = self
            .http
            .request(request)
            .await
            .map_err(|reason| lost(reason.to_string()))?;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|reason| lost(reason.to_string()))?
            .to_bytes();
        let read: Value =
            serde_json::from_slice(&body).map_err(|reason| lost(reason.to_string()))?;
        if status.is_success() {
            return Ok(read);
        }
        let reason = read["description"].as_str().unwrap_or("refused");
        Err(PlayError::Refused(reason.to_owned()))
    }
}
