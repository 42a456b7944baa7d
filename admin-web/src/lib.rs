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
mod cookies;
mod cx;
mod download;
mod edge;
mod guard;
mod live;
mod origin;
mod page;
mod pages;
mod parts;
mod problem;
mod qr;
mod routes;
mod server;
mod texts;
mod uploads;
mod viewer;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use bot_core::app::App;
use bot_core::config;
use bot_core::health::Health;
use bot_core::intake::webhook::Webhook;
use tokio_util::sync::CancellationToken;
use vahta_rows::UserId;
use vahta_texts::Texts;

pub use api::openapi::document as openapi;
pub use routes::{TableRow, route_table};
pub use server::{Limits, Tls, TlsError, run};

/// A grant and where somebody is who uses it.
type Bringer = (i64, Option<IpAddr>);

/// What the routes share; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    health: Health,
    web: config::Web,
    stopping: CancellationToken,
    texts: Texts,
    live: live::Live,
    rates: api::rate::Rates,
    uploads: guard::files::Turns<UserId>,
    bringers: guard::files::Turns<Bringer>,
    app: OnceLock<App>,
    webhook: OnceLock<Webhook>,
}

impl Site {
    pub fn new(health: Health, web: config::Web) -> Self {
        Self(Arc::new(Inner {
            health,
            web,
            stopping: CancellationToken::new(),
            texts: texts::all(),
            live: live::Live::default(),
            rates: api::rate::Rates::default(),
            uploads: guard::files::Turns::default(),
            bringers: guard::files::Turns::default(),
            app: OnceLock::new(),
            webhook: OnceLock::new(),
        }))
    }

    /// The bot stands: pages and the webhook have something to work with.
    pub fn attach(&self, app: App, webhook: Option<Webhook>) {
        // Called once, at start; a second bot in one process would be a mistake of the wiring.
        if self.0.app.set(app.clone()).is_ok() {
            self.0.live.start(&app);
        }
        if let Some(webhook) = webhook {
            let _ = self.0.webhook.set(webhook);
        }
    }

    fn health(&self) -> &Health {
        &self.0.health
    }

    fn web(&self) -> &config::Web {
        &self.0.web
    }

    /// Cancelled when the server stops: streams end then, for they would hold it up.
    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    fn rates(&self) -> &api::rate::Rates {
        &self.0.rates
    }

    /// Who sends forms with files now.
    pub(crate) fn uploads(&self) -> &guard::files::Turns<UserId> {
        &self.0.uploads
    }

    /// Who brings files by a grant now.
    pub(crate) fn bringers(&self) -> &guard::files::Turns<Bringer> {
        &self.0.bringers
    }

    fn texts(&self) -> &Texts {
        &self.0.texts
    }

    fn live(&self) -> &live::Live {
        &self.0.live
    }

    fn app(&self) -> Option<&App> {
        self.0.app.get()
    }

    fn webhook(&self) -> Option<&Webhook> {
        self.0.webhook.get()
    }
}
