//! `GET /live`: what happens, as server-sent events. Source: WHATWG HTML, "Server-sent events".
//!
//! One pump a process reads [`Events`](bot_core::events::Events) once and gives each event to
//! whoever watches its topic and may see it. A watcher's queue is bounded: who does not keep up is
//! dropped, comes back with the id of the last event it saw, and misses nothing. An event says only
//! that something changed (topic, object, time); the page asks again for what it may see.
//!
//! | Module | What |
//! |---|---|
//! | `topics` | which topic takes which key; default deny |
//! | `frame` | the bytes of an event |
//! | `watchers` | who watches, each with a bounded queue |
//! | `pump` | from the events table to the watchers |
//! | `guard` | heartbeats, ticks, and the end of streams whose right is gone |
//! | `resume` | what a watcher missed while it was away |

mod frame;
mod guard;
mod pump;
mod resume;
mod topics;
mod watchers;

use std::sync::Arc;

use bot_core::app::App;
use bot_core::events::Cursor;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use warp::Reply as _;
use warp::http::{HeaderValue, header};

use crate::answer::Answer;
use crate::cx::Cx;
use crate::problem::Problem;
use watchers::Watchers;

/// The live side of one process; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Live {
    watchers: Arc<Watchers>,
}

impl Live {
    /// Begins to read; called once, when the bot stands.
    pub(crate) fn start(&self, app: &App) {
        tokio::spawn(pump::run(app.clone(), self.watchers.clone()));
        tokio::spawn(guard::run(app.clone(), self.watchers.clone()));
    }

    /// Ends every stream, and every one that is asked for from now on: the server stops.
    pub(crate) fn close(&self) {
        self.watchers.close();
    }
}

#[derive(Deserialize)]
struct Query {
    /// Beginnings of topics, with commas between; none: everything that the viewer may see.
    #[serde(default)]
    topics: String,
    /// As `Last-Event-ID`, for a client that cannot set headers.
    after: Option<String>,
}

/// `GET /live`.
pub(crate) async fn stream(cx: Cx) -> Answer {
    let query: Query = cx.query()?;
    let app = cx.app()?;
    let (Some(user), Some(session)) = (cx.viewer.user, cx.viewer.session.as_ref()) else {
        return Err(Problem::Login);
    };
    let after = cx.request.header("last-event-id").map(str::to_owned);
    let after = match after.or(query.after).filter(|id| !id.is_empty()) {
        Some(id) => Some(frame::cursor(&id).ok_or_else(|| Problem::Bad("after".into()))?),
        None => None,
    };
    let wanted = topics::Wanted::parse(&query.topics);
    let rights =
        topics::Rights::new(user, cx.viewer.keys.clone()).with_plugins(&app.plugins.routes());
    let watchers = &cx.site.live().watchers;
    let (mut queue, position) = watchers
        .join(&session.hash, rights.clone(), wanted.clone())
        .ok_or(Problem::TooMany(5))?;
    let mut begin = vec![frame::hello(after.is_none().then_some(position))];
    begin.extend(missed(app, after, position, &rights, &wanted).await?);
    // Whoever hears of notices has a page open, until the stream ends or its client is gone.
    let here = wanted
        .takes(bot_core::notices::NEW)
        .then(|| app.notices.presence().enter(user));
    let live = stream::poll_fn(move |context| {
        let _here = &here;
        queue.poll_recv(context)
    });
    let frames = stream::iter(begin).chain(live);
    let body = frames.map(Ok::<Bytes, std::convert::Infallible>);
    let mut response = warp::reply::stream(body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        // Neither kept nor changed on the way: a proxy that gathers would hold events back.
        (header::CACHE_CONTROL, "no-store, no-transform"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// What happened between the last event that the watcher saw and now.
async fn missed(
    app: &App,
    after: Option<Cursor>,
    position: Cursor,
    rights: &topics::Rights,
    wanted: &topics::Wanted,
) -> Result<Vec<Bytes>, Problem> {
    let Some(after) = after else {
        return Ok(Vec::new());
    };
    let Some(events) = resume::between(&app.events, after, position).await? else {
        return Ok(vec![frame::reset(position)]);
    };
    let seen = events
        .iter()
        .filter(|event| wanted.takes(&event.topic) && rights.hears(event));
    Ok(seen.map(frame::event).collect())
}
