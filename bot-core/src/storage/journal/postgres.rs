//! The journal on PostgreSQL: a connection of its own, prepared `UNNEST` statements, and the whole
//! transaction pipelined into one round trip.
//!
//! This is the one place that speaks tokio-postgres itself: diesel neither caches a statement of
//! variable length nor pipelines, and this is the path of every update.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};
use vahta_rows::DbError;
use vahta_rows::outbox::OutboxState;

use super::entry::{Finished, Mark, OutboxMark, UpdateState};
use super::writer::{Batch, Written};

/// How long one transaction may take.
const PATIENCE: Duration = Duration::from_secs(15);

const STORE: &str = "INSERT INTO updates (id, chat_key, kind, raw, received_at) \
    SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::text[], $4::bytea[], $5::bigint[]) \
    ON CONFLICT (id) DO NOTHING RETURNING id";
const ACCESS: &str = "SELECT value FROM settings WHERE name = 'access.version'";
const FINISH: &str = "UPDATE updates SET state = f.state, error = f.error, done_at = f.at, \
    raw = CASE WHEN f.state = 1 THEN ''::bytea ELSE raw END \
    FROM UNNEST($1::bigint[], $2::smallint[], $3::text[], $4::bigint[]) AS f (id, state, error, at) \
    WHERE updates.id = f.id";
const OUTBOX: &str = "UPDATE outbox SET state = m.state, attempts = m.attempts, due_at = m.due_at, \
    message_id = m.message_id, last_error = m.error, sent_at = m.sent_at, \
    owner = CASE WHEN m.state = 0 THEN NULL ELSE owner END \
    FROM UNNEST($1::bigint[], $2::integer[], $3::smallint[], $4::integer[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[]) \
    AS m (id, epoch, state, attempts, due_at, message_id, error, sent_at) \
    WHERE outbox.id = m.id AND outbox.epoch = m.epoch";
const MESSAGES: &str = "INSERT INTO message_logs (outgoing, chat_id, telegram_id, message_id, update_id, kind, text, meta, at) \
    SELECT * FROM UNNEST($1::boolean[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::bigint[])";
const CALLS: &str = "INSERT INTO api_logs (method, chat_id, plugin, lane, status, error, attempt, waited_us, elapsed_us, at) \
    SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::text[], $4::smallint[], $5::integer[], $6::text[], $7::integer[], $8::bigint[], $9::bigint[], $10::bigint[])";
const USERS: &str = "INSERT INTO bot_users (telegram_id, username, first_name, last_name, language, first_seen, last_seen) \
    SELECT DISTINCT ON (id) id, username, first_name, last_name, language, at, at \
    FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) \
    AS s (id, username, first_name, last_name, language, at) ORDER BY id, at DESC \
    ON CONFLICT (telegram_id) DO UPDATE SET username = excluded.username, first_name = excluded.first_name, \
    last_name = excluded.last_name, last_seen = excluded.last_seen";
const CHATS: &str = "INSERT INTO chats (id, kind, title, username, first_seen, last_seen) \
    SELECT DISTINCT ON (id) id, kind, title, username, at, at \
    FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[]) \
    AS p (id, kind, title, username, at) ORDER BY id, at DESC \
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title, \
    username = excluded.username, last_seen = excluded.last_seen";

/// A statement that was sent, or will be when it is first polled.
type Answering<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Row>, tokio_postgres::Error>> + Send + 'a>>;

pub(super) struct Writer {
    url: String,
    session: Option<Session>,
}

struct Session {
    client: Client,
    store: Statement,
    access: Statement,
    finish: Statement,
    outbox: Statement,
    messages: Statement,
    calls: Statement,
    users: Statement,
    chats: Statement,
}

impl Writer {
    pub(super) fn new(url: String) -> Self {
        Self { url, session: None }
    }

    pub(super) async fn write(&mut self, batch: Batch) -> (Batch, Result<Written, DbError>) {
        // A server that neither answers nor refuses must not stop intake for ever.
        let Ok(result) = tokio::time::timeout(PATIENCE, self.try_write(&batch)).await else {
            self.session = None;
            let error = DbError::Unavailable("no answer from the database".into());
            return (batch, Err(error));
        };
        if result.is_err() && self.session.as_ref().is_some_and(|s| s.client.is_closed()) {
            self.session = None;
        }
        (batch, result.map_err(to_db_error))
    }

    async fn try_write(&mut self, batch: &Batch) -> Result<Written, tokio_postgres::Error> {
        let session = match self.session.take() {
            Some(session) if !session.client.is_closed() => self.session.insert(session),
            _ => self.session.insert(Session::open(&self.url).await?),
        };
        let result = session.write(batch).await;
        if result.is_err() {
            // COMMIT of an aborted transaction is a rollback, so this only clears a half-sent one.
            let _ = session.client.batch_execute("ROLLBACK").await;
        }
        result
    }
}

/// What would fail again with the same rows (22: data exception, 23: integrity violation), and
/// what passes.
fn to_db_error(error: tokio_postgres::Error) -> DbError {
    let Some(db) = error.as_db_error() else {
        return DbError::Unavailable(error.to_string());
    };
    let code = db.code().code();
    let text = format!("{code}: {}", db.message());
    if code.starts_with("22") || code.starts_with("23") {
        DbError::Query(diesel::result::Error::QueryBuilderError(text.into()))
    } else {
        DbError::Unavailable(text)
    }
}

impl Session {
    async fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "the journal's database connection ended");
            }
        });
        Ok(Self {
            store: client.prepare(STORE).await?,
            access: client.prepare(ACCESS).await?,
            finish: client.prepare(FINISH).await?,
            outbox: client.prepare(OUTBOX).await?,
            messages: client.prepare(MESSAGES).await?,
            calls: client.prepare(CALLS).await?,
            users: client.prepare(USERS).await?,
            chats: client.prepare(CHATS).await?,
            client,
        })
    }

    /// Sends every statement before it waits for the first answer. An error aborts the
    /// transaction, so the COMMIT behind it becomes a rollback.
    async fn write(&self, batch: &Batch) -> Result<Written, tokio_postgres::Error> {
        let columns = Columns::of(batch);
        let mut statements: Vec<Answering<'_>> = Vec::new();
        if !batch.updates.is_empty() {
            statements.push(Box::pin(self.query(&self.store, columns.updates.params())));
            statements.push(Box::pin(self.query(&self.access, Vec::new())));
        }
        if !columns.finished.id.is_empty() {
            statements.push(Box::pin(
                self.query(&self.finish, columns.finished.params()),
            ));
        }
        if !columns.outbox.id.is_empty() {
            statements.push(Box::pin(self.query(&self.outbox, columns.outbox.params())));
        }
        if !batch.messages.is_empty() {
            statements.push(Box::pin(
                self.query(&self.messages, columns.messages.params()),
            ));
        }
        if !batch.calls.is_empty() {
            statements.push(Box::pin(self.query(&self.calls, columns.calls.params())));
        }
        if !columns.users.id.is_empty() {
            statements.push(Box::pin(self.query(&self.users, columns.users.params())));
        }
        if !columns.chats.id.is_empty() {
            statements.push(Box::pin(self.query(&self.chats, columns.chats.params())));
        }
        let (begun, answers, committed) = futures::join!(
            self.client.batch_execute("BEGIN"),
            futures::future::join_all(statements),
            self.client.batch_execute("COMMIT"),
        );
        begun?;
        let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        committed?;
        Ok(written(batch, &answers))
    }

    async fn query(
        &self,
        statement: &Statement,
        params: Vec<&(dyn ToSql + Sync)>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.client.query(statement, &params).await
    }
}

fn written(batch: &Batch, answers: &[Vec<Row>]) -> Written {
    if batch.updates.is_empty() {
        return Written {
            fresh: Vec::new(),
            access_version: 0,
        };
    }
    let new: std::collections::HashSet<i64> = answers[0].iter().map(|row| row.get(0)).collect();
    let mut taken = std::collections::HashSet::new();
    let fresh = batch
        .updates
        .iter()
        .map(|u| new.contains(&u.id.0) && taken.insert(u.id.0))
        .collect();
    let access_version = answers[1]
        .first()
        .and_then(|row| row.get::<_, String>(0).parse().ok())
        .unwrap_or(0);
    Written {
        fresh,
        access_version,
    }
}

/// PostgreSQL's text cannot hold U+0000.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn clean_opt(text: Option<&str>) -> Option<String> {
    text.map(clean)
}

/// Declares a set of column vectors, filled row by row and bound as arrays.
macro_rules! columns {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Default)]
        struct $name { $($field: Vec<$type>),* }

        impl $name {
            fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
                vec![$(&self.$field),*]
            }
        }
    };
}

columns!(Updates { id: i64, chat_key: i64, kind: String, raw: Vec<u8>, received_at: i64 });
columns!(FinishedColumns { id: i64, state: i16, error: Option<String>, at: i64 });
columns!(OutboxColumns {
    id: i64, epoch: i32, state: i16, attempts: i32, due_at: i64,
    message_id: Option<i64>, error: Option<String>, sent_at: Option<i64>,
});
columns!(Messages {
    outgoing: bool, chat_id: i64, telegram_id: Option<i64>, message_id: Option<i64>, update_id: Option<i64>,
    kind: String, text: Option<String>, meta: Option<String>, at: i64,
});
columns!(Calls {
    method: String, chat_id: Option<i64>, plugin: String, lane: i16, status: i32, error: Option<String>,
    attempt: i32, waited_us: i64, elapsed_us: i64, at: i64,
});
columns!(Users {
    id: i64, username: Option<String>, first_name: String, last_name: Option<String>, language: Option<String>, at: i64,
});
columns!(Chats { id: i64, kind: String, title: Option<String>, username: Option<String>, at: i64 });

#[derive(Default)]
struct Columns {
    updates: Updates,
    finished: FinishedColumns,
    outbox: OutboxColumns,
    messages: Messages,
    calls: Calls,
    users: Users,
    chats: Chats,
}

impl Columns {
    fn of(batch: &Batch) -> Self {
        let mut columns = Self::default();
        for u in &batch.updates {
            let into = &mut columns.updates;
            into.id.push(u.id.0);
            into.chat_key.push(u.chat_key);
            into.kind.push(clean(&u.kind));
            into.raw.push(u.raw.to_vec());
            into.received_at.push(u.received_at.0);
        }
        for mark in &batch.marks {
            match mark {
                Mark::Update(finished) => columns.finished(finished),
                Mark::Outbox(mark) => columns.outbox(mark),
            }
        }
        columns.logs(batch);
        columns
    }

    fn finished(&mut self, finished: &Finished) {
        let into = &mut self.finished;
        debug_assert!(finished.state != UpdateState::Open);
        into.id.push(finished.id.0);
        into.state.push(finished.state as i16);
        into.error.push(clean_opt(finished.error.as_deref()));
        into.at.push(finished.at.0);
    }

    fn outbox(&mut self, mark: &OutboxMark) {
        let into = &mut self.outbox;
        into.id.push(mark.id.0);
        into.epoch.push(mark.epoch);
        into.state.push(mark.state as i16);
        into.attempts.push(mark.attempts);
        into.due_at.push(mark.due_at.0);
        into.message_id.push(mark.message_id);
        into.error.push(clean_opt(mark.error.as_deref()));
        into.sent_at
            .push((mark.state == OutboxState::Sent).then_some(mark.at.0));
    }

    fn logs(&mut self, batch: &Batch) {
        for m in &batch.messages {
            let into = &mut self.messages;
            into.outgoing.push(m.outgoing);
            into.chat_id.push(m.chat_id);
            into.telegram_id.push(m.telegram_id);
            into.message_id.push(m.message_id);
            into.update_id.push(m.update_id);
            into.kind.push(clean(&m.kind));
            into.text.push(clean_opt(m.text.as_deref()));
            into.meta.push(clean_opt(m.meta.as_deref()));
            into.at.push(m.at.0);
        }
        for c in &batch.calls {
            let into = &mut self.calls;
            into.method.push(clean(&c.method));
            into.chat_id.push(c.chat_id);
            into.plugin.push(clean(&c.plugin));
            into.lane.push(c.lane);
            into.status.push(c.status);
            into.error.push(clean_opt(c.error.as_deref()));
            into.attempt.push(c.attempt);
            into.waited_us.push(c.waited_us);
            into.elapsed_us.push(c.elapsed_us);
            into.at.push(c.at.0);
        }
        for seen in &batch.seen {
            if let Some(s) = &seen.sender {
                let into = &mut self.users;
                into.id.push(s.telegram_id);
                into.username.push(clean_opt(s.username.as_deref()));
                into.first_name.push(clean(&s.first_name));
                into.last_name.push(clean_opt(s.last_name.as_deref()));
                into.language.push(clean_opt(s.language.as_deref()));
                into.at.push(seen.at.0);
            }
            if let Some(p) = &seen.place {
                let into = &mut self.chats;
                into.id.push(p.chat.0);
                into.kind.push(p.kind.as_str().to_string());
                into.title.push(clean_opt(p.title.as_deref()));
                into.username.push(clean_opt(p.username.as_deref()));
                into.at.push(seen.at.0);
            }
        }
    }
}
