//! The first step: a database that answers, with its tables as this version wants them.

use std::time::Duration;

use async_trait::async_trait;
use vahta_rows::db::sqlite_path;
use vahta_rows::{Db, DbError, Ticket, WriterTicket, migrate};

use crate::config::Config;
use crate::plugin_host::WriterDesk;
use crate::storage;

/// The core's writers stand in the same line as the plugins'.
struct Desk(WriterDesk);

#[async_trait]
impl WriterTicket for Desk {
    async fn acquire(&self) -> Ticket {
        Box::new(self.0.take().await)
    }
}

/// What a start would still have to do to the tables; changes nothing. A file that is not there yet
/// is not made.
pub(super) async fn pending(config: &Config) -> Result<Vec<String>, DbError> {
    let url = config.database.url.expose();
    let sets = storage::migrations();
    if sqlite_path(url).is_some_and(|path| !std::path::Path::new(path).exists()) {
        return Ok(migrate::names(&sets)?.0);
    }
    let desk = std::sync::Arc::new(Desk(WriterDesk::default()));
    let db = Db::open(url, 1, desk)?;
    migrate::not_run(&db, &sets).await
}

/// Opens what is there, as it is.
pub(super) async fn look_at(config: &Config) -> Result<(Db, Vec<String>), DbError> {
    let url = config.database.url.expose();
    if let Some(path) = sqlite_path(url).filter(|path| !std::path::Path::new(path).exists()) {
        return Err(DbError::Unavailable(format!("{path} is not there")));
    }
    let desk = std::sync::Arc::new(Desk(WriterDesk::default()));
    let db = Db::open(url, config.database.pool_size, desk)?;
    let pending = migrate::not_run(&db, &storage::migrations()).await?;
    Ok((db, pending))
}

/// Opens and migrates; waits for a server that is down, and says so.
pub(super) async fn open(config: &Config, desk: &WriterDesk) -> Result<Db, DbError> {
    let url = config.database.url.expose();
    if let Some(folder) = sqlite_path(url).and_then(|path| std::path::Path::new(path).parent()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| DbError::Unavailable(format!("{}: {error}", folder.display())))?;
    }
    let db = Db::open(
        url,
        config.database.pool_size,
        std::sync::Arc::new(Desk(desk.clone())),
    )?;
    let mut pause = Duration::from_millis(250);
    loop {
        match migrate::run(&db, storage::migrations()).await {
            Ok(ran) => {
                if !ran.is_empty() {
                    tracing::info!(
                        migrations = ran.len(),
                        database = db.kind(),
                        "database is up to date"
                    );
                }
                return Ok(db);
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, database = db.kind(), "the database is not there yet; waiting");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            Err(error) => return Err(error),
        }
    }
}
