//! The HTTP side: accepting connections and the routes.

mod accept;
pub(crate) mod body;
mod bot_api;
mod page;
mod site;
mod stream;

pub(crate) use bot_api::json_response;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use crate::{World, control, webhook};

/// What every route needs; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) world: Arc<World>,
    /// Cancelled when the server ends: long polls and streams return at once.
    pub(crate) closing: CancellationToken,
}

/// Serves a world on a bound listener until `shutdown` is ready. Open polls and streams are ended
/// then; the world stays as it is and can be served again.
pub async fn run(
    listener: TcpListener,
    world: Arc<World>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let context = Context {
        world,
        closing: CancellationToken::new(),
    };
    let deliveries = tokio::spawn(webhook::deliver(context.clone()));
    let agenda = tokio::spawn(keep_agenda(context.clone()));
    let routes = routes(context.clone());
    accept::serve(listener, routes, context, shutdown).await;
    deliveries.abort();
    agenda.abort();
}

/// Looks at the world when something is due, so that it happens even if nobody else looks.
async fn keep_agenda(context: Context) {
    const LONGEST: Duration = Duration::from_secs(3600);
    loop {
        let wait = context.world.lock().next_due();
        tokio::select! {
            () = tokio::time::sleep(wait.unwrap_or(LONGEST).min(LONGEST)) => {}
            () = context.world.signals.agenda.notified() => {}
            () = context.closing.cancelled() => return,
        }
    }
}

/// Everything but the Bot API, which the accept loop answers itself.
fn routes(context: Context) -> BoxedFilter<(Response,)> {
    stream::routes(context.clone())
        .or(control::routes(context))
        .unify()
        .or(page::routes())
        .unify()
        .boxed()
}
