//! The messages that show an archive: one that follows it, and what is sent when it is ready.

use vahta_plugin_sdk::blobs::to_send;
use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{DbError, with_db};
use vahta_plugin_sdk::teloxide::payloads::{
    SendDocument, SendDocumentSetters as _, SendPhoto, SendPhotoSetters as _,
};
use vahta_plugin_sdk::teloxide::types::ThreadId;

use super::{Rows, Work, about};
use crate::Archives;
use crate::archive::{Archive, Whole};
use crate::qr;
use crate::store::ArchiveRows as _;
use crate::view::View;

pub(crate) const CARD: &str = "archive.card";

/// Files come in bursts, and Telegram allows few edits: one second of them is one edit.
pub(super) const PAUSE: i64 = 1_000_000;

/// Brings the message up to date.
pub(crate) async fn refresh(archives: &Archives, ctx: &Ctx, job: &Job) -> Result<(), Error> {
    let id = about(job)?;
    let db = ctx.db()?;
    let Some(archive) = with_db!(db, c => c.archive(id).await)? else {
        return Ok(());
    };
    let (Some(chat), Some(message)) = (archive.chat_id, archive.message_id) else {
        return Ok(());
    };
    let whole = with_db!(db, c => c.whole(archive).await)?;
    let view = view_of(archives, ctx, &whole);
    let screen = view.card(&whole);
    let request = ctx
        .bot()
        .edit_message_text(ChatId(chat), MessageId(message), screen.text)
        .parse_mode(ParseMode::Html)
        .reply_markup(screen.keyboard);
    match request.await {
        Ok(_) => Ok(()),
        // Deleted, or as it was: nothing is lost.
        Err(Error::Call(error)) if error.code == "telegram:400" => Ok(()),
        Err(error) => Err(error),
    }
}

/// In its owner's language: a job has no actor.
fn view_of<'a>(archives: &'a Archives, ctx: &'a Ctx, whole: &'a Whole) -> View<'a> {
    View::new(
        &archives.texts,
        &whole.archive.language,
        &archives.public_url,
    )
    .at(None, ctx.now())
}

impl Work<'_> {
    /// The link as a picture, when it goes to a chat and there is an address.
    pub(super) async fn picture(&self, archive: &Archive) -> Result<Option<String>, Error> {
        let view = View::new(
            &self.archives.texts,
            &archive.language,
            &self.archives.public_url,
        );
        let Some(link) = view.link(archive).filter(|_| archive.chat_id.is_some()) else {
            return Ok(None);
        };
        let Some(png) = qr::png(&link) else {
            return Ok(None);
        };
        let mut writer = self.ctx.blobs().create("link.png", "image/png").await?;
        writer.write(&png).await?;
        Ok(Some(writer.finish().await?.id))
    }

    /// What its chat gets: the link with its picture, and the ZIP itself when it is small.
    pub(super) async fn hand_out<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        archive: &Archive,
        picture: Option<&str>,
    ) -> Result<(), DbError> {
        let Some(chat) = archive.chat_id else {
            return Ok(());
        };
        let whole = c.whole(archive.clone()).await?;
        let view = view_of(self.archives, self.ctx, &whole);
        let thread = archive.thread_id.map(|id| ThreadId(MessageId(id)));
        let bot = self.ctx.bot();
        if let Some(picture) = picture {
            let screen = view.card(&whole);
            let mut photo = SendPhoto::new(ChatId(chat), to_send(picture))
                .caption(screen.text)
                .parse_mode(ParseMode::Html)
                .reply_markup(screen.keyboard);
            photo.message_thread_id = thread;
            effects.send(c, bot.request(photo)).await?;
        }
        let is_small = archive.size <= self.archives.bounds.sent();
        if let Some(blob) = archive.blob.as_deref().filter(|_| is_small) {
            let mut document =
                SendDocument::new(ChatId(chat), to_send(blob)).caption(archive.file_name());
            document.message_thread_id = thread;
            effects.send(c, bot.request(document)).await?;
        }
        Ok(())
    }
}
