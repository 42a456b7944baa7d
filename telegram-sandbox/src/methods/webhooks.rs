//! `setWebhook`, `deleteWebhook`, `getWebhookInfo`,
//! <https://core.telegram.org/bots/api#setwebhook>.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::json;

use super::get_updates::allowed_updates;
use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;
use crate::world::bot::Webhook;

/// Unlike Telegram, plain `http` is welcome on this machine and to names without a dot, as the
/// containers beside this one have. A new webhook replaces the old one even if it is refused.
pub(crate) fn set(state: &mut State, params: &Params) -> Outcome {
    let url = params.owned("url").unwrap_or_default();
    if url.is_empty() {
        return delete(state, params);
    }
    too_soon(state)?;
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
    let ip_address = params.owned("ip_address").filter(|ip| !ip.is_empty());
    let refusal = refusal(&url, secret_token.as_deref(), ip_address.as_deref());
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

/// Webhooks are set once a second at most, where Telegram's limits are enforced.
fn too_soon(state: &mut State) -> Result<(), ApiError> {
    let now = state.clock.instant();
    let last = state.bot.webhook_set.replace(now);
    let soon = last.is_some_and(|last| now.duration_since(last) < Duration::from_secs(1));
    match soon && state.flood.enforced {
        true => {
            state.bot.webhook_set = last;
            Err(ApiError::retry_after(1))
        }
        false => Ok(()),
    }
}

fn refusal(url: &str, secret: Option<&str>, ip_address: Option<&str>) -> Option<String> {
    let bad = |reason: &str| Some(format!("bad webhook: {reason}"));
    let parsed = url.parse::<hyper::Uri>().ok();
    let Some((scheme, host, port)) = parsed.as_ref().and_then(|uri| {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        Some((scheme, uri.host()?.trim_matches(['[', ']']), uri.port_u16()))
    }) else {
        return Some("invalid webhook URL specified".to_owned());
    };
    if scheme != "http" && scheme != "https" {
        return Some("invalid webhook URL specified".to_owned());
    }
    if let Some(secret) = secret {
        if secret.len() > 256 {
            return Some("secret token is too long".to_owned());
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !secret.chars().all(fits) {
            return Some("secret token contains unallowed characters".to_owned());
        }
    }
    let address = host.parse::<IpAddr>().ok();
    let is_near = match address {
        Some(address) => address.is_loopback(),
        None => !host.contains('.') || host.ends_with(".localhost"),
    };
    if !is_near {
        if scheme != "https" {
            return bad("An HTTPS URL must be provided for webhook");
        }
        if ![80, 88, 443, 8443].contains(&port.unwrap_or(443)) {
            return bad("Webhook can be set up only on ports 80, 88, 443 or 8443");
        }
    }
    let fixed = ip_address.map(|address| address.parse::<IpAddr>().ok());
    match fixed.unwrap_or(address) {
        None if ip_address.is_some() => bad("Invalid IP address specified"),
        Some(address) if address.is_loopback() => None,
        Some(IpAddr::V6(_)) => bad("IPv6-only addresses are not allowed"),
        Some(IpAddr::V4(address)) if is_reserved(address) => {
            bad(&format!("IP address {address} is reserved"))
        }
        _ => None,
    }
}

/// Addresses that are nobody's on the internet.
fn is_reserved(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || first == 0
        || first >= 224
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second))
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
