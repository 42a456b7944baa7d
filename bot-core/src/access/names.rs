//! A grant for somebody who was never seen: it waits for the username's first update.
//!
//! Usernames can change hands, so it waits one day and no longer.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde::{Deserialize, Serialize};
use serde_json::json;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId, transaction};

use super::change::{authority, grantable, put_replies};
use super::record::{Act, By, RecordAct as _};
use super::rows::AccessRows as _;
use super::snapshot::{Grant, Reach};
use super::{Access, AccessError, Change, KeySet, Refused, Replies, keys};
use crate::flow::Sender;
use crate::storage::schema::link_tokens;
use crate::tokens::{self, NewToken, Purpose, TokenRows as _};

/// How long a grant waits for its username.
pub(super) const WAIT: Duration = Duration::from_secs(24 * 3600);

/// A grant that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub waits_until: Micros,
}

/// `link_tokens.payload` of a waiting grant.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Awaited {
    /// Lower case, without the `@`.
    pub(super) name: String,
    role: String,
    chat: i64,
    until: Option<Micros>,
}

pub(super) fn key_of(awaited: &Awaited) -> String {
    let reach = Reach::from_column(awaited.chat);
    key(&awaited.name, &awaited.role, reach)
}

/// Not a secret, only a key: one waiting grant a name, role and place.
fn key(name: &str, role: &str, reach: Reach) -> String {
    tokens::hash(&format!("name:{name}:{role}:{}", reach.to_column()))
}

impl Access {
    /// Writes down a grant for a username that nobody has been seen with.
    pub async fn expect(
        &self,
        username: &str,
        role: &str,
        reach: Reach,
        until: Option<Micros>,
        by: &By,
        replies: Replies<'_, Expected>,
    ) -> Result<Change<Expected>, AccessError> {
        let now = Micros::now();
        let snapshot = self.snapshot();
        let needed = grantable(&snapshot, role)?;
        authority(&snapshot, by, keys::USERS_MANAGE, reach, &needed, now)?;
        let name = username.to_lowercase();
        let done = Expected {
            waits_until: now.plus(WAIT),
        };
        let awaited = Awaited {
            name: name.clone(),
            role: role.into(),
            chat: reach.to_column(),
            until,
        };
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            c.put_token(&NewToken {
                hash: key(&name, role, reach),
                purpose: Purpose::Name,
                payload: serde_json::to_string(&awaited)?,
                created_by: by.user,
                created_at: now,
                expires_at: done.waits_until,
            })
            .await?;
            let object = format!("name:{name}");
            let detail = json!({ "role": role, "chat": reach.to_column(), "until": until });
            c.record(&locked, by, &Act { action: "access.expect", object, detail }).await?;
            let rows = put_replies!(c, by, replies, &done);
            Ok(Change { done: done.clone(), rows })
        })?;
        self.refresh().await?;
        Ok(change)
    }

    /// Takes waiting grants back (`None`: of every role); returns how many.
    pub async fn forget_expected(
        &self,
        username: &str,
        role: Option<&str>,
        by: &By,
        replies: Replies<'_, usize>,
    ) -> Result<Change<usize>, AccessError> {
        let now = Micros::now();
        let (snapshot, nothing) = (self.snapshot(), KeySet::default());
        authority(
            &snapshot,
            by,
            keys::USERS_MANAGE,
            Reach::Everywhere,
            &nothing,
            now,
        )?;
        let name = username.to_lowercase();
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            let mut done = 0;
            for (hash, payload, _) in c.waiting(now).await? {
                let awaited: Awaited = serde_json::from_str(&payload)?;
                if awaited.name == name && role.is_none_or(|role| role == awaited.role) {
                    done += usize::from(c.withdraw_token(&hash, Purpose::Name).await?);
                }
            }
            if done == 0 {
                return Ok(Err(Refused::NoSuchGrant));
            }
            let (object, detail) = (format!("name:{name}"), json!({ "role": role }));
            c.record(&locked, by, &Act { action: "access.expect.withdraw", object, detail })
                .await?;
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }

    /// Gives a sender what waits for their username; called when the snapshot
    /// [awaits](super::Snapshot::awaits) it. Each waiting grant is given once, whoever races.
    pub async fn welcome(&self, sender: &Sender, by: &By) -> Result<usize, DbError> {
        let Some(username) = &sender.username else {
            return Ok(0);
        };
        let name = username.to_lowercase();
        let now = Micros::now();
        let snapshot = self.snapshot();
        let given = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            let user = c.ensure_sender(sender, now).await?;
            let mut given = 0;
            for (hash, payload, maker) in c.waiting(now).await? {
                let awaited: Awaited = serde_json::from_str(&payload)?;
                if awaited.name != name
                    || c.consume_token(&hash, Purpose::Name, user, now).await?.is_none()
                {
                    continue;
                }
                let reach = Reach::from_column(awaited.chat);
                let Some(needed) = c.keys_of_role(&awaited.role).await? else { continue };
                let giver = By { user: maker, ..by.clone() };
                if authority(&snapshot, &giver, keys::USERS_MANAGE, reach, &needed, now).is_err() {
                    continue;
                }
                let role = awaited.role.clone();
                let grant = Grant { role, reach, until: awaited.until, by: maker, since: now };
                c.put_grant(user, &grant).await?;
                let object = format!("user:{user}");
                let detail = json!({ "role": awaited.role, "chat": awaited.chat, "name": name });
                c.record(&locked, &giver, &Act { action: "access.welcome", object, detail })
                    .await?;
                given += 1;
            }
            Ok(given)
        })?;
        self.refresh().await?;
        Ok(given)
    }
}

#[async_trait::async_trait]
trait NameRows {
    /// Hash, payload and maker of every waiting grant.
    async fn waiting(
        &mut self,
        now: Micros,
    ) -> Result<Vec<(String, String, Option<UserId>)>, DbError>;
}

macro_rules! name_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl NameRows for $conn {
            async fn waiting(
                &mut self,
                now: Micros,
            ) -> Result<Vec<(String, String, Option<UserId>)>, DbError> {
                let open = link_tokens::table
                    .filter(link_tokens::purpose.eq(Purpose::Name.as_str()))
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .select((
                        link_tokens::hash,
                        link_tokens::payload,
                        link_tokens::created_by,
                    ));
                let rows: Vec<(String, String, Option<i64>)> = Run::load(open, self).await?;
                Ok(rows
                    .into_iter()
                    .map(|(h, p, by)| (h, p, by.map(UserId)))
                    .collect())
            }
        }
    };
}
name_rows!(SqliteConn);
name_rows!(PgConn);
