//! People, as plugins ask for them: rights from the rules in memory, names from the table, for
//! whoever is renamed changes no rule.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as Run;
use serde::Deserialize;
use serde_json::{Value, json};
use vahta_rows::{ChatId, Db, DbError, Micros, UserId, with_db};

use super::{Services, answer, later};
use crate::access::Known;
use crate::access::snapshot::full_name;
use crate::plugin_host::CallError;
use crate::storage::schema::bot_users;

/// People that one answer names.
const MOST: usize = 50;
/// Ids in one query: SQLite takes 32,766 values at most.
const AT_ONCE: usize = 10_000;

#[derive(Deserialize)]
pub(super) struct Get {
    user_id: Option<i64>,
    telegram_id: Option<i64>,
    username: Option<String>,
    /// Only if they are not blocked and hold it everywhere or somewhere.
    permission: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Find {
    #[serde(default)]
    text: String,
    permission: Option<String>,
    role: Option<String>,
    chat_id: Option<i64>,
    limit: Option<usize>,
}

/// Somebody with a role, and what they are called now.
struct Person {
    known: Arc<Known>,
    name: String,
    username: Option<String>,
}

pub(super) async fn get(services: &Services, wanted: Get) -> Result<Bytes, CallError> {
    let snapshot = services.access.snapshot();
    let by_telegram = |id| snapshot.users().find(|known| known.telegram_id == Some(id));
    let mut some: Vec<Arc<Known>> = match (wanted.user_id, wanted.telegram_id) {
        (Some(id), _) => snapshot.user(UserId(id)).cloned().into_iter().collect(),
        (None, Some(id)) => by_telegram(id).cloned().into_iter().collect(),
        (None, None) if wanted.username.is_some() => snapshot.users().cloned().collect(),
        (None, None) => Vec::new(),
    };
    if let Some(key) = &wanted.permission {
        let now = Micros::now();
        some.retain(|known| {
            known.blocked.is_none() && snapshot.keys(known, None, now).contains(key)
        });
    }
    let found = named(&services.db, some)
        .await
        .map_err(|error| later(&error))?;
    let found = found.into_iter().find(|person| {
        wanted.user_id.is_some()
            || wanted.telegram_id.is_some()
            || (person.username.is_some() && person.username == wanted.username)
    });
    answer(&found.map(|person| person.json()))
}

/// People who are not blocked: by a beginning of a name or username, by a key they hold.
pub(super) async fn find(services: &Services, wanted: Find) -> Result<Bytes, CallError> {
    let (snapshot, now) = (services.access.snapshot(), Micros::now());
    let chat = wanted.chat_id.map(ChatId);
    let some = snapshot
        .users()
        .filter(|known| known.blocked.is_none())
        .filter(|known| match &wanted.permission {
            Some(key) => snapshot.keys(known, chat, now).contains(key),
            None => snapshot.has_any_key(known, now),
        })
        .filter(|known| match &wanted.role {
            Some(role) => known.holds(role, chat, now),
            None => true,
        });
    let some: Vec<Arc<Known>> = some.cloned().collect();
    let mut found = named(&services.db, some)
        .await
        .map_err(|error| later(&error))?;
    let text = wanted.text.trim_start_matches('@').to_lowercase();
    found.retain(|person| person.begins(&text));
    // Who is called exactly so comes first.
    found.sort_by_cached_key(|person| {
        (
            !person.is_called(&text),
            person.name.to_lowercase(),
            person.known.id,
        )
    });
    found.truncate(wanted.limit.unwrap_or(MOST).min(MOST));
    let people: Vec<Value> = found.iter().map(Person::json).collect();
    answer(&people)
}

type Row = (i64, String, Option<String>, Option<String>);

async fn named(db: &Db, people: Vec<Arc<Known>>) -> Result<Vec<Person>, DbError> {
    let ids: Vec<i64> = people.iter().map(|known| known.id.0).collect();
    let mut rows: HashMap<i64, (String, Option<String>)> = HashMap::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let read: Vec<Row> = with_db!(db, c => Run::load(
            bot_users::table
                .filter(bot_users::id.eq_any(some))
                .select((
                    bot_users::id,
                    bot_users::first_name,
                    bot_users::last_name,
                    bot_users::username,
                )),
            c,
        ).await)?;
        rows.extend(read.into_iter().map(|(id, first, last, username)| {
            (id, (full_name(&first, last.as_deref()), username))
        }));
    }
    let named = people.into_iter().filter_map(|known| {
        let (name, username) = rows.remove(&known.id.0)?;
        Some(Person {
            known,
            name,
            username,
        })
    });
    Ok(named.collect())
}

impl Person {
    fn begins(&self, text: &str) -> bool {
        let name = self.name.to_lowercase();
        let of_name =
            name.starts_with(text) || name.split_whitespace().any(|word| word.starts_with(text));
        let username = self.username.as_ref().map(|name| name.to_lowercase());
        of_name || username.is_some_and(|name| name.starts_with(text))
    }

    fn is_called(&self, text: &str) -> bool {
        let username = self.username.as_ref().map(|name| name.to_lowercase());
        self.name.to_lowercase() == text || username.as_deref() == Some(text)
    }

    /// Somebody who was let in before they ever wrote has no name yet.
    fn label(&self) -> String {
        match (&self.username, self.known.telegram_id) {
            _ if !self.name.is_empty() => self.name.clone(),
            (Some(username), _) => format!("@{username}"),
            (None, Some(id)) => id.to_string(),
            (None, None) => self.known.id.to_string(),
        }
    }

    fn json(&self) -> Value {
        let known = &self.known;
        json!({
            "user_id": known.id, "telegram_id": known.telegram_id, "name": self.label(),
            "username": self.username, "language": known.language, "time_zone": known.time_zone,
            "blocked": known.blocked.is_some(),
        })
    }
}
