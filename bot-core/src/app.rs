//! What the rooms of one process share.

use std::ops::Deref;
use std::sync::Arc;

use vahta_rows::{Db, InstanceId, Micros};
use vahta_texts::Texts;

use crate::access::Access;
use crate::accounts::Accounts;
use crate::approvals::Approvals;
use crate::audit::Audit;
use crate::blobs::Blobs;
use crate::config::Config;
use crate::dispatch::Dispatcher;
use crate::downloads::Downloads;
use crate::events::Events;
use crate::figures::Figures;
use crate::flow::{self, Faces};
use crate::health::Health;
use crate::jobs::Jobs;
use crate::limits::Limits;
use crate::notices::Notices;
use crate::outbound::Outbound;
use crate::outbox::Outbox;
use crate::plugin_host::PluginHost;
use crate::plugins_admin::PluginsAdmin;
use crate::sessions::Sessions;
use crate::storage::journal::Journal;
use crate::uploads::Uploads;

/// Cheap to clone; every handler gets one.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts, each with who uses it.
pub struct Parts {
    /// Everyone who needs a setting; read once at start.
    pub config: Arc<Config>,
    /// Whoever claims rows.
    pub instance: InstanceId,
    pub started_at: Micros,
    /// Commands and services; the hot path writes through the journal.
    pub db: Db,
    /// Intake, dispatch, outbound: everything that is written often.
    pub journal: Journal,
    /// The flow's first rooms, `/why`, the web.
    pub access: Access,
    /// The web: who a browser or a key belongs to.
    pub accounts: Accounts,
    /// The page and the API of the audit log; a task of its own links new rows.
    pub audit: Audit,
    /// The flow's limit room, `/limits`.
    pub limits: Limits,
    /// Routing and plugins' dialogs.
    pub sessions: Sessions,
    /// The core's own texts.
    pub texts: Arc<Texts>,
    /// Whoever talks to Telegram.
    pub outbound: Outbound,
    /// Whoever commits a message.
    pub outbox: Outbox,
    /// Whoever commits a job.
    pub jobs: Jobs,
    /// Buttons, the web and the API: what waits for a decision; a task of its own tells people.
    pub approvals: Approvals,
    /// Whoever commits a notice, and the web; a task of its own delivers.
    pub notices: Notices,
    /// Whoever commits an event, and the web's streams.
    pub events: Events,
    /// Plugins' files: the web brings and fetches them, plugins read and write their own.
    pub blobs: Blobs,
    /// The web streams what plugins grant; a task of its own gives back what broke off.
    pub downloads: Downloads,
    /// Files that come in parts, by a plugin's grant: the web and plugins.
    pub uploads: Uploads,
    /// Routing, delivery, `/plugins`.
    pub plugins: PluginHost,
    /// `/plugin`, the web and the command line: what should run, and what does.
    pub plugins_admin: PluginsAdmin,
    /// Recovery and `/status`.
    pub dispatcher: Dispatcher,
    /// Who this bot is.
    pub me: Me,
    /// The record room.
    pub faces: Faces,
    /// Who knows that a plugin is off in their chat.
    pub told: flow::off::Told,
    /// The dashboard's curves.
    pub figures: Figures,
    /// `/status`, `/healthz`, `/readyz`.
    pub health: Health,
}

/// The bot's own account. Source: Bot API, `getMe`.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Me {
    pub id: i64,
    /// Without the `@`.
    pub username: String,
    pub first_name: String,
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
