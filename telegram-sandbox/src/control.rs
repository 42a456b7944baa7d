//! The control API under `/sandbox/api/`: what people do, what goes wrong, what was called.
//! README.md lists every call; a refusal is `400 {"ok":false,"description":…}` and names
//! the field.

mod blocks;
mod bots;
mod calls;
mod chats;
mod clicks;
mod clock;
mod deletions;
mod deliveries;
mod edits;
mod faults;
mod fields;
mod files;
mod inline;
mod joins;
mod members;
mod messages;
mod reactions;
mod story;
mod topics;
mod updates;
mod users;
mod votes;
mod web_app_queries;
mod web_apps;
mod world;

use std::future::Future;

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::Method;
use warp::reply::Response;

use crate::error::ApiError;
use crate::params::Params;
use crate::server::body::{self, BodyError, Many};
use crate::server::{Context, json_response};

pub(crate) use messages::write;

pub(crate) type Outcome = Result<Response, ControlError>;

/// A refusal: status and reason.
#[derive(Debug)]
pub(crate) struct ControlError {
    status: u16,
    pub(crate) description: String,
}

impl ControlError {
    pub(crate) fn new(status: u16, description: impl Into<String>) -> Self {
        Self {
            status,
            description: description.into(),
        }
    }

    /// 400; say which field is wrong.
    pub(crate) fn bad(description: impl Into<String>) -> Self {
        Self::new(400, description)
    }

    fn into_response(self) -> Response {
        let body = json!({"ok": false, "description": self.description});
        json_response(self.status, body.to_string().into())
    }
}

impl From<ApiError> for ControlError {
    fn from(error: ApiError) -> Self {
        Self::bad(error.description)
    }
}

impl From<BodyError> for ControlError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::new(413, "the body is larger than 51 MB"),
            BodyError::Malformed(reason) => Self::bad(reason),
        }
    }
}

/// 200 with this as JSON.
pub(crate) fn shown(value: &impl Serialize) -> Outcome {
    match serde_json::to_vec(value) {
        Ok(body) => Ok(json_response(200, Bytes::from(body))),
        Err(reason) => Err(ControlError::new(500, reason.to_string())),
    }
}

pub(crate) fn routes(context: Context) -> BoxedFilter<(Response,)> {
    let calls = [
        route(&context, Method::POST, "messages", messages::post),
        messages::shown_in_chat(&context),
        route(&context, Method::POST, "clicks", one(clicks::post)),
        route(&context, Method::POST, "edits", one(edits::post)),
        route(&context, Method::POST, "deletions", one(deletions::delete)),
        route(&context, Method::POST, "pins", one(deletions::pin)),
        route(&context, Method::GET, "calls", one(calls::get)),
        route(&context, Method::GET, "updates", one(updates::get)),
        route(&context, Method::POST, "web_apps", one(web_apps::post)),
        route(&context, Method::GET, "story", one(story::get)),
        route(&context, Method::POST, "users", one(users::post)),
        route(&context, Method::GET, "users", one(users::get)),
        route(&context, Method::POST, "chats", one(chats::post)),
        route(&context, Method::GET, "chats", one(chats::get)),
        route(&context, Method::POST, "members", one(members::post)),
        route(&context, Method::POST, "migrations", one(members::migrate)),
        route(&context, Method::POST, "topics", one(topics::post)),
        route(&context, Method::GET, "topics", one(topics::get)),
        route(&context, Method::POST, "joins", one(joins::post)),
        route(&context, Method::GET, "joins", one(joins::get)),
        route(&context, Method::POST, "votes", one(votes::post)),
        route(&context, Method::POST, "inline", one(inline::ask)),
        route(&context, Method::POST, "choices", one(inline::choose)),
        route(
            &context,
            Method::POST,
            "web_app_queries",
            one(web_app_queries::open),
        ),
        route(
            &context,
            Method::POST,
            "web_app_data",
            one(web_app_queries::data),
        ),
        route(&context, Method::POST, "bots", one(bots::post)),
        route(&context, Method::GET, "bots", one(bots::get)),
        route(&context, Method::POST, "clock", one(clock::post)),
        route(&context, Method::GET, "clock", one(clock::get)),
        route(&context, Method::POST, "deliveries", one(deliveries::post)),
        route(&context, Method::GET, "deliveries", one(deliveries::get)),
        route(&context, Method::GET, "commands", one(world::commands)),
        route(&context, Method::POST, "reactions", one(reactions::post)),
        route(&context, Method::POST, "blocks", one(blocks::post)),
        route(&context, Method::POST, "faults", one(faults::post)),
        route(&context, Method::GET, "faults", one(faults::get)),
        route(&context, Method::DELETE, "faults", one(faults::delete)),
        route(&context, Method::POST, "raw", one(world::raw)),
        route(&context, Method::POST, "limits", one(world::limits)),
        route(&context, Method::POST, "reset", one(world::reset)),
        route(&context, Method::GET, "stats", one(world::stats)),
        route(&context, Method::GET, "methods", one(world::methods)),
        route(&context, Method::GET, "bot", one(world::bot)),
        files::download(&context),
    ];
    let unknown = warp::path!("sandbox" / "api" / ..).map(|| {
        ControlError::new(
            404,
            "no such control call; the sandbox's README.md lists them",
        )
        .into_response()
    });
    calls
        .into_iter()
        .reduce(|all, next| all.or(next).unify().boxed())
        .map_or_else(|| unknown.boxed(), |all| all.or(unknown).unify().boxed())
}

/// A call at `/sandbox/api/<name>`; parameters come from the query, JSON, form or multipart.
fn route<F, Fut>(
    context: &Context,
    method: Method,
    name: &'static str,
    run: F,
) -> BoxedFilter<(Response,)>
where
    F: Fn(Context, Many) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send,
{
    let context = context.clone();
    let wanted = warp::method().and_then(move |given: Method| {
        let fits = given == method;
        async move {
            if fits {
                Ok(())
            } else {
                Err(warp::reject::not_found())
            }
        }
    });
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::path("sandbox")
        .and(warp::path("api"))
        .and(warp::path(name))
        .and(warp::path::end())
        .and(wanted.untuple_one())
        .and(query)
        .and(warp::header::optional::<String>("content-type"))
        .and(warp::body::stream())
        .then(move |query: String, kind: Option<String>, stream| {
            let context = context.clone();
            let run = run.clone();
            async move {
                let read = body::read_many(&query, kind.as_deref(), stream).await;
                let outcome = match read {
                    Ok(params) => run(context, params).await,
                    Err(error) => Err(error.into()),
                };
                outcome.unwrap_or_else(ControlError::into_response)
            }
        })
        .boxed()
}

/// For calls that take one object only.
fn one<F, Fut>(
    run: F,
) -> impl Fn(Context, Many) -> futures::future::BoxFuture<'static, Outcome> + Clone + Send + Sync
where
    F: Fn(Context, Params) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    move |context, params| match params {
        Many::One(params) => Box::pin(run(context, params)),
        Many::List(_) => {
            let refusal = ControlError::bad("one JSON object expected, not an array");
            Box::pin(std::future::ready(Err(refusal)))
        }
    }
}
