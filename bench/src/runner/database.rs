//! A fresh database for each run of Vahta, and what it says afterwards.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, sql_query, sql_types};
use serde::Serialize;
use tokio_postgres::{Client, NoTls};

use super::process;
use crate::source::FIRST_CHAT;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What the databases of a kind are made in.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    /// PostgreSQL: a connection to the database that the URL names, and the server's main process.
    postgres: Option<(Client, String, u32)>,
    /// What each run's database is a copy of.
    template: Option<Database>,
}

/// One database, of one run.
pub(crate) struct Database {
    /// As `DATABASE_URL` wants it.
    pub(crate) url: String,
    /// PostgreSQL's name of it.
    name: String,
    /// SQLite's file.
    path: PathBuf,
}

/// The rows that "everything on" leaves behind.
#[derive(Debug, Default, Clone, Copy, Serialize, QueryableByName)]
pub(crate) struct Rows {
    #[diesel(sql_type = sql_types::BigInt)]
    pub(crate) updates_done: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    pub(crate) updates_other: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    pub(crate) messages_in: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    pub(crate) messages_out: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    pub(crate) calls: i64,
}

const ROWS: &str = "SELECT
    (SELECT count(*) FROM updates WHERE state = 1) AS updates_done,
    (SELECT count(*) FROM updates WHERE state <> 1) AS updates_other,
    (SELECT count(*) FROM message_logs WHERE NOT outgoing) AS messages_in,
    (SELECT count(*) FROM message_logs WHERE outgoing) AS messages_out,
    (SELECT count(*) FROM api_logs WHERE lower(method) = 'sendmessage') AS calls";

/// Everybody may use the echo; the role's keys come from the plugin's manifest at its start.
fn people(count: usize) -> String {
    let last = FIRST_CHAT + count as i64 - 1;
    format!(
        "INSERT INTO roles (name, builtin, created_at) VALUES ('operator', true, 0)
            ON CONFLICT DO NOTHING;
         WITH RECURSIVE n (i) AS (SELECT {FIRST_CHAT} UNION ALL SELECT i + 1 FROM n WHERE i < {last})
         INSERT INTO bot_users (telegram_id, username, first_name, language, first_seen, last_seen)
            SELECT i, 'person' || i, 'Person', 'en', 0, 0 FROM n;
         INSERT INTO grants (user_id, role, chat_id, created_at)
            SELECT id, 'operator', 0, 0 FROM bot_users;"
    )
}

/// Commits that are timed before each pair.
const COMMITS: usize = 60;

impl Server {
    /// `None` for PostgreSQL without a URL.
    pub(crate) async fn find(kind: Kind, url: Option<String>) -> Result<Option<Self>> {
        match (kind, url) {
            (Kind::Sqlite, _) => Ok(Some(Self {
                kind,
                postgres: None,
                template: None,
            })),
            (Kind::Postgres, None) => Ok(None),
            (Kind::Postgres, Some(url)) => {
                let client = connect(&url).await?;
                let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
                let pid = u32::try_from(row.get::<_, i32>(0))?;
                let main = process::parent(pid).context("PostgreSQL must run on this machine")?;
                Ok(Some(Self {
                    kind,
                    postgres: Some((client, url, main)),
                    template: None,
                }))
            }
        }
    }

    /// A copy of the template, or an empty database while there is none.
    pub(crate) async fn create(&self, folder: &Path, name: &str) -> Result<Database> {
        let path = folder.join("vahta.db");
        let Some((client, url, _)) = &self.postgres else {
            if let Some(template) = &self.template {
                std::fs::copy(&template.path, &path)?;
            }
            let url = format!("sqlite:{}", path.display());
            return Ok(Database {
                url,
                name: name.to_owned(),
                path,
            });
        };
        let like = self
            .template
            .as_ref()
            .map_or("template1", |template| &template.name);
        client
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {like}"))
            .await?;
        let (server, _) = url.rsplit_once('/').context("no database in the URL")?;
        let url = format!("{server}/{name}");
        Ok(Database {
            url,
            name: name.to_owned(),
            path,
        })
    }

    /// From now on each new database is a copy of this one, which nobody may use any more.
    pub(crate) fn copy_from(&mut self, template: Database) {
        self.template = Some(template);
    }

    pub(crate) fn template(&self) -> Option<&Database> {
        self.template.as_ref()
    }

    /// The template is not needed any more.
    pub(crate) async fn forget(&mut self) -> Result<()> {
        match self.template.take() {
            Some(template) => self.drop(&template.name).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn drop(&self, name: &str) -> Result<()> {
        if let Some((client, _, _)) = &self.postgres {
            client
                .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                .await?;
        }
        Ok(())
    }

    /// CPU of the database's own processes; SQLite has none.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        match &self.postgres {
            Some((_, _, main)) => process::cpu_seconds_of_family(*main),
            None => Ok(0.0),
        }
    }

    /// One small row, on disk when it returns, in milliseconds, some tens of times.
    pub(crate) async fn commits_ms(&self, folder: &Path) -> Result<Vec<f64>> {
        const TABLE: &str = "CREATE TABLE bench_commit (n BIGINT NOT NULL)";
        let mut times = Vec::with_capacity(COMMITS);
        if let Some((client, _, _)) = &self.postgres {
            client
                .batch_execute("DROP TABLE IF EXISTS bench_commit")
                .await?;
            client.batch_execute(TABLE).await?;
            client.batch_execute("SET synchronous_commit = on").await?;
            let insert = client
                .prepare("INSERT INTO bench_commit VALUES ($1)")
                .await?;
            for n in 0..COMMITS {
                let start = Instant::now();
                client.execute(&insert, &[&(n as i64)]).await?;
                times.push(start.elapsed().as_secs_f64() * 1000.0);
            }
            client.batch_execute("DROP TABLE bench_commit").await?;
        } else {
            let path = folder.join("commits.db");
            let mut file = SqliteConnection::establish(&path.to_string_lossy())?;
            file.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
            file.batch_execute(TABLE)?;
            for n in 0..COMMITS {
                let start = Instant::now();
                file.batch_execute(&format!("INSERT INTO bench_commit VALUES ({n})"))?;
                times.push(start.elapsed().as_secs_f64() * 1000.0);
            }
            drop(file);
            std::fs::remove_file(path)?;
        }
        Ok(times)
    }

    /// Version and how durable it is.
    pub(crate) async fn describe(&self) -> Result<String> {
        let Some((client, _, _)) = &self.postgres else {
            #[derive(QueryableByName)]
            struct Version {
                #[diesel(sql_type = sql_types::Text)]
                version: String,
            }
            let mut memory = SqliteConnection::establish(":memory:")?;
            let query = sql_query("SELECT sqlite_version() AS version");
            let row: Version = query.get_result(&mut memory)?;
            return Ok(format!("SQLite {} (WAL, synchronous = FULL)", row.version));
        };
        let mut said = Vec::new();
        for setting in ["server_version", "fsync", "synchronous_commit"] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await?;
            said.push(row.get::<_, String>(0));
        }
        let [version, fsync, commit] = said.as_slice() else {
            anyhow::bail!("three settings");
        };
        Ok(format!(
            "PostgreSQL {version} (fsync = {fsync}, synchronous_commit = {commit})"
        ))
    }
}

impl Database {
    /// After the migrations, before the start.
    pub(crate) async fn seed(&self, count: usize) -> Result<()> {
        self.execute(&people(count)).await
    }

    /// Statements of ours, also while Vahta has the database.
    pub(crate) async fn execute(&self, sql: &str) -> Result<()> {
        match self.sqlite()? {
            Some(mut file) => Ok(file.batch_execute(&format!(
                "PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE; {sql}; COMMIT"
            ))?),
            None => Ok(connect(&self.url).await?.batch_execute(sql).await?),
        }
    }

    /// Brings everything into SQLite's one file, so that copying it copies all.
    pub(crate) fn settle(&self) -> Result<()> {
        if let Some(mut file) = self.sqlite()? {
            file.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        Ok(())
    }

    pub(crate) async fn rows(&self) -> Result<Rows> {
        if let Some(mut file) = self.sqlite()? {
            return Ok(sql_query(ROWS).get_result(&mut file)?);
        }
        let row = connect(&self.url).await?.query_one(ROWS, &[]).await?;
        Ok(Rows {
            updates_done: row.get(0),
            updates_other: row.get(1),
            messages_in: row.get(2),
            messages_out: row.get(3),
            calls: row.get(4),
        })
    }

    fn sqlite(&self) -> Result<Option<SqliteConnection>> {
        if !self.url.starts_with("sqlite:") {
            return Ok(None);
        }
        Ok(Some(SqliteConnection::establish(
            &self.path.to_string_lossy(),
        )?))
    }
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends with the client; an error comes out of the client's next call.
    tokio::spawn(connection);
    Ok(client)
}
