//! Delivering updates to the bot's webhook, <https://core.telegram.org/bots/api#setwebhook>: one
//! at a time and in order within a chat, chats side by side, again and again until a 2xx.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::{BodyDataStream, Full};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::methods::{self, Arrival};
use crate::params::Params;
use crate::server::Context;
use crate::server::body::{self, Rules};
use crate::world::bot::{Bot, Webhook};
use crate::world::queue::Queued;

/// How long the bot may take for one update.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// What a bot may not call by its answer to an update.
const NOT_BY_ANSWER: [&str; 4] = ["setwebhook", "deletewebhook", "close", "logout"];

/// A webhook as it was set; a change makes a new one.
struct Target {
    bot: i64,
    webhook: Webhook,
    epoch: u64,
    /// `max_connections`.
    connections: Semaphore,
    client: HttpClient,
}

/// Delivers until aborted. Chats that fail wait without holding a connection.
pub(crate) async fn deliver(context: Context) {
    let mut targets: HashMap<i64, Arc<Target>> = HashMap::new();
    let mut deliveries = JoinSet::new();
    loop {
        let started = {
            let mut state = context.world.lock();
            for bot in state.bots() {
                refresh(&mut targets, bot);
            }
            let ready = state.bots_mut().filter_map(|bot| {
                let target = targets.get(&bot.me.id)?;
                Some((target.clone(), bot.queue.start_delivery()?))
            });
            let ready: Vec<_> = ready.collect();
            state.probe_delivery(ready.iter().map(|(_, queued)| queued));
            ready
        };
        if !started.is_empty() {
            for (target, queued) in started {
                deliveries.spawn(deliver_one(context.clone(), target, queued));
            }
            continue;
        }
        tokio::select! {
            () = context.world.signals.webhook.notified() => {}
            Some(_) = deliveries.join_next() => {}
            () = context.closing.cancelled() => return,
        }
    }
}

fn refresh(targets: &mut HashMap<i64, Arc<Target>>, bot: &Bot) {
    let Some(webhook) = &bot.webhook else {
        targets.remove(&bot.me.id);
        return;
    };
    let known = targets.get(&bot.me.id);
    if known.is_some_and(|target| target.epoch == bot.webhook_epoch) {
        return;
    }
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let target = Target {
        bot: bot.me.id,
        webhook: webhook.clone(),
        epoch: bot.webhook_epoch,
        connections: Semaphore::new(webhook.max_connections),
        client: Client::builder(TokioExecutor::new()).build(connector),
    };
    targets.insert(bot.me.id, Arc::new(target));
}

async fn deliver_one(context: Context, target: Arc<Target>, queued: Arc<Queued>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let Ok(connection) = target.connections.acquire().await else {
            return;
        };
        // The webhook may have been changed while this waited for its turn.
        if !is_wanted(&context, &target, &queued) {
            return;
        }
        let outcome = post(&target, &queued).await;
        drop(connection);
        let (outcome, call) = match outcome {
            Ok(call) => (Ok(()), call),
            Err(reason) => (Err(reason), None),
        };
        if let Some(Call {
            method,
            params,
            json,
            arrival,
        }) = call
        {
            // Its result goes nowhere but into the log.
            methods::call(&context, target.bot, method, &params, json, arrival).await;
        }
        if settled(&context, &target, &queued, outcome) {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether this webhook is still the one that is set, and waits for this update.
fn is_wanted(context: &Context, target: &Target, queued: &Queued) -> bool {
    let state = context.world.lock();
    let bot = state.bot_by_id(target.bot);
    bot.is_some_and(|bot| bot.webhook_epoch == target.epoch && bot.queue.is_waiting(queued))
}

/// Notes how an attempt ended; `false`: it has to be repeated.
fn settled(
    context: &Context,
    target: &Target,
    queued: &Queued,
    outcome: Result<(), String>,
) -> bool {
    let mut state = context.world.lock();
    let now = state.now();
    let Some(bot) = state.bot_by_id_mut(target.bot) else {
        return true;
    };
    let Err(reason) = outcome else {
        bot.queue.done(queued);
        bot.delivered += 1;
        state.signals.webhook.notify_one();
        return true;
    };
    if bot.webhook_epoch != target.epoch || !bot.queue.is_waiting(queued) {
        return true;
    }
    if let Some(webhook) = &mut bot.webhook {
        webhook.last_error = Some((now, reason));
    }
    false
}

/// A Bot API call that the bot makes by its answer.
struct Call {
    method: String,
    params: Params,
    json: Option<Bytes>,
    arrival: Arrival,
}

/// One attempt; `Err` is what `getWebhookInfo` shows.
async fn post(target: &Target, queued: &Queued) -> Result<Option<Call>, String> {
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
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        let mut body = BodyDataStream::new(response.into_body());
        if !status.is_success() {
            // Read to the end, so that the connection can be used again; but not for ever.
            let mut left = 1 << 20;
            while let Some(Ok(chunk)) = body.next().await {
                left -= chunk.len().min(left);
                if left == 0 {
                    break;
                }
            }
            return Ok::<_, String>((status, None));
        }
        let arrival = Arrival::now();
        // An answer that cannot be read calls nothing.
        let read = body::read(Rules::BotApi, "", kind.as_deref(), body).await;
        let call = read
            .ok()
            .and_then(|(params, json)| call_in(params, json, arrival));
        Ok((status, call))
    });
    let (status, call) = answered
        .await
        .map_err(|_| "Read timeout expired".to_owned())??;
    if status.is_success() {
        return Ok(call);
    }
    Err(format!("Wrong response from the webhook: {status}"))
}

/// The call in an answer with a parameter `method`, in whatever form calls may have,
/// <https://core.telegram.org/bots/api#making-requests-when-getting-updates>.
fn call_in(mut params: Params, json: Option<Bytes>, arrival: Arrival) -> Option<Call> {
    let method = params.owned("method")?;
    params.fields.remove("method");
    let lower = method.to_ascii_lowercase();
    if lower.is_empty() || lower.starts_with("get") || NOT_BY_ANSWER.contains(&lower.as_str()) {
        return None;
    }
    Some(Call {
        method,
        params,
        json,
        arrival,
    })
}

fn connection_error(error: hyper_util::client::legacy::Error) -> String {
    if error.is_connect() {
        return "Connection refused".to_owned();
    }
    "Connection reset".to_owned()
}
