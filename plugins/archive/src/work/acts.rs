//! What its owner does with an archive.

use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::rows::downloads::Rule;
use vahta_plugin_sdk::rows::{DbError, Micros};

use super::collect::album_is_whole;
use super::{BUILD, CHANGED, EXPIRE, Refused, Rows, Said, Work};
use crate::archive::{Archive, ArchiveId, Edit};
use crate::state::State;

/// What can be changed about an archive; what needs checking was checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Name(String),
    Description(String),
    /// Argon2id, or none.
    Password(Option<String>),
    /// The ZIP's own.
    Encryption(Option<String>),
    /// Seconds; of what is ready, from now on.
    Lifetime(i64),
    Limit(Option<i32>),
    /// Another link: the old one opens nothing any more.
    Token(String),
    /// Where browsers bring files.
    UploadPath(String),
}

impl Work<'_> {
    /// Changes one thing; the rule of what is ready follows.
    pub(crate) async fn change<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: ArchiveId,
        change: Change,
    ) -> Said<Archive> {
        let archive = match self.seen(c, id).await? {
            Ok(archive) => archive,
            Err(refused) => return Ok(Err(refused)),
        };
        let is_early = matches!(change, Change::Encryption(_) | Change::UploadPath(_));
        let is_late = archive.state.is_over() || (is_early && !archive.is_collecting());
        if is_late {
            return Ok(Err(Refused::Past(archive.state)));
        }
        let topic = match change {
            Change::UploadPath(_) => CHANGED,
            _ => "archive.edited",
        };
        let edit = self.edit_of(&archive, change);
        let archive = c.edit(&archive, edit, self.at).await?;
        if archive.state == State::Ready {
            self.rule(c, effects, &archive).await?;
        }
        self.trace(effects, c, &archive, topic).await?;
        self.show_soon(effects, c, &archive).await?;
        Ok(Ok(archive))
    }

    fn edit_of(&self, archive: &Archive, change: Change) -> Edit {
        let mut edit = Edit::default();
        match change {
            Change::Name(name) => edit.name = Some(name),
            Change::Description(text) => edit.description = Some(text),
            Change::Password(hash) => edit.password = Some(hash),
            Change::Encryption(password) => {
                edit.is_encrypted = Some(password.is_some());
                edit.zip_password = Some(password);
            }
            Change::Lifetime(seconds) => {
                edit.lifetime_s = Some(seconds);
                let ends = self.at.0.saturating_add(seconds.saturating_mul(1_000_000));
                edit.expires_at = archive.ready_at.map(|_| Some(ends));
            }
            Change::Limit(most) => edit.most_downloads = Some(most),
            Change::Token(token) => edit.token = Some(token),
            Change::UploadPath(path) => edit.upload_path = Some(Some(path)),
        }
        edit
    }

    /// No more files: the ZIP is built.
    pub(crate) async fn finish<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: ArchiveId,
    ) -> Said<Archive> {
        let archive = match self.seen(c, id).await? {
            Ok(archive) => archive,
            Err(refused) => return Ok(Err(refused)),
        };
        // A second press finds it done.
        if matches!(archive.state, State::Building | State::Ready) {
            return Ok(Ok(archive));
        }
        if !archive.state.leads_to(State::Building) {
            return Ok(Err(Refused::Past(archive.state)));
        }
        if c.sum(id).await?.files == 0 {
            return Ok(Err(Refused::NoFiles));
        }
        let edit = Edit {
            state: Some(State::Building),
            done: Some(0),
            total: Some(0),
            fault: Some(None),
            fault_about: Some(None),
            upload_path: Some(None),
            ..Edit::default()
        };
        let archive = c.edit(&archive, edit, self.at).await?;
        c.drop_request(id).await?;
        let due = album_is_whole(&archive).max(self.at);
        let job = self.job(BUILD, id, Some(due));
        effects.job(c, &job).await?;
        self.trace(effects, c, &archive, "archive.finished").await?;
        self.show_soon(effects, c, &archive).await?;
        Ok(Ok(archive))
    }

    /// Nobody wants it any more; whatever is stored goes.
    pub(crate) async fn cancel<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: ArchiveId,
    ) -> Said<Archive> {
        self.end(c, effects, id, State::Cancelled, "archive.cancelled")
            .await
    }

    /// The link opens nothing any more; downloads under way end.
    pub(crate) async fn revoke<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: ArchiveId,
    ) -> Said<Archive> {
        self.end(c, effects, id, State::Revoked, "archive.revoked")
            .await
    }

    pub(super) async fn end<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: ArchiveId,
        target: State,
        topic: &str,
    ) -> Said<Archive> {
        let archive = match self.seen(c, id).await? {
            Ok(archive) => archive,
            Err(refused) => return Ok(Err(refused)),
        };
        if archive.state == target {
            return Ok(Ok(archive));
        }
        if !archive.state.leads_to(target) {
            return Ok(Err(Refused::Past(archive.state)));
        }
        for blob in c.forget_blobs(id).await? {
            effects.drop_blob(c, &blob).await?;
        }
        if let Some(blob) = &archive.blob {
            effects.drop_blob(c, blob).await?;
        }
        effects.drop_download_rule(c, &archive.key()).await?;
        c.drop_request(id).await?;
        let edit = Edit {
            state: Some(target),
            blob: Some(None),
            zip_password: Some(None),
            upload_path: Some(None),
            ..Edit::default()
        };
        let archive = c.edit(&archive, edit, self.at).await?;
        self.trace(effects, c, &archive, topic).await?;
        self.show_soon(effects, c, &archive).await?;
        Ok(Ok(archive))
    }

    /// How often, and until when, the core gives it out.
    pub(super) async fn rule<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        archive: &Archive,
    ) -> Result<(), DbError> {
        let rule = Rule {
            most: archive.most_downloads.map(i64::from),
            expires_at: archive.expires_at.map(Micros),
            open: true,
        };
        effects.set_download_rule(c, &archive.key(), &rule).await?;
        // A lifetime that was changed has a job already: that one looks at the row.
        let job = self.job(EXPIRE, archive.id, archive.expires_at.map(Micros));
        effects.job(c, &job).await?;
        Ok(())
    }
}
