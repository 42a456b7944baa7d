//! Pages on the admin site and the API, both with the same acts as Telegram.
//!
//! The site has checked the route's permission and the form's token; what somebody sees is checked
//! here, by [`crate::sight`], and what they may do by [`Work`]. Pages are forms and links: they work
//! without script, and the site's own script shows them anew when something happens to a task.
//!
//! | Module | Where |
//! |---|---|
//! | `list`, `board`, `page`, `templates` | `/p/task`, `/board`, `/{id}`, `/templates` |
//! | `api` | `/api/v1/p/task/…` |
//! | `acts` | what both do |
//! | `parts` | what pages are made of |

mod acts;
mod api;
pub(crate) mod board;
mod list;
mod page;
mod parts;
mod templates;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::web::{Answer, Request};

use crate::Tasks;
use crate::view::View;
use crate::work::Work;

/// One request.
pub(crate) struct Cx<'a> {
    pub(crate) tasks: &'a Tasks,
    pub(crate) ctx: &'a Ctx,
    pub(crate) request: &'a Request,
    pub(crate) view: View<'a>,
}

impl<'a> Cx<'a> {
    fn work(&self) -> Work<'a> {
        let source = match self.request.surface.as_str() {
            "api" => "api",
            _ => "web",
        };
        Work::new(self.tasks, self.ctx, source)
    }

    /// A field of the form; empty when it is not there.
    fn field(&self, name: &str) -> &str {
        self.request.form.get(name).map_or("", String::as_str)
    }

    fn query(&self, name: &str) -> &str {
        self.request.query.get(name).map_or("", |text| text.trim())
    }
}

pub(crate) async fn answer(tasks: &Tasks, ctx: &Ctx, request: &Request) -> Result<Answer, Error> {
    let view = tasks.view(ctx);
    let cx = Cx {
        tasks,
        ctx,
        request,
        view,
    };
    if request.surface == "api" {
        return Box::pin(api::answer(&cx)).await;
    }
    match (request.method.as_str(), request.route.as_str()) {
        ("GET", "/") => list::show(&cx).await,
        ("POST", "/") => Box::pin(list::create(&cx)).await,
        ("GET", "/board") => board::show(&cx).await,
        ("GET", "/templates") => templates::list(&cx).await,
        ("GET", "/templates/{name}") => templates::edit(&cx).await,
        ("POST", "/templates") => Box::pin(templates::put(&cx)).await,
        ("POST", "/templates/{name}/drop") => Box::pin(templates::drop(&cx)).await,
        ("GET", "/{id}") => page::show(&cx).await,
        ("POST", "/{id}/state") => Box::pin(page::state(&cx)).await,
        ("POST", "/{id}/edit") => Box::pin(page::edit(&cx)).await,
        ("POST", "/{id}/comments") => Box::pin(page::comment(&cx)).await,
        ("POST", "/{id}/parts/{position}") => Box::pin(page::part(&cx)).await,
        ("POST", "/{id}/parts/{position}/give") => Box::pin(page::give(&cx)).await,
        _ => Ok(Answer::not_found()),
    }
}
