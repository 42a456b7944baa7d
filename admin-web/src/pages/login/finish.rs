//! What every login shares: how often one may try, the session at the end, the notes about it.

use bot_core::access::Act;
use bot_core::accounts::attempts::{Bucket, Verdict};
use bot_core::accounts::may_enter;
use bot_core::accounts::sessions::{Browser, Login};
use bot_core::tokens::{self, Token};
use serde_json::json;
use vahta_rows::UserId;
use warp::http::header;
use warp::reply::Response;

use crate::answer;
use crate::cookies;
use crate::cx::Cx;
use crate::problem::Problem;
use crate::viewer::{self, COOKIE};

/// Counts a try. Who must wait is told how long, whoever they say they are.
pub(crate) async fn attempt(cx: &Cx, how: &str, buckets: &[Bucket]) -> Result<(), Problem> {
    match cx.app()?.accounts.attempt(buckets).await? {
        Verdict::Try => Ok(()),
        Verdict::Wait { seconds, first } => {
            tracing::warn!(
                request = cx.request.id,
                address = address(cx),
                how,
                seconds,
                "a login was turned away: too many tries"
            );
            if first {
                note(cx, "login.denied", By::Nobody, how).await?;
            }
            Err(Problem::TooMany(seconds))
        }
    }
}

/// A try that led nowhere, for log and audit.
pub(crate) async fn failed(cx: &Cx, how: &str, user: Option<UserId>) -> Result<(), Problem> {
    let address = address(cx);
    tracing::warn!(
        request = cx.request.id,
        address,
        how,
        ?user,
        "a login failed"
    );
    // Whoever tried did not prove who they are: it is nobody's act, about somebody.
    match user {
        Some(user) => note(cx, "login.failed", By::NobodyAbout(user), how).await,
        None => note(cx, "login.failed", By::Nobody, how).await,
    }
}

/// Opens a session for somebody who proved who they are, and ends the one that this browser had.
/// `None` when the person may not enter.
pub(crate) async fn enter(cx: &Cx, user: UserId, login: Login) -> Result<Option<Token>, Problem> {
    let app = cx.app()?;
    if !may_enter(&app.access, user) {
        failed(cx, login.as_str(), Some(user)).await?;
        return Ok(None);
    }
    // A Mini App has no cookie whose session it could take over.
    let old = cx.viewer.session.as_ref();
    if let Some(old) = old.filter(|_| login != Login::MiniApp) {
        app.accounts.end_session(old.user, &old.hash).await?;
    }
    let browser = Browser {
        user_agent: cx
            .request
            .header(header::USER_AGENT)
            .unwrap_or_default()
            .to_string(),
        address: address(cx),
    };
    let token = app.accounts.open_session(user, login, &browser).await?;
    let how = login.as_str();
    tracing::info!(request = cx.request.id, address = browser.address, how, %user, "a login");
    note(cx, "login.done", By::Themselves(user), how).await?;
    Ok(Some(token))
}

/// What follows a first step, such as a right password: a session, or for whoever has a second
/// factor the question for it. `None` when the person may not enter.
pub(crate) async fn step(
    cx: &Cx,
    user: UserId,
    login: Login,
    back: &str,
) -> Result<Option<Response>, Problem> {
    let app = cx.app()?;
    if may_enter(&app.access, user) && app.accounts.has_totp(user).await? {
        return super::second::begin(cx, user, login, back).await.map(Some);
    }
    let token = enter(cx, user, login).await?;
    Ok(token.map(|token| with_session(answer::see_other(back), &token)))
}

/// The answer that carries a fresh session.
pub(crate) fn with_session(mut response: Response, token: &Token) -> Response {
    cookies::session(&mut response, token.expose());
    cookies::forget(&mut response, cookies::BROWSER);
    response
}

/// Who did what is noted.
#[derive(Clone, Copy)]
enum By {
    Nobody,
    NobodyAbout(UserId),
    Themselves(UserId),
}

async fn note(cx: &Cx, action: &'static str, who: By, how: &str) -> Result<(), Problem> {
    let (actor, about) = match who {
        By::Nobody => (None, None),
        By::NobodyAbout(user) => (None, Some(user)),
        By::Themselves(user) => (Some(user), Some(user)),
    };
    let by = bot_core::access::By {
        user: actor,
        ..cx.by()?
    };
    let object = match about {
        Some(user) => format!("user:{user}"),
        None => format!("address:{}", address(cx)),
    };
    let detail = json!({ "how": how, "address": address(cx) });
    let act = Act {
        action,
        object,
        detail,
    };
    Ok(cx.app()?.accounts.note(&by, &act).await?)
}

pub(crate) fn address(cx: &Cx) -> String {
    cx.request
        .address()
        .map(|address| address.to_string())
        .unwrap_or_default()
}

/// The cookie that tells browsers apart before anybody is logged in.
pub(crate) fn browser(cx: &Cx) -> Option<&str> {
    viewer::cookie(&cx.request, cookies::BROWSER).filter(|token| tokens::is_well_formed(token))
}

/// Takes the session's cookie away.
pub(crate) fn without_session(mut response: Response) -> Response {
    cookies::forget(&mut response, COOKIE);
    response
}
