//! `POST /telegram/webhook`: an update from Telegram, acknowledged when it is on disk.
//! Source: Bot API, `setWebhook`.

use bot_core::intake::webhook::{MAX_BODY, Webhook, WebhookError};
use bytes::Buf;
use futures::Stream;
use tokio::sync::Semaphore;
use warp::http::StatusCode;
use warp::{Filter, Rejection, Reply};

use crate::Site;
use crate::guard::body;
use crate::problem::Problem;

/// Bodies in memory at once; Telegram itself opens at most 100 connections and waits.
static BODIES: Semaphore = Semaphore::const_new(64);

pub(super) fn route(site: Site) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::path!("telegram" / "webhook")
        .and(warp::post())
        .and(warp::header::optional::<String>(
            "x-telegram-bot-api-secret-token",
        ))
        .and(warp::body::stream())
        .then(move |secret: Option<String>, body| {
            let site = site.clone();
            async move {
                let Some(webhook) = site.webhook().cloned() else {
                    return StatusCode::NOT_FOUND;
                };
                // Nothing of a stranger's body is read.
                if !webhook.is_telegram(secret.as_deref()) {
                    return StatusCode::FORBIDDEN;
                }
                receive(webhook, secret, body).await
            }
        })
}

async fn receive<B: Buf>(
    webhook: Webhook,
    secret: Option<String>,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> StatusCode {
    let Ok(_place) = BODIES.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let limit = usize::try_from(MAX_BODY).unwrap_or(usize::MAX);
    let body = match body::read_within(limit, body).await {
        Ok(body) => body,
        Err(Problem::TooLarge(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::BAD_REQUEST,
    };
    match webhook.receive(secret.as_deref(), &body).await {
        Ok(()) => StatusCode::OK,
        Err(WebhookError::Forbidden) => StatusCode::FORBIDDEN,
        Err(WebhookError::NoUpdate) => StatusCode::BAD_REQUEST,
        Err(WebhookError::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
