//! `setWebhook`, `deleteWebhook`, `getWebhookInfo`,
//! <https://core.telegram.org/bots/api#setwebhook>.

use serde_json::json;

use super::get_updates::allowed_updates;
use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;
use crate::world::bot::Webhook;

/// Unlike Telegram, plain `http` is welcome: everything is on loopback.
pub(crate) fn set(state: &mut State, params: &Params) -> Outcome {
    let url = params.owned("url").unwrap_or_default();
    if url.is_empty() {
        return delete(state, params);
    }
    let address = url.parse::<hyper::Uri>().ok();
    let usable = address.is_some_and(|uri| uri.scheme().is_some() && uri.host().is_some());
    if !usable {
        return Err(ApiError::bad_request("bad webhook: invalid URL specified"));
    }
    let secret_token = params
        .owned("secret_token")
        .filter(|secret| !secret.is_empty());
    if let Some(secret) = &secret_token
        && !(secret.len() <= 256
            && secret
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
    {
        let reason = "secret token contains unallowed characters";
        return Err(ApiError::bad_request(reason));
    }
    if let Some(kinds) = allowed_updates(params)? {
        state.bot.allowed_updates = kinds;
    }
    if params.flag("drop_pending_updates") {
        state.bot.queue.clear();
    }
    let max_connections = params
        .integer("max_connections")
        .unwrap_or(40)
        .clamp(1, 100);
    state.bot.webhook = Some(Webhook {
        url,
        secret_token,
        max_connections: usize::try_from(max_connections).unwrap_or(40),
        last_error: None,
    });
    state.bot.webhook_epoch += 1;
    state.bot.queue.split();
    state.signals.updates.notify_waiters();
    state.signals.webhook.notify_one();
    Ok(Answer::TRUE)
}

pub(crate) fn delete(state: &mut State, params: &Params) -> Outcome {
    if params.flag("drop_pending_updates") {
        state.bot.queue.clear();
    }
    state.bot.webhook = None;
    state.bot.webhook_epoch += 1;
    state.bot.queue.join();
    state.signals.webhook.notify_one();
    state.signals.updates.notify_waiters();
    Ok(Answer::TRUE)
}

pub(crate) fn info(state: &mut State, _: &Params) -> Outcome {
    let mut info = json!({
        "url": "",
        "has_custom_certificate": false,
        "pending_update_count": state.bot.queue.len(),
    });
    if let Some(webhook) = &state.bot.webhook {
        info["url"] = json!(webhook.url);
        info["max_connections"] = json!(webhook.max_connections);
        info["ip_address"] = json!("127.0.0.1");
        if let Some((date, message)) = &webhook.last_error {
            info["last_error_date"] = json!(date);
            info["last_error_message"] = json!(message);
        }
    }
    if let Some(kinds) = &state.bot.allowed_updates {
        let mut kinds: Vec<_> = kinds.iter().collect();
        kinds.sort();
        info["allowed_updates"] = json!(kinds);
    }
    Ok(Answer::Json(info))
}
