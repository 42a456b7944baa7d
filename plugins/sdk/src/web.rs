//! What a plugin's pages and routes on the admin site get and give.
//!
//! The core has authenticated, checked the route's permission and the CSRF token, and bounded the
//! body; `ctx.actor()` is who asks. The manifest's `web` lists the routes.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// One request.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Request {
    /// "page", "api" or "public".
    #[serde(default)]
    pub surface: String,
    /// Such as "GET".
    pub method: String,
    /// The path of the manifest's route, such as `/{id}/done`: what a handler matches on.
    pub route: String,
    /// The whole path, such as `/p/task/12/done`.
    pub path: String,
    /// What stood for the route's parameters.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// Behind the question mark; of a repeated name the last one.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// A form's fields.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// A JSON body.
    #[serde(default)]
    pub json: Value,
    /// The files that came along, on a route whose manifest declares `upload`. They go away within
    /// the hour: keep those that you want, see [`crate::blobs`].
    #[serde(default)]
    pub files: Vec<Upload>,
    /// What the page's own forms must carry in a hidden field `csrf`.
    #[serde(default)]
    pub csrf: String,
    /// Where it comes from.
    #[serde(default)]
    pub client: Client,
}

/// What is known of whoever asks. Only the address is more than their own words; escape those.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Client {
    /// Of the person, or of a proxy that the server does not trust.
    pub address: Option<String>,
    /// What program it says that it is.
    pub agent: Option<String>,
    /// The page with the link, if it says so.
    pub referer: Option<String>,
    /// A search engine, or what makes previews of links, by its own words.
    pub bot: bool,
}

impl Request {
    /// Is this `method` on `route` (as in the manifest)?
    pub fn is(&self, method: &str, route: &str) -> bool {
        self.method == method && self.route == route
    }

    /// A parameter of the path; none when it cannot be read, which means that nothing is there.
    pub fn param<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.params.get(name)?.parse().ok()
    }

    /// The JSON body.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(serde_json::from_value(self.json.clone())?)
    }
}

/// A file that somebody uploaded: stored already, here is where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Upload {
    /// The form's field.
    pub field: String,
    /// What [`Answer::blob`] and [`crate::blobs`] take.
    pub id: String,
    /// What the person called it: to show, never a path. Escape it.
    pub name: String,
    /// What the browser says that it is.
    pub media_type: String,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// One answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// An HTTP status.
    pub status: u16,
    /// For a page: its title in the frame.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// For a page: what stands in the frame. Escape what people typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// For the API; with an error status it becomes the problem's detail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// After a form: where the browser goes, a path of this site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// For an error: what went wrong and what to do, in the person's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// One of the plugin's own files, which the site streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
    /// For a file: what it is called; else as it was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For a file: `inline` to show it where it stands. Only pictures and plain text are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
}

impl Answer {
    pub fn page(title: impl Into<String>, html: impl Into<String>) -> Self {
        Self {
            status: 200,
            title: title.into(),
            html: Some(html.into()),
            ..Self::default()
        }
    }

    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, Error> {
        Ok(Self {
            status: 200,
            json: Some(serde_json::to_value(value)?),
            ..Self::default()
        })
    }

    /// A file to download. Only the plugin's own are given out.
    pub fn blob(id: impl Into<String>) -> Self {
        Self {
            status: 200,
            blob: Some(id.into()),
            ..Self::default()
        }
    }

    /// A file under another name than it was stored with.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// A picture or a plain text to be shown where it stands; everything else is still downloaded.
    #[must_use]
    pub fn inline(self) -> Self {
        Self {
            disposition: Some("inline".to_owned()),
            ..self
        }
    }

    /// After a form, so that reloading sends nothing twice.
    pub fn see_other(path: impl Into<String>) -> Self {
        Self {
            status: 303,
            redirect: Some(path.into()),
            ..Self::default()
        }
    }

    /// 404, 409, 422 …, with what to say.
    pub fn problem(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: Some(detail.into()),
            ..Self::default()
        }
    }

    /// There is nothing, or nothing that this person may see.
    pub fn not_found() -> Self {
        Self {
            status: 404,
            ..Self::default()
        }
    }
}
