//! The journal on SQLite: prepared single-row statements in one immediate transaction.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use vahta_rows::{Conn, Db, DbError};

use super::entry::{ApiLog, Mark, MessageLog, Seen};
use super::writer::{Batch, Written};
use crate::storage::schema::{api_logs, bot_users, chats, message_logs, outbox, settings, updates};

pub(super) struct Writer {
    db: Db,
}

impl Writer {
    pub(super) fn new(db: Db) -> Self {
        Self { db }
    }

    pub(super) async fn write(&mut self, batch: Batch) -> (Batch, Result<Written, DbError>) {
        let (_ticket, mut conn) = match self.db.writer().await {
            Ok((ticket, Conn::Sqlite(conn))) => (ticket, conn),
            Ok((_, Conn::Postgres(_))) => return (batch, Err(DbError::UnknownUrl)),
            Err(error) => return (batch, Err(error)),
        };
        // The batch rides along so that a failed one can be tried again in parts.
        let written = conn
            .spawn_blocking(move |c| {
                let result = c.immediate_transaction(|c| write(c, &batch));
                Ok((batch, result))
            })
            .await;
        match written {
            Ok((batch, result)) => (batch, result.map_err(DbError::from)),
            Err(error) => (Batch::default(), Err(error.into())),
        }
    }
}

fn write(c: &mut SqliteConnection, batch: &Batch) -> QueryResult<Written> {
    let mut fresh = Vec::with_capacity(batch.updates.len());
    for update in &batch.updates {
        let inserted = diesel::insert_into(updates::table)
            .values((
                updates::id.eq(update.id.0),
                updates::chat_key.eq(update.chat_key),
                updates::kind.eq(&update.kind),
                updates::raw.eq(&update.raw[..]),
                updates::received_at.eq(update.received_at.0),
            ))
            .on_conflict(updates::id)
            .do_nothing()
            .execute(c)?;
        fresh.push(inserted == 1);
    }
    for mark in &batch.marks {
        write_mark(c, mark)?;
    }
    for message in &batch.messages {
        write_message(c, message)?;
    }
    for call in &batch.calls {
        write_call(c, call)?;
    }
    for seen in &batch.seen {
        write_seen(c, seen)?;
    }
    let access_version = if batch.updates.is_empty() {
        0
    } else {
        settings::table
            .find("access.version")
            .select(settings::value)
            .first::<String>(c)
            .optional()?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    };
    Ok(Written {
        fresh,
        access_version,
    })
}

fn write_mark(c: &mut SqliteConnection, mark: &Mark) -> QueryResult<()> {
    match mark {
        Mark::Update(f) if f.state == super::UpdateState::Done => {
            diesel::update(updates::table.find(f.id.0))
                .set((
                    updates::state.eq(f.state as i16),
                    updates::raw.eq(&[][..]),
                    updates::error.eq(f.error.as_deref()),
                    updates::done_at.eq(Some(f.at.0)),
                ))
                .execute(c)?;
        }
        Mark::Update(f) => {
            diesel::update(updates::table.find(f.id.0))
                .set((
                    updates::state.eq(f.state as i16),
                    updates::error.eq(f.error.as_deref()),
                    updates::done_at.eq(Some(f.at.0)),
                ))
                .execute(c)?;
        }
        Mark::Outbox(m) => {
            let sent_at = (m.state == vahta_rows::outbox::OutboxState::Sent).then_some(m.at.0);
            if m.state == vahta_rows::outbox::OutboxState::Queued {
                // To be tried again: by whoever is there when it is due.
                diesel::update(outbox::table.find(m.id.0).filter(outbox::epoch.eq(m.epoch)))
                    .set(outbox::owner.eq(None::<i64>))
                    .execute(c)?;
            }
            diesel::update(outbox::table.find(m.id.0).filter(outbox::epoch.eq(m.epoch)))
                .set((
                    outbox::state.eq(m.state as i16),
                    outbox::attempts.eq(m.attempts),
                    outbox::due_at.eq(m.due_at.0),
                    outbox::message_id.eq(m.message_id),
                    outbox::last_error.eq(m.error.as_deref()),
                    outbox::sent_at.eq(sent_at),
                ))
                .execute(c)?;
        }
    }
    Ok(())
}

fn write_message(c: &mut SqliteConnection, m: &MessageLog) -> QueryResult<()> {
    diesel::insert_into(message_logs::table)
        .values((
            message_logs::outgoing.eq(m.outgoing),
            message_logs::chat_id.eq(m.chat_id),
            message_logs::telegram_id.eq(m.telegram_id),
            message_logs::message_id.eq(m.message_id),
            message_logs::update_id.eq(m.update_id),
            message_logs::kind.eq(&m.kind),
            message_logs::text.eq(m.text.as_deref()),
            message_logs::meta.eq(m.meta.as_deref()),
            message_logs::at.eq(m.at.0),
        ))
        .execute(c)
        .map(drop)
}

fn write_call(c: &mut SqliteConnection, call: &ApiLog) -> QueryResult<()> {
    diesel::insert_into(api_logs::table)
        .values((
            api_logs::method.eq(&call.method),
            api_logs::chat_id.eq(call.chat_id),
            api_logs::plugin.eq(&call.plugin),
            api_logs::lane.eq(call.lane),
            api_logs::status.eq(call.status),
            api_logs::error.eq(call.error.as_deref()),
            api_logs::attempt.eq(call.attempt),
            api_logs::waited_us.eq(call.waited_us),
            api_logs::elapsed_us.eq(call.elapsed_us),
            api_logs::at.eq(call.at.0),
        ))
        .execute(c)
        .map(drop)
}

fn write_seen(c: &mut SqliteConnection, seen: &Seen) -> QueryResult<()> {
    let at = seen.at.0;
    if let Some(s) = &seen.sender {
        let names = (
            bot_users::username.eq(s.username.as_deref()),
            bot_users::first_name.eq(&s.first_name),
            bot_users::last_name.eq(s.last_name.as_deref()),
            bot_users::last_seen.eq(at),
        );
        diesel::insert_into(bot_users::table)
            .values((
                bot_users::telegram_id.eq(Some(s.telegram_id)),
                bot_users::language.eq(s.language.as_deref()),
                bot_users::first_seen.eq(at),
                names,
            ))
            .on_conflict(bot_users::telegram_id)
            .do_update()
            .set(names)
            .execute(c)?;
    }
    if let Some(p) = &seen.place {
        let facts = (
            chats::kind.eq(p.kind.as_str()),
            chats::title.eq(p.title.as_deref()),
            chats::username.eq(p.username.as_deref()),
            chats::last_seen.eq(at),
        );
        diesel::insert_into(chats::table)
            .values((chats::id.eq(p.chat.0), chats::first_seen.eq(at), facts))
            .on_conflict(chats::id)
            .do_update()
            .set(facts)
            .execute(c)?;
    }
    Ok(())
}
