//! The latest administrative acts, for the dashboard.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{Db, DbError, Micros, with_db};

use crate::access::snapshot::full_name;
use crate::storage::schema::{audit_log, bot_users};

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub action: String,
    pub object: String,
    /// "telegram", "web", "cli" or "core".
    pub source: String,
    /// The name of whoever did it; `None`: nobody that has one.
    pub actor: Option<String>,
    pub at: Micros,
}

/// The newest first.
pub async fn recent(db: &Db, most: i64) -> Result<Vec<Done>, DbError> {
    type Row = (String, String, String, Option<i64>, i64);
    let rows: Vec<Row> = with_db!(db, c => Run::load(
        audit_log::table.order(audit_log::id.desc()).limit(most).select((
            audit_log::action, audit_log::object, audit_log::source, audit_log::actor, audit_log::at,
        )),
        c,
    ).await)?;
    let mut ids: Vec<i64> = rows.iter().filter_map(|row| row.3).collect();
    ids.sort_unstable();
    ids.dedup();
    let names: Vec<(i64, String, Option<String>)> = with_db!(db, c => Run::load(
        bot_users::table
            .filter(bot_users::id.eq_any(&ids))
            .select((bot_users::id, bot_users::first_name, bot_users::last_name)),
        c,
    ).await)?;
    let name = |id: i64| {
        let (_, first, last) = names.iter().find(|row| row.0 == id)?;
        Some(full_name(first, last.as_deref())).filter(|name| !name.is_empty())
    };
    Ok(rows
        .into_iter()
        .map(|(action, object, source, actor, at)| Done {
            action,
            object,
            source,
            actor: actor.and_then(name),
            at: Micros(at),
        })
        .collect())
}
