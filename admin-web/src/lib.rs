//! The admin site.
//!
//! It is up before the bot is, so that health checks have something to ask: what the pages need
//! arrives in [`Site`] when it stands.
//!
//! Follow a request: `server` accepts it, `edge` answers what needs no person (health, webhook,
//! assets) and hands the rest to `guard`, which finds its route in `routes::ALL`, says who asks
//! (`viewer`) and whether they may; `pages` answer. What goes wrong is a `problem`.

mod answer;
mod api;
mod cx;
mod edge;
mod guard;
mod page;
mod pages;
mod problem;
mod routes;
mod texts;
mod viewer;

use std::future::Future;
use std::sync::{Arc, OnceLock};

use bot_core::app::App;
use bot_core::health::Health;
use bot_core::intake::webhook::Webhook;
use tokio::net::TcpListener;
use vahta_texts::Texts;

pub use api::openapi::document as openapi;
pub use routes::{TableRow, route_table};

/// What the routes share; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    health: Health,
    texts: Texts,
    rates: api::rate::Rates,
    app: OnceLock<App>,
    webhook: OnceLock<Webhook>,
}

impl Site {
    pub fn new(health: Health) -> Self {
        Self(Arc::new(Inner {
            health,
            texts: texts::all(),
            rates: api::rate::Rates::default(),
            app: OnceLock::new(),
            webhook: OnceLock::new(),
        }))
    }

    /// The bot stands: pages and the webhook have something to work with.
    pub fn attach(&self, app: App, webhook: Option<Webhook>) {
        // Called once, at start; a second bot in one process would be a mistake of the wiring.
        let _ = self.0.app.set(app);
        if let Some(webhook) = webhook {
            let _ = self.0.webhook.set(webhook);
        }
    }

    fn health(&self) -> &Health {
        &self.0.health
    }

    fn rates(&self) -> &api::rate::Rates {
        &self.0.rates
    }

    fn texts(&self) -> &Texts {
        &self.0.texts
    }

    fn app(&self) -> Option<&App> {
        self.0.app.get()
    }

    fn webhook(&self) -> Option<&Webhook> {
        self.0.webhook.get()
    }
}

/// Serves until `shutdown`, then lets requests under way end.
pub async fn run(
    listener: TcpListener,
    site: Site,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    warp::serve(edge::all(site))
        .incoming(listener)
        .graceful(shutdown)
        .run()
        .await;
}
