//! `/api/v1`: everything that the bot's core can do, for programs. One file a resource; the routes
//! are in `routes::ALL` with all others, each with a [`Doc`] of which the OpenAPI document is made.

pub(crate) mod announcements;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod calls;
pub(crate) mod chats;
pub(crate) mod doc;
pub(crate) mod grants;
pub(crate) mod input;
pub(crate) mod invites;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod notices;
pub(crate) mod once;
pub(crate) mod openapi;
pub(crate) mod outbox;
pub(crate) mod plugin_chats;
pub(crate) mod plugin_settings;
pub(crate) mod plugins;
pub(crate) mod rate;
pub(crate) mod reply;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod sign_up;
pub(crate) mod status;
pub(crate) mod time;
pub(crate) mod updates;
pub(crate) mod users;

use futures::future::BoxFuture;

use crate::answer::Answer;
use crate::cx::Cx;

pub(crate) use doc::Doc;
pub(crate) use reply::{Outcome, Reply};

/// A handler of the API.
pub(crate) type Call = fn(Cx) -> BoxFuture<'static, Outcome>;

/// Runs a handler, once a key; never fails.
pub(crate) async fn run(cx: Cx, call: Call, doc: &'static Doc) -> Answer {
    Ok(match once::run(cx.clone(), call, doc).await {
        Ok(reply) => reply.respond(&cx),
        Err(problem) => problem.respond(&cx),
    })
}
