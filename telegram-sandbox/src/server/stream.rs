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
    /// Chats that show something new: groups and the first bot's private ones.
    chats: Vec<i64>,
    /// The other bots' private chats that do.
    others: Vec<Private>,
    actions: Vec<Action>,
    /// How many people and chats there are; a change means: fetch the list.
    people: usize,
    rooms: usize,
    bots: usize,
    /// Another value is another world: everything is to be looked at anew.
    world: i64,
}

/// A private chat: of a person (whose id it has) and a bot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Private {
    bot: i64,
    chat: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Action {
    chat: i64,
    /// Missing in groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    bot: Option<i64>,
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
    let others = || {
        let bots = state.others.values();
        bots.flat_map(|bot| bot.private.iter().map(|(id, chat)| (bot.me.id, *id, chat)))
    };
    let changed_there = others().filter(|(.., chat)| chat.history.changed_after(after));
    let changed_there = changed_there.map(|(bot, chat, _)| Private { bot, chat });
    let first = state.bot.me.id;
    let here = state.chats.iter().map(|(id, chat)| (first, *id, chat));
    let actions = here.chain(others()).filter_map(|(bot, id, chat)| {
        let (action, at) = chat.action.as_ref()?;
        (now.duration_since(*at) < ACTION_SHOWN).then(|| Action {
            chat: id,
            bot: chat.is_private().then_some(bot),
            action: action.clone(),
        })
    });
    let latest = state.bots().filter_map(|bot| {
        let last = bot.queue.recent().next_back()?;
        Some(last.at_us)
    });
    Poke {
        cursor: state.cursor,
        calls: state.calls.last_id(),
        updates: latest.max().unwrap_or(0),
        chats: changed.collect(),
        others: changed_there.collect(),
        actions: actions.collect(),
        people: state.people.len(),
        rooms: state.chats.len(),
        bots: state.others.len() + 1,
        world: state.born_us,
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
        && last.bots == poke.bots
        && last.world == poke.world
}
