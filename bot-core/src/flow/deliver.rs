//! The last room before the border: an update is given to its plugin, and what comes of it is told.

use std::sync::Arc;

use serde_json::json;
use vahta_rows::Micros;
use vahta_texts::Arg;

use super::route::{Route, kind};
use super::{FlowError, Incoming, off};
use crate::access::Actor;
use crate::app::App;
use crate::commands::alert_text;
use crate::outbound::Call;
use crate::plugin_host::{self, DeliverError, Envelope, Kind};

/// Gives the update to the plugin of its route.
pub async fn to_plugin(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let plugin: Arc<str> = match &*route {
        Route::PluginCommand { route, .. } => route.plugin.clone(),
        Route::PluginCallback { plugin, .. } => plugin.clone(),
        Route::Dialog { session } => session.plugin.as_str().into(),
        _ => return Ok(()),
    };
    if let Route::PluginCommand { route, .. } = &*route
        && let Some(key) = &route.spec.permission
        && !actor.may(key)
    {
        return denied(&app, &incoming, &actor, key).await;
    }
    let envelope = envelope(&app, &incoming, Some(&actor), &route, &plugin);
    match app
        .plugins
        .deliver(&plugin, Kind::Update, envelope, incoming.raw.clone())
        .await
    {
        Ok(_) => Ok(()),
        // The process ends and its plugins are gone already: the next start runs the update.
        Err(DeliverError::Unavailable { .. }) if app.health.is_stopping() => {
            Err(FlowError::Later {
                plugin: plugin.to_string(),
                message: "stopping".into(),
            })
        }
        Err(DeliverError::Unavailable { .. }) => {
            tell(&app, &incoming, &actor, "plugin-off", &plugin).await
        }
        Err(DeliverError::Busy) => tell(&app, &incoming, &actor, "plugin-busy", &plugin).await,
        Err(DeliverError::Deadline) => {
            tell(&app, &incoming, &actor, "plugin-slow", &plugin).await?;
            Err(FlowError::Plugin {
                plugin: plugin.to_string(),
                message: "no answer within its deadline".into(),
            })
        }
        Err(DeliverError::Failed { code, message }) if code == "later" => Err(FlowError::Later {
            plugin: plugin.to_string(),
            message,
        }),
        Err(DeliverError::Failed { code, message }) => {
            tell(&app, &incoming, &actor, "plugin-failed", &plugin).await?;
            Err(FlowError::Plugin {
                plugin: plugin.to_string(),
                message: format!("{code}: {message}"),
            })
        }
        Err(DeliverError::Crashed) => {
            // The update runs again; only when it is about to be parked is the user told.
            if incoming.attempts + 1 >= crate::dispatch::CRASHES {
                tell(&app, &incoming, &actor, "plugin-failed", &plugin).await?;
            }
            Err(FlowError::Crashed(format!("plugin {plugin} crashed")))
        }
    }
}

/// Group talk goes to everyone who watches; a watcher that fails disturbs nobody.
pub async fn to_observers(
    app: App,
    incoming: Arc<Incoming>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let chat = incoming.place.as_ref().map(|place| place.chat);
    for plugin in app.plugins.routes().observers() {
        if off::is_off(&app, plugin, chat) {
            continue;
        }
        let envelope = envelope(&app, &incoming, None, &route, plugin);
        if let Err(error) = app
            .plugins
            .deliver(plugin, Kind::Update, envelope, incoming.raw.clone())
            .await
        {
            tracing::debug!(%plugin, %error, "an observer did not take a message");
        }
    }
    Ok(())
}

pub(super) fn envelope(
    app: &App,
    incoming: &Incoming,
    actor: Option<&Actor>,
    route: &Route,
    plugin: &Arc<str>,
) -> Envelope {
    let (mut command, mut args, mut data, mut dialog) = (None, None, None, None);
    match route {
        Route::PluginCommand { route, args: text } => {
            command = Some(route.spec.name.clone());
            args = Some(text.clone());
        }
        Route::PluginCallback { data: text, .. } => data = Some(text.clone()),
        Route::Dialog { session } => dialog = Some(session.state.clone()),
        _ => {}
    }
    let routes = app.plugins.routes();
    let keys = routes
        .permissions()
        .filter(|(owner, _)| *owner == plugin)
        .map(|(_, spec)| spec.key.as_str());
    Envelope {
        deadline_ms: 0,
        now: Micros::now().0,
        correlation: incoming.correlation(),
        route: kind(route).map(|kind| plugin_host::Route {
            kind,
            command,
            args,
            data,
        }),
        actor: actor.map(|actor| plugin_host::Actor {
            user_id: actor.user.map(|user| user.0),
            telegram_id: Some(actor.telegram_id),
            name: actor.name.clone(),
            username: actor.username.clone(),
            language: Some(actor.language.clone()),
            time_zone: Some(actor.time_zone.clone()),
            permissions: actor.permissions_of(keys),
        }),
        chat: incoming.place.as_ref().map(|place| plugin_host::Chat {
            id: place.chat.0,
            kind: place.kind.as_str().to_string(),
            thread_id: place.thread_id,
        }),
        update_id: Some(incoming.id.0),
        dialog,
    }
}

/// "You may not do this here", with the command that explains why.
pub async fn denied(
    app: &App,
    incoming: &Incoming,
    actor: &Actor,
    key: &str,
) -> Result<(), FlowError> {
    let text = app
        .texts
        .get(&actor.language, "denied", &[("permission", Arg::from(key))]);
    say(app, incoming, &text).await
}

async fn tell(
    app: &App,
    incoming: &Incoming,
    actor: &Actor,
    id: &str,
    plugin: &str,
) -> Result<(), FlowError> {
    let reference = incoming.correlation();
    let args = [
        ("plugin", Arg::from(plugin)),
        ("reference", Arg::from(reference.as_str())),
    ];
    say(app, incoming, &app.texts.get(&actor.language, id, &args)).await
}

/// Answers where the update came from: a button press with an alert, a message with a message.
pub async fn say(app: &App, incoming: &Incoming, text: &str) -> Result<(), FlowError> {
    let call = if let Some(id) = incoming.callback_id() {
        Call::reply(
            "AnswerCallbackQuery",
            json!({ "callback_query_id": id, "text": alert_text(text), "show_alert": true }),
        )
    } else if let Some(place) = &incoming.place {
        let mut payload = json!({ "chat_id": place.chat.0, "text": text, "parse_mode": "HTML" });
        if let Some(thread) = place.thread_id {
            payload["message_thread_id"] = thread.into();
        }
        Call::reply("SendMessage", payload)
    } else {
        return Ok(());
    };
    match app.outbound.call(call).await {
        Ok(_) => Ok(()),
        // Whoever blocked the bot, or pressed long ago, does not get an answer; the update is done.
        Err(error) => {
            tracing::info!(%error, update = %incoming.id, "an answer could not be given");
            Ok(())
        }
    }
}
