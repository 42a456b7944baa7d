//! The site of a second instance.

use std::ops::Deref;

use admin_web::Limits;
use anyhow::Result;
use bot_core::app::{App, Parts};
use bot_core::blobs::Blobs;
use bot_core::downloads::{Downloads, keep};
use bot_core::flow::{Faces, off};
use bot_core::uploads::Uploads;
use tokio::task::JoinHandle;
use vahta_rows::InstanceId;

use super::{Web, serve};
use crate::{Ground, TestApp};

/// The site of a second instance over the same database and files.
pub struct Twin {
    web: Web,
    keeping: JoinHandle<()>,
}

impl Deref for Twin {
    type Target = Web;

    fn deref(&self) -> &Web {
        &self.web
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

impl TestApp {
    /// Serves the site of a second instance. One bot works on a database at a time; what counts
    /// downloads must bear another one that does not know of it yet. It shares with the first what
    /// has to do with Telegram and plugins, and has connections, files and leases of its own (on
    /// SQLite not the connections, for there one process writes).
    ///
    /// # Errors
    /// The database's, or when no port can be had.
    pub async fn web_of_twin(&self) -> Result<Twin> {
        let app = &self.app;
        let db = match self.database.ground {
            Ground::Sqlite => app.db.clone(),
            Ground::Postgres => self.database.once_more()?,
        };
        let instance = InstanceId(app.instance.0 ^ 1);
        let blobs = Blobs::open(db.clone(), &app.config.blobs)?;
        let lease = app.config.downloads.lease;
        let downloads =
            Downloads::new(db.clone(), blobs.clone(), app.jobs.clone(), instance, lease);
        let twin = App::new(Parts {
            config: app.config.clone(),
            instance,
            started_at: app.started_at,
            db,
            journal: app.journal.clone(),
            access: app.access.clone(),
            accounts: app.accounts.clone(),
            audit: app.audit.clone(),
            limits: app.limits.clone(),
            sessions: app.sessions.clone(),
            texts: app.texts.clone(),
            outbound: app.outbound.clone(),
            outbox: app.outbox.clone(),
            jobs: app.jobs.clone(),
            approvals: app.approvals.clone(),
            notices: app.notices.clone(),
            events: app.events.clone(),
            blobs: blobs.clone(),
            downloads: downloads.clone(),
            uploads: Uploads::new(blobs, app.jobs.clone()),
            plugins: app.plugins.clone(),
            plugins_admin: app.plugins_admin.clone(),
            dispatcher: app.dispatcher.clone(),
            me: app.me.clone(),
            faces: Faces::default(),
            told: off::Told::default(),
            figures: app.figures.clone(),
            health: app.health.clone(),
        });
        let keeping = tokio::spawn(keep::keep(downloads));
        let web = serve(&twin, Limits::default()).await?;
        Ok(Twin { web, keeping })
    }
}
