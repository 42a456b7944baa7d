//! One-use links: whoever opens one gets its role. Claim codes are accepted here as well, for both
//! come as `/start <token>`.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde::{Deserialize, Serialize};
use serde_json::json;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId, transaction, with_db};

use super::change::{authority, grantable, no_replies, put_replies};
use super::record::{Act, By, RecordAct as _};
use super::rows::AccessRows as _;
use super::snapshot::{Grant, Reach};
use super::{Access, AccessError, Change, Refused, Replies, keys};
use crate::accounts::passwords::rows::PasswordRows as _;
use crate::flow::Sender;
use crate::storage::schema::link_tokens;
use crate::tokens::{self, NewToken, Purpose, Token, TokenRows as _};

/// A link that was just made.
#[derive(Debug, Clone)]
pub struct Invited {
    /// In clear, for the one message that carries it.
    pub token: Token,
    pub role: String,
    pub reach: Reach,
    pub expires_at: Micros,
}

/// A link that still waits; never holds the token.
#[derive(Debug, Clone)]
pub struct OpenInvite {
    pub hash: String,
    pub role: String,
    pub reach: Reach,
    pub created_by: Option<UserId>,
    pub created_at: Micros,
    pub expires_at: Micros,
}

/// What a stranger got for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub user: UserId,
    pub role: String,
    pub reach: Reach,
    /// The person claimed the bot as its first admin.
    pub claimed: bool,
    /// Who made the link.
    pub invited_by: Option<UserId>,
}

/// Somebody who comes by the web.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What they are called.
    pub name: String,
    /// What they log in with, in its normal form.
    pub username: String,
    /// The hash of their password.
    pub password: String,
}

/// Who takes a token up.
#[derive(Debug, Clone, Copy)]
enum Comer<'a> {
    Telegram(&'a Sender),
    Web(&'a NewAccount),
}

/// `link_tokens.payload` of an invite.
#[derive(Debug, Serialize, Deserialize)]
struct Gift {
    role: String,
    chat: i64,
}

impl Access {
    /// Makes a link that gives `role` to the first who opens it within `lifetime`.
    pub async fn invite(
        &self,
        role: &str,
        reach: Reach,
        lifetime: Duration,
        by: &By,
        replies: Replies<'_, Invited>,
    ) -> Result<Change<Invited>, AccessError> {
        let now = Micros::now();
        let snapshot = self.snapshot();
        let needed = grantable(&snapshot, role)?;
        authority(&snapshot, by, keys::USERS_MANAGE, reach, &needed, now)?;
        let token = Token::fresh()?;
        let done = Invited {
            token,
            role: role.into(),
            reach,
            expires_at: now.plus(lifetime),
        };
        let change = transaction!(self.inner.db, c => {
            let rows = put_replies!(c, by, replies, &done);
            let payload =
                serde_json::to_string(&Gift { role: role.into(), chat: reach.to_column() })?;
            c.put_token(&NewToken {
                hash: done.token.hash(),
                purpose: Purpose::Invite,
                payload,
                created_by: by.user,
                created_at: now,
                expires_at: done.expires_at,
            })
            .await?;
            let detail =
                json!({ "chat": reach.to_column(), "until": done.expires_at, "role": role });
            let object = format!("invite:{}", done.token.hash());
            c.audit(by, &Act { action: "access.invite", object, detail }).await?;
            Ok(Change { done: done.clone(), rows })
        })?;
        Ok(change)
    }

    /// Links that nobody has opened yet, the youngest first.
    pub async fn open_invites(&self) -> Result<Vec<OpenInvite>, DbError> {
        let now = Micros::now();
        let rows = with_db!(self.inner.db, c => c.unused_invites(now).await)?;
        rows.into_iter()
            .map(|(hash, payload, by, created_at, expires_at)| {
                let gift: Gift = serde_json::from_str(&payload)?;
                Ok(OpenInvite {
                    hash,
                    role: gift.role,
                    reach: Reach::from_column(gift.chat),
                    created_by: by.map(UserId),
                    created_at: Micros(created_at),
                    expires_at: Micros(expires_at),
                })
            })
            .collect()
    }

    /// Is this the claim code of now? Nothing is used up.
    pub async fn is_claim_code(&self, token: &str) -> Result<bool, DbError> {
        if !tokens::is_well_formed(token) {
            return Ok(false);
        }
        let (hash, now) = (tokens::hash(token), Micros::now());
        let found = with_db!(self.inner.db, c => c.peek_token(&hash, now).await)?;
        Ok(found.is_some_and(|(purpose, _, _)| purpose == Purpose::Claim.as_str()))
    }

    /// Takes an unused link back, by the hash of its token.
    pub async fn withdraw_invite(
        &self,
        hash: &str,
        by: &By,
        replies: Replies<'_, ()>,
    ) -> Result<Change<()>, AccessError> {
        let now = Micros::now();
        let snapshot = self.snapshot();
        let invite = self
            .open_invites()
            .await?
            .into_iter()
            .find(|open| open.hash == hash);
        let invite = invite.ok_or(Refused::BadToken)?;
        // Taking back is giving, the other way round. A role that is gone gives nothing.
        let needed = grantable(&snapshot, &invite.role).unwrap_or_default();
        authority(
            &snapshot,
            by,
            keys::USERS_MANAGE,
            invite.reach,
            &needed,
            now,
        )?;
        let change = transaction!(self.inner.db, c => {
            if !c.withdraw_token(hash, Purpose::Invite).await? {
                return Ok(Err(Refused::BadToken));
            }
            let (object, detail) = (format!("invite:{hash}"), json!({}));
            c.audit(by, &Act { action: "access.invite.withdraw", object, detail }).await?;
            let rows = put_replies!(c, by, replies, &());
            Ok(Ok(Change { done: (), rows }))
        })??;
        Ok(change)
    }

    /// Uses a token up and gives what it gives. Of two who race, one wins; the other's token is
    /// [`Refused::BadToken`]. A link whose maker may no longer give its role is dead.
    pub async fn accept(
        &self,
        token: &str,
        sender: &Sender,
        by: &By,
        replies: Replies<'_, Accepted>,
    ) -> Result<Change<Accepted>, AccessError> {
        self.take(token, Comer::Telegram(sender), by, replies).await
    }

    /// As [`Self::accept`], for somebody who comes by the web, without Telegram. The first admin
    /// comes by Telegram only.
    ///
    /// # Errors
    /// [`Refused::BadToken`], or [`Refused::NameTaken`].
    pub async fn join(
        &self,
        token: &str,
        account: &NewAccount,
        by: &By,
    ) -> Result<Change<Accepted>, AccessError> {
        let joined = self.take(token, Comer::Web(account), by, &no_replies).await;
        match joined {
            // Somebody took the name between the question and the write.
            Err(AccessError::Db(DbError::Query(diesel::result::Error::DatabaseError(
                diesel::result::DatabaseErrorKind::UniqueViolation,
                _,
            )))) => Err(Refused::NameTaken.into()),
            joined => joined,
        }
    }

    async fn take(
        &self,
        token: &str,
        comer: Comer<'_>,
        by: &By,
        replies: Replies<'_, Accepted>,
    ) -> Result<Change<Accepted>, AccessError> {
        if !tokens::is_well_formed(token) {
            return Err(Refused::BadToken.into());
        }
        let now = Micros::now();
        let hash = tokens::hash(token);
        let snapshot = self.snapshot();
        let taken = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            let Some((purpose, payload, maker)) = c.peek_token(&hash, now).await? else {
                return Ok(Err(Refused::BadToken));
            };
            let gift = match Purpose::parse(&purpose) {
                Some(Purpose::Invite) => serde_json::from_str(&payload)?,
                Some(Purpose::Claim) => Gift { role: keys::ADMIN.into(), chat: 0 },
                _ => return Ok(Err(Refused::BadToken)),
            };
            let claimed = purpose == Purpose::Claim.as_str();
            let reach = Reach::from_column(gift.chat);
            let Some(needed) = c.keys_of_role(&gift.role).await? else {
                return Ok(Err(Refused::BadToken));
            };
            if claimed && matches!(comer, Comer::Web(_)) {
                return Ok(Err(Refused::BadToken));
            }
            if !claimed {
                let maker = By { user: maker, ..by.clone() };
                if authority(&snapshot, &maker, keys::USERS_MANAGE, reach, &needed, now).is_err() {
                    return Ok(Err(Refused::BadToken));
                }
            }
            let user = match comer {
                Comer::Telegram(sender) => c.ensure_sender(sender, now).await?,
                Comer::Web(account) => {
                    if c.name_owner(&account.username).await?.is_some() {
                        return Ok(Err(Refused::NameTaken));
                    }
                    let user = c.new_user(&account.name, now).await?;
                    c.put_password(user, &account.username, &account.password, now).await?;
                    user
                }
            };
            if claimed {
                let admins = c.admin_ends(user, now).await?;
                if admins.own.is_some() || !admins.others.is_empty() {
                    return Ok(Err(Refused::BadToken));
                }
            } else if c.grant_end(user, &gift.role, reach).await? == Some(None) {
                return Ok(Err(Refused::HasItAlready));
            }
            let which = if claimed { Purpose::Claim } else { Purpose::Invite };
            if c.consume_token(&hash, which, user, now).await?.is_none() {
                // Withdrawn meanwhile: what was written so far goes as well.
                return Err(DbError::Query(diesel::result::Error::RollbackTransaction));
            }
            if claimed {
                c.withdraw_all(Purpose::Claim).await?;
            }
            let role = gift.role.clone();
            c.put_grant(user, &Grant { role, reach, until: None, by: maker, since: now }).await?;
            let action = if claimed { "access.claim" } else { "access.accept" };
            let object = format!("user:{user}");
            let detail = json!({ "role": gift.role, "chat": gift.chat, "token": hash });
            let by = By { user: Some(user), ..by.clone() };
            c.record(&locked, &by, &Act { action, object, detail }).await?;
            let done = Accepted { user, role: gift.role, reach, claimed, invited_by: maker };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        });
        let change = match taken {
            Err(DbError::Query(diesel::result::Error::RollbackTransaction)) => {
                return Err(Refused::BadToken.into());
            }
            taken => taken??,
        };
        self.refresh().await?;
        Ok(change)
    }
}

/// Hash, payload, maker, beginning and end.
type Unused = (String, String, Option<i64>, i64, i64);

#[async_trait::async_trait]
trait InviteRows {
    /// Purpose, payload and maker of a token that could be used now.
    async fn peek_token(
        &mut self,
        hash: &str,
        now: Micros,
    ) -> Result<Option<(String, String, Option<UserId>)>, DbError>;

    /// The invites that could be used now, the youngest first.
    async fn unused_invites(&mut self, now: Micros) -> Result<Vec<Unused>, DbError>;
}

macro_rules! invite_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl InviteRows for $conn {
            async fn peek_token(
                &mut self,
                hash: &str,
                now: Micros,
            ) -> Result<Option<(String, String, Option<UserId>)>, DbError> {
                let find = link_tokens::table
                    .find(hash)
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .select((
                        link_tokens::purpose,
                        link_tokens::payload,
                        link_tokens::created_by,
                    ));
                let row: Option<(String, String, Option<i64>)> =
                    Run::first(find, self).await.optional()?;
                Ok(row.map(|(purpose, payload, by)| (purpose, payload, by.map(UserId))))
            }

            async fn unused_invites(&mut self, now: Micros) -> Result<Vec<Unused>, DbError> {
                let find = link_tokens::table
                    .filter(link_tokens::purpose.eq(Purpose::Invite.as_str()))
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .order(link_tokens::created_at.desc())
                    .limit(500)
                    .select((
                        link_tokens::hash,
                        link_tokens::payload,
                        link_tokens::created_by,
                        link_tokens::created_at,
                        link_tokens::expires_at,
                    ));
                Ok(Run::load(find, self).await?)
            }
        }
    };
}
invite_rows!(SqliteConn);
invite_rows!(PgConn);
