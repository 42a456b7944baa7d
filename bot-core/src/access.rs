//! Who may do what: roles, grants, blocks, links; default deny.
//!
//! The tables are the truth. An [`Access`] holds a [`Snapshot`] of them, so that the check of an
//! update costs no round trip. Each change runs in one transaction with its audit row, its event
//! and the next `access.version`; the local snapshot is read again before the change returns, and
//! other processes read theirs again when intake shows them the new version.
//!
//! | Module | What |
//! |---|---|
//! | [`snapshot`] | the rules in memory; [`identify`](Snapshot::identify) |
//! | [`explain`] | the rules walked one by one, for `/why` |
//! | [`keys`] | permission keys and sets of them |
//! | `grants`, `roles`, `blocks` | the changes |
//! | `invites`, [`claim`], `names` | what lets a stranger in, once |
//! | `sign_up` | what lets every stranger in, when somebody wants that |
//! | `plugin_chats` | where plugins are switched on or off |
//! | [`held`] | a right as the tables have it, inside a transaction |
//! | `migration` | a group's new id; `language`: a person's |
//! | [`people`] | finding and listing users |
//! | [`record`] | version, audit row and event of a change |
//!
//! Errors: [`AccessError::Refused`] is the rules' answer to the person who asked;
//! [`AccessError::Db`] is the database's.

pub mod actor;
mod blocks;
mod change;
pub mod claim;
pub mod explain;
mod grants;
pub mod held;
mod invites;
pub mod keys;
mod language;
mod migration;
mod names;
pub mod people;
mod plugin_chats;
pub mod preferences;
pub mod record;
mod roles;
mod rows;
mod seed;
mod sign_up;
pub mod snapshot;

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, watch};
use vahta_rows::{Db, DbError, Micros, with_db};

pub use actor::Actor;
pub use blocks::{Blocking, Refusal};
pub(crate) use change::put_replies;
pub use change::{AccessError, Change, Refused, Replies, no_replies};
pub use explain::{Explanation, Outcome, Rule, Words};
pub use grants::{Granted, Revoked};
pub use invites::{Accepted, Invited, NewAccount, OpenInvite};
pub use keys::KeySet;
pub use names::Expected;
pub use people::{Person, Which, Who};
pub use plugin_chats::Switched;
pub use preferences::{Preferences, Wish};
pub use record::{Act, By, RecordAct};
pub use roles::RoleChange;
pub use sign_up::SignedUp;
pub use snapshot::{Blocked, Grant, Known, Reach, Role, Snapshot};

use crate::config::AccessRules;
use crate::flow::{Place, Sender};
use rows::AccessRows as _;

/// The rules of access; cheap to clone.
#[derive(Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    snapshot: ArcSwap<Snapshot>,
    /// One reader at a time: an older snapshot never replaces a newer one.
    reading: Mutex<()>,
    version: watch::Sender<i64>,
    /// Telegram ids that configuration makes admins at each start.
    configured: Vec<i64>,
    refusals_before_block: i32,
}

impl Access {
    /// Makes sure that built-in roles, the core's permissions and the configured admins are there,
    /// and reads the rules.
    pub async fn load(db: Db, rules: &AccessRules) -> Result<Self, DbError> {
        seed::seed(&db, rules).await?;
        let access = Self {
            inner: Arc::new(Inner {
                db,
                snapshot: ArcSwap::default(),
                reading: Mutex::new(()),
                version: watch::Sender::new(0),
                configured: rules.admins.clone(),
                refusals_before_block: rules.refusals_before_block,
            }),
        };
        access.refresh().await?;
        Ok(access)
    }

    /// The rules as of now; keep it no longer than one check.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.snapshot.load_full()
    }

    /// The sender of an update as the rules see them; memory only.
    pub fn identify(&self, sender: &Sender, place: Option<&Place>, now: Micros) -> Actor {
        self.inner.snapshot.load().identify(sender, place, now)
    }

    /// Takes the version that intake read with a batch; reads the rules again when another process
    /// changed them.
    pub async fn see_version(&self, version: i64) -> Result<(), DbError> {
        if version > self.inner.snapshot.load().version {
            self.refresh_to(version).await?;
        }
        Ok(())
    }

    /// Tells the version whenever the rules have changed.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.inner.version.subscribe()
    }

    /// Does configuration make this person an admin again at the next start?
    pub fn is_configured_admin(&self, telegram_id: i64) -> bool {
        self.inner.configured.contains(&telegram_id)
    }

    /// Writes down which permissions a plugin knows. Default roles are given once, when a key is
    /// new: what an admin takes away stays away.
    pub async fn announce(
        &self,
        plugin: &str,
        permissions: &[(String, Vec<String>)],
    ) -> Result<(), DbError> {
        if seed::announce(&self.inner.db, plugin, permissions).await? {
            self.refresh().await?;
        }
        Ok(())
    }

    pub(crate) async fn refresh(&self) -> Result<(), DbError> {
        self.refresh_to(i64::MAX).await
    }

    /// Reads the rules, unless somebody else just read at least `version`.
    async fn refresh_to(&self, version: i64) -> Result<(), DbError> {
        let _one = self.inner.reading.lock().await;
        if self.inner.snapshot.load().version >= version {
            return Ok(());
        }
        let rules = with_db!(self.inner.db, c => c.read_rules(Micros::now()).await)?;
        let snapshot = rules.assemble()?;
        let version = snapshot.version;
        self.inner.snapshot.store(Arc::new(snapshot));
        self.inner.version.send_replace(version);
        Ok(())
    }
}
