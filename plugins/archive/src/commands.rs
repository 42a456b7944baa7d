//! `/zip [name]`, `/archives`, `/archive_12`.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::transaction;

use crate::archive::{Archive, ArchiveId, Edit, Whole};
use crate::dialogs::Collecting;
use crate::store::{ArchiveRows as _, Whose};
use crate::view::Screen;
use crate::work::{Begin, Refused, Work};
use crate::{Archives, name, reply, token};

/// Archives on a page of `/archives`.
const PAGE: usize = 10;

/// Begins a collection: what is sent next goes into it.
pub(crate) async fn zip(
    ctx: Ctx,
    bot: Bot,
    archives: Arc<Archives>,
    message: Message,
) -> Result<(), Error> {
    let view = archives.view(&ctx);
    let name = match name::parse(ctx.args()) {
        Ok(name) => name,
        Err(name::Fault::Empty) => default_name(&ctx),
        Err(fault) => {
            let screen = Screen::plain(view.name_fault(fault));
            return reply::say(&bot, &ctx, &message, screen).await.map(drop);
        }
    };
    let work = Work::new(&archives, &ctx);
    let thread = ctx.chat().and_then(|chat| chat.thread_id);
    let begin = Begin {
        name,
        token: token::fresh()?,
        place: Some((message.chat.id.0, thread, i64::from(message.id.0))),
        ..Begin::default()
    };
    let whole = transaction!(ctx, |c, effects| {
        let archive = work.begin(c, &mut effects, begin.clone()).await?;
        c.whole(archive).await
    })?;
    let shown = reply::say(&bot, &ctx, &message, view.card(&whole)).await?;
    remember(&ctx, &work, &whole.archive, shown).await?;
    Collecting::of(whole.archive.id).open(&ctx).await
}

/// The message that follows an archive from now on.
pub(crate) async fn remember(
    ctx: &Ctx,
    work: &Work<'_>,
    archive: &Archive,
    message: MessageId,
) -> Result<(), Error> {
    let id = archive.id;
    transaction!(ctx, |c, effects| {
        let Some(archive) = c.lock(id).await? else {
            return Ok(());
        };
        let edit = Edit {
            message_id: Some(Some(message.0)),
            ..Edit::default()
        };
        c.edit(&archive, edit, work.at).await?;
        Ok(())
    })
}

/// Such as `files 2026-11-22`.
fn default_name(ctx: &Ctx) -> String {
    let zone = ctx.actor().and_then(|actor| actor.time_zone.as_deref());
    let zone = zone.and_then(|name| jiff::tz::TimeZone::get(name).ok());
    let now = ctx.now().to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC));
    format!("files {}", now.date())
}

pub(crate) async fn list(
    ctx: Ctx,
    bot: Bot,
    archives: Arc<Archives>,
    message: Message,
) -> Result<(), Error> {
    let screen = listed(&archives, &ctx, 0).await?;
    reply::say(&bot, &ctx, &message, screen).await.map(drop)
}

/// A page of one's own archives.
pub(crate) async fn listed(archives: &Archives, ctx: &Ctx, before: i64) -> Result<Screen, Error> {
    let work = Work::new(archives, ctx);
    let db = ctx.db()?;
    let whose = Whose::Of(work.user.unwrap_or_default());
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let before = (before > 0).then_some(before);
    let mut found = with_db!(db, c => c.archives(whose, before, most).await)?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let view = archives.view(ctx);
    Ok(view.list(&found, before.unwrap_or_default(), has_more))
}

pub(crate) async fn open(
    ctx: Ctx,
    bot: Bot,
    archives: Arc<Archives>,
    message: Message,
) -> Result<(), Error> {
    let view = archives.view(&ctx);
    let work = Work::new(&archives, &ctx);
    let id = ctx.args().split_whitespace().next();
    let id = id.and_then(|id| id.parse().ok()).map(ArchiveId);
    let Some(whole) = seen(&work, id.unwrap_or(ArchiveId(0))).await? else {
        let screen = Screen::plain(view.refused(&Refused::Gone));
        return reply::say(&bot, &ctx, &message, screen).await.map(drop);
    };
    let shown = reply::say(&bot, &ctx, &message, view.card(&whole)).await?;
    // Its owner's newest card follows it; whoever only looks keeps a snapshot.
    let archive = &whole.archive;
    if archive.chat_id == Some(message.chat.id.0) && work.user == Some(archive.owner) {
        remember(&ctx, &work, archive, shown).await?;
        if archive.is_collecting() {
            Collecting::of(archive.id).open(&ctx).await?;
        }
    }
    Ok(())
}

/// What this person sees of an archive.
pub(crate) async fn seen(work: &Work<'_>, id: ArchiveId) -> Result<Option<Whole>, Error> {
    let db = work.ctx.db()?;
    let found = with_db!(db, c => c.archive(id).await)?;
    match found.filter(|archive| work.sees(archive)) {
        Some(archive) => Ok(Some(with_db!(db, c => c.whole(archive).await)?)),
        None => Ok(None),
    }
}
