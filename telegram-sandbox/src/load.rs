//! A load source: many chats write to the bot in a chosen pattern, and each update is followed
//! from its delivery to the reply. `telegram-sandbox load`; docs/load.md.
//!
//! The updates go the way of all others: they are written into the world, which keeps, numbers and
//! hands them out, and the replies are checked like everybody's.

mod arrivals;
mod null_bot;
mod probe;
mod report;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

pub use arrivals::Arrivals;
pub use null_bot::null_bot;
pub use report::{Latencies, Report};

pub(crate) use probe::Probe;

use crate::World;
use crate::control;
use crate::params::Params;
use crate::world::State;

/// The first chat and person of a load.
const FIRST_CHAT: i64 = 1_000_001;
/// Messages written before others get the lock.
const AT_ONCE: usize = 64;

/// What is to come.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Private chats; update `n` comes from chat `n % chats`.
    pub chats: usize,
    pub updates: usize,
    /// The first so many are not in the figures of time.
    pub warm_up: usize,
    pub arrivals: Arrivals,
    /// What people write; `{n}` is the update's number. A bot that repeats the number in its
    /// reply is checked for order, else replies are taken in the order of the chat.
    pub text: String,
    /// The run ends when nothing has come back for so long.
    pub patience: Duration,
    /// Whether replies are waited for, or only that everything is handed out.
    pub replies: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            chats: 1_000,
            updates: 10_000,
            warm_up: 0,
            arrivals: Arrivals::Burst,
            text: "/echo {n}".to_owned(),
            patience: Duration::from_secs(10),
            replies: true,
        }
    }
}

/// Runs a load and waits for its end.
pub async fn run(world: &Arc<World>, plan: &Plan) -> Report {
    let chats = i64::try_from(plan.chats.max(1)).unwrap_or(i64::MAX);
    world.add_people(FIRST_CHAT, chats);
    world.lock().probe = Some(Box::new(Probe::new(FIRST_CHAT, plan)));
    let begun = Instant::now();
    write_all(world, plan, chats).await;
    let written = begun.elapsed();
    let mut seen = (0, 0);
    let mut since = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = match &world.lock().probe {
            Some(probe) => probe.progress(),
            None => break,
        };
        let (handed_out, replied) = now;
        let awaited = if plan.replies { replied } else { handed_out };
        if awaited >= plan.updates {
            break;
        }
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        if since.elapsed() > plan.patience {
            break;
        }
    }
    let probe = world.lock().probe.take();
    probe.map_or_else(Report::default, |probe| probe.report(plan, written))
}

async fn write_all(world: &Arc<World>, plan: &Plan, chats: i64) {
    let begun = Instant::now();
    let mut schedule = plan.arrivals.schedule();
    let mut next = 0;
    while next < plan.updates {
        let due = schedule.due(begun.elapsed(), next).min(plan.updates);
        if due == next {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let until = due.min(next + AT_ONCE);
        write(&mut world.lock(), plan, chats, next..until);
        next = until;
        tokio::task::yield_now().await;
    }
}

/// The messages of these numbers, as people write them.
fn write(state: &mut State, plan: &Plan, chats: i64, numbers: Range<usize>) {
    for number in numbers {
        let chat = FIRST_CHAT + i64::try_from(number).unwrap_or(0) % chats;
        let text = plan.text.replace("{n}", &number.to_string());
        let fields: Map<String, Value> = [
            ("from".to_owned(), json!(chat)),
            ("chat".to_owned(), json!(chat)),
            ("text".to_owned(), Value::String(text)),
        ]
        .into_iter()
        .collect();
        let params = Params {
            fields,
            files: Vec::new(),
        };
        if let Some(probe) = &mut state.probe {
            probe.written(number);
        }
        if let Err(refused) = control::write(state, &params) {
            tracing::warn!(
                reason = refused.description,
                "a message could not be written"
            );
        }
    }
}
