//! Instances wake each other through Redis: what one has written is on the others' pages at once,
//! not when they next look at the table.
//!
//! Only the hint travels, the table is the truth. Without Redis everything goes on; an event of
//! another instance is seen a moment later, and health says why.

use std::time::Duration;

use futures::{Stream, StreamExt as _};
use redis::aio::{MultiplexedConnection, PubSub, PubSubSink};
use redis::{AsyncCommands as _, Client, ErrorKind, Msg, RedisError};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use vahta_rows::InstanceId;

use super::Events;
use crate::config::Secret;
use crate::health::Health;

/// For one answer, or for a connection to stand.
const PATIENCE: Duration = Duration::from_secs(2);
/// A connection that died in silence is found this late.
const PING: Duration = Duration::from_secs(5);
/// Between two attempts to connect, growing to the second.
const AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// One instance's end of the channel that all instances of a bot share.
pub struct FanOut {
    client: Client,
    channel: String,
    own: String,
}

impl FanOut {
    /// # Errors
    /// The address is not one of Redis; the configuration has seen to that.
    pub fn new(url: &Secret, bot: i64, own: InstanceId) -> Result<Self, RedisError> {
        Ok(Self {
            client: Client::open(url.expose())?,
            channel: format!("vahta:{bot}:events"),
            own: own.to_string(),
        })
    }

    /// Passes hints on in both directions, for ever.
    pub async fn run(self, events: Events, health: Health) {
        let mut pause = AGAIN.0;
        // From before the first connection on: what is written meanwhile is told as soon as it stands.
        let mut written = events.written();
        loop {
            let fault = match self.connect().await {
                Ok(ends) => {
                    if health.redis_fault().is_some() {
                        tracing::info!("Redis is back");
                    }
                    health.redis(None);
                    pause = AGAIN.0;
                    // What was written while nobody could be told.
                    events.hear();
                    self.pass_on(ends, &events, &mut written).await
                }
                Err(fault) => fault,
            };
            let fault = fault.to_string();
            if health.redis_fault().is_none() {
                tracing::warn!(
                    fault,
                    "Redis is away; other instances' events come by polling"
                );
            }
            health.redis(Some(fault));
            sleep(pause).await;
            pause = (pause * 2).min(AGAIN.1);
        }
    }

    async fn connect(&self) -> Result<(MultiplexedConnection, PubSub), RedisError> {
        let both = async {
            let out = self.client.get_multiplexed_async_connection().await?;
            let mut inn = self.client.get_async_pubsub().await?;
            inn.subscribe(&self.channel).await?;
            Ok((out, inn))
        };
        in_time(both).await
    }

    /// Returns what ended it.
    async fn pass_on(
        &self,
        (mut out, inn): (MultiplexedConnection, PubSub),
        events: &Events,
        written: &mut watch::Receiver<u64>,
    ) -> RedisError {
        let (mut sink, mut heard) = inn.split();
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                message = heard.next() => self.hear(message, events),
                // Many commits in the time of one message are one message. The sender lives as long
                // as the bot.
                _ = written.changed() => {
                    in_time(out.publish(&self.channel, &self.own)).await
                }
                _ = ping.tick() => alive(&mut sink, &mut heard, events).await,
            };
            if let Err(fault) = done {
                return fault;
            }
        }
    }

    fn hear(&self, message: Option<Msg>, events: &Events) -> Result<(), RedisError> {
        let message = message.ok_or_else(closed)?;
        if message.get_payload_bytes() != self.own.as_bytes() {
            events.hear();
        }
        Ok(())
    }
}

/// Asks whether the connection still stands. Messages that come meanwhile count: they may be our
/// own, then a reader looks once in vain.
async fn alive(
    sink: &mut PubSubSink,
    heard: &mut (impl Stream<Item = Msg> + Unpin),
    events: &Events,
) -> Result<(), RedisError> {
    let pong = in_time(sink.ping::<redis::Value>());
    tokio::pin!(pong);
    loop {
        tokio::select! {
            done = &mut pong => return done.map(drop),
            message = heard.next() => {
                message.ok_or_else(closed)?;
                events.hear();
            }
        }
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, RedisError>>) -> Result<T, RedisError> {
    timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| Err((ErrorKind::Io, "Redis does not answer").into()))
}

fn closed() -> RedisError {
    (ErrorKind::Io, "Redis closed the connection").into()
}
