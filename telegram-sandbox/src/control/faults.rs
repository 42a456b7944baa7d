//! `POST faults`, `GET faults`, `DELETE faults`: things that go wrong.

use std::time::Duration;

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::methods;
use crate::params::Params;
use crate::server::Context;
use crate::world::faults::{Fault, FaultKind};

/// `{method?, bot?, chat?, kind, times?, retry_after?, migrate_to_chat_id?, delay_ms?, applied?,
/// code?, description?}` adds
/// a rule. `times` is 1 unless given; 0 means for ever. `applied` lets the call take effect
/// although its answer is lost or spoilt.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(
        &params,
        &[
            "method",
            "bot",
            "chat",
            "code",
            "description",
            "kind",
            "times",
            "retry_after",
            "migrate_to_chat_id",
            "delay_ms",
            "applied",
        ],
    )?;
    let number = |field: &str| -> Result<Option<u64>, ControlError> {
        let given = fields::optional_id(&params, field)?;
        given
            .map(|value| {
                let refused = |_| ControlError::bad(format!("`{field}` must not be negative"));
                u64::try_from(value).map_err(refused)
            })
            .transpose()
    };
    let retry_after = number("retry_after")?;
    let delay = Duration::from_millis(number("delay_ms")?.unwrap_or(0));
    let kind = match fields::text(&params, "kind")?.as_str() {
        "429" => FaultKind::TooManyRequests(retry_after.unwrap_or(1)),
        status @ ("500" | "502" | "503" | "504") => {
            FaultKind::ServerError(status.parse().unwrap_or(500))
        }
        "error" => {
            let code = number("code")?.and_then(|code| u16::try_from(code).ok());
            let code = code.filter(|code| (400..600).contains(code));
            let code = code.ok_or_else(|| ControlError::bad("`code` must be 400 to 599"))?;
            FaultKind::Refusal(code, fields::text(&params, "description")?)
        }
        "timeout" => FaultKind::Timeout(retry_after.unwrap_or(60)),
        "drop" => FaultKind::Drop,
        "forbidden" | "403" => FaultKind::Forbidden,
        "migrated" => FaultKind::Migrated(fields::optional_id(&params, "migrate_to_chat_id")?),
        "garbage" => FaultKind::Garbage,
        "slow" => FaultKind::Slow,
        _ => {
            let reason = "`kind` must be 429, 500, 502, 503, 504, timeout, drop, forbidden, \
                          migrated, garbage, slow or error";
            return Err(ControlError::bad(reason));
        }
    };
    let method = params.owned("method").filter(|method| !method.is_empty());
    if let Some(method) = &method
        && !methods::names().any(|name| name.eq_ignore_ascii_case(method))
    {
        let reason = format!("`method`: there is no method {method}; see GET methods");
        return Err(ControlError::bad(reason));
    }
    let times = match number("times")? {
        None => Some(1),
        Some(0) => None,
        given => given,
    };
    let fault = Fault {
        method,
        bot: fields::optional_id(&params, "bot")?,
        chat: fields::optional_id(&params, "chat")?,
        kind,
        times,
        delay,
        applied: params.flag("applied"),
    };
    let answer = shown(&fault);
    context.world.lock().faults.add(fault);
    answer
}

/// The rules that are not spent yet.
pub(crate) async fn get(context: Context, _: Params) -> Outcome {
    shown(&json!({"faults": context.world.lock().faults.rules()}))
}

/// Forgets every rule.
pub(crate) async fn delete(context: Context, _: Params) -> Outcome {
    context.world.lock().faults.clear();
    shown(&json!({"ok": true}))
}
