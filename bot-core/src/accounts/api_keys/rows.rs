//! `api_keys` on either connection.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::ApiKey;
use crate::storage::schema::api_keys;

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
struct Row {
    id: String,
    user_id: i64,
    name: String,
    hash: String,
    scopes: String,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    revoked_at: Option<i64>,
}

/// The key and the hash of its secret.
fn read(row: Row) -> Result<(ApiKey, String), DbError> {
    let key = ApiKey {
        id: row.id,
        user: UserId(row.user_id),
        name: row.name,
        scopes: serde_json::from_str(&row.scopes)?,
        created_at: Micros(row.created_at),
        expires_at: Micros(row.expires_at),
        used_at: row.used_at.map(Micros),
        revoked_at: row.revoked_at.map(Micros),
    };
    Ok((key, row.hash))
}

#[async_trait::async_trait]
pub(crate) trait KeyRows {
    async fn put_key(&mut self, key: &ApiKey, hash: &str) -> Result<(), DbError>;
    async fn key(&mut self, id: &str) -> Result<Option<(ApiKey, String)>, DbError>;
    async fn use_key(&mut self, id: &str, now: Micros) -> Result<(), DbError>;
    async fn keys_of(&mut self, user: UserId) -> Result<Vec<ApiKey>, DbError>;
    async fn revoke_key(&mut self, user: UserId, id: &str, now: Micros) -> Result<bool, DbError>;
    /// Every key of a person; tells how many lived.
    async fn revoke_keys(&mut self, user: UserId, now: Micros) -> Result<usize, DbError>;
}

macro_rules! key_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl KeyRows for $conn {
            async fn put_key(&mut self, key: &ApiKey, hash: &str) -> Result<(), DbError> {
                let insert = diesel::insert_into(api_keys::table).values((
                    api_keys::id.eq(&key.id),
                    api_keys::user_id.eq(key.user.0),
                    api_keys::name.eq(&key.name),
                    api_keys::hash.eq(hash),
                    api_keys::scopes.eq(serde_json::to_string(&key.scopes)?),
                    api_keys::created_at.eq(key.created_at.0),
                    api_keys::expires_at.eq(key.expires_at.0),
                ));
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn key(&mut self, id: &str) -> Result<Option<(ApiKey, String)>, DbError> {
                let find = api_keys::table.find(id).select(Row::as_select());
                let row: Option<Row> = Run::first(find, self).await.optional()?;
                row.map(read).transpose()
            }

            async fn use_key(&mut self, id: &str, now: Micros) -> Result<(), DbError> {
                let update =
                    diesel::update(api_keys::table.find(id)).set(api_keys::used_at.eq(now.0));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn keys_of(&mut self, user: UserId) -> Result<Vec<ApiKey>, DbError> {
                let find = api_keys::table
                    .filter(api_keys::user_id.eq(user.0))
                    .order((api_keys::created_at.desc(), api_keys::id))
                    .limit(500)
                    .select(Row::as_select());
                let rows: Vec<Row> = Run::load(find, self).await?;
                rows.into_iter().map(|row| Ok(read(row)?.0)).collect()
            }

            async fn revoke_key(
                &mut self,
                user: UserId,
                id: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let live = api_keys::table
                    .find(id)
                    .filter(api_keys::user_id.eq(user.0))
                    .filter(api_keys::revoked_at.is_null());
                let update = diesel::update(live).set(api_keys::revoked_at.eq(now.0));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn revoke_keys(&mut self, user: UserId, now: Micros) -> Result<usize, DbError> {
                let live = api_keys::table
                    .filter(api_keys::user_id.eq(user.0))
                    .filter(api_keys::revoked_at.is_null())
                    .filter(api_keys::expires_at.gt(now.0));
                let update = diesel::update(live).set(api_keys::revoked_at.eq(now.0));
                Ok(Run::execute(update, self).await?)
            }
        }
    };
}
key_rows!(SqliteConn);
key_rows!(PgConn);
