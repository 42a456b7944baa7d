//! Presses: acts, questions, and other views of the same archive.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::texts::escape_html;
use vahta_plugin_sdk::transaction;

use crate::archive::{Archive, ArchiveId, Whole};
use crate::dialogs::{Asked, Collecting};
use crate::press::{Act, Press};
use crate::state::State;
use crate::store::ArchiveRows as _;
use crate::store::downloads::DownloadRows as _;
use crate::store::files::FileRows as _;
use crate::view::Screen;
use crate::work::{Change, Refused, Work};
use crate::{Archives, commands, password, reply};

pub(crate) async fn pressed(
    ctx: Ctx,
    bot: Bot,
    archives: Arc<Archives>,
    query: CallbackQuery,
) -> Result<(), Error> {
    let Some(press) = Press::parse(ctx.data()) else {
        return toast(&bot, &query, None).await;
    };
    let Some(on) = &query.message else {
        return toast(&bot, &query, None).await;
    };
    let answer = match press {
        Press::List(before) => Ok(commands::listed(&archives, &ctx, before).await?),
        Press::Do(id, act) => {
            let work = Work::new(&archives, &ctx);
            Box::pin(done(&archives, &ctx, &work, id, act)).await?
        }
    };
    match answer {
        Ok(screen) => {
            reply::put(&bot, on, screen).await?;
            toast(&bot, &query, None).await
        }
        Err(refused) => {
            let text = archives.view(&ctx).refused(&refused);
            toast(&bot, &query, Some(text)).await
        }
    }
}

/// Answers a press. A query that expired meanwhile must not keep the work from being done.
async fn toast(bot: &Bot, query: &CallbackQuery, text: Option<String>) -> Result<(), Error> {
    let mut answer = bot.answer_callback_query(query.id.clone());
    if let Some(text) = text {
        answer = answer.text(text).show_alert(true);
    }
    if let Err(error) = answer.await {
        tracing::debug!(%error, "a press could not be answered");
    }
    Ok(())
}

/// What the pressed message shows then.
async fn done(
    archives: &Archives,
    ctx: &Ctx,
    work: &Work<'_>,
    id: ArchiveId,
    act: Act,
) -> Result<Result<Screen, Refused>, Error> {
    let view = archives.view(ctx);
    let Some(whole) = commands::seen(work, id).await? else {
        return Ok(Err(Refused::Gone));
    };
    let changed = match act {
        Act::Show => Ok(whole.archive.clone()),
        Act::Finish => transaction!(ctx, |c, effects| work.finish(c, &mut effects, id).await)?,
        Act::Cancel => transaction!(ctx, |c, effects| work.cancel(c, &mut effects, id).await)?,
        Act::Revoked => transaction!(ctx, |c, effects| work.revoke(c, &mut effects, id).await)?,
        Act::Extend => {
            let change = Change::Lifetime(whole.archive.lifetime_s);
            changed(ctx, work, id, change).await?
        }
        Act::NoPassword => changed(ctx, work, id, Change::Password(None)).await?,
        Act::NoLimit => changed(ctx, work, id, Change::Limit(None)).await?,
        Act::Name => return ask(archives, ctx, &whole, Asked::Name).await,
        Act::Password => return ask(archives, ctx, &whole, Asked::Password).await,
        Act::Encrypt => return ask(archives, ctx, &whole, Asked::Encryption).await,
        Act::Lifetime => return ask(archives, ctx, &whole, Asked::Lifetime).await,
        Act::Limit => return ask(archives, ctx, &whole, Asked::Limit).await,
        Act::Revoke => {
            let name = escape_html(&whole.archive.name);
            let question = view.text("ask-revoke", args!["name" => name]);
            return Ok(Ok(view.asks(id, &question, &[Act::Revoked])));
        }
        Act::Contents => {
            let db = ctx.db()?;
            let files = with_db!(db, c => c.files(id).await)?;
            return Ok(Ok(view.contents(&whole.archive, &files)));
        }
        Act::Statistics => {
            let db = ctx.db()?;
            let latest = with_db!(db, c => c.downloads(id, 5).await)?;
            let hosts = with_db!(db, c => c.referers(id, 5).await)?;
            return Ok(Ok(view.statistics(&whole, &latest, &hosts)));
        }
    };
    let archive = match changed {
        Ok(archive) => archive,
        Err(refused) => return Ok(Err(refused)),
    };
    // What was asked is answered; while it collects, files come in.
    // An album's last part may come after [Finish].
    match archive.is_collecting() || archive.state == State::Building {
        true => Collecting::of(id).open(ctx).await?,
        false => ctx.dialogue::<Collecting>().exit().await?,
    }
    let db = ctx.db()?;
    let whole = with_db!(db, c => c.whole(archive).await)?;
    Ok(Ok(view.card(&whole)))
}

async fn changed(
    ctx: &Ctx,
    work: &Work<'_>,
    id: ArchiveId,
    change: Change,
) -> Result<Result<Archive, Refused>, Error> {
    Ok(transaction!(ctx, |c, effects| {
        work.change(c, &mut effects, id, change.clone()).await
    })?)
}

/// The next message answers it.
async fn ask(
    archives: &Archives,
    ctx: &Ctx,
    whole: &Whole,
    asked: Asked,
) -> Result<Result<Screen, Refused>, Error> {
    let archive = &whole.archive;
    if archive.state.is_over() {
        return Ok(Err(Refused::Past(archive.state)));
    }
    Collecting::of(archive.id).asking(asked).open(ctx).await?;
    let view = archives.view(ctx);
    let (question, ways): (_, &[Act]) = match asked {
        Asked::Name => (view.text("ask-name", &[]), &[]),
        Asked::Password => {
            let question = view.text("ask-password", args!["count" => password::SHORTEST]);
            match (archive.is_collecting(), archive.password.is_some()) {
                (true, true) => (question, &[Act::NoPassword, Act::Encrypt]),
                (true, false) => (question, &[Act::Encrypt]),
                (false, true) => (question, &[Act::NoPassword]),
                (false, false) => (question, &[]),
            }
        }
        Asked::Encryption => (view.text("ask-encrypt", &[]), &[]),
        Asked::Lifetime => {
            let most = view.span(archives.bounds.longest_lifetime());
            (view.text("ask-lifetime", args!["most" => most]), &[])
        }
        Asked::Limit => (view.text("ask-limit", &[]), &[Act::NoLimit]),
    };
    Ok(Ok(view.asks(archive.id, &question, ways)))
}
