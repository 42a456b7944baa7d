//! A database that nobody else has, and looking into it.

mod dump;

pub use dump::contains;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use tokio_postgres::NoTls;
use vahta_rows::{Db, Ticket, WriterTicket, transaction, with_db};

use crate::Ground;
use crate::people::PATIENCE;

/// Looks from outside, as an administrator with a shell would: it stands in no line.
struct NoTicket;

#[async_trait]
impl WriterTicket for NoTicket {
    async fn acquire(&self) -> Ticket {
        Box::new(())
    }
}

pub struct Database {
    pub ground: Ground,
    /// As `DATABASE_URL` wants it.
    pub url: String,
    db: Db,
    /// The server and the database's name, to take it away.
    on_server: Option<(String, String)>,
}

#[derive(diesel::QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(diesel::QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Database {
    /// A file in `folder`, or a new database on the server that `VAHTA_TEST_POSTGRES_URL` names.
    pub(crate) async fn fresh(ground: Ground, folder: &Path) -> Result<Self> {
        let (url, on_server) = match ground {
            Ground::Sqlite => (
                format!("sqlite:{}", folder.join("vahta.db").display()),
                None,
            ),
            Ground::Postgres => {
                let (url, server, name) = create().await?;
                (url, Some((server, name)))
            }
        };
        let db = Db::open(&url, 2, Arc::new(NoTicket))?;
        Ok(Self {
            ground,
            url,
            db,
            on_server,
        })
    }

    /// The handle itself, for what has a type.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Connections of their own, as another program has them.
    ///
    /// # Errors
    /// The URL's.
    pub fn once_more(&self) -> Result<Db> {
        Ok(Db::open(&self.url, 2, Arc::new(NoTicket))?)
    }

    /// A query whose one column is named `text`.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let rows: Vec<TextRow> = with_db!(self.db, c => diesel::sql_query(sql).load(c).await)
            .with_context(|| sql.to_owned())?;
        Ok(rows.into_iter().map(|row| row.text).collect())
    }

    /// A query whose one column is named `number` and which gives one row.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let row: NumberRow = with_db!(self.db, c => diesel::sql_query(sql).get_result(c).await)
            .with_context(|| sql.to_owned())?;
        Ok(row.number)
    }

    /// Waits until such a query gives this number.
    pub async fn becomes(&self, sql: &str, number: i64) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.number(sql).await?;
            if found == number {
                return Ok(());
            }
            if Instant::now() > until {
                bail!(
                    "{found} instead of {number} after {} s: {sql}",
                    PATIENCE.as_secs()
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A change from outside, such as letting time pass for a row.
    pub async fn change(&self, sql: &str) -> Result<usize> {
        let done = transaction!(self.db, c => {
            diesel::sql_query(sql).execute(c).await.map_err(vahta_rows::DbError::from)
        });
        done.with_context(|| sql.to_owned())
    }

    /// Whether these bytes stand anywhere in the database.
    pub async fn holds(&self, text: &str) -> Result<bool> {
        dump::holds(self, text).await
    }

    /// Takes the database away; a story that failed leaves it to whoever looks for the reason.
    pub(crate) async fn remove(self) -> Result<()> {
        self.db.close();
        let Some((server, name)) = &self.on_server else {
            return Ok(());
        };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        on_server(server, &sql).await
    }
}

async fn create() -> Result<(String, String, String)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = xtask::environment::var("VAHTA_TEST_POSTGRES_URL").context(
        "VAHTA_TEST_POSTGRES_URL is not set: run `make test`, or \
         `cargo xtask pg --fast -- <command>`, which start a private PostgreSQL",
    )?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let name = format!(
        "vahta_{}_{number}_{}",
        std::process::id(),
        since.subsec_nanos()
    );
    on_server(&server, &format!("CREATE DATABASE {name}")).await?;
    let (base, _) = server
        .rsplit_once('/')
        .context("the server's URL names a database")?;
    let url = format!("{base}/{name}");
    Ok((url, server, name))
}

async fn on_server(server: &str, sql: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(server, NoTls)
        .await
        .context("the server of VAHTA_TEST_POSTGRES_URL does not answer")?;
    let talk = tokio::spawn(connection);
    client
        .batch_execute(sql)
        .await
        .with_context(|| sql.to_owned())?;
    drop(client);
    talk.await??;
    Ok(())
}
