//! From configuration to a running bot, one named step after another.

mod database;
mod identity;
mod plugins;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use vahta_rows::{Db, DbError, Micros};

use crate::access::Access;
use crate::accounts::Accounts;
use crate::app::{App, Me, Parts};
use crate::approvals::{self, Approvals};
use crate::audit::{Audit, AuditError};
use crate::blobs::{BlobError, Blobs};
use crate::closed_chats::ClosedChats;
use crate::commands;
use crate::config::{Config, Intake as IntakeConfig};
use crate::dispatch::Dispatcher;
use crate::downloads::{self, Downloads};
use crate::events::Events;
use crate::events::fanout::FanOut;
use crate::fetch::Fetcher;
use crate::figures::{self, Figures};
use crate::flow::{self, Faces};
use crate::health::Health;
use crate::instance::{self, InstanceError};
use crate::intake::webhook::Webhook;
use crate::intake::{Intake, polling};
use crate::jobs::Jobs;
use crate::limits::Limits;
use crate::notices::{self, Notices};
use crate::outbound::{CallError, Client, Outbound};
use crate::outbox::{self, Outbox};
use crate::plugin_host::{Overdue, WriterDesk};
use crate::plugins_admin::{PluginsAdmin, PluginsError};
use crate::services::Services;
use crate::sessions::Sessions;
use crate::storage::checkpoint;
use crate::storage::journal::Journal;
use crate::texts;
use crate::uploads::Uploads;
use crate::zips::Zips;

/// A database that goes away just now comes back.
const RECOVER_AGAIN: Duration = Duration::from_millis(500);
/// How long running work may take to end at a stop.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("REDIS_URL: {0}")]
    Redis(#[from] redis::RedisError),
    #[error(transparent)]
    Instance(#[from] InstanceError),
    #[error("Telegram: {0}")]
    Telegram(#[from] CallError),
    #[error("TELEGRAM_BOT_TOKEN is wrong: Telegram answered 401 Unauthorized")]
    WrongToken,
    #[error("another process took over this database while our connection to it was broken")]
    LeaseLost,
    #[error(
        "the plugin {} has held the database's writer ticket for {} s: only a restart frees it",
        .0.plugin, .0.held.as_secs()
    )]
    WriterHeld(Overdue),
    #[error("audit: {0}")]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error("plugins: {0}")]
    Plugins(#[from] PluginsError),
}

/// A bot whose parts stand and whose intake has not begun.
pub struct Bot {
    pub app: App,
    /// Where Telegram posts to, when intake is by webhook.
    pub webhook: Option<Webhook>,
    intake: Intake,
    client: Client,
    instance: vahta_rows::InstanceId,
    /// Ends when another process took the lease.
    lease: JoinHandle<()>,
    desk: WriterDesk,
    background: Vec<JoinHandle<()>>,
}

/// Builds everything; returns when the bot could begin. Waits for a database that is down.
pub async fn start(config: Config, health: Health) -> Result<Bot, StartError> {
    let desk = WriterDesk::default();
    let grace = config.plugins.writer_grace;
    // Plugins write while they start: one may already block inside its migration.
    tokio::select! {
        bot = build(config, health, desk.clone()) => bot,
        fault = stuck(&desk, grace) => Err(fault),
    }
}

/// Ends when a plugin holds SQLite's ticket for good: nothing can be written any more, so nothing
/// can be ended in order either.
async fn stuck(desk: &WriterDesk, grace: Duration) -> StartError {
    let overdue = desk.overdue(grace).await;
    tracing::error!(
        plugin = %overdue.plugin,
        held_ms = overdue.held.as_millis(),
        "the plugin holds the database's writer ticket and does not come back; the process ends, \
         so that its transaction rolls back and it is started again"
    );
    StartError::WriterHeld(overdue)
}

async fn build(config: Config, health: Health, desk: WriterDesk) -> Result<Bot, StartError> {
    let db = database::open(&config, &desk).await?;
    let lease = instance::acquire(&db, instance::new_id()?).await?;
    let blobs = Blobs::open(db.clone(), &config.blobs)?;
    let client =
        Client::new(&config.telegram.api_url, &config.telegram.token)?.with_files(blobs.clone());
    let journal = Journal::start(db.clone());
    let access = Access::load(db.clone(), &config.access).await?;
    let sessions = Sessions::load(db.clone()).await?;
    let limits = Limits::load(db.clone(), &config.access).await?;
    let events = Events::new(db.clone());
    let jobs = Jobs::default();
    let (delivered, deliveries) = mpsc::channel(2 * outbox::HELD);
    let outbound = Outbound::start(
        client.clone(),
        config.telegram.outbound,
        ClosedChats::load(db.clone()).await?,
        journal.clone(),
        delivered,
    );
    let outbox = Outbox::start(
        db.clone(),
        journal.clone(),
        outbound.clone(),
        lease.id,
        deliveries,
    );
    let me = identity::who_am_i(&outbound).await?;
    let downloads = Downloads::new(
        db.clone(),
        blobs.clone(),
        jobs.clone(),
        lease.id,
        config.downloads.lease,
    );
    let uploads = Uploads::new(blobs.clone(), jobs.clone());
    let approvals = Approvals::new(db.clone(), events.clone(), jobs.clone());
    let notices = Notices::new(db.clone(), events.clone(), config.notices.delay);
    let services = Services {
        db: db.clone(),
        access: access.clone(),
        sessions: sessions.clone(),
        outbound: outbound.clone(),
        outbox: outbox.clone(),
        jobs: jobs.clone(),
        events: events.clone(),
        approvals: approvals.clone(),
        notices: notices.clone(),
        blobs: blobs.clone(),
        downloads: downloads.clone(),
        uploads: uploads.clone(),
        fetcher: Fetcher::new(client.clone(), outbound.clone(), blobs.clone()),
        zips: Zips::new(blobs.clone()),
        instance: lease.id,
    };
    let host = plugins::host(&config, &db, desk.clone(), lease.id, services).await?;
    let plugins_admin = PluginsAdmin::new(db.clone(), host.clone(), access.clone());
    let dispatcher = Dispatcher::new(db.clone(), journal.clone());
    let accounts = Accounts::new(db.clone(), config.web.secret.clone());
    let audit = Audit::open(db.clone(), &config.audit).await?;
    let app = App::new(Parts {
        config: Arc::new(config),
        instance: lease.id,
        started_at: Micros::now(),
        db,
        journal: journal.clone(),
        access: access.clone(),
        accounts,
        audit,
        limits,
        sessions,
        texts: Arc::new(texts::core()),
        outbound,
        outbox,
        jobs,
        approvals,
        notices,
        events,
        blobs,
        downloads,
        uploads,
        plugins: host,
        plugins_admin,
        dispatcher: dispatcher.clone(),
        me,
        faces: Faces::default(),
        told: flow::off::Told::default(),
        figures: Figures::default(),
        health: health.clone(),
    });
    app.plugins_admin.load().await?;
    dispatcher.handle_with(flow::handler(app.clone()));
    let intake = Intake {
        journal,
        access,
        dispatcher,
    };
    let webhook = match &app.config.telegram.intake {
        IntakeConfig::Polling => None,
        IntakeConfig::Webhook { secret, .. } => {
            Some(Webhook::new(intake.clone(), secret.clone(), health))
        }
    };
    let instance = lease.id;
    let mut background = background(&app, instance);
    if let Some(url) = &app.config.redis {
        let fan_out = FanOut::new(url, app.me.id, instance)?;
        background.push(tokio::spawn(
            fan_out.run(app.events.clone(), app.health.clone()),
        ));
    }
    let lease = tokio::spawn(instance::keep(app.db.clone(), lease));
    Ok(Bot {
        app,
        webhook,
        intake,
        client,
        instance,
        lease,
        desk,
        background,
    })
}

/// What goes on beside the flow.
fn background(app: &App, instance: vahta_rows::InstanceId) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(checkpoint::keep(app.db.clone())),
        tokio::spawn(
            app.jobs
                .clone()
                .run(app.db.clone(), app.plugins.clone(), instance),
        ),
        tokio::spawn(app.plugins_admin.clone().converge()),
        tokio::spawn(commands::menu::keep(app.clone())),
        tokio::spawn(crate::housekeeping::keep(app.clone())),
        tokio::spawn(approvals::keep(app.clone())),
        tokio::spawn(notices::courier::keep(app.clone())),
        tokio::spawn(downloads::keep::keep(app.downloads.clone())),
        tokio::spawn(figures::keep(app.clone())),
        tokio::spawn(app.audit.clone().keep()),
    ]
}

impl Bot {
    /// Takes up what was left, then takes updates in until `shutdown` or until another process took
    /// the lease, then ends in order: intake, running updates, plugins, what is being sent, the
    /// journal.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
        let (desk, grace) = (self.desk.clone(), self.app.config.plugins.writer_grace);
        // Also while it ends: the end writes too.
        tokio::select! {
            ended = self.take_in_and_end(shutdown) => ended,
            fault = stuck(&desk, grace) => Err(fault),
        }
    }

    async fn take_in_and_end(self, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
        let Self {
            app,
            intake,
            client,
            instance,
            mut lease,
            background,
            ..
        } = self;
        let lost = tokio::select! {
            () = shutdown => false,
            _ = &mut lease => true,
            // Given up where it is: what was stored and not taken up is found by the next start.
            fault = take_in(&app, intake, client) => return Err(fault),
        };
        stop(&app, &background).await;
        if lost {
            return Err(StartError::LeaseLost);
        }
        if let Err(error) = instance::leave(&app.db, instance).await {
            tracing::warn!(%error, "the instance could not be taken out");
        }
        // The lease goes last: whoever gets it finds nothing of ours running.
        lease.abort();
        Ok(())
    }
}

/// Takes updates in for ever; returns only what makes that impossible.
async fn take_in(app: &App, intake: Intake, client: Client) -> StartError {
    loop {
        match app.dispatcher.recover().await {
            Ok(0) => break,
            Ok(chats) => {
                tracing::info!(chats, "taking up updates of an earlier run");
                break;
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "what an earlier run left cannot be read yet");
                tokio::time::sleep(RECOVER_AGAIN).await;
            }
            Err(error) => return error.into(),
        }
    }
    match &app.config.telegram.intake {
        IntakeConfig::Polling => {
            if let Err(error) = identity::delete_webhook(&app.outbound).await {
                return error;
            }
            app.health.started();
            polling::run(client, intake, app.health.clone()).await
        }
        IntakeConfig::Webhook { url, secret } => {
            if let Err(error) = identity::set_webhook(&app.outbound, url, secret).await {
                return error;
            }
            app.health.started();
            std::future::pending().await
        }
    }
}

async fn stop(app: &App, background: &[JoinHandle<()>]) {
    app.health.stopping();
    tracing::info!("stopping: no new updates, ending what runs");
    app.dispatcher.drain(GRACE).await;
    for task in background {
        task.abort();
    }
    app.plugins.stop_all(GRACE / 2).await;
    app.outbox.settle(GRACE / 2).await;
    if let Err(error) = app.audit.link_all().await {
        tracing::warn!(%error, "the last audit rows are linked at the next start");
    }
}

impl Me {
    /// `https://t.me/<name>`.
    pub fn link(&self) -> String {
        format!("https://t.me/{}", self.username)
    }
}

/// The names of migrations that the database still wants; changes nothing.
///
/// # Errors
/// The database's.
pub async fn pending_migrations(config: &Config) -> Result<Vec<String>, DbError> {
    database::pending(config).await
}

/// Opens a database that is there and changes nothing in it; with the names of the migrations that
/// a start would run. For checks.
///
/// # Errors
/// The database's, or that there is none.
pub async fn look_at_database(config: &Config) -> Result<(Db, Vec<String>), DbError> {
    database::look_at(config).await
}

/// Opens the database and brings its tables up to date: for the command line.
pub async fn open_database(config: &Config) -> Result<Db, DbError> {
    database::open(config, &WriterDesk::default()).await
}
