//! What is done to archives, wherever it comes from: Telegram, the web, the API, a job.
//!
//! Each act is one step of the caller's transaction: it locks the archive, changes it, and leaves
//! the event, the audit row and the jobs behind. What runs again after a crash finds the change there
//! and changes nothing.

mod acts;
mod build;
mod card;
mod collect;
mod ends;
mod links;
mod uploads;

use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::audit::PutAct;
use vahta_plugin_sdk::rows::blobs::KeepBlob;
use vahta_plugin_sdk::rows::downloads::DownloadRules;
use vahta_plugin_sdk::rows::events::PutEvent;
use vahta_plugin_sdk::rows::jobs::{NewJob, PutJob};
use vahta_plugin_sdk::rows::outbox::PutOutbox;
use vahta_plugin_sdk::rows::{DbError, Micros};

pub(crate) use acts::Change;
pub(crate) use build::{BUILD, build};
pub(crate) use card::{CARD, refresh};
pub(crate) use collect::{Begin, Coming};
pub(crate) use ends::{EXPIRE, SWEEP, downloaded, expire, next_sweep, sweep};
pub(crate) use links::{grant, request_link, upload_link};
pub(crate) use uploads::uploaded;

use crate::archive::{Archive, ArchiveId};
use crate::state::State;
use crate::store::ArchiveRows;
use crate::store::downloads::DownloadRows;
use crate::store::files::FileRows;
use crate::store::tries::TryRows;
use crate::{Archives, permission};

/// Everything that a transaction of this plugin can do.
pub(crate) trait Rows:
    ArchiveRows
    + FileRows
    + DownloadRows
    + DownloadRules
    + TryRows
    + KeepBlob
    + PutOutbox
    + PutEvent
    + PutAct
    + PutJob
    + Send
{
}

impl<C> Rows for C where
    C: ArchiveRows
        + FileRows
        + DownloadRows
        + DownloadRules
        + TryRows
        + KeepBlob
        + PutOutbox
        + PutEvent
        + PutAct
        + PutJob
        + Send
{
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such archive, or none that this person sees.
    Gone,
    /// It is past that: no such step leads from its state.
    Past(State),
    NoFiles,
    /// This file is in it already.
    Twice,
    /// Admins allow so many.
    TooMany(i64),
    /// Admins allow an archive so many bytes.
    TooBig(i64),
    /// So many bytes of this person's are left.
    OverQuota(i64),
    /// All archives together take what they may.
    NoRoom,
}

pub(crate) type Said<T> = Result<Result<T, Refused>, DbError>;

/// Who does something, and when.
pub(crate) struct Work<'a> {
    pub(crate) archives: &'a Archives,
    pub(crate) ctx: &'a Ctx,
    /// The core's number; none for the plugin itself.
    pub(crate) user: Option<i64>,
    /// Sees everybody's.
    sees_all: bool,
    pub(crate) at: Micros,
}

impl<'a> Work<'a> {
    pub(crate) fn new(archives: &'a Archives, ctx: &'a Ctx) -> Self {
        Self {
            archives,
            ctx,
            user: ctx.actor().and_then(|actor| actor.user_id),
            sees_all: ctx.may(permission::VIEW_ALL),
            at: Micros(ctx.now().as_microsecond()),
        }
    }

    /// In the name of the plugin: for jobs, and for whoever holds a link.
    pub(crate) fn own(archives: &'a Archives, ctx: &'a Ctx) -> Self {
        Self {
            user: None,
            sees_all: true,
            ..Self::new(archives, ctx)
        }
    }

    pub(crate) fn sees(&self, archive: &Archive) -> bool {
        self.sees_all || self.user == Some(archive.owner)
    }

    /// Locks an archive that this person sees.
    async fn seen<C: Rows>(&self, c: &mut C, id: ArchiveId) -> Said<Archive> {
        let found = c.lock(id).await?.filter(|archive| self.sees(archive));
        Ok(found.ok_or(Refused::Gone))
    }

    /// Leaves the traces of a change: the event, and the audit row unless it is a mere step on the way.
    async fn trace<C: Rows>(
        &self,
        effects: &mut Effects,
        c: &mut C,
        archive: &Archive,
        what: &str,
    ) -> Result<(), DbError> {
        let event = archive.event(what);
        effects.event(c, &event).await?;
        if what == CHANGED {
            return Ok(());
        }
        effects.audit(c, what, &event.object, event.payload).await
    }

    /// The message that shows it follows soon.
    async fn show_soon<C: Rows>(
        &self,
        effects: &mut Effects,
        c: &mut C,
        archive: &Archive,
    ) -> Result<(), DbError> {
        if archive.message_id.is_none() {
            return Ok(());
        }
        let soon = Micros(self.at.0.saturating_add(card::PAUSE));
        let job = self.job(CARD, archive.id, Some(soon));
        effects.job(c, &job).await?;
        Ok(())
    }

    /// One of a kind for an archive, while it is unfinished.
    fn job(&self, kind: &str, id: ArchiveId, due_at: Option<Micros>) -> NewJob {
        NewJob {
            plugin: self.ctx.host().plugin().to_owned(),
            kind: kind.to_owned(),
            payload: serde_json::json!({ "archive": id.0 }),
            unique_key: Some(format!("{kind}:{id}")),
            priority: 0,
            due_at,
            max_attempts: 5,
        }
    }
}

/// The topic of what is not worth an audit row: another file, some more bytes.
const CHANGED: &str = "archive.changed";

/// Which archive a job is about.
pub(crate) fn about(job: &Job) -> Result<ArchiveId, Error> {
    let id = job.payload["archive"].as_i64();
    id.map(ArchiveId)
        .ok_or_else(|| Error::other("a job about no archive"))
}
