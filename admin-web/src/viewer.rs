//! Who looks at a page.

use std::sync::Arc;

use bot_core::access::{KeySet, Who};
use bot_core::accounts::api_keys::{self, ApiKey};
use bot_core::accounts::sessions::{Asked, Login, WebSession};
use bot_core::app::App;
use bot_core::notices::Unread;
use sha2::{Digest as _, Sha256};
use vahta_rows::{DbError, Micros, UserId};
use warp::http::header;

use crate::guard::{Fragment, Request};

/// The cookie of a session. The prefix makes browsers refuse it without `Secure`, with a domain, or
/// from another path. Source: RFC 6265bis, "Cookie Name Prefixes".
pub(crate) const COOKIE: &str = "__Host-vahta";

/// The person behind a request, with what they may do now, everywhere.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    /// `None`: nobody is logged in.
    pub(crate) user: Option<UserId>,
    pub(crate) name: String,
    /// IETF tag; what the browser asks for when nobody is logged in.
    pub(crate) language: String,
    /// IANA name.
    pub(crate) time_zone: String,
    pub(crate) keys: Arc<KeySet>,
    pub(crate) session: Option<WebSession>,
    /// A program asks, with this key.
    pub(crate) key: Option<ApiKey>,
    /// What unsafe requests of this session must bring; empty for nobody.
    pub(crate) csrf: String,
    /// A header said who it is, which no other site's page can send: no CSRF token is needed.
    pub(crate) by_header: bool,
    /// Notices; looked up for whole pages, which show it.
    pub(crate) unread: Unread,
}

impl Viewer {
    pub(crate) fn nobody(language: &str) -> Self {
        Self {
            user: None,
            name: String::new(),
            language: language.to_string(),
            time_zone: "UTC".into(),
            keys: Arc::default(),
            session: None,
            key: None,
            csrf: String::new(),
            by_header: false,
            unread: Unread::default(),
        }
    }

    pub(crate) fn may(&self, key: &str) -> bool {
        self.keys.contains(key)
    }
}

/// Whoever the request says, as the rules see them now; blocked people are nobody. The ways to say
/// it, one function each: the first that the request uses counts.
pub(crate) async fn of(app: &App, request: &Request) -> Result<Viewer, DbError> {
    match bearer(request) {
        Some(token) if is_api_key(request, token) => by_key(app, request, token).await,
        Some(token) => by_mini_app(app, request, token).await,
        None => by_cookie(app, request).await,
    }
}

/// The cookie of a browser that logged in.
async fn by_cookie(app: &App, request: &Request) -> Result<Viewer, DbError> {
    let session = match cookie(request, COOKIE) {
        Some(token) => app
            .accounts
            .session(token, asked(request))
            .await?
            .map(|s| (s, token)),
        None => None,
    };
    let session = session.filter(|(session, _)| session.login != Login::MiniApp);
    by_session(app, request, session, false).await
}

/// The token that a Mini App's page holds in its memory: never in a cookie, and a cookie never here.
async fn by_mini_app(app: &App, request: &Request, token: &str) -> Result<Viewer, DbError> {
    let session = app.accounts.session(token, asked(request)).await?;
    let session = session.filter(|session| session.login == Login::MiniApp);
    by_session(app, request, session.map(|s| (s, token)), true).await
}

/// The key of a program: may do what its scopes name and its owner holds now.
async fn by_key(app: &App, request: &Request, text: &str) -> Result<Viewer, DbError> {
    let nobody = Viewer::nobody(&language(request));
    let Some(key) = app.accounts.key(text).await? else {
        return Ok(nobody);
    };
    let Some(owner) = person(app, request, key.user).await? else {
        return Ok(nobody);
    };
    let keys = owner.keys.within(key.scopes.iter().map(String::as_str));
    Ok(Viewer {
        keys: Arc::new(keys),
        key: Some(key),
        by_header: true,
        ..owner
    })
}

async fn by_session(
    app: &App,
    request: &Request,
    session: Option<(WebSession, &str)>,
    by_header: bool,
) -> Result<Viewer, DbError> {
    let nobody = Viewer::nobody(&language(request));
    let Some((session, token)) = session else {
        return Ok(nobody);
    };
    let Some(person) = person(app, request, session.user).await? else {
        return Ok(nobody);
    };
    let unread = match shows_navigation(request) {
        true => app.notices.unread(session.user).await?,
        false => Unread::default(),
    };
    Ok(Viewer {
        unread,
        session: Some(session),
        csrf: csrf_of(token),
        by_header,
        ..person
    })
}

/// A person without means; `None`: there is none, or they are blocked.
async fn person(app: &App, request: &Request, user: UserId) -> Result<Option<Viewer>, DbError> {
    let nobody = Viewer::nobody(&language(request));
    // The snapshot's names are as old as the snapshot; a person's own page shows today's.
    let Some(person) = app.access.find(&Who::User(user)).await? else {
        return Ok(None);
    };
    let snapshot = app.access.snapshot();
    let known = snapshot.user(user);
    if person.blocked.is_some() || known.is_some_and(|known| known.blocked.is_some()) {
        return Ok(None);
    }
    Ok(Some(Viewer {
        user: Some(user),
        name: person.name,
        language: person.language.unwrap_or(nobody.language.clone()),
        time_zone: person.time_zone,
        // Whoever has no grant is not in the snapshot, and may do nothing special.
        keys: known
            .map(|known| snapshot.keys(known, None, Micros::now()))
            .unwrap_or_default(),
        ..nobody
    }))
}

/// The parts of a page that are asked for by themselves have none.
fn shows_navigation(request: &Request) -> bool {
    request.fragment() != Some(Fragment::Main)
        && request.path != "/live"
        && !request.path.starts_with("/api/")
}

/// Live updates and their stream come by themselves.
fn asked(request: &Request) -> Asked {
    if request.fragment() == Some(Fragment::Main) || request.path == "/live" {
        Asked::ByPage
    } else {
        Asked::ByPerson
    }
}

/// Programs have the API and no pages.
fn is_api_key(request: &Request, token: &str) -> bool {
    request.path.starts_with("/api/") && token.starts_with(api_keys::PREFIX)
}

/// Source: RFC 6750, section 2.1.
fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(header::AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The value of a cookie. Source: RFC 6265, section 5.4.
pub(crate) fn cookie<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Follows from the session's token, which a foreign page cannot read; says nothing about it.
fn csrf_of(token: &str) -> String {
    use base64::Engine as _;
    let digest = Sha256::new()
        .chain_update("csrf:")
        .chain_update(token)
        .finalize();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
}

/// The first language that the browser names. Source: RFC 9110, section 12.5.4.
fn language(request: &Request) -> String {
    request
        .header(header::ACCEPT_LANGUAGE)
        .and_then(|list| list.split([',', ';']).next())
        .map(str::trim)
        .filter(|tag| !tag.is_empty() && *tag != "*" && tag.len() <= 35)
        .unwrap_or("en")
        .to_string()
}
