//! HTTP to the Bot API. The token is part of the URL, so no error of this file carries one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, TryStreamExt as _};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Url};
use serde::Deserialize;
use serde_json::value::RawValue;
use vahta_rows::ChatId;

use super::attach::{self, time_for};
use super::failure::CallError;
use super::{Answer, Call, Payload};
use crate::blobs::Blobs;
use crate::config::Secret;

/// Longer than any call but `getUpdates`, which brings its own.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Speaks to one bot's Bot API; cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// `https://api.telegram.org/bot<token>`: never printed. Parsed once, and shared.
    base: Arc<Url>,
    /// `https://api.telegram.org/file/bot<token>`, for downloads: as secret.
    files: Arc<Url>,
    /// Where plugins' files are; without it calls carry none.
    blobs: Option<Blobs>,
}

/// Bot API, "Making requests".
#[derive(Deserialize)]
struct Envelope<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error_code: Option<i32>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl Client {
    pub fn new(api_url: &str, token: &Secret) -> Result<Self, CallError> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            // The Bot API redirects nobody, and whoever did would be shown the token.
            .redirect(Policy::none())
            .pool_idle_timeout(Duration::from_secs(60))
            .tcp_nodelay(true)
            .build()
            .map_err(|error| CallError::Unreachable(error.without_url().to_string()))?;
        let address = |folder: &str| {
            Url::parse(&format!("{api_url}/{folder}bot{}", token.expose()))
                .ok()
                .filter(|url| !url.cannot_be_a_base())
                .ok_or_else(|| CallError::Unreachable("the API's address is no URL".into()))
                .map(Arc::new)
        };
        Ok(Self {
            http,
            base: address("")?,
            files: address("file/")?,
            blobs: None,
        })
    }

    /// With files of plugins in their calls.
    #[must_use]
    pub(crate) fn with_files(self, blobs: Blobs) -> Self {
        let blobs = Some(blobs);
        Self { blobs, ..self }
    }

    /// One request; the scheduler decides when, and what a failure means.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, CallError> {
        if let Some(blobs) = &self.blobs
            && let Some(attached) = attach::form(blobs, &call.origin, &call.payload).await?
        {
            let request = self.http.post(self.url(&call.method));
            let request = request.multipart(attached.form);
            return answered(request, TIMEOUT + attached.time).await;
        }
        self.post(&call.method, &call.payload, TIMEOUT).await
    }

    /// Long polling is not outbound traffic: it has no chat, no lane and no limit.
    pub(crate) async fn get_updates(
        &self,
        offset: i64,
        limit: usize,
        wait: Duration,
        allowed: &[&str],
    ) -> Result<Answer, CallError> {
        let payload = serde_json::json!({
            "offset": offset, "limit": limit, "timeout": wait.as_secs(), "allowed_updates": allowed,
        });
        self.post(
            "getUpdates",
            &Payload::Json(payload),
            wait + Duration::from_secs(10),
        )
        .await
    }

    /// The bytes of a file as they come; `path` is `getFile`'s, `size` what it said. Downloads
    /// count for no limit of Telegram's, so they do not wait in the scheduler.
    pub(crate) async fn download(
        &self,
        path: &str,
        size: u64,
    ) -> Result<impl Stream<Item = Result<Bytes, CallError>> + Unpin + use<>, CallError> {
        let mut url = Url::clone(&self.files);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path.split('/').filter(|part| !part.is_empty()));
        }
        let request = self.http.get(url).timeout(TIMEOUT + time_for(size));
        #[expect(
            clippy::disallowed_methods,
            reason = "a download has no turn to wait for"
        )]
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        if !status.is_success() {
            return Err(CallError::Garbage {
                status: status.as_u16(),
            });
        }
        Ok(Box::pin(response.bytes_stream().map_err(lost)))
    }

    async fn post(
        &self,
        method: &str,
        payload: &Payload,
        timeout: Duration,
    ) -> Result<Answer, CallError> {
        let body = match payload {
            Payload::Raw(bytes) => bytes.clone(),
            Payload::Json(value) => serde_json::to_vec(value).unwrap_or_default().into(),
        };
        let request = self
            .http
            .post(self.url(method))
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body);
        answered(request, timeout).await
    }

    fn url(&self, method: &str) -> Url {
        let mut url = Url::clone(&self.base);
        // A name that a plugin made up stays one segment, whatever is in it.
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(method);
        }
        url
    }
}

async fn answered(request: RequestBuilder, timeout: Duration) -> Result<Answer, CallError> {
    let request = request.timeout(timeout);
    #[expect(clippy::disallowed_methods, reason = "the one place that sends")]
    let response = request.send().await.map_err(lost)?;
    let status = response.status().as_u16();
    let body = response.bytes().await.map_err(lost)?;
    parse(status, &body)
}

fn lost(error: reqwest::Error) -> CallError {
    let connecting = error.is_connect() || error.is_builder();
    let text = error.without_url().to_string();
    if connecting {
        CallError::Unreachable(text)
    } else {
        CallError::InDoubt(text)
    }
}

fn parse(status: u16, body: &[u8]) -> Result<Answer, CallError> {
    let envelope: Envelope<'_> =
        serde_json::from_slice(body).map_err(|_| CallError::Garbage { status })?;
    match envelope.result {
        Some(result) if envelope.ok => Ok(result.to_owned()),
        _ => Err(CallError::Telegram {
            code: envelope.error_code.unwrap_or_else(|| i32::from(status)),
            description: envelope.description.unwrap_or_default(),
            retry_after: envelope.parameters.as_ref().and_then(|p| p.retry_after),
            migrate_to: envelope
                .parameters
                .as_ref()
                .and_then(|p| p.migrate_to_chat_id)
                .map(ChatId),
        }),
    }
}
