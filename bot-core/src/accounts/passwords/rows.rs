//! `web_passwords` on either connection.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use crate::storage::schema::web_passwords as rows;

#[async_trait::async_trait]
pub(crate) trait PasswordRows {
    async fn name_owner(&mut self, name: &str) -> Result<Option<UserId>, DbError>;
    async fn password_of_name(&mut self, name: &str) -> Result<Option<(UserId, String)>, DbError>;
    async fn name_of_user(&mut self, user: UserId) -> Result<Option<String>, DbError>;
    async fn put_password(
        &mut self,
        user: UserId,
        name: &str,
        hash: &str,
        now: Micros,
    ) -> Result<(), DbError>;
    async fn delete_password(&mut self, user: UserId) -> Result<bool, DbError>;
}

macro_rules! password_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl PasswordRows for $conn {
            async fn name_owner(&mut self, name: &str) -> Result<Option<UserId>, DbError> {
                let find = rows::table
                    .filter(rows::username.eq(name))
                    .select(rows::user_id);
                let id: Option<i64> = Run::first(find, self).await.optional()?;
                Ok(id.map(UserId))
            }

            async fn password_of_name(
                &mut self,
                name: &str,
            ) -> Result<Option<(UserId, String)>, DbError> {
                let find = rows::table
                    .filter(rows::username.eq(name))
                    .select((rows::user_id, rows::hash));
                let row: Option<(i64, String)> = Run::first(find, self).await.optional()?;
                Ok(row.map(|(id, hash)| (UserId(id), hash)))
            }

            async fn name_of_user(&mut self, user: UserId) -> Result<Option<String>, DbError> {
                let find = rows::table.find(user.0).select(rows::username);
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn put_password(
                &mut self,
                user: UserId,
                name: &str,
                hash: &str,
                now: Micros,
            ) -> Result<(), DbError> {
                let rest = (
                    rows::username.eq(name),
                    rows::hash.eq(hash),
                    rows::set_at.eq(now.0),
                );
                let put = diesel::insert_into(rows::table)
                    .values((rows::user_id.eq(user.0), rest))
                    .on_conflict(rows::user_id)
                    .do_update()
                    .set(rest);
                Run::execute(put, self).await?;
                Ok(())
            }

            async fn delete_password(&mut self, user: UserId) -> Result<bool, DbError> {
                let delete = diesel::delete(rows::table.find(user.0));
                Ok(Run::execute(delete, self).await? > 0)
            }
        }
    };
}
password_rows!(SqliteConn);
password_rows!(PgConn);
