//! What happens is seen by whoever may see it, once, in order, and by nobody else.

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use vahta_rows::events::{Event, PutEvent as _};
use vahta_rows::{DbError, transaction};
use vahta_tests::stage::{ADA, GUS, LIM};
use vahta_tests::{Ground, Stage, stories};

stories![
    a_change_in_telegram_is_heard_by_whoever_may_see_it,
    a_client_that_was_away_misses_nothing,
    a_client_that_was_away_too_long_is_told_to_begin_anew,
    a_stream_ends_with_its_session,
    a_stream_ends_with_the_right_to_it,
    strangers_hear_nothing,
    a_server_that_stops_ends_its_streams,
];

async fn put(stage: &Stage, topic: &str, object: &str) -> Result<()> {
    let event = Event {
        topic: topic.into(),
        object: object.into(),
        payload: serde_json::json!({ "text": "for nobody's eyes" }),
    };
    transaction!(stage.database.db(), c => c.put_event(&event).await)?;
    Ok::<_, DbError>(()).map_err(Into::into)
}

async fn a_change_in_telegram_is_heard_by_whoever_may_see_it(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    app.gus().says("/start").await?;
    app.idle().await?;
    let ada = web.browser_of(ADA).await?;
    let lim = web.browser_of(LIM).await?;
    let mut ada_hears = ada.listen("access.,plugin.", None).await?;
    let mut lim_hears = lim.listen("", None).await?;
    app.ada().asks("/grant 1003 operator").await?;
    let heard = ada_hears.hears().await?;
    ensure!(heard.topic() == "access.grant", "{heard:?}");
    ensure!(heard.object().starts_with("user:"), "{heard:?}");
    ensure!(heard.data.get("payload").is_none() && heard.data.get("detail").is_none());
    // Lim is no admin: the first that he hears is something that he may see.
    app.ada().asks("/plugin task reload").await?;
    let heard = lim_hears.hears().await?;
    ensure!(heard.topic() == "plugin.reload", "{heard:?}");
    app.shutdown().await
}

async fn a_client_that_was_away_misses_nothing(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    // A client that goes away in the middle of its stream is the story.
    app.expect("server connection error");
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let ada = web.browser_of(ADA).await?;
    let mut hears = ada.listen("story.", None).await?;
    for number in 0..20 {
        put(&app, "story.told", &format!("n:{number}")).await?;
    }
    for number in 0..7 {
        ensure!(hears.hears().await?.object() == format!("n:{number}"));
    }
    let id = hears.id.clone().context("events have ids")?;
    drop(hears);
    for number in 20..40 {
        put(&app, "story.told", &format!("n:{number}")).await?;
    }
    let mut again = ada.listen("story.", Some(&id)).await?;
    for number in 7..40 {
        let heard = again.hears().await?;
        ensure!(heard.object() == format!("n:{number}"), "{heard:?}");
    }
    put(&app, "story.told", "n:40").await?;
    ensure!(again.hears().await?.object() == "n:40", "and goes on live");
    app.shutdown().await
}

async fn a_client_that_was_away_too_long_is_told_to_begin_anew(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    // A client that goes away in the middle of its stream is the story.
    app.expect("server connection error");
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let ada = web.browser_of(ADA).await?;
    // No such event, as after a deletion of old ones; and one from a future that never was.
    for id in ["0-0007777", "9000000000-9000000000"] {
        put(&app, "story.told", "later").await?;
        let mut hears = ada.listen("story.", Some(id)).await?;
        let first = hears.next().await?.context("a reset")?;
        ensure!(first.event == "reset", "{first:?}");
        put(&app, "story.told", "after the reset").await?;
        let heard = loop {
            let heard = hears.hears().await?;
            if heard.object() != "later" {
                break heard;
            }
        };
        ensure!(heard.object() == "after the reset", "{heard:?}");
    }
    app.shutdown().await
}

async fn a_stream_ends_with_its_session(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let other = web.browser_of(ADA).await?;
    let stream = ada.listen("", None).await?;
    let mut stays = other.listen("story.", None).await?;
    ada.post("/logout", &[]).await?;
    stream.ends().await?;
    put(&app, "story.told", "still here").await?;
    ensure!(stays.hears().await?.object() == "still here");
    app.shutdown().await
}

async fn a_stream_ends_with_the_right_to_it(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    let lim = web.browser_of(LIM).await?;
    let mut hears = lim.listen("", None).await?;
    app.ada().asks("/revoke 1002 operator").await?;
    let mut told = false;
    while let Some(heard) = hears.next().await? {
        told |= heard.event == "rights";
    }
    ensure!(told, "the page is told to ask again");
    // What comes back may see less.
    let mut hears = lim.listen("", None).await?;
    app.ada().asks("/plugin task reload").await?;
    app.ada().asks("/grant 1002 operator").await?;
    let heard = hears.hears().await?;
    // The stream may have ended before it told of the revocation, which is then told now.
    let own = ["access.grant", "access.revoke"].contains(&heard.topic()) || heard.event == "rights";
    ensure!(own, "only what is about himself: {heard:?}");
    let hears = lim.listen("", None).await?;
    app.ada().asks("/block 1002").await?;
    hears.ends().await?;
    ensure!(
        lim.listen("", None).await.is_err(),
        "the blocked are nobody"
    );
    app.shutdown().await
}

async fn strangers_hear_nothing(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.gus().says("/start").await?;
    app.idle().await?;
    let mut stranger = web.stranger()?;
    let got = stranger.get("/live").await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    // A guest with a session, but without any key.
    let gus = web.browser_of(GUS).await?;
    let mut hears = gus.listen("", None).await?;
    put(&app, "access.grant", "user:999").await?;
    put(&app, "task.done", "task:1").await?;
    put(&app, "unheard-of", "").await?;
    let me = app
        .app
        .access
        .find(&bot_core::access::Who::Telegram(GUS))
        .await?;
    let own = format!("user:{}", me.context("Gus is known")?.id);
    put(&app, "access.seen", &own).await?;
    let heard = hears.next().await?.context("one event")?;
    ensure!(heard.object() == own, "{heard:?}");
    app.shutdown().await
}

async fn a_server_that_stops_ends_its_streams(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let stream = web.browser_of(ADA).await?.listen("", None).await?;
    web.stop().await?;
    stream.ends().await?;
    app.shutdown().await
}
