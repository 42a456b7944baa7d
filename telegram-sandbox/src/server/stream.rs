//! `GET /sandbox/api/stream`: server-sent events that tell pages what to look at again.
//!
//! Events say *where* something changed, not what: `{"cursor":…,"calls":…,"updates":…,
//! "chats":[ids],"actions":[{chat, action}]}`. Pages fetch what they show, so a page that missed
//! events catches up by itself, and a flood of changes costs at most [`PACE`] events.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use serde::Serialize;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::{Reply, Response};
use warp::sse::Event;

use super::Context;
use crate::world::{State, signals};

/// Time between two events at least.
const PACE: Duration = Duration::from_millis(40);
/// How long "typing" stands.
const ACTION_SHOWN: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Poke {
    cursor: u64,
    calls: u64,
    /// When the last update was queued, in Unix microseconds.
    updates: i64,
    /// Chats that show something new.
    chats: Vec<i64>,
    actions: Vec<Action>,
    /// How many people and chats there are; a change means: fetch the list.
    people: usize,
    rooms: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Action {
    chat: i64,
    action: String,
}

pub(crate) fn routes(context: Context) -> BoxedFilter<(Response,)> {
    warp::path!("sandbox" / "api" / "stream")
        .and(warp::get())
        .map(move || {
            let events = pokes(context.clone()).map(|poke| Event::default().json_data(&poke));
            let events = warp::sse::keep_alive().stream(events);
            warp::sse::reply(events).into_response()
        })
        .boxed()
}

fn pokes(context: Context) -> impl Stream<Item = Poke> + Send + Sync + 'static {
    let closing = context.closing.clone();
    let first: Option<Poke> = None;
    stream::unfold((context, first), |(context, last)| async move {
        if last.is_some() {
            tokio::time::sleep(PACE).await;
        }
        let signals = context.world.signals.clone();
        loop {
            // Looks again every second: an action ends without a signal.
            let poke = signals::until(&signals.changes, Duration::from_secs(1), || {
                let poke = look(&context.world.lock(), last.as_ref());
                let old = last.as_ref().is_some_and(|last| same(last, &poke));
                (!old).then_some(poke)
            });
            if let Some(poke) = poke.await {
                return Some((poke.clone(), (context, Some(poke))));
            }
        }
    })
    .take_until(async move { closing.cancelled().await })
}

fn look(state: &State, last: Option<&Poke>) -> Poke {
    let after = last.map_or(state.cursor, |last| last.cursor);
    let changed = state
        .chats
        .iter()
        .filter(|(_, chat)| chat.history.changed_after(after))
        .map(|(id, _)| *id);
    let now = state.clock.instant();
    let actions = state.chats.iter().filter_map(|(id, chat)| {
        let (action, at) = chat.action.as_ref()?;
        (now.duration_since(*at) < ACTION_SHOWN).then(|| Action {
            chat: *id,
            action: action.clone(),
        })
    });
    Poke {
        cursor: state.cursor,
        calls: state.calls.last_id(),
        updates: state
            .bot
            .queue
            .recent()
            .next_back()
            .map_or(0, |sent| sent.at_us),
        chats: changed.collect(),
        actions: actions.collect(),
        people: state.people.len(),
        rooms: state.chats.len(),
    }
}

/// Whether a page that heard `last` needs to hear `poke`.
fn same(last: &Poke, poke: &Poke) -> bool {
    last.cursor == poke.cursor
        && last.calls == poke.calls
        && last.updates == poke.updates
        && last.actions == poke.actions
        && last.people == poke.people
        && last.rooms == poke.rooms
}
