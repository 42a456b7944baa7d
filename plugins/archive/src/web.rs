//! Pages on the admin site, the API, and what people without an account see: all with the same acts
//! as Telegram.
//!
//! | Module | Where |
//! |---|---|
//! | `list`, `page`, `csv` | `/p/archive`, `/{id}`, `/{id}/downloads.csv` |
//! | `landing`, `request` | `/pub/archive/a/{token}`, `/pub/archive/r/{token}` |
//! | `api` | `/api/v1/p/archive/…` |
//! | `chart`, `parts` | what pages are made of |

mod api;
mod chart;
mod csv;
mod edit;
mod landing;
mod list;
mod page;
mod parts;
mod request;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::web::{Answer, Request};

use crate::Archives;
use crate::archive::{ArchiveId, Whole};
use crate::commands;
use crate::view::View;
use crate::work::Work;

/// One request.
pub(crate) struct Cx<'a> {
    pub(crate) archives: &'a Archives,
    pub(crate) ctx: &'a Ctx,
    pub(crate) request: &'a Request,
    pub(crate) view: View<'a>,
    pub(crate) work: Work<'a>,
}

impl Cx<'_> {
    /// A field of the form; empty when it is not there.
    fn field(&self, name: &str) -> &str {
        self.request.form.get(name).map_or("", |text| text.trim())
    }

    fn text(&self, id: &str) -> String {
        self.view.text(id, &[])
    }

    /// The archive of the path, when this person sees it.
    async fn seen(&self) -> Result<Option<Whole>, Error> {
        match self.request.param("id").map(ArchiveId) {
            Some(id) => commands::seen(&self.work, id).await,
            None => Ok(None),
        }
    }
}

pub(crate) async fn answer(
    archives: &Archives,
    ctx: &Ctx,
    request: &Request,
) -> Result<Answer, Error> {
    let is_public = request.surface == "public";
    let cx = Cx {
        archives,
        ctx,
        request,
        view: archives.view(ctx),
        work: match is_public {
            true => Work::own(archives, ctx),
            false => Work::new(archives, ctx),
        },
    };
    if request.surface == "api" {
        return Box::pin(api::answer(&cx)).await;
    }
    match (request.method.as_str(), request.route.as_str()) {
        ("GET", "/a/{token}") if is_public => landing::show(&cx, None).await,
        ("POST", "/a/{token}") if is_public => Box::pin(landing::download(&cx)).await,
        ("GET", "/r/{token}") if is_public => request::show(&cx).await,
        ("GET", "/") => list::show(&cx, None).await,
        ("POST", "/") => list::begin(&cx).await,
        ("GET", "/{id}") => Box::pin(page::show(&cx, None)).await,
        ("POST", "/{id}/edit") => Box::pin(edit::edit(&cx)).await,
        ("POST", "/{id}/act") => Box::pin(edit::act(&cx)).await,
        ("POST", "/{id}/files/{file}/drop") => edit::drop_file(&cx).await,
        ("GET", "/{id}/downloads.csv") => csv::show(&cx).await,
        ("GET", "/{id}/zip") => page::zip(&cx).await,
        _ => Ok(Answer::not_found()),
    }
}
