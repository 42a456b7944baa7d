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

/// What a request's key says.
pub(crate) enum Begun {
    /// It has none.
    NoKey,
    /// It is the first one: run it, then [`end`].
    First(Once),
    /// It ran before.
    Answered(Reply),
}

pub(super) async fn run(cx: Cx, call: Call, doc: &'static Doc) -> Outcome {
    match begin(&cx, &cx.body).await? {
        Begun::NoKey => call(cx).await,
        // On a task of its own: a caller who hangs up must not leave it half done.
        Begun::First(once) => tokio::spawn(first(cx, call, doc, once))
            .await
            .unwrap_or(Err(Problem::Internal)),
        Begun::Answered(reply) => Ok(reply),
    }
}

/// Takes a request's key; `content` is what makes two requests the same.
pub(crate) async fn begin(cx: &Cx, content: &[u8]) -> Result<Begun, Problem> {
    let Some(once) = asked(cx, content)? else {
        return Ok(Begun::NoKey);
    };
    match cx.app()?.accounts.begin_once(&once).await? {
        Begin::Run => Ok(Begun::First(once)),
        Begin::Answered { status, answer } => Ok(Begun::Answered(Reply {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
            body: answer,
            next: None,
            version: None,
        })),
        Begin::Running => Err(Problem::Conflict(
            "the first request with this Idempotency-Key still runs; ask again".into(),
        )),
        Begin::Another => Err(Problem::Refused(
            "this Idempotency-Key came with another request before".into(),
        )),
    }
}

async fn first(cx: Cx, call: Call, doc: &'static Doc, once: Once) -> Outcome {
    let outcome = call(cx.clone()).await;
    let kept = match &outcome {
        Ok(reply) if doc.secret => Some(Reply {
            body: without_secrets(&reply.body),
            ..reply.clone()
        }),
        Ok(reply) => Some(reply.clone()),
        // Nothing was changed: it may be tried again.
        Err(_) => None,
    };
    end(&cx, &once, kept.as_ref()).await?;
    outcome
}

/// Keeps the answer for those who ask again; `None` gives the key back.
pub(crate) async fn end(cx: &Cx, once: &Once, kept: Option<&Reply>) -> Result<(), Problem> {
    let kept = kept.map(|reply| (reply.status.as_u16(), reply.body.as_str()));
    Ok(cx.app()?.accounts.end_once(once, kept).await?)
}

fn asked(cx: &Cx, content: &[u8]) -> Result<Option<Once>, Problem> {
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
    Ok(Some(Once::new(&owner, key, "POST", &path, content)))
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
