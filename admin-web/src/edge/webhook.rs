//! `POST /telegram/webhook`: an update from Telegram, acknowledged when it is on disk.
//! Source: Bot API, `setWebhook`.

use bot_core::intake::webhook::{MAX_BODY, WebhookError};
use bytes::Bytes;
use warp::http::StatusCode;
use warp::{Filter, Rejection, Reply};

use crate::Site;

pub(super) fn route(site: Site) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::path!("telegram" / "webhook")
        .and(warp::post())
        .and(warp::header::optional::<String>(
            "x-telegram-bot-api-secret-token",
        ))
        .and(warp::body::content_length_limit(MAX_BODY))
        .and(warp::body::bytes())
        .then(move |secret: Option<String>, body: Bytes| {
            let site = site.clone();
            async move { receive(&site, secret.as_deref(), &body).await }
        })
}

async fn receive(site: &Site, secret: Option<&str>, body: &[u8]) -> StatusCode {
    let Some(webhook) = site.webhook() else {
        return StatusCode::NOT_FOUND;
    };
    match webhook.receive(secret, body).await {
        Ok(()) => StatusCode::OK,
        Err(WebhookError::Forbidden) => StatusCode::FORBIDDEN,
        Err(WebhookError::NoUpdate) => StatusCode::BAD_REQUEST,
        Err(WebhookError::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
