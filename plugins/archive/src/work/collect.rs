//! An archive begins, and files come to it.

use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::rows::{DbError, Micros};

use super::{CHANGED, Refused, Rows, Said, Work};
use crate::archive::{Archive, ArchiveId, Edit, NewArchive, NewFile};
use crate::state::State;
use crate::store::Whose;

/// Parts of an album come one by one, and the last may be late.
pub(super) const ALBUM: i64 = 10_000_000;

/// Where and how an archive begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Begin {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) token: String,
    /// Chat, thread and message.
    pub(crate) place: Option<(i64, Option<i32>, i64)>,
}

/// A file that somebody sends.
pub(crate) struct Coming {
    pub(crate) file: NewFile,
    /// Telegram's `media_group_id`.
    pub(crate) album: Option<String>,
}

impl Work<'_> {
    /// Begins one, or finds the one that the same message began.
    pub(crate) async fn begin<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        begin: Begin,
    ) -> Result<Archive, DbError> {
        let actor = self.ctx.actor();
        let new = NewArchive {
            owner: self.user.unwrap_or_default(),
            owner_name: actor.map(|actor| actor.name.clone()).unwrap_or_default(),
            name: begin.name,
            description: begin.description,
            state: State::Collecting,
            token: begin.token,
            is_encrypted: false,
            lifetime_s: self.archives.bounds.lifetime(),
            most_downloads: None,
            done: 0,
            total: 0,
            size: 0,
            chat_id: begin.place.map(|(chat, _, _)| chat),
            thread_id: begin.place.and_then(|(_, thread, _)| thread),
            source_message_id: begin.place.map(|(_, _, message)| message),
            language: self.ctx.language().to_owned(),
            album_at: 0,
            created_at: self.at.0,
            changed_at: self.at.0,
            version: 1,
        };
        let (archive, is_new) = c.create(&new).await?;
        if is_new {
            self.trace(effects, c, &archive, "archive.begun").await?;
        }
        Ok(archive)
    }

    /// Takes a file in, when there is room for it.
    pub(crate) async fn add<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: ArchiveId,
        coming: &Coming,
    ) -> Said<Archive> {
        let archive = match self.seen(c, id).await? {
            Ok(archive) => archive,
            Err(refused) => return Ok(Err(refused)),
        };
        if !takes(&archive, coming) {
            return Ok(Err(Refused::Past(archive.state)));
        }
        if let Err(refused) = self.has_room(c, &archive, coming.file.size).await? {
            return Ok(Err(refused));
        }
        if !c.put_file(&coming.file).await? {
            return Ok(Err(Refused::Twice));
        }
        if let Some(blob) = &coming.file.blob {
            effects.keep_blob(c, blob, None).await?;
        }
        let edit = Edit {
            // Whoever adds to what failed collects again.
            state: (archive.state == State::Failed).then_some(State::Collecting),
            album: coming.album.clone().map(Some),
            album_at: coming.album.is_some().then_some(self.at.0),
            ..Edit::default()
        };
        let archive = c.edit(&archive, edit, self.at).await?;
        self.trace(effects, c, &archive, CHANGED).await?;
        self.show_soon(effects, c, &archive).await?;
        Ok(Ok(archive))
    }

    /// Takes a file out again.
    pub(crate) async fn remove<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: ArchiveId,
        file: i64,
    ) -> Said<Archive> {
        let archive = match self.seen(c, id).await? {
            Ok(archive) => archive,
            Err(refused) => return Ok(Err(refused)),
        };
        if !archive.is_collecting() {
            return Ok(Err(Refused::Past(archive.state)));
        }
        let Some(blob) = c.take_file(id, file).await? else {
            return Ok(Ok(archive));
        };
        if let Some(blob) = blob {
            effects.drop_blob(c, &blob).await?;
        }
        let archive = c.edit(&archive, Edit::default(), self.at).await?;
        self.trace(effects, c, &archive, CHANGED).await?;
        self.show_soon(effects, c, &archive).await?;
        Ok(Ok(archive))
    }

    /// Is there room for so many bytes more? Asked before they are spent, and again when they came.
    pub(crate) async fn has_room<C: Rows>(
        &self,
        c: &mut C,
        archive: &Archive,
        size: i64,
    ) -> Said<()> {
        let bounds = &self.archives.bounds;
        let sum = c.sum(archive.id).await?;
        if sum.files >= bounds.files() {
            return Ok(Err(Refused::TooMany(bounds.files())));
        }
        if sum.bytes.saturating_add(size) > bounds.archive() {
            return Ok(Err(Refused::TooBig(bounds.archive())));
        }
        let held = c.held(Whose::Of(archive.owner)).await?.bytes;
        if held.saturating_add(size) > bounds.person() {
            let left = bounds.person().saturating_sub(held).max(0);
            return Ok(Err(Refused::OverQuota(left)));
        }
        if let Some(most) = bounds.everybody() {
            let all = c.held(Whose::Everybodys).await?.bytes;
            if all.saturating_add(size) > most {
                return Ok(Err(Refused::NoRoom));
            }
        }
        Ok(Ok(()))
    }
}

/// While it is collected; and the rest of an album, when its other parts were there before.
fn takes(archive: &Archive, coming: &Coming) -> bool {
    let waits = archive.state == State::Building && archive.total == 0;
    let is_rest = coming.album.is_some() && coming.album == archive.album;
    archive.is_collecting() || (waits && is_rest)
}

/// When the parts of its last album are there, as far as anybody knows.
pub(super) fn album_is_whole(archive: &Archive) -> Micros {
    Micros(archive.album_at.saturating_add(ALBUM))
}
