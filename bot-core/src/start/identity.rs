//! Who the bot is, and how Telegram reaches it.

use std::time::Duration;

use serde_json::json;

use super::StartError;
use crate::app::Me;
use crate::config::Secret;
use crate::intake::ALLOWED_UPDATES;
use crate::outbound::{Call, CallError, Outbound};

/// Asks until Telegram answers: a bot that starts before its network does must not die of it.
pub(super) async fn who_am_i(outbound: &Outbound) -> Result<Me, StartError> {
    let answer = insist(outbound, "GetMe", json!({})).await?;
    serde_json::from_str(answer.get()).map_err(|_| CallError::Garbage { status: 200 }.into())
}

/// Polling and a webhook exclude each other.
pub(super) async fn delete_webhook(outbound: &Outbound) -> Result<(), StartError> {
    insist(outbound, "DeleteWebhook", json!({})).await.map(drop)
}

pub(super) async fn set_webhook(
    outbound: &Outbound,
    url: &str,
    secret: &Secret,
) -> Result<(), StartError> {
    let payload =
        json!({ "url": url, "secret_token": secret.expose(), "allowed_updates": ALLOWED_UPDATES });
    insist(outbound, "SetWebhook", payload).await.map(drop)
}

async fn insist(
    outbound: &Outbound,
    method: &'static str,
    payload: serde_json::Value,
) -> Result<crate::outbound::Answer, StartError> {
    let mut pause = Duration::from_millis(500);
    loop {
        match outbound.call(Call::reply(method, payload.clone())).await {
            Ok(answer) => return Ok(answer),
            Err(CallError::Telegram {
                code: 401 | 404, ..
            }) => return Err(StartError::WrongToken),
            Err(
                error @ CallError::Telegram {
                    code: 400..=499, ..
                },
            ) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, method, "Telegram does not answer yet; waiting");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(10));
            }
        }
    }
}
