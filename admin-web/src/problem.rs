//! What goes wrong, as a page that says what to do, or as problem+json (RFC 9457) for programs.

use bot_core::access::AccessError;
use bot_core::accounts::api_keys::KeyError;
use bot_core::accounts::passwords::PasswordError;
use bot_core::accounts::sessions::SessionError;
use bot_core::accounts::totp::TotpError;
use bot_core::blobs::BlobError;
use bot_core::downloads::DownloadError;
use maud::html;
use vahta_rows::DbError;
use vahta_texts::Arg;
use warp::http::{HeaderValue, Method, StatusCode, header};
use warp::reply::Response;

use crate::answer;
use crate::cx::Cx;
use crate::guard::Fragment;
use crate::page;

/// A field of a body that does not fit.
#[derive(Debug, Clone)]
pub(crate) struct Invalid {
    /// JSON pointer (RFC 6901).
    pub(crate) pointer: String,
    pub(crate) detail: String,
}

/// Why a request has no answer.
#[derive(Debug, Clone)]
pub(crate) enum Problem {
    NotFound,
    /// It was here; what was to be had once is used or over.
    Over,
    /// A program that looks at links for others comes where only people do.
    Robot,
    /// With what the path does take.
    MethodNotAllowed(Vec<Method>),
    /// Nobody is logged in, or the session is over.
    Login,
    /// The permission that is missing.
    Forbidden(String),
    Csrf,
    /// The limit in bytes.
    TooLarge(usize),
    /// What all files of a request may have together, in bytes.
    FilesTooLarge(u64),
    /// How many files may come at once.
    TooManyFiles(usize),
    /// The kinds of files that fit.
    MediaType(String),
    /// No files are taken here.
    NoFiles,
    /// There is no room for files.
    NoRoom,
    /// What cannot be read, and why.
    Bad(String),
    /// The rules say no: why, for the person who asked.
    Refused(String),
    /// Fields that do not fit, each with why.
    Invalid(Vec<Invalid>),
    /// `If-Match` names an older version than this one.
    Stale(i64),
    /// Somebody else was faster.
    Conflict(String),
    /// The same, with what is true now, for programs.
    Now(String, serde_json::Value),
    /// Seconds after which it is worth trying again.
    TooMany(u64),
    /// The bot is not up yet.
    Starting,
    /// The database is away.
    Unavailable,
    /// The plugin that answers here does not run, or is overloaded.
    PluginAway(String),
    /// The plugin that answers here did not, or not in a way that can be shown.
    PluginFailed,
    /// What a plugin itself says.
    Said(StatusCode, String),
    /// A fault of ours; the log has it under the request's id.
    Internal,
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "a page could not ask the database");
        if error.is_transient() {
            Self::Unavailable
        } else {
            Self::Internal
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Db(error) => error.into(),
            AccessError::Refused(refused) => Self::Refused(refused.to_string()),
            AccessError::NoRandomness(error) => {
                tracing::error!(%error, "no token could be made");
                Self::Internal
            }
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Db(error) => error.into(),
            SessionError::NoRandomness(error) => {
                tracing::error!(%error, "no session could be made");
                Self::Internal
            }
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Db(error) => error.into(),
            error => {
                tracing::error!(%error, "a password could not be set or checked");
                Self::Internal
            }
        }
    }
}

impl From<TotpError> for Problem {
    fn from(error: TotpError) -> Self {
        match error {
            TotpError::Db(error) => error.into(),
            error => {
                tracing::error!(%error, "a second factor cannot be used");
                Self::Internal
            }
        }
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Db(error) => error.into(),
            KeyError::NoRandomness(error) => {
                tracing::error!(%error, "no key could be made");
                Self::Internal
            }
            refused => Self::Refused(refused.to_string()),
        }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Db(error) => error.into(),
            BlobError::NoRoom => {
                tracing::error!("the blob store has no room: files are refused");
                Self::NoRoom
            }
            BlobError::Busy => Self::TooMany(5),
            BlobError::Gone => Self::NotFound,
            BlobError::Store(_) => {
                tracing::error!(%error, "the blob store does not answer");
                Self::Unavailable
            }
            BlobError::NoRandomness(_) | BlobError::Wrong(_) => {
                tracing::error!(%error, "a file could not be stored or read");
                Self::Internal
            }
        }
    }
}

impl From<DownloadError> for Problem {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Db(error) => error.into(),
            DownloadError::Blob(error) => error.into(),
            DownloadError::Over | DownloadError::Spent | DownloadError::Refused(_) => Self::Over,
            DownloadError::Busy => Self::TooMany(5),
            DownloadError::NoRandomness(error) => {
                tracing::error!(%error, "no link could be made");
                Self::Internal
            }
        }
    }
}

impl Problem {
    /// PostgreSQL's texts cannot hold it.
    pub(crate) fn zero() -> Self {
        Self::Bad("a text cannot hold the character U+0000".into())
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Over => StatusCode::GONE,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Login => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Csrf | Self::Robot => StatusCode::FORBIDDEN,
            Self::TooLarge(_) | Self::FilesTooLarge(_) | Self::TooManyFiles(_) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::MediaType(_) | Self::NoFiles => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Refused(_) | Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Stale(_) => StatusCode::PRECONDITION_FAILED,
            Self::Conflict(_) | Self::Now(..) => StatusCode::CONFLICT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Starting | Self::Unavailable | Self::PluginAway(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::PluginFailed => StatusCode::BAD_GATEWAY,
            Self::Said(status, _) => *status,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The text's id is `problem-<name>`, its title `problem-<name>-title`.
    fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Over => "over",
            Self::Robot => "robot",
            Self::MethodNotAllowed(_) => "method",
            Self::Login => "login",
            Self::Forbidden(_) => "forbidden",
            Self::Csrf => "csrf",
            Self::TooLarge(_) => "too-large",
            Self::FilesTooLarge(_) => "files-too-large",
            Self::TooManyFiles(_) => "too-many-files",
            Self::MediaType(_) => "media-type",
            Self::NoFiles => "no-files",
            Self::NoRoom => "no-room",
            Self::Bad(_) => "bad",
            Self::Refused(_) => "refused",
            Self::Invalid(_) => "invalid",
            Self::Stale(_) => "stale",
            Self::Conflict(_) | Self::Now(..) => "conflict",
            Self::TooMany(_) => "too-many",
            Self::Starting => "starting",
            Self::Unavailable => "unavailable",
            Self::PluginAway(_) => "plugin-away",
            Self::PluginFailed => "plugin-failed",
            Self::Said(..) => "said",
            Self::Internal => "internal",
        }
    }

    fn detail(&self, cx: &Cx) -> String {
        let detail = match self {
            Self::Forbidden(what)
            | Self::Bad(what)
            | Self::Refused(what)
            | Self::Conflict(what)
            | Self::Now(what, _)
            | Self::PluginAway(what)
            | Self::MediaType(what)
            | Self::Said(_, what) => what.clone(),
            Self::FilesTooLarge(limit) => crate::parts::bytes(*limit),
            Self::TooManyFiles(limit) => limit.to_string(),
            Self::TooLarge(limit) => (limit / 1024).to_string(),
            Self::TooMany(seconds) => seconds.to_string(),
            Self::Stale(version) => version.to_string(),
            Self::Invalid(faults) => faults
                .iter()
                .map(|fault| format!("{} {}", fault.pointer, fault.detail))
                .collect::<Vec<_>>()
                .join("; "),
            _ => String::new(),
        };
        let id = match self {
            // Only what was asked for can be asked for again by itself.
            Self::Starting | Self::Unavailable if !cx.request.is_safe() => {
                "problem-not-taken".into()
            }
            _ => format!("problem-{}", self.name()),
        };
        cx.t(&id, &[("detail", Arg::from(detail))])
    }

    fn title(&self, cx: &Cx) -> String {
        cx.t(&format!("problem-{}-title", self.name()), &[])
    }

    /// When it is worth asking again.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Starting | Self::Unavailable | Self::PluginAway(_) => Some(2),
            _ => None,
        }
    }

    pub(crate) fn respond(&self, cx: &Cx) -> Response {
        if let (Self::Login, false, true) = (self, cx.request.wants_json(), cx.request.is_safe()) {
            return answer::see_other(&login_path(cx));
        }
        let mut response = if cx.request.wants_json() {
            self.json(cx)
        } else {
            self.page(cx)
        };
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::MethodNotAllowed(methods) = self {
            let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
            if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
                headers.insert(header::ALLOW, value);
            }
        }
        response
    }

    /// RFC 9457, with the request's id and, where it helps, the missing permission.
    fn json(&self, cx: &Cx) -> Response {
        let mut body = serde_json::json!({
            "type": format!("urn:vahta:problem:{}", self.name()),
            "title": self.title(cx),
            "status": self.status().as_u16(),
            "detail": self.detail(cx),
            "request_id": cx.request.id,
        });
        if let Self::Forbidden(key) = self {
            body["permission"] = key.clone().into();
        }
        if let Self::Now(_, now) = self {
            body["now"] = now.clone();
        }
        if let Self::Invalid(faults) = self {
            let one = |fault: &Invalid| serde_json::json!({ "pointer": fault.pointer, "detail": fault.detail });
            body["errors"] = faults.iter().map(one).collect();
        }
        answer::typed(body.to_string(), "application/problem+json")
    }

    fn page(&self, cx: &Cx) -> Response {
        let content = html! {
            section.card {
                h1 { (self.title(cx)) }
                p { (self.detail(cx)) }
                @if let Self::Login = self { p { a.button href=(login_path(cx)) { (cx.t("login-link", &[])) } } }
                p.quiet { (cx.t("problem-request", &[("id", Arg::from(&cx.request.id))])) }
            }
        };
        let page = match cx.request.fragment() {
            Some(Fragment::App) => page::in_app(cx, &content),
            _ => page::frame(cx, &self.title(cx), &content, ""),
        };
        let mut response = answer::html(page.into_string());
        // The page comes back by itself when what is away is there again.
        if matches!(
            self,
            Self::Starting | Self::Unavailable | Self::PluginAway(_)
        ) && cx.request.is_safe()
        {
            response
                .headers_mut()
                .insert("refresh", HeaderValue::from_static("2"));
        }
        response
    }
}

/// The login page, which leads back here.
fn login_path(cx: &Cx) -> String {
    let back = match cx.request.query.as_str() {
        "" => cx.request.path.clone(),
        query => format!("{}?{query}", cx.request.path),
    };
    let back = if cx.request.is_safe() {
        back
    } else {
        "/".into()
    };
    match serde_urlencoded::to_string([("back", back)]) {
        Ok(query) => format!("/login?{query}"),
        Err(_) => "/login".into(),
    }
}
