//! What all changes share: who may make one, what they answer, and when they are refused.

use vahta_rows::outbox::{OutboxRow, Outgoing};
use vahta_rows::{ChatId, DbError, Micros};

use super::record::By;
use super::snapshot::{Reach, Snapshot};
use super::{KeySet, keys};
use crate::notices::quiet::QuietFault;
use crate::tokens::NoRandomness;

/// A change that was committed.
#[derive(Debug)]
pub struct Change<T> {
    pub done: T,
    /// The replies that were written with it, to hand to the outbox runner.
    pub rows: Vec<OutboxRow>,
}

/// Makes the messages that are committed together with a change.
pub type Replies<'a, T> = &'a (dyn Fn(&T) -> Vec<Outgoing> + Send + Sync);

/// For changes that tell nobody.
pub fn no_replies<T>(_: &T) -> Vec<Outgoing> {
    Vec::new()
}

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The rules' answer to the person who asked for a change. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("there is no role {0}")]
    NoSuchRole(String),
    #[error("the role {0} is there already")]
    RoleExists(String),
    #[error("`{0}` cannot be the name of a role")]
    BadRoleName(String),
    #[error("the built-in role {0} cannot be changed that way")]
    BuiltinRole(String),
    #[error("no permission {0} was ever announced")]
    UnknownPermission(String),
    #[error("this would leave nobody who can undo it")]
    LastAdmin,
    #[error("nobody can give or take more than they hold; missing: {}", .0.join(", "))]
    NotYours(Vec<String>),
    #[error("one cannot do this to oneself")]
    Yourself,
    #[error("no such user")]
    NoSuchUser,
    #[error("there is no such grant")]
    NoSuchGrant,
    #[error("this person has the role already")]
    HasItAlready,
    #[error("there is no time zone {name}{}", did_you_mean(near))]
    NoSuchTimeZone { name: String, near: Option<String> },
    #[error("there are no texts in {name}; there are in {known}")]
    NoSuchLanguage { name: String, known: String },
    #[error("{0}")]
    BadQuiet(QuietFault),
    #[error("notices go to web, telegram or both, not to {0}")]
    NoSuchPlace(String),
    #[error("somebody else logs in with this name")]
    NameTaken,
    #[error("the link or code is unknown, used or expired")]
    BadToken,
}

fn did_you_mean(near: &Option<String>) -> String {
    match near {
        Some(near) => format!("; was {near} meant?"),
        None => String::new(),
    }
}

/// May `by` use `key` and also hold everything in `needed`, where the change will hold?
pub(super) fn authority(
    snapshot: &Snapshot,
    by: &By,
    key: &str,
    reach: Reach,
    needed: &KeySet,
    now: Micros,
) -> Result<(), Refused> {
    // The console and the program itself stand above the rules.
    let Some(user) = by.user else { return Ok(()) };
    let chat: Option<ChatId> = match reach {
        Reach::Everywhere => None,
        Reach::Chat(chat) => Some(chat),
    };
    let held = match snapshot.user(user) {
        Some(user) => snapshot.keys(user, chat, now),
        None => Default::default(),
    };
    if !held.contains(key) {
        return Err(Refused::NotYours(vec![key.to_string()]));
    }
    let lacks = held.lacks(needed);
    if lacks.is_empty() {
        Ok(())
    } else {
        Err(Refused::NotYours(
            lacks.into_iter().map(str::to_string).collect(),
        ))
    }
}

/// A grant is of a role that exists and is not `guest`.
pub(super) fn grantable(snapshot: &Snapshot, role: &str) -> Result<KeySet, Refused> {
    match snapshot.role(role) {
        Some(_) if role == keys::GUEST => Err(Refused::BuiltinRole(role.into())),
        Some(found) => Ok(KeySet::clone(&found.keys)),
        None => Err(Refused::NoSuchRole(role.into())),
    }
}

/// Writes the replies of a change in its transaction.
macro_rules! put_replies {
    ($c:expr, $by:expr, $replies:expr, $done:expr) => {{
        let mut rows = Vec::new();
        for out in $replies($done) {
            if let Some(row) =
                vahta_rows::outbox::PutOutbox::put_outbox($c, &out, $by.instance).await?
            {
                rows.push(row);
            }
        }
        rows
    }};
}
pub(crate) use put_replies;
