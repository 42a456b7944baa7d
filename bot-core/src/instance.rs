//! One bot process at a time over one database, and the heartbeat that says it is alive.
//!
//! On SQLite a lock file beside the database, on PostgreSQL a session's advisory lock: both end
//! with the process, however it ends. Whoever holds it may take over every other instance's rows at
//! once. A session can also end while its process lives; the heartbeat goes through that very
//! session, so its process notices within a second, takes the lock again, or stops if another did.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::{AsyncConnection as _, RunQueryDsl};
use vahta_rows::clock::{POSTGRES_NOW, SQLITE_NOW};
use vahta_rows::db::sqlite_path;
use vahta_rows::{Db, DbError, InstanceId, Micros, PgConn, transaction, with_db};

use crate::storage::schema::instances;

const HEARTBEAT: Duration = Duration::from_secs(1);
/// How often a standby asks.
const STANDBY: Duration = Duration::from_millis(250);
const ADVISORY_LOCK: i64 = 0x5641_4854_4142;

#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    #[error("another vahta process works on {0}: SQLite means one server process")]
    Taken(String),
    #[error("the lock file {0} cannot be used: {1}")]
    LockFile(String, std::io::Error),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// Held as long as this process is the one that works.
pub struct Lease {
    pub id: InstanceId,
    held: Held,
}

enum Held {
    File(#[allow(dead_code, reason = "locked until it is dropped")] File),
    Session(Box<PgConn>),
}

/// A number that no earlier run had.
pub fn new_id() -> Result<InstanceId, InstanceError> {
    let random = getrandom::u64().map_err(|_| InstanceError::NoRandomness)?;
    Ok(InstanceId(
        i64::from_ne_bytes((random >> 1).to_ne_bytes()).max(1),
    ))
}

/// Takes the lease: fails at once on SQLite, waits as a standby on PostgreSQL.
pub async fn acquire(db: &Db, id: InstanceId) -> Result<Lease, InstanceError> {
    let held = match sqlite_path(db.url()) {
        Some(path) => Held::File(lock_file(path)?),
        None => Held::Session(Box::new(lock_session(db.url()).await?)),
    };
    register(db, id).await?;
    Ok(Lease { id, held })
}

fn lock_file(database: &str) -> Result<File, InstanceError> {
    let path = format!("{database}.lock");
    let fault = |error| InstanceError::LockFile(path.clone(), error);
    if let Some(folder) = Path::new(&path).parent() {
        std::fs::create_dir_all(folder).map_err(fault)?;
    }
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(fault)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(InstanceError::Taken(database.to_string())),
        Err(TryLockError::Error(error)) => Err(fault(error)),
    }
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

async fn lock_session(url: &str) -> Result<PgConn, DbError> {
    let mut told = false;
    loop {
        match PgConn::establish(url).await {
            Ok(mut conn) => loop {
                match try_lock(&mut conn).await {
                    Ok(true) => return Ok(conn),
                    Ok(false) => {}
                    // The server restarts: a standby stands by.
                    Err(_) => break,
                }
                if !std::mem::replace(&mut told, true) {
                    tracing::info!("another instance works on this database; standing by");
                }
                tokio::time::sleep(STANDBY).await;
            },
            Err(error) => tracing::warn!(%error, "the lease cannot be asked for; waiting"),
        }
        tokio::time::sleep(STANDBY).await;
    }
}

async fn try_lock(conn: &mut PgConn) -> Result<bool, diesel::result::Error> {
    let answer: Locked = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS locked")
        .bind::<BigInt, _>(ADVISORY_LOCK)
        .get_result(conn)
        .await?;
    Ok(answer.locked)
}

/// Puts this instance in, and every other out: we hold the lease, so they are dead.
async fn register(db: &Db, id: InstanceId) -> Result<(), DbError> {
    let now = Micros::now();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    transaction!(db, c => {
        diesel::delete(instances::table.filter(instances::id.ne(id.0))).execute(c).await?;
        diesel::insert_into(instances::table)
            .values((
                instances::id.eq(id.0),
                instances::host.eq(host.trim()),
                instances::pid.eq(i64::from(std::process::id())),
                instances::started_at.eq(now.0),
                instances::heartbeat_at.eq(now.0),
            ))
            .execute(c)
            .await?;
        Ok(())
    })
}

/// How old a heartbeat may be.
const DEAD_AFTER_US: i64 = 4_000_000;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The instances whose rows must not be taken: those with a fresh heartbeat on the database's
/// clock, and ourselves, however late our own is.
pub async fn alive_with(db: &Db, me: InstanceId) -> Result<Vec<i64>, DbError> {
    let clock = if db.is_postgres() {
        POSTGRES_NOW
    } else {
        SQLITE_NOW
    };
    let sql = format!("SELECT id FROM instances WHERE heartbeat_at > {clock} - {DEAD_AFTER_US}");
    let rows: Vec<Id> = with_db!(db, c => diesel::sql_query(&sql).load(c).await)?;
    Ok(rows.into_iter().map(|row| row.id).chain([me.0]).collect())
}

/// Says "alive" on the database's clock, and returns when this process is no longer the one that
/// works: another one took the lease while our connection to PostgreSQL was broken.
pub async fn keep(db: Db, mut lease: Lease) {
    let clock = if db.is_postgres() {
        POSTGRES_NOW
    } else {
        SQLITE_NOW
    };
    let sql = format!(
        "UPDATE instances SET heartbeat_at = {clock} WHERE id = {}",
        lease.id
    );
    loop {
        match lease.beat(&db, &sql).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "no heartbeat could be written");
                if lease.renew(db.url()).await == Renewal::Taken {
                    return;
                }
            }
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}

/// What became of a lease whose connection broke.
#[derive(PartialEq, Eq)]
enum Renewal {
    /// Ours, or not known yet.
    Held,
    Taken,
}

impl Lease {
    /// On PostgreSQL through the connection that holds the lock: if it is gone, this shows.
    async fn beat(&mut self, db: &Db, sql: &str) -> Result<usize, DbError> {
        match &mut self.held {
            Held::Session(conn) => Ok(diesel::sql_query(sql).execute(conn.as_mut()).await?),
            Held::File(_) => transaction!(db, c => {
                diesel::sql_query(sql).execute(c).await.map_err(DbError::from)
            }),
        }
    }

    async fn renew(&mut self, url: &str) -> Renewal {
        let Held::Session(conn) = &mut self.held else {
            return Renewal::Held;
        };
        let Ok(mut fresh) = PgConn::establish(url).await else {
            return Renewal::Held;
        };
        match try_lock(&mut fresh).await {
            Ok(true) => {
                **conn = fresh;
                Renewal::Held
            }
            Ok(false) => Renewal::Taken,
            Err(_) => Renewal::Held,
        }
    }
}

/// Takes this instance out: what it held may be taken over at once.
pub async fn leave(db: &Db, id: InstanceId) -> Result<(), DbError> {
    transaction!(db, c => {
        diesel::delete(instances::table.find(id.0)).execute(c).await.map(drop).map_err(DbError::from)
    })
}
