//! What a page gets, and how it answers.

use bot_core::access::By;
use bot_core::app::App;
use bytes::Bytes;
use maud::Markup;
use serde::de::DeserializeOwned;
use vahta_rows::outbox::OutboxRow;
use vahta_texts::Arg;
use warp::reply::Response;

use crate::Site;
use crate::answer::{self, Answer};
use crate::api::rate::Rate;
use crate::guard::files::Received;
use crate::guard::{Fragment, Request};
use crate::page;
use crate::problem::Problem;
use crate::viewer::Viewer;

/// One request being answered; cheap to clone.
#[derive(Clone)]
pub(crate) struct Cx {
    pub(crate) site: Site,
    pub(crate) request: std::sync::Arc<Request>,
    pub(crate) viewer: std::sync::Arc<Viewer>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Instead of a body: what came as multipart/form-data, its files stored already.
    pub(crate) received: Option<std::sync::Arc<Received>>,
    /// What the caller of the API has left.
    pub(crate) rate: Option<Rate>,
}

impl Cx {
    /// Before anybody looked who asks: nobody.
    pub(crate) fn new(site: Site, request: Request) -> Self {
        Self {
            site,
            request: request.into(),
            viewer: Viewer::nobody("en").into(),
            params: Vec::new(),
            body: Bytes::new(),
            received: None,
            rate: None,
        }
    }

    /// The bot's parts. The guard lets nobody through before they stand.
    pub(crate) fn app(&self) -> Result<&App, Problem> {
        self.site.app().ok_or(Problem::Starting)
    }

    /// A text of the site in the viewer's language.
    pub(crate) fn t(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.site.texts().get(&self.viewer.language, id, args)
    }

    /// A part of the path, such as the id in `/users/{id}`; what cannot be read names nothing.
    pub(crate) fn param<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .and_then(|(_, value)| value.parse().ok())
            .ok_or(Problem::NotFound)
    }

    /// What stands behind the question mark.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_urlencoded::from_str(&self.request.query).map_err(|e| Problem::Bad(e.to_string()))
    }

    /// The fields of a form; `csrf` among them is for the guard.
    pub(crate) fn form<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_urlencoded::from_bytes(&self.body).map_err(|e| Problem::Bad(e.to_string()))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body).map_err(|e| Problem::Bad(e.to_string()))
    }

    /// Who makes a change, for its audit row.
    pub(crate) fn by(&self) -> Result<By, Problem> {
        let source = if self.request.path.starts_with("/api/") {
            "api"
        } else {
            "web"
        };
        Ok(By {
            user: self.viewer.user,
            source,
            correlation: format!("{source}:{}", self.request.id),
            instance: self.app()?.instance,
        })
    }

    /// After a change: its messages go out, and whoever watches is woken.
    pub(crate) fn committed(&self, rows: Vec<OutboxRow>) -> Result<(), Problem> {
        let app = self.app()?;
        app.outbox.hand_over(rows);
        app.events.wake();
        Ok(())
    }

    /// A page, or only its main part when the page itself asks for what changed.
    pub(crate) fn page(&self, title: &str, content: &Markup) -> Answer {
        self.live_page(title, content, "")
    }

    /// A page for everybody, without anything of a session.
    pub(crate) fn public_page(&self, title: &str, content: &Markup) -> Response {
        answer::html(page::bare(self, title, content).into_string())
    }

    /// A page that is shown anew after events whose topic begins with one of `topics`, which are
    /// separated by spaces.
    pub(crate) fn live_page(&self, title: &str, content: &Markup, topics: &str) -> Answer {
        let page = match self.request.fragment() {
            Some(Fragment::Main) => content.clone(),
            Some(Fragment::App) => page::in_app(self, content),
            None => page::frame(self, title, content, topics),
        };
        Ok(answer::html(page.into_string()))
    }
}
