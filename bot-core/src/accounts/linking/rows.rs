//! The two sides of a link on either connection; used inside `transaction!`.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, PgConn, SqliteConn, UserId};

use super::Refused;
use crate::flow::Sender;
use crate::storage::schema::{
    api_keys, approval_votes, approvals, audit_log, bot_users, grants, notice_settings, notices,
    web_passwords, web_sessions,
};

#[async_trait::async_trait]
pub(super) trait LinkingRows {
    /// The row of a Telegram user.
    async fn user_of_telegram(&mut self, telegram_id: i64) -> Result<Option<UserId>, DbError>;
    /// What the bot knows of somebody's Telegram user; `None`: they have none.
    async fn telegram_of(&mut self, user: UserId) -> Result<Option<Sender>, DbError>;
    /// May the account get the Telegram user whose row is `known`?
    async fn may_link(
        &mut self,
        account: UserId,
        known: Option<UserId>,
    ) -> Result<Result<(), Refused>, DbError>;
    /// Has somebody ever held a role, done something, or had a way in? Are they blocked?
    async fn has_past(&mut self, user: UserId) -> Result<bool, DbError>;
    /// The account gets the Telegram user; the row that they had goes.
    async fn link(
        &mut self,
        account: UserId,
        sender: &Sender,
        known: Option<UserId>,
    ) -> Result<(), DbError>;
    async fn unlink(&mut self, account: UserId) -> Result<(), DbError>;
}

/// Acts that tell of a role, also of one that is gone.
const GAVE: [&str; 6] = [
    "access.grant",
    "access.revoke",
    "access.accept",
    "access.welcome",
    "access.claim",
    "access.sign_up",
];

type Names = (
    Option<i64>,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
);

macro_rules! any {
    ($conn:expr, $query:expr) => {{
        let count: i64 = Run::get_result($query.count(), $conn).await?;
        count > 0
    }};
}

macro_rules! linking_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl LinkingRows for $conn {
            async fn user_of_telegram(
                &mut self,
                telegram_id: i64,
            ) -> Result<Option<UserId>, DbError> {
                let find = bot_users::table
                    .filter(bot_users::telegram_id.eq(telegram_id))
                    .select(bot_users::id);
                let id: Option<i64> = Run::first(find, self).await.optional()?;
                Ok(id.map(UserId))
            }

            async fn telegram_of(&mut self, user: UserId) -> Result<Option<Sender>, DbError> {
                let find = bot_users::table.find(user.0).select((
                    bot_users::telegram_id,
                    bot_users::username,
                    bot_users::first_name,
                    bot_users::last_name,
                    bot_users::language,
                ));
                let row: Option<Names> = Run::first(find, self).await.optional()?;
                Ok(
                    row.and_then(|(id, username, first_name, last_name, language)| {
                        Some(Sender {
                            telegram_id: id?,
                            is_bot: false,
                            first_name,
                            last_name,
                            username,
                            language,
                        })
                    }),
                )
            }

            async fn may_link(
                &mut self,
                account: UserId,
                known: Option<UserId>,
            ) -> Result<Result<(), Refused>, DbError> {
                let find = bot_users::table
                    .find(account.0)
                    .select((bot_users::telegram_id, bot_users::blocked_at));
                let row: Option<(Option<i64>, Option<i64>)> =
                    Run::first(find, self).await.optional()?;
                let has_past = match known {
                    Some(known) => self.has_past(known).await?,
                    None => false,
                };
                Ok(match row {
                    // Whoever is blocked gets the same answer as for a wrong token.
                    None | Some((_, Some(_))) => Err(Refused::BadToken),
                    Some((Some(_), None)) => Err(Refused::HasTelegram),
                    Some((None, None)) if has_past => Err(Refused::HasPast),
                    Some((None, None)) => Ok(()),
                })
            }

            async fn has_past(&mut self, user: UserId) -> Result<bool, DbError> {
                let id = user.0;
                let object = format!("user:{id}");
                let blocked = bot_users::table
                    .find(id)
                    .filter(bot_users::blocked_at.is_not_null());
                Ok(any!(self, blocked)
                    || any!(self, grants::table.filter(grants::user_id.eq(id)))
                    || any!(
                        self,
                        web_passwords::table.filter(web_passwords::user_id.eq(id))
                    )
                    || any!(
                        self,
                        web_sessions::table.filter(web_sessions::user_id.eq(id))
                    )
                    || any!(self, api_keys::table.filter(api_keys::user_id.eq(id)))
                    || any!(
                        self,
                        approvals::table.filter(approvals::requested_by.eq(id))
                    )
                    || any!(
                        self,
                        approval_votes::table.filter(approval_votes::user_id.eq(id))
                    )
                    || any!(
                        self,
                        audit_log::table.filter(
                            audit_log::actor.eq(id).or(audit_log::object
                                .eq(object)
                                .and(audit_log::action.eq_any(GAVE)),)
                        )
                    ))
            }

            async fn link(
                &mut self,
                account: UserId,
                sender: &Sender,
                known: Option<UserId>,
            ) -> Result<(), DbError> {
                if let Some(known) = known {
                    let theirs = notices::table.filter(notices::user_id.eq(known.0));
                    Run::execute(diesel::delete(theirs), self).await?;
                    let settings = notice_settings::table.find(known.0);
                    Run::execute(diesel::delete(settings), self).await?;
                    let row = bot_users::table.find(known.0);
                    Run::execute(diesel::delete(row), self).await?;
                }
                let free = bot_users::table
                    .find(account.0)
                    .filter(bot_users::telegram_id.is_null());
                let link = diesel::update(free).set((
                    bot_users::telegram_id.eq(Some(sender.telegram_id)),
                    bot_users::username.eq(sender.username.as_deref()),
                    bot_users::first_name.eq(&sender.first_name),
                    bot_users::last_name.eq(sender.last_name.as_deref()),
                    bot_users::language.eq(sender.language.as_deref()),
                ));
                if Run::execute(link, self).await? == 0 {
                    return Err(DbError::Query(diesel::result::Error::RollbackTransaction));
                }
                Ok(())
            }

            async fn unlink(&mut self, account: UserId) -> Result<(), DbError> {
                let update = diesel::update(bot_users::table.find(account.0)).set((
                    bot_users::telegram_id.eq(None::<i64>),
                    bot_users::username.eq(None::<String>),
                    bot_users::menu_hash.eq(None::<i64>),
                ));
                Run::execute(update, self).await?;
                Ok(())
            }
        }
    };
}
linking_rows!(SqliteConn);
linking_rows!(PgConn);
