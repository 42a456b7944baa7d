//! One handle over SQLite or PostgreSQL.
//!
//! A query is written once and compiled for both connection types:
//!
//! ```text
//! let open = with_db!(db, c => tasks::table.filter(tasks::state.eq("open")).load(c).await)?;
//! let task = transaction!(db, c => { …; Ok(task) })?;
//! ```
//!
//! SQLite has one writer, so [`transaction!`](crate::transaction) takes a short, fair ticket before `BEGIN IMMEDIATE`:
//! waiting in SQLite's own busy loop would sleep in growing steps and starve somebody.

mod begun;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use futures::FutureExt as _;

pub use begun::Begun;

pub type SqliteConn = SyncConnectionWrapper<SqliteConnection>;
pub type PgConn = AsyncPgConnection;

/// What can go wrong between a handler and its database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("database query failed: {0}")]
    Query(#[from] diesel::result::Error),
    #[error("no database connection: {0}")]
    Unavailable(String),
    #[error("DATABASE_URL must start with sqlite: or postgres://")]
    UnknownUrl,
    #[error("migrations failed: {0}")]
    Migration(String),
    /// The handler was given up (deadline passed); nothing of it may be committed any more.
    #[error("the transaction came after its handler was given up; nothing was committed")]
    Fenced,
    #[error("cannot write as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What servers say of troubles that pass; diesel gives these no kind of their own, and no SQLSTATE.
const PASSING: &[&str] = &[
    // SQLite
    "database is locked",
    "disk is full",
    // PostgreSQL: 57P01 to 57P05 (shutdown, restart, fail-over), 40P01
    "terminating connection",
    "the database system is",
    "deadlock detected",
    // tokio-postgres
    "connection closed",
];

impl DbError {
    /// Would the same call succeed once the database is back?
    pub fn is_transient(&self) -> bool {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        match self {
            Self::Unavailable(_) => true,
            Self::Query(Error::DatabaseError(kind, info)) => {
                matches!(
                    kind,
                    Kind::ClosedConnection | Kind::SerializationFailure | Kind::UnableToSendCommand
                ) || PASSING.iter().any(|text| info.message().contains(text))
            }
            Self::Query(Error::BrokenTransactionManager) => true,
            _ => false,
        }
    }

    /// Did a unique index refuse the row?
    pub fn is_unique_violation(&self) -> bool {
        use diesel::result::{DatabaseErrorKind::UniqueViolation, Error};
        matches!(self, Self::Query(Error::DatabaseError(UniqueViolation, _)))
    }
}

impl From<PoolError> for DbError {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Whoever holds one may write to SQLite; dropping it lets the next in line.
pub type Ticket = Box<dyn Send + Sync>;

/// Hands out the process's one writer ticket in the order of asking.
#[async_trait]
pub trait WriterTicket: Send + Sync {
    async fn acquire(&self) -> Ticket;
}

/// Asked right before every commit; an error rolls back. The plugin SDK closes it at the deadline.
pub trait Fence: Send + Sync {
    fn check(&self) -> Result<(), DbError>;
}

/// A pooled connection of either kind; [`with_db!`](crate::with_db) takes it apart.
#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack for one query; a box would cost an allocation each"
)]
pub enum Conn {
    Sqlite(Object<SqliteConn>),
    Postgres(Object<PgConn>),
}

#[derive(Clone)]
enum Pools {
    Sqlite {
        /// For whoever comes without a ticket.
        readers: Pool<SqliteConn>,
        /// One connection for whoever has the ticket: readers cannot keep it from them.
        writer: Pool<SqliteConn>,
    },
    Postgres(Pool<PgConn>),
}

macro_rules! pool {
    ($manager:expr, $size:expr) => {
        Pool::builder($manager)
            .max_size($size)
            // The connection used last has its statements and pages at hand.
            .queue_mode(deadpool::managed::QueueMode::Lifo)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(5)))
            .build()
            .map_err(|error| DbError::Unavailable(error.to_string()))
    };
}

/// A small pool over one database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    url: Arc<str>,
    tickets: Arc<dyn WriterTicket>,
    fence: Option<Arc<dyn Fence>>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        f.debug_struct("Db")
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Prepares a pool of at most `size` connections, and on SQLite one more for writing; opens
    /// none yet, so a database that is down shows at the first query and not here.
    pub fn open(url: &str, size: usize, tickets: Arc<dyn WriterTicket>) -> Result<Self, DbError> {
        let pools = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Pools::Postgres(pool!(postgres_manager(url), size)?)
        } else if let Some(path) = sqlite_path(url) {
            Pools::Sqlite {
                readers: pool!(sqlite_manager(path), size)?,
                writer: pool!(sqlite_manager(path), 1)?,
            }
        } else {
            return Err(DbError::UnknownUrl);
        };
        Ok(Self {
            pools,
            url: url.into(),
            tickets,
            fence: None,
        })
    }

    /// The same pool; its transactions ask `fence` before they commit.
    pub fn fenced(&self, fence: Arc<dyn Fence>) -> Self {
        Self {
            fence: Some(fence),
            ..self.clone()
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.pools, Pools::Postgres(_))
    }

    /// "sqlite" or "postgres": for logs, never the URL.
    pub fn kind(&self) -> &'static str {
        if self.is_postgres() {
            "postgres"
        } else {
            "sqlite"
        }
    }

    /// The URL with its password: for opening further connections only.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn connection(&self) -> Result<Conn, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => Conn::Sqlite(readers.get().await?),
            Pools::Postgres(pool) => Conn::Postgres(pool.get().await?),
        })
    }

    pub async fn ticket(&self) -> Ticket {
        self.tickets.acquire().await
    }

    /// A connection to write on, with SQLite's ticket. The ticket comes first, and SQLite's
    /// connection is the writers' own: whoever has the ticket waits for no reader, and whoever
    /// stands in line holds no connection that somebody could use meanwhile.
    ///
    /// # Errors
    /// [`DbError::Unavailable`].
    pub async fn writer(&self) -> Result<(Option<Ticket>, Conn), DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { writer, .. } => {
                let ticket = self.ticket().await;
                (Some(ticket), Conn::Sqlite(writer.get().await?))
            }
            Pools::Postgres(pool) => (None, Conn::Postgres(pool.get().await?)),
        })
    }

    pub fn check_fence(&self) -> Result<(), DbError> {
        self.fence.as_ref().map_or(Ok(()), |fence| fence.check())
    }

    /// Closes the pools: open connections end when they come back.
    pub fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close();
                writer.close();
            }
            Pools::Postgres(pool) => pool.close(),
        }
    }
}

/// The file behind a `sqlite:` URL (`sqlite:data/vahta.db`, `sqlite:///var/lib/vahta.db`).
pub fn sqlite_path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    Some(rest.strip_prefix("//").unwrap_or(rest))
}

fn postgres_manager(url: &str) -> AsyncDieselConnectionManager<PgConn> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    AsyncDieselConnectionManager::new_with_config(url, config)
}

fn sqlite_manager(path: &str) -> AsyncDieselConnectionManager<SqliteConn> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|path| {
        async move {
            let mut conn = SqliteConn::establish(path).await?;
            conn.spawn_blocking(|c| c.batch_execute(SQLITE_PRAGMAS))
                .await
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    AsyncDieselConnectionManager::new_with_config(path, config)
}

/// WAL with FULL: what was acknowledged is on disk. The busy timeout only covers other processes
/// (a backup, a shell); inside the process the ticket orders writers. The log is copied into the
/// database by a task of the core, so a commit does it only when that is 64 MiB late.
///
/// secure_delete is FAST: what is blanked or deleted inside a page is overwritten with zeros, which
/// costs nothing because that page is written anyway. ON would also write every page that becomes
/// free, once more for each update whose body is longer than a page (Debian's library has it built
/// in); a secret that somebody typed is shorter.
pub const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA secure_delete = FAST; PRAGMA cache_size = -2000; PRAGMA wal_autocheckpoint = 16000;";

/// Runs one expression on a pooled connection of whichever database is configured.
///
/// The body sees `$c` as `&mut PgConn` or `&mut SqliteConn` and must have the type
/// `Result<T, E>` with `DbError: From<E>`.
#[macro_export]
macro_rules! with_db {
    ($db:expr, $c:ident => $body:expr) => {
        match $db.connection().await {
            Ok($crate::Conn::Sqlite(mut guard)) => {
                let $c: &mut $crate::SqliteConn = &mut guard;
                $body.map_err($crate::DbError::from)
            }
            Ok($crate::Conn::Postgres(mut guard)) => {
                let $c: &mut $crate::PgConn = &mut guard;
                $body.map_err($crate::DbError::from)
            }
            Err(error) => Err(error),
        }
    };
}

/// Runs a block in one transaction: `Ok` commits, `Err` rolls back. The block is an async body
/// with the type `Result<T, DbError>`. Given up in the middle it rolls back, and its connection is
/// closed.
#[macro_export]
macro_rules! transaction {
    ($db:expr, $c:ident => $body:expr) => {{
        let db: &$crate::Db = &$db;
        match db.writer().await {
            Ok((_ticket, $crate::Conn::Sqlite(guard))) => {
                let mut guard = $crate::db::Begun::new(guard);
                let done = guard
                    .immediate_transaction(async |$c: &mut $crate::SqliteConn| {
                        let done: ::std::result::Result<_, $crate::DbError> = async { $body }.await;
                        let done = done?;
                        db.check_fence()?;
                        Ok::<_, $crate::DbError>(done)
                    })
                    .await;
                guard.done();
                done
            }
            Ok((_, $crate::Conn::Postgres(guard))) => {
                let mut guard = $crate::db::Begun::new(guard);
                let done = $crate::diesel_async::AsyncConnection::transaction(
                    &mut *guard,
                    async |$c: &mut $crate::PgConn| {
                        let done: ::std::result::Result<_, $crate::DbError> = async { $body }.await;
                        let done = done?;
                        db.check_fence()?;
                        Ok::<_, $crate::DbError>(done)
                    },
                )
                .await;
                guard.done();
                done
            }
            Err(error) => Err(error),
        }
    }};
}
