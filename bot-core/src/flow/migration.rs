//! A group became a supergroup: whatever names its chat follows to the new id.
//!
//! Telegram says so twice, in the old chat and in the new one, and either may be handled first.

use std::sync::Arc;

use super::{FlowError, Incoming, Route, deliver};
use crate::access::By;
use crate::app::App;
use crate::plugin_host::{DeliverError, Kind};

/// Moves what is the core's, in one transaction, and lets plugins move what is theirs.
pub(super) async fn follow(
    app: App,
    incoming: Arc<Incoming>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let Route::Migrated { from, to } = *route else {
        return Ok(());
    };
    let by = By {
        user: None,
        source: "telegram",
        correlation: incoming.correlation(),
        instance: app.instance,
    };
    if app.access.migrate_chat(from, to, &by).await? {
        tracing::info!(update = %incoming.id, %from, %to, "a group became a supergroup");
        app.events.wake();
    }
    app.sessions.refresh(from).await?;
    app.sessions.refresh(to).await?;
    let mut fault = Ok(());
    for plugin in app.plugins.routes().migration_observers() {
        // One that fails keeps the others from nothing.
        fault = fault.and(tell(&app, &incoming, &route, plugin).await);
    }
    fault
}

async fn tell(
    app: &App,
    incoming: &Incoming,
    route: &Route,
    plugin: &Arc<str>,
) -> Result<(), FlowError> {
    let envelope = deliver::envelope(app, incoming, None, route, plugin);
    let told = app
        .plugins
        .deliver(plugin, Kind::Update, envelope, incoming.raw.clone())
        .await;
    let (plugin, message) = match told {
        Ok(_) => return Ok(()),
        Err(DeliverError::Crashed) => {
            return Err(FlowError::Crashed(format!("plugin {plugin} crashed")));
        }
        Err(DeliverError::Failed { code, message }) if code != "later" => {
            return Err(FlowError::Plugin {
                plugin: plugin.to_string(),
                message: format!("{code}: {message}"),
            });
        }
        Err(DeliverError::Deadline) => {
            return Err(FlowError::Plugin {
                plugin: plugin.to_string(),
                message: "no answer within its deadline".into(),
            });
        }
        Err(error) => (plugin.to_string(), error.to_string()),
    };
    Err(FlowError::Later { plugin, message })
}
