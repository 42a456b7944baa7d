//! Rows by filter, newest first, page by page.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{Db, DbError, Micros, PgConn, SqliteConn, UserId, with_db};

use super::AuditRow;
use super::rows::LogRow;
use crate::storage::schema::audit_log;

/// What to look for; nothing: everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub actor: Option<UserId>,
    /// An action, or an area of them: `access` finds `access.grant`.
    pub action: Option<String>,
    pub object: Option<String>,
    pub source: Option<String>,
    pub correlation: Option<String>,
    pub from: Option<Micros>,
    /// Not included.
    pub until: Option<Micros>,
}

/// Rows older than the row `before`, newest first.
pub async fn list(
    db: &Db,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditRow>, DbError> {
    with_db!(db, c => c.list(filter, before.unwrap_or(i64::MAX), limit).await)
}

#[async_trait::async_trait]
trait ListRows {
    async fn list(
        &mut self,
        filter: &Filter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<AuditRow>, DbError>;
}

macro_rules! list_rows {
    ($conn:ty, $backend:ty) => {
        #[async_trait::async_trait]
        impl ListRows for $conn {
            async fn list(
                &mut self,
                filter: &Filter,
                before: i64,
                limit: i64,
            ) -> Result<Vec<AuditRow>, DbError> {
                let mut find = audit_log::table
                    .filter(audit_log::id.lt(before))
                    .order(audit_log::id.desc())
                    .limit(limit)
                    .select(LogRow::as_select())
                    .into_boxed::<$backend>();
                if let Some(actor) = filter.actor {
                    find = find.filter(audit_log::actor.eq(actor.0));
                }
                if let Some(action) = &filter.action {
                    let area = format!("{}.%", escaped(action));
                    let fits = audit_log::action
                        .eq(action)
                        .or(audit_log::action.like(area).escape('\\'));
                    find = find.filter(fits);
                }
                if let Some(object) = &filter.object {
                    find = find.filter(audit_log::object.eq(object));
                }
                if let Some(source) = &filter.source {
                    find = find.filter(audit_log::source.eq(source));
                }
                if let Some(correlation) = &filter.correlation {
                    find = find.filter(audit_log::correlation.eq(correlation));
                }
                if let Some(from) = filter.from {
                    find = find.filter(audit_log::at.ge(from.0));
                }
                if let Some(until) = filter.until {
                    find = find.filter(audit_log::at.lt(until.0));
                }
                let rows: Vec<LogRow> = Run::load(find, self).await?;
                Ok(rows.into_iter().map(AuditRow::from).collect())
            }
        }
    };
}
list_rows!(SqliteConn, diesel::sqlite::Sqlite);
list_rows!(PgConn, diesel::pg::Pg);

/// So that `%`, `_` and `\` stand for themselves.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}
