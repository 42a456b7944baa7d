//! While a collection is open: files come in, and answers to what a button asked.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::teloxide::types::FileMeta;
use vahta_plugin_sdk::transaction;

use crate::archive::{ArchiveId, NewFile};
use crate::view::Screen;
use crate::work::{Change, Coming, Refused, Work};
use crate::{Archives, commands, lifetime, name, password, reply};

/// A collection stays open so long after the last file.
const OPEN: Duration = Duration::from_secs(24 * 3_600);
/// What bots may fetch. Source: Bot API, `getFile`.
const FETCHED: u32 = 20 * 1024 * 1024;

/// What the next message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Collecting {
    archive: i64,
    asked: Option<Asked>,
    /// The core keeps what is typed next out of every log.
    secret: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    Name,
    Password,
    Encryption,
    Lifetime,
    Limit,
}

impl Collecting {
    pub(crate) fn of(archive: ArchiveId) -> Self {
        Self {
            archive: archive.0,
            asked: None,
            secret: false,
        }
    }

    pub(crate) fn asking(self, asked: Asked) -> Self {
        Self {
            asked: Some(asked),
            secret: matches!(asked, Asked::Password | Asked::Encryption),
            ..self
        }
    }

    pub(crate) async fn open(&self, ctx: &Ctx) -> Result<(), Error> {
        ctx.dialogue().set_for(self, OPEN).await
    }
}

pub(crate) async fn answered(
    ctx: Ctx,
    bot: Bot,
    archives: Arc<Archives>,
    message: Message,
) -> Result<(), Error> {
    let dialogue = ctx.dialogue::<Collecting>();
    let open = match dialogue.get().await {
        Ok(Some(open)) => open,
        // Another version asked something that this one does not know; it ends by itself.
        Ok(None) | Err(Error::Json(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let cx = Cx {
        ctx: &ctx,
        bot: &bot,
        archives: &archives,
        message: &message,
        work: Work::new(&archives, &ctx),
        id: ArchiveId(open.archive),
    };
    if let Some((file, name, kind)) = file(&message) {
        return Box::pin(cx.takes(file, name, kind)).await;
    }
    let text = message.text().unwrap_or_default().trim();
    match open.asked {
        Some(asked) => Box::pin(cx.hears(asked, text)).await,
        None => cx.hint().await,
    }
}

/// The file of a message, what it is called and what kind it is. Of a photo the greatest size.
fn file(message: &Message) -> Option<(&FileMeta, String, String)> {
    let sent = jiff::Timestamp::from_second(message.date.timestamp()).unwrap_or_default();
    let stamp = sent.strftime("%Y-%m-%d %H-%M-%S");
    let named = |name: Option<&String>, kind: Option<String>, usual: &str, ending: &str| {
        let name = name.cloned();
        let name = name.unwrap_or_else(|| format!("{usual} {stamp} {}.{ending}", message.id));
        (
            name,
            kind.unwrap_or_else(|| "application/octet-stream".to_owned()),
        )
    };
    if let Some(it) = message.document() {
        let mime = it.mime_type.as_ref().map(ToString::to_string);
        let (name, kind) = named(it.file_name.as_ref(), mime, "file", "bin");
        return Some((&it.file, name, kind));
    }
    if let Some(it) = message.photo().and_then(|sizes| sizes.last()) {
        let (name, kind) = named(None, Some("image/jpeg".to_owned()), "photo", "jpg");
        return Some((&it.file, name, kind));
    }
    if let Some(it) = message.video() {
        let mime = it.mime_type.as_ref().map(ToString::to_string);
        let (name, kind) = named(it.file_name.as_ref(), mime, "video", "mp4");
        return Some((&it.file, name, kind));
    }
    if let Some(it) = message.audio() {
        let mime = it.mime_type.as_ref().map(ToString::to_string);
        let (name, kind) = named(it.file_name.as_ref(), mime, "audio", "mp3");
        return Some((&it.file, name, kind));
    }
    if let Some(it) = message.voice() {
        let mime = it.mime_type.as_ref().map(ToString::to_string);
        let (name, kind) = named(None, mime, "voice", "ogg");
        return Some((&it.file, name, kind));
    }
    if let Some(it) = message.video_note() {
        let (name, kind) = named(None, Some("video/mp4".to_owned()), "video", "mp4");
        return Some((&it.file, name, kind));
    }
    let it = message.animation()?;
    let mime = it.mime_type.as_ref().map(ToString::to_string);
    let (name, kind) = named(it.file_name.as_ref(), mime, "animation", "mp4");
    Some((&it.file, name, kind))
}

struct Cx<'a> {
    ctx: &'a Ctx,
    bot: &'a Bot,
    archives: &'a Archives,
    message: &'a Message,
    work: Work<'a>,
    id: ArchiveId,
}

impl Cx<'_> {
    async fn says(&self, text: String) -> Result<(), Error> {
        let screen = Screen::plain(text);
        reply::say(self.bot, self.ctx, self.message, screen)
            .await
            .map(drop)
    }

    /// A text that nobody asked for: while it collects, that is said.
    async fn hint(&self) -> Result<(), Error> {
        match commands::seen(&self.work, self.id).await? {
            Some(whole) if whole.archive.is_collecting() => {
                let view = self.archives.view(self.ctx);
                self.says(view.text("no-file-in-it", &[])).await
            }
            _ => self.ctx.dialogue::<Collecting>().exit().await,
        }
    }

    /// A file comes in; its message is answered only when it cannot be taken.
    async fn takes(&self, file: &FileMeta, name: String, kind: String) -> Result<(), Error> {
        let view = self.archives.view(self.ctx);
        if file.size > FETCHED {
            return self.too_big(&name).await;
        }
        let coming = Coming {
            album: self.message.media_group_id().map(|id| id.0.clone()),
            file: NewFile {
                archive_id: self.id.0,
                name,
                size: i64::from(file.size),
                source: format!("t:{}", file.unique_id),
                file_id: Some(file.id.to_string()),
                media_type: kind,
                blob: None,
                modified_at: self.message.date.timestamp_micros(),
            },
        };
        let ctx = self.ctx;
        let taken = transaction!(ctx, |c, effects| {
            self.work.add(c, &mut effects, self.id, &coming).await
        })?;
        match taken {
            Ok(_) => Collecting::of(self.id).open(self.ctx).await,
            Err(refused) => {
                if matches!(refused, Refused::Gone | Refused::Past(_)) {
                    ctx.dialogue::<Collecting>().exit().await?;
                }
                self.says(view.refused(&refused)).await
            }
        }
    }

    async fn too_big(&self, name: &str) -> Result<(), Error> {
        let view = self.archives.view(self.ctx);
        let name = vahta_plugin_sdk::texts::escape_html(&crate::view::shortened(name, 60));
        let text = view.text("file-too-big", args!["name" => name]);
        let mut screen = Screen::plain(text);
        if let Some(whole) = commands::seen(&self.work, self.id).await? {
            if let Some(button) = view.browser(&whole.archive) {
                screen.keyboard = InlineKeyboardMarkup::new([[button]]);
            } else if let Some(page) = view.page(&whole.archive) {
                let page = vahta_plugin_sdk::texts::escape_html(&page);
                screen.text = format!("{}\n{page}", screen.text);
            }
        }
        reply::say(self.bot, self.ctx, self.message, screen)
            .await
            .map(drop)
    }

    /// An answer; what is wrong with it is said, and it is asked again.
    async fn hears(&self, asked: Asked, text: &str) -> Result<(), Error> {
        let view = self.archives.view(self.ctx);
        let mut said = None;
        let change = match asked {
            Asked::Name => match name::parse(text) {
                Ok(name) => Change::Name(name),
                Err(fault) => return self.says(view.name_fault(fault)).await,
            },
            Asked::Lifetime => {
                match lifetime::parse(text, self.archives.bounds.longest_lifetime()) {
                    Ok(seconds) => Change::Lifetime(seconds),
                    Err(fault) => return self.says(view.lifetime_fault(fault)).await,
                }
            }
            Asked::Limit => {
                let most = self.archives.bounds.downloads();
                match text.parse::<i32>().ok().filter(|n| (1..=most).contains(n)) {
                    Some(limit) => Change::Limit(Some(limit)),
                    None => {
                        let text = view.text("limit-wrong", args!["most" => most]);
                        return self.says(text).await;
                    }
                }
            }
            Asked::Password | Asked::Encryption => {
                // Before anything else: nobody is to read it over a shoulder.
                let deleted = self
                    .bot
                    .delete_message(self.message.chat.id, self.message.id);
                let mut line = view.text("password-set", &[]);
                if deleted.await.is_err() {
                    line = format!("{line} {}", view.text("password-not-deleted", &[]));
                }
                if !password::is_allowed(text) {
                    let (least, most) = (password::SHORTEST, password::LONGEST);
                    let args = args!["least" => least, "most" => most];
                    return self.says(view.text("password-length", args)).await;
                }
                said = Some(line);
                match asked {
                    Asked::Encryption => Change::Encryption(Some(text.to_owned())),
                    _ => Change::Password(Some(password::hash(text).await?)),
                }
            }
        };
        let ctx = self.ctx;
        let changed = transaction!(ctx, |c, effects| {
            self.work
                .change(c, &mut effects, self.id, change.clone())
                .await
        })?;
        let archive = match changed {
            Ok(archive) => archive,
            Err(refused) => {
                ctx.dialogue::<Collecting>().exit().await?;
                return self.says(view.refused(&refused)).await;
            }
        };
        match archive.is_collecting() {
            true => Collecting::of(self.id).open(ctx).await?,
            false => ctx.dialogue::<Collecting>().exit().await?,
        }
        let Some(whole) = commands::seen(&self.work, self.id).await? else {
            return Ok(());
        };
        let mut screen = view.card(&whole);
        if let Some(line) = said {
            screen = screen.under(&line);
        }
        let shown = reply::say(self.bot, ctx, self.message, screen).await?;
        commands::remember(ctx, &self.work, &whole.archive, shown).await
    }
}
