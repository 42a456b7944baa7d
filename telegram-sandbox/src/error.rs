//! Refusals of the Bot API: `{"ok":false,"error_code":…,"description":…,"parameters":{…}}`,
//! <https://core.telegram.org/bots/api#making-requests>.

use std::borrow::Cow;

use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ApiError {
    ok: bool,
    #[serde(rename = "error_code")]
    pub(crate) code: u16,
    pub(crate) description: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
}

/// `ResponseParameters`, <https://core.telegram.org/bots/api#responseparameters>.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Parameters {
    RetryAfter(u64),
    MigrateToChatId(i64),
}

impl ApiError {
    pub(crate) fn new(code: u16, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            ok: false,
            code,
            description: description.into(),
            parameters: None,
        }
    }

    /// 400; `reason` follows "Bad Request: ", beginning small unless it is a name in capitals.
    pub(crate) fn bad_request(reason: impl AsRef<str>) -> Self {
        let reason = reason.as_ref();
        let mut chars = reason.chars();
        let (first, second) = (chars.next(), chars.next());
        match (first, second) {
            (Some(first), Some(second)) if second != '_' && !second.is_ascii_uppercase() => {
                let rest = &reason[first.len_utf8()..];
                let first = first.to_ascii_lowercase();
                Self::new(400, format!("Bad Request: {first}{rest}"))
            }
            _ => Self::new(400, format!("Bad Request: {reason}")),
        }
    }

    /// 403; `reason` follows "Forbidden: ".
    pub(crate) fn forbidden(reason: impl AsRef<str>) -> Self {
        Self::new(403, format!("Forbidden: {}", reason.as_ref()))
    }

    /// 409; `reason` follows "Conflict: ".
    pub(crate) fn conflict(reason: impl AsRef<str>) -> Self {
        Self::new(409, format!("Conflict: {}", reason.as_ref()))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(crate) fn method_not_found() -> Self {
        Self::new(404, "Not Found: method not found")
    }

    pub(crate) fn retry_after(seconds: u64) -> Self {
        Self {
            parameters: Some(Parameters::RetryAfter(seconds)),
            ..Self::new(429, format!("Too Many Requests: retry after {seconds}"))
        }
    }

    pub(crate) fn migrated(new_chat_id: i64) -> Self {
        Self {
            parameters: Some(Parameters::MigrateToChatId(new_chat_id)),
            ..Self::bad_request("group chat was upgraded to a supergroup chat")
        }
    }
}
