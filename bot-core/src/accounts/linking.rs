//! One person on the web and in Telegram: linking the two by a one-time token, and unlinking.
//!
//! Both ways end in the same transaction. The web account stays; the Telegram user becomes its, and
//! whatever the bot had noted of them before goes if it was nothing: no role ever, no act, no way in.
//! Two that both have a past are never made one, for rights and the audit log would tell of somebody
//! who is not there. A token is bound to whoever shows it first, and used up by their yes.

mod rows;

use serde_json::json;
use vahta_rows::notices::{NewNotice, PutNotice as _};
use vahta_rows::outbox::{Lane, Outgoing, PutOutbox as _};
use vahta_rows::{ChatId, DbError, Micros, UserId, transaction, with_db};

use self::rows::LinkingRows as _;
use super::Accounts;
use super::links::{LinkRows as _, bound_to};
use super::passwords::rows::PasswordRows as _;
use super::sessions::SessionError;
use crate::access::{Access, Act, By, Change, RecordAct as _, Replies, put_replies};
use crate::flow::Sender;
use crate::tokens::{self, Purpose, Token, TokenRows as _};

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The account, which is the person from now on.
    pub user: UserId,
    pub telegram_id: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Why nothing was linked or unlinked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the link or code is unknown, used or expired")]
    BadToken,
    #[error("the account has a Telegram user already")]
    HasTelegram,
    #[error("the Telegram user has rights or a past of their own")]
    HasPast,
    #[error("the account has no Telegram user")]
    NoTelegram,
    #[error("there would be no way left to log in")]
    LastWayIn,
    #[error("the configuration makes this Telegram user an admin")]
    Configured,
}

/// `link_tokens.payload` of a token that a Telegram user has sent.
fn sent_by(telegram_id: i64) -> String {
    json!({ "telegram": telegram_id }).to_string()
}

impl Accounts {
    /// For `/start`: links whoever sends it to this account. Earlier ones that nobody used die.
    pub async fn telegram_token(&self, user: UserId) -> Result<Token, SessionError> {
        self.fresh_link(Purpose::LinkTelegram, user).await
    }

    /// For the web: links this Telegram user to the account that shows it.
    pub async fn web_token(&self, user: UserId) -> Result<Token, SessionError> {
        self.fresh_link(Purpose::LinkWeb, user).await
    }

    /// Binds a token to the Telegram user who sent it; whose account it would link. `None` when it
    /// is unknown, used, expired, another kind's or somebody else's.
    pub async fn sent_token(
        &self,
        token: &str,
        telegram_id: i64,
    ) -> Result<Option<UserId>, DbError> {
        self.show(Purpose::LinkTelegram, token, sent_by(telegram_id))
            .await
    }

    /// As [`Self::sent_token`], for the browser that shows a token: which Telegram user it would
    /// link.
    pub async fn shown_token(&self, token: &str, session: &str) -> Result<Option<UserId>, DbError> {
        self.show(Purpose::LinkWeb, token, bound_to(session)).await
    }

    async fn show(
        &self,
        purpose: Purpose,
        token: &str,
        payload: String,
    ) -> Result<Option<UserId>, DbError> {
        if !tokens::is_well_formed(token) {
            return Ok(None);
        }
        let (hash, now) = (tokens::hash(token), Micros::now());
        let payloads = [payload];
        transaction!(self.db, c => {
            if !c.bind_link(&hash, purpose, &payloads[0], now).await? {
                return Ok(None);
            }
            let found = c.bound_link(purpose, &payloads, now).await?;
            Ok(found.map(|found| found.user))
        })
    }

    /// Which Telegram user this browser could be linked with now.
    pub async fn shown_by(&self, session: &str) -> Result<Option<UserId>, DbError> {
        let (payloads, now) = ([bound_to(session)], Micros::now());
        let found = with_db!(self.db, c => c.bound_link(Purpose::LinkWeb, &payloads, now).await)?;
        Ok(found.map(|found| found.user))
    }

    /// The Telegram user says no: what they sent is good for nothing any more.
    pub async fn decline_link(&self, telegram_id: i64) -> Result<(), DbError> {
        let (payloads, now) = ([sent_by(telegram_id)], Micros::now());
        transaction!(self.db, c => {
            let purpose = Purpose::LinkTelegram;
            if let Some(found) = c.bound_link(purpose, &payloads, now).await? {
                c.withdraw_token(&found.hash, purpose).await?;
            }
            Ok(())
        })
    }

    /// The Telegram user says yes to what they sent. `tell` is the notice to the account: HTML.
    ///
    /// # Errors
    /// [`Refused`] says why not; nothing was changed, and the token can be used again.
    pub async fn link_telegram(
        &self,
        access: &Access,
        sender: &Sender,
        tell: &str,
        by: &By,
        replies: Replies<'_, Linked>,
    ) -> Result<Change<Linked>, LinkError> {
        let (payloads, now) = ([sent_by(sender.telegram_id)], Micros::now());
        let change = transaction!(self.db, c => {
            let locked = c.lock_access().await?;
            let purpose = Purpose::LinkTelegram;
            let Some(found) = c.bound_link(purpose, &payloads, now).await? else {
                return Ok(Err(Refused::BadToken));
            };
            let known = c.user_of_telegram(sender.telegram_id).await?;
            if let Err(refused) = c.may_link(found.user, known).await? {
                return Ok(Err(refused));
            }
            if c.consume_token(&found.hash, purpose, found.user, now).await?.is_none() {
                return Ok(Err(Refused::BadToken));
            }
            c.link(found.user, sender, known).await?;
            let done = Linked { user: found.user, telegram_id: sender.telegram_id };
            let by = By { user: Some(done.user), ..by.clone() };
            c.record(&locked, &by, &linked(&done, known)).await?;
            c.put_notice(&told(&done, tell, &found.hash)).await?;
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        access.refresh().await?;
        Ok(change)
    }

    /// The web account says yes to the token that this browser has shown.
    ///
    /// # Errors
    /// As [`Self::link_telegram`].
    pub async fn link_web(
        &self,
        access: &Access,
        user: UserId,
        session: &str,
        tell: &str,
        by: &By,
        replies: Replies<'_, Linked>,
    ) -> Result<Change<Linked>, LinkError> {
        let (payloads, now) = ([bound_to(session)], Micros::now());
        let change = transaction!(self.db, c => {
            let locked = c.lock_access().await?;
            let purpose = Purpose::LinkWeb;
            let Some(found) = c.bound_link(purpose, &payloads, now).await? else {
                return Ok(Err(Refused::BadToken));
            };
            let Some(sender) = c.telegram_of(found.user).await? else {
                return Ok(Err(Refused::BadToken));
            };
            let known = Some(found.user);
            if let Err(refused) = c.may_link(user, known).await? {
                return Ok(Err(refused));
            }
            if c.consume_token(&found.hash, purpose, user, now).await?.is_none() {
                return Ok(Err(Refused::BadToken));
            }
            c.link(user, &sender, known).await?;
            let done = Linked { user, telegram_id: sender.telegram_id };
            c.record(&locked, by, &linked(&done, known)).await?;
            c.put_notice(&told(&done, tell, &found.hash)).await?;
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        access.refresh().await?;
        Ok(change)
    }

    /// Takes the Telegram user from an account that can still log in by name and password. Links
    /// that the bot sent die with it; ending the other sessions is the caller's.
    ///
    /// # Errors
    /// [`Refused`] says why not.
    pub async fn unlink(
        &self,
        access: &Access,
        user: UserId,
        by: &By,
    ) -> Result<Change<()>, LinkError> {
        let change = transaction!(self.db, c => {
            let locked = c.lock_access().await?;
            let Some(sender) = c.telegram_of(user).await? else {
                return Ok(Err(Refused::NoTelegram));
            };
            let telegram_id = sender.telegram_id;
            if access.is_configured_admin(telegram_id) {
                return Ok(Err(Refused::Configured));
            }
            if c.name_of_user(user).await?.is_none() {
                return Ok(Err(Refused::LastWayIn));
            }
            c.unlink(user).await?;
            for purpose in [Purpose::Login, Purpose::LinkWeb, Purpose::SecondStep] {
                c.forget_links(purpose, user).await?;
            }
            let act = Act {
                action: "account.unlink",
                object: format!("user:{user}"),
                detail: json!({ "telegram_id": telegram_id }),
            };
            c.record(&locked, by, &act).await?;
            let row = c.put_outbox(&no_menu(telegram_id, &by.correlation), by.instance).await?;
            Ok(Ok(Change { done: (), rows: row.into_iter().collect() }))
        })??;
        access.refresh().await?;
        Ok(change)
    }
}

fn linked(done: &Linked, replaced: Option<UserId>) -> Act {
    Act {
        action: "account.link",
        object: format!("user:{}", done.user),
        detail: json!({ "telegram_id": done.telegram_id, "replaced": replaced }),
    }
}

/// Whoever owns the account hears of it, in case it was not them.
fn told(done: &Linked, text: &str, hash: &str) -> NewNotice {
    NewNotice {
        plugin: "core".into(),
        kind: "account.linked".into(),
        web_path: "/account".into(),
        urgent: true,
        ..NewNotice::new(done.user, format!("link:{hash}"), text)
    }
}

/// The commands of the private chat go: they are a stranger's now.
fn no_menu(telegram_id: i64, correlation: &str) -> Outgoing {
    Outgoing {
        dedup_key: format!("unlink:{telegram_id}:{correlation}"),
        plugin: "core".into(),
        chat_id: ChatId(telegram_id),
        method: "DeleteMyCommands".into(),
        payload: json!({ "scope": { "type": "chat", "chat_id": telegram_id } }),
        lane: Lane::Notice,
        due_at: None,
    }
}
