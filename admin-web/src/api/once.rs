//! `Idempotency-Key`: a POST that is sent again runs once and is answered alike.

use bot_core::accounts::idempotency::{Begin, Once};
use serde_json::Value;
use warp::http::{Method, StatusCode};

use super::rate::caller;
use super::{Call, Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

const HEADER: &str = "idempotency-key";
const LONGEST: usize = 255;

pub(super) async fn run(cx: Cx, call: Call, doc: &'static Doc) -> Outcome {
    let Some(once) = asked(&cx)? else {
        return call(cx).await;
    };
    match cx.app()?.accounts.begin_once(&once).await? {
        // On a task of its own: a caller who hangs up must not leave it half done.
        Begin::Run => tokio::spawn(first(cx, call, doc, once))
            .await
            .unwrap_or(Err(Problem::Internal)),
        Begin::Answered { status, answer } => Ok(Reply {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
            body: answer,
            next: None,
            version: None,
        }),
        Begin::Running => Err(Problem::Conflict(
            "the first request with this Idempotency-Key still runs; ask again".into(),
        )),
        Begin::Another => Err(Problem::Refused(
            "this Idempotency-Key came with another request before".into(),
        )),
    }
}

async fn first(cx: Cx, call: Call, doc: &'static Doc, once: Once) -> Outcome {
    let accounts = cx.app()?.accounts.clone();
    let outcome = call(cx).await;
    let kept = match &outcome {
        Ok(reply) if doc.secret => Some((reply.status.as_u16(), without_secrets(&reply.body))),
        Ok(reply) => Some((reply.status.as_u16(), reply.body.clone())),
        // Nothing was changed: it may be tried again.
        Err(_) => None,
    };
    let kept = kept.as_ref().map(|(status, body)| (*status, body.as_str()));
    accounts.end_once(&once, kept).await?;
    outcome
}

fn asked(cx: &Cx) -> Result<Option<Once>, Problem> {
    if cx.request.method != Method::POST {
        return Ok(None);
    }
    let Some(value) = cx.request.headers.get(HEADER) else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST {
        let text = format!("an Idempotency-Key is 1 to {LONGEST} printable characters");
        return Err(Problem::Bad(text));
    }
    let owner = caller(cx).ok_or(Problem::Login)?;
    let path = match cx.request.query.as_str() {
        "" => cx.request.path.clone(),
        query => format!("{}?{query}", cx.request.path),
    };
    Ok(Some(Once::new(&owner, key, "POST", &path, &cx.body)))
}

/// What is shown once is not kept for a second time.
fn without_secrets(body: &str) -> String {
    let mut value: Value = serde_json::from_str(body).unwrap_or_default();
    for name in ["secret", "link"] {
        if let Some(field) = value.get_mut(name) {
            *field = Value::Null;
        }
    }
    value.to_string()
}
