//! `POST web_apps`: somebody opens a Mini App. Telegram's server signs what the app is told about
//! them, <https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app>.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;

/// `{from, chat, url, start_param?, theme?, platform?, bot?}`: answers where the frame goes:
/// `{"url", "init_data", "query_id"}`; `url` carries the launch parameters behind its `#`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(
        &params,
        &[
            "from",
            "chat",
            "url",
            "start_param",
            "theme",
            "platform",
            "bot",
        ],
    )?;
    let url = fields::text(&params, "url")?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(ControlError::bad("`url` must be http or https"));
    }
    let (bot, user, now, chat_kind, query) = {
        let mut state = fields::world(&context, &params)?;
        let user = fields::person(&state, &params, "from")?;
        let chat = fields::chat(&state, &params)?;
        let kind = state.chats.get(&chat).map(|chat| chat.head.kind);
        let query = state.open_web_app(user.id, chat);
        (state.bot.me.id, user, state.now(), kind, query)
    };
    let token = context.world.token_of(bot).unwrap_or_default();
    let mut user_shown = json!({
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name.clone().unwrap_or_default(),
        "language_code": user.language_code,
        "allows_write_to_pm": true,
    });
    if let Some(username) = &user.username {
        user_shown["username"] = json!(username);
    }
    let mut pairs = vec![
        ("auth_date", now.to_string()),
        ("query_id", query.clone()),
        // Telegram signs for third parties too; nobody but Telegram can make a true one.
        ("signature", "sandbox".to_owned()),
        ("user", user_shown.to_string()),
    ];
    if let Some(start) = params.owned("start_param") {
        pairs.push(("start_param", start));
    }
    if let Some(kind) = chat_kind {
        pairs.push(("chat_type", kind.word().to_owned()));
    }
    let init_data = signed(pairs, &token);
    let mut parts = vec![
        ("tgWebAppData", init_data.clone()),
        ("tgWebAppVersion", "9.1".to_owned()),
        (
            "tgWebAppPlatform",
            params.owned("platform").unwrap_or_else(|| "web".to_owned()),
        ),
    ];
    if let Some(theme) = params.owned("theme") {
        parts.push(("tgWebAppThemeParams", theme));
    }
    if let Some(start) = params.owned("start_param") {
        parts.push(("tgWebAppStartParam", start));
    }
    let launch: Vec<_> = parts
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let url = url.split('#').next().unwrap_or_default();
    shown(&json!({
        "url": format!("{url}#{}", launch.join("&")),
        "init_data": init_data,
        "query_id": query,
    }))
}

/// The query string with its `hash`.
fn signed(mut pairs: Vec<(&'static str, String)>, token: &str) -> String {
    pairs.sort();
    let lines: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let sign = |key: &[u8], text: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        hmac::sign(&key, text.as_bytes())
    };
    let secret = sign(b"WebAppData", token);
    let hash = sign(secret.as_ref(), &lines.join("\n"));
    let mut out = String::new();
    for (name, value) in &pairs {
        let _ = write!(out, "{name}={}&", encoded(value));
    }
    out.push_str("hash=");
    for byte in hash.as_ref() {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn encoded(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python's hmac: key = HMAC("WebAppData", token), then the sorted lines.
    #[test]
    fn the_hash_is_the_documented_one() {
        let data = signed(
            vec![
                ("user", r#"{"id":1}"#.to_owned()),
                ("auth_date", "1700000000".to_owned()),
            ],
            "1:sandbox",
        );
        assert_eq!(
            data,
            "auth_date=1700000000&user=%7B%22id%22%3A1%7D&hash=e45312b5e0f962efc501996be0c96185bc7ec6b00fa585c9dbdd8232a155eec2"
        );
    }
}
