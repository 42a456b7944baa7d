//! `setWebhook`, `deleteWebhook`, `getWebhookInfo`,
//! <https://core.telegram.org/bots/api#setwebhook>.

use serde_json::json;

use super::get_updates::allowed_updates;
use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;
use crate::world::bot::Webhook;

/// Unlike Telegram, plain `http` is welcome: everything is on loopback. A new webhook replaces the
/// old one even if it is refused.
pub(crate) fn set(state: &mut State, params: &Params) -> Outcome {
    let url = params.owned("url").unwrap_or_default();
    if url.is_empty() {
        return delete(state, params);
    }
    let known = |webhook: &Webhook| {
        let secret = params.owned("secret_token").unwrap_or_default();
        webhook.url == url && webhook.secret_token.clone().unwrap_or_default() == secret
    };
    let is_known = state.bot.webhook.as_ref().is_some_and(known);
    let allowed = allowed_updates(params)?;
    let secret_token = params
        .owned("secret_token")
        .filter(|secret| !secret.is_empty());
    if params.flag("drop_pending_updates") {
        state.bot.queue.clear();
    }
    let refusal = refusal(&url, secret_token.as_deref());
    if let Some(reason) = refusal {
        state.bot.webhook = None;
        changed(state);
        state.bot.queue.join();
        return Err(ApiError::bad_request(reason));
    }
    if let Some(kinds) = allowed {
        state.bot.allowed_updates = kinds;
    }
    let max_connections = params
        .integer("max_connections")
        .unwrap_or(40)
        .clamp(1, 100);
    let before = state.bot.webhook.take().filter(|_| is_known);
    let ip_address = params.owned("ip_address").filter(|ip| !ip.is_empty());
    state.bot.webhook = Some(Webhook {
        url,
        secret_token,
        max_connections: usize::try_from(max_connections).unwrap_or(40),
        ip_address: ip_address.unwrap_or_else(|| "127.0.0.1".to_owned()),
        has_custom_certificate: params.file("certificate").is_some(),
        last_error: before.and_then(|before| before.last_error),
    });
    changed(state);
    state.bot.queue.split();
    Ok(Answer::Said(match is_known {
        true => "Webhook is already set",
        false => "Webhook was set",
    }))
}

fn refusal(url: &str, secret: Option<&str>) -> Option<&'static str> {
    let address = url.parse::<hyper::Uri>().ok();
    let usable = address.is_some_and(|uri| uri.scheme().is_some() && uri.host().is_some());
    if !usable {
        return Some("invalid webhook URL specified");
    }
    let secret = secret?;
    if secret.len() > 256 {
        return Some("secret token is too long");
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (!secret.chars().all(fits)).then_some("secret token contains unallowed characters")
}

/// Deliveries of the old webhook stop, polls look again.
fn changed(state: &mut State) {
    state.bot.webhook_epoch += 1;
    state.signals.updates.notify_waiters();
    state.signals.webhook.notify_one();
}

pub(crate) fn delete(state: &mut State, params: &Params) -> Outcome {
    if params.flag("drop_pending_updates") {
        state.bot.queue.clear();
    }
    let was_set = state.bot.webhook.take().is_some();
    state.bot.queue.join();
    changed(state);
    Ok(Answer::Said(match was_set {
        true => "Webhook was deleted",
        false => "Webhook is already deleted",
    }))
}

pub(crate) fn info(state: &mut State, _: &Params) -> Outcome {
    let mut info = json!({
        "url": "",
        "has_custom_certificate": false,
        "pending_update_count": state.bot.queue.len(),
    });
    if let Some(webhook) = &state.bot.webhook {
        info["url"] = json!(webhook.url);
        info["has_custom_certificate"] = json!(webhook.has_custom_certificate);
        info["max_connections"] = json!(webhook.max_connections);
        info["ip_address"] = json!(webhook.ip_address);
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
