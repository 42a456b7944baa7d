//! A crate's own migrations, run once under a lock.
//!
//! Core and every plugin keep their migrations beside their code, in one folder a database, and
//! run them at start. Two instances that start together must not both run them: PostgreSQL takes
//! an advisory lock, SQLite the writer ticket.

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncConnection as _, RunQueryDsl as _};
use diesel_migrations::EmbeddedMigrations;

use crate::{Conn, Db, DbError, PgConn};

/// Migration sets of one crate, one a database; a test compares their names.
pub struct Sets {
    pub sqlite: EmbeddedMigrations,
    pub postgres: EmbeddedMigrations,
}

/// One number for everybody: migrations of different crates wait for each other as well.
const ADVISORY_LOCK: i64 = 0x0056_4148_5441;

/// Runs what is pending; returns the versions that it ran.
pub async fn run(db: &Db, sets: Sets) -> Result<Vec<String>, DbError> {
    match db.writer().await? {
        (_ticket, Conn::Sqlite(mut conn)) => conn
            .spawn_blocking(move |c| Ok(pending(c, sets.sqlite)))
            .await?
            .map_err(DbError::Migration),
        (_, Conn::Postgres(conn)) => {
            drop(conn);
            let mut conn = PgConn::establish(db.url())
                .await
                .map_err(|error| DbError::Unavailable(error.to_string()))?;
            diesel::sql_query(format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))
                .execute(&mut conn)
                .await?;
            // The harness is synchronous: it blocks a thread of its own on the async connection.
            let mut wrapped = AsyncConnectionWrapper::<PgConn>::from(conn);
            tokio::task::spawn_blocking(move || pending(&mut wrapped, sets.postgres))
                .await
                .map_err(|error| DbError::Migration(error.to_string()))?
                .map_err(DbError::Migration)
            // The connection closes here and the lock ends with it.
        }
    }
}

fn pending<C, DB>(conn: &mut C, set: EmbeddedMigrations) -> Result<Vec<String>, String>
where
    DB: diesel::backend::Backend,
    C: diesel_migrations::MigrationHarness<DB>,
{
    let ran = conn
        .run_pending_migrations(set)
        .map_err(|error| error.to_string())?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

#[derive(diesel::QueryableByName)]
struct Tables {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// The names of what [`run`] would run; changes nothing, not even the table that remembers.
///
/// # Errors
/// The database's.
pub async fn not_run(db: &Db, sets: &Sets) -> Result<Vec<String>, DbError> {
    let there = if db.is_postgres() {
        "SELECT count(*) AS number FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_name = '__diesel_schema_migrations'"
    } else {
        "SELECT count(*) AS number FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
    };
    let tables: Tables = crate::with_db!(db, c => diesel::sql_query(there).get_result(c).await)?;
    let ran: Vec<Version> = if tables.number == 0 {
        Vec::new()
    } else {
        let all = "SELECT version FROM __diesel_schema_migrations";
        crate::with_db!(db, c => diesel::sql_query(all).load(c).await)?
    };
    let (sqlite, postgres) = names(sets)?;
    let mut known = if db.is_postgres() { postgres } else { sqlite };
    // A name is `<version>_<what>`.
    known.retain(|name| !ran.iter().any(|ran| is_version_of(&ran.version, name)));
    Ok(known)
}

fn is_version_of(version: &str, name: &str) -> bool {
    let rest = name.strip_prefix(version);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The names of each set, sorted: equal sets have equal names.
pub fn names(sets: &Sets) -> Result<(Vec<String>, Vec<String>), DbError> {
    let fault =
        |error: Box<dyn std::error::Error + Send + Sync>| DbError::Migration(error.to_string());
    let sqlite = MigrationSource::<Sqlite>::migrations(&sets.sqlite).map_err(fault)?;
    let postgres = MigrationSource::<Pg>::migrations(&sets.postgres).map_err(fault)?;
    let mut left: Vec<String> = sqlite.iter().map(|m| m.name().to_string()).collect();
    let mut right: Vec<String> = postgres.iter().map(|m| m.name().to_string()).collect();
    left.sort();
    right.sort();
    Ok((left, right))
}
