//! What was said and what was called, as the journal logged it: for people with `core.logs.view`.
//!
//! Pages go by row id, newest first: a log grows at its end while somebody reads it.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{Db, DbError, Micros, PgConn, SqliteConn, with_db};

use crate::access::snapshot::full_name;
use crate::storage::schema::{api_logs, bot_users, chats, message_logs};

/// Calls that percentiles are made of.
const MEASURED: i64 = 5_000;

/// Which messages.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// A part of the text; upper and lower case are one, of ASCII letters at least.
    pub text: String,
    pub chat: Option<i64>,
    /// The sender.
    pub telegram_id: Option<i64>,
    pub outgoing: Option<bool>,
    pub kind: String,
    /// Only rows below this id.
    pub before: Option<i64>,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message_logs, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Message {
    pub id: i64,
    pub outgoing: bool,
    pub chat_id: i64,
    pub telegram_id: Option<i64>,
    pub message_id: Option<i64>,
    pub update_id: Option<i64>,
    pub kind: String,
    pub text: Option<String>,
    pub at: i64,
}

/// Which calls.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    pub method: String,
    /// `Some(true)`: only those that failed.
    pub failed: Option<bool>,
    pub before: Option<i64>,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = api_logs, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct ApiCall {
    pub id: i64,
    pub method: String,
    pub chat_id: Option<i64>,
    pub plugin: String,
    /// HTTP status, or 0 when there was none.
    pub status: i32,
    pub error: Option<String>,
    pub attempt: i32,
    pub waited_us: i64,
    pub elapsed_us: i64,
    pub at: i64,
}

/// How a method did lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodFigures {
    pub method: String,
    pub calls: usize,
    pub failed: usize,
    /// Tries after the first.
    pub retries: usize,
    pub p50_us: i64,
    pub p99_us: i64,
}

/// Newest first, one more than `limit` when there are more.
pub async fn messages(
    db: &Db,
    filter: &MessageFilter,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    with_db!(db, c => c.messages(filter, limit + 1).await)
}

/// What the people and chats of some rows are called now, by their Telegram ids.
pub async fn names(db: &Db, rows: &[Message]) -> Result<HashMap<i64, String>, DbError> {
    let chats: Vec<i64> = rows.iter().map(|row| row.chat_id).collect();
    let people: Vec<i64> = rows
        .iter()
        .filter_map(|row| row.telegram_id)
        // A private chat has the id of its person.
        .chain(chats.iter().copied().filter(|id| *id > 0))
        .collect();
    let (titles, persons) = with_db!(db, c => async {
        Ok::<_, DbError>((c.titles(&chats).await?, c.persons(&people).await?))
    }.await)?;
    let titles = titles
        .into_iter()
        .filter_map(|(id, title)| Some((id, title?)));
    let persons = persons
        .into_iter()
        .filter_map(|(id, first, last)| Some((id?, full_name(&first, last.as_deref()))));
    Ok(titles
        .chain(persons)
        .filter(|(_, name)| !name.is_empty())
        .collect())
}

/// As [`messages`].
pub async fn calls(db: &Db, filter: &CallFilter, limit: i64) -> Result<Vec<ApiCall>, DbError> {
    with_db!(db, c => c.calls(filter, limit + 1).await)
}

/// The methods called since an instant, by their latest calls, the busiest first.
pub async fn methods(db: &Db, since: Micros) -> Result<Vec<MethodFigures>, DbError> {
    let rows: Vec<(String, i32, i32, i64)> = with_db!(db, c => Run::load(
        api_logs::table
            .filter(api_logs::at.ge(since.0))
            .order(api_logs::id.desc())
            .limit(MEASURED)
            .select((
                api_logs::method, api_logs::status, api_logs::attempt, api_logs::elapsed_us,
            )),
        c,
    ).await)?;
    Ok(summed_up(rows))
}

fn summed_up(rows: Vec<(String, i32, i32, i64)>) -> Vec<MethodFigures> {
    let mut by_method: BTreeMap<String, (MethodFigures, Vec<i64>)> = BTreeMap::new();
    for (method, status, attempt, elapsed) in rows {
        let (figures, times) = by_method.entry(method).or_default();
        figures.calls += 1;
        figures.failed += usize::from(status != 200);
        figures.retries += usize::from(attempt > 1);
        times.push(elapsed);
    }
    let mut all: Vec<MethodFigures> = by_method
        .into_iter()
        .map(|(method, (figures, mut times))| {
            times.sort_unstable();
            MethodFigures {
                method,
                p50_us: quantile(&times, 50),
                p99_us: quantile(&times, 99),
                ..figures
            }
        })
        .collect();
    all.sort_by(|a, b| b.calls.cmp(&a.calls).then(a.method.cmp(&b.method)));
    all
}

/// Nearest rank.
fn quantile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// `%` and `_` of a search mean themselves.
pub(crate) fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.extend(c.to_lowercase());
    }
    pattern.push('%');
    pattern
}

diesel::define_sql_function! {
    /// Lower case, of ASCII letters at least.
    fn lower(text: diesel::sql_types::Nullable<diesel::sql_types::Text>)
        -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

#[async_trait::async_trait]
trait LogRows {
    async fn messages(
        &mut self,
        filter: &MessageFilter,
        limit: i64,
    ) -> Result<Vec<Message>, DbError>;
    async fn calls(&mut self, filter: &CallFilter, limit: i64) -> Result<Vec<ApiCall>, DbError>;
    async fn titles(&mut self, ids: &[i64]) -> Result<Vec<(i64, Option<String>)>, DbError>;
    async fn persons(&mut self, ids: &[i64]) -> Result<Vec<PersonRow>, DbError>;
}

/// Telegram id, first and last name.
type PersonRow = (Option<i64>, String, Option<String>);

macro_rules! log_rows {
    ($conn:ty, $backend:ty) => {
        #[async_trait::async_trait]
        impl LogRows for $conn {
            async fn messages(
                &mut self,
                filter: &MessageFilter,
                limit: i64,
            ) -> Result<Vec<Message>, DbError> {
                let mut rows = message_logs::table
                    .select(Message::as_select())
                    .into_boxed::<$backend>();
                if !filter.text.is_empty() {
                    let like = pattern(&filter.text);
                    rows = rows.filter(lower(message_logs::text).like(like).escape('\\'));
                }
                if let Some(chat) = filter.chat {
                    rows = rows.filter(message_logs::chat_id.eq(chat));
                }
                if let Some(sender) = filter.telegram_id {
                    rows = rows.filter(message_logs::telegram_id.eq(sender));
                }
                if let Some(outgoing) = filter.outgoing {
                    rows = rows.filter(message_logs::outgoing.eq(outgoing));
                }
                if !filter.kind.is_empty() {
                    rows = rows.filter(message_logs::kind.eq(filter.kind.clone()));
                }
                if let Some(before) = filter.before {
                    rows = rows.filter(message_logs::id.lt(before));
                }
                Ok(Run::load(rows.order(message_logs::id.desc()).limit(limit), self).await?)
            }

            async fn calls(
                &mut self,
                filter: &CallFilter,
                limit: i64,
            ) -> Result<Vec<ApiCall>, DbError> {
                let mut rows = api_logs::table
                    .select(ApiCall::as_select())
                    .into_boxed::<$backend>();
                if !filter.method.is_empty() {
                    rows = rows.filter(api_logs::method.eq(filter.method.clone()));
                }
                rows = match filter.failed {
                    Some(true) => rows.filter(api_logs::status.ne(200)),
                    Some(false) => rows.filter(api_logs::status.eq(200)),
                    None => rows,
                };
                if let Some(before) = filter.before {
                    rows = rows.filter(api_logs::id.lt(before));
                }
                Ok(Run::load(rows.order(api_logs::id.desc()).limit(limit), self).await?)
            }

            async fn titles(&mut self, ids: &[i64]) -> Result<Vec<(i64, Option<String>)>, DbError> {
                let find = chats::table
                    .filter(chats::id.eq_any(ids.to_vec()))
                    .select((chats::id, chats::title));
                Ok(Run::load(find, self).await?)
            }

            async fn persons(&mut self, ids: &[i64]) -> Result<Vec<PersonRow>, DbError> {
                let find = bot_users::table
                    .filter(bot_users::telegram_id.eq_any(ids.to_vec()))
                    .select((
                        bot_users::telegram_id,
                        bot_users::first_name,
                        bot_users::last_name,
                    ));
                Ok(Run::load(find, self).await?)
            }
        }
    };
}
log_rows!(SqliteConn, diesel::sqlite::Sqlite);
log_rows!(PgConn, diesel::pg::Pg);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_anything_in_a_pattern_means_itself_in_a_search() {
        assert_eq!(pattern("50%_Off\\"), "%50\\%\\_off\\\\%");
    }

    #[test]
    fn methods_are_summed_up_the_busiest_first() {
        let row = |method: &str, status, attempt, us| (method.to_string(), status, attempt, us);
        let all = summed_up(vec![
            row("SendMessage", 200, 1, 10),
            row("GetMe", 200, 1, 7),
            row("SendMessage", 429, 2, 30),
            row("SendMessage", 200, 1, 20),
        ]);
        assert_eq!(all[0].method, "SendMessage");
        assert_eq!((all[0].calls, all[0].failed, all[0].retries), (3, 1, 1));
        assert_eq!((all[0].p50_us, all[0].p99_us), (20, 30));
        assert_eq!(all[1].p99_us, 7);
    }
}
