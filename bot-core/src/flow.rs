//! The rooms that an update walks through, in this order:
//! route ▶ identify ▶ authorise ▶ limit ▶ (core command or plugin) ▶ record.
//!
//! Routing only looks where an update would go, in memory, because it decides whether a stranger's
//! message counts as a try; nothing is done before authorise and limit have let it pass.
//!
//! Errors: a room returns [`FlowError`] when the update must be run again or shown as failed;
//! what the user did wrong is no error but an answer.

pub mod authorise;
pub mod deliver;
mod error;
mod faces;
mod identify;
mod incoming;
pub mod limit;
mod migration;
pub mod off;
mod presence;
mod record;
pub mod route;
mod talk;

use std::sync::Arc;

use dptree::Handler;

use crate::app::App;
use crate::commands;
use crate::dispatch;

pub use error::FlowError;
pub use faces::Faces;
pub use incoming::{Incoming, Place, PlaceKind, Sender};
pub use route::Route;

/// The tree of rooms.
pub type Rooms = Handler<'static, Result<(), FlowError>>;

/// All rooms behind [`route::find`], in order; the first branch that takes an update ends its walk.
pub fn rooms() -> Rooms {
    use dptree::{entry, filter, filter_map};
    entry()
        .map(identify::identify)
        .branch(filter(is_migration).endpoint(migration::follow))
        .branch(filter(authorise::is_blocked).endpoint(authorise::stay_silent))
        .branch(filter(authorise::brings_token).endpoint(authorise::redeem))
        .branch(filter(authorise::answers_link).endpoint(authorise::link))
        .branch(filter(authorise::asks_for_link).endpoint(authorise::offer_link))
        .branch(filter(authorise::signs_up).endpoint(authorise::sign_up))
        .branch(filter(authorise::is_stranger).endpoint(authorise::refuse))
        .branch(filter_map(limit::over).endpoint(limit::tell_once))
        .branch(filter(is_core).endpoint(commands::run))
        .branch(filter(is_plugins).endpoint(deliver::to_plugin))
        .branch(filter(is_off).endpoint(off::tell_once))
        .branch(filter(is_observed).endpoint(deliver::to_observers))
        .endpoint(talk::answer)
}

fn is_migration(route: Arc<Route>) -> bool {
    matches!(*route, Route::Migrated { .. })
}

fn is_core(route: Arc<Route>) -> bool {
    match &*route {
        Route::Command { .. } | Route::Action { .. } => true,
        Route::Dialog { session } => session.plugin == commands::CORE,
        _ => false,
    }
}

fn is_plugins(route: Arc<Route>) -> bool {
    matches!(
        *route,
        Route::PluginCommand { .. } | Route::PluginCallback { .. } | Route::Dialog { .. }
    )
}

fn is_off(route: Arc<Route>) -> bool {
    matches!(*route, Route::Off { .. })
}

fn is_observed(route: Arc<Route>) -> bool {
    matches!(*route, Route::Observed)
}

/// Binds the rooms to an application, as dispatch wants them.
pub fn handler(app: App) -> dispatch::Handler {
    let rooms = rooms();
    Arc::new(move |incoming| {
        let (app, rooms) = (app.clone(), rooms.clone());
        Box::pin(walk(app, rooms, incoming))
    })
}

async fn walk(app: App, rooms: Rooms, incoming: Arc<Incoming>) -> Result<(), FlowError> {
    presence::follow(&app, &incoming).await?;
    identify::welcome(&app, &incoming).await?;
    // Found before the rooms change anything, and kept for the record: a dialog that ends
    // meanwhile may have asked for a secret.
    let route = Arc::new(route::find(&app, &incoming));
    let deps = dptree::deps![app.clone(), incoming.clone(), route.clone()];
    let result = match rooms.dispatch(deps).await {
        std::ops::ControlFlow::Break(result) => result,
        std::ops::ControlFlow::Continue(_) => Ok(()),
    };
    record::incoming(&app, &incoming, &route);
    result
}
