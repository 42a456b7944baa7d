//! Delivering updates to the bot's webhook, <https://core.telegram.org/bots/api#setwebhook>: one
//! at a time and in order within a chat, chats side by side, again and again until a 2xx.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::server::Context;
use crate::world::bot::Webhook;
use crate::world::queue::Queued;

/// How long the bot may take for one update.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// A webhook as it was set; a change makes a new one.
struct Target {
    webhook: Webhook,
    epoch: u64,
    /// `max_connections`.
    connections: Semaphore,
    client: HttpClient,
}

/// Delivers until aborted. Chats that fail wait without holding a connection.
pub(crate) async fn deliver(context: Context) {
    let mut target: Option<Arc<Target>> = None;
    let mut deliveries = JoinSet::new();
    loop {
        let started = {
            let mut state = context.world.lock();
            refresh(&mut target, &state.bot.webhook, state.bot.webhook_epoch);
            target
                .as_ref()
                .and_then(|target| Some((target.clone(), state.bot.queue.start_delivery()?)))
        };
        if let Some((target, queued)) = started {
            deliveries.spawn(deliver_one(context.clone(), target, queued));
            continue;
        }
        tokio::select! {
            () = context.world.signals.webhook.notified() => {}
            Some(_) = deliveries.join_next() => {}
            () = context.closing.cancelled() => return,
        }
    }
}

fn refresh(target: &mut Option<Arc<Target>>, webhook: &Option<Webhook>, epoch: u64) {
    let Some(webhook) = webhook else {
        *target = None;
        return;
    };
    if target.as_ref().is_some_and(|target| target.epoch == epoch) {
        return;
    }
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    *target = Some(Arc::new(Target {
        webhook: webhook.clone(),
        epoch,
        connections: Semaphore::new(webhook.max_connections),
        client: Client::builder(TokioExecutor::new()).build(connector),
    }));
}

async fn deliver_one(context: Context, target: Arc<Target>, queued: Arc<Queued>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let Ok(connection) = target.connections.acquire().await else {
            return;
        };
        let outcome = post(&target, &queued).await;
        drop(connection);
        if settled(&context, &target, &queued, outcome) {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Notes how an attempt ended; `false`: it has to be repeated.
fn settled(
    context: &Context,
    target: &Target,
    queued: &Queued,
    outcome: Result<(), String>,
) -> bool {
    let mut state = context.world.lock();
    let Err(reason) = outcome else {
        state.bot.queue.done(queued);
        state.bot.delivered += 1;
        state.signals.webhook.notify_one();
        return true;
    };
    if state.bot.webhook_epoch != target.epoch || !state.bot.queue.is_waiting(queued) {
        return true;
    }
    let now = state.now();
    if let Some(webhook) = &mut state.bot.webhook {
        webhook.last_error = Some((now, reason));
    }
    false
}

/// One attempt; `Err` is what `getWebhookInfo` shows.
async fn post(target: &Target, queued: &Queued) -> Result<(), String> {
    let body = serde_json::to_vec(queued).map_err(|reason| reason.to_string())?;
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&target.webhook.url)
        .header("content-type", "application/json");
    if let Some(secret) = &target.webhook.secret_token {
        request = request.header("x-telegram-bot-api-secret-token", secret);
    }
    let request = request
        .body(Full::from(body))
        .map_err(|reason| reason.to_string())?;
    let answered = timeout(PATIENCE, async {
        let response = target
            .client
            .request(request)
            .await
            .map_err(connection_error)?;
        let status = response.status();
        // Read to the end, so that the connection can be used again.
        let _ = response.into_body().collect().await;
        Ok::<StatusCode, String>(status)
    });
    let status = answered
        .await
        .map_err(|_| "Read timeout expired".to_owned())??;
    if status.is_success() {
        return Ok(());
    }
    Err(format!("Wrong response from the webhook: {status}"))
}

fn connection_error(error: hyper_util::client::legacy::Error) -> String {
    if error.is_connect() {
        return "Connection refused".to_owned();
    }
    "Connection reset".to_owned()
}
