//! The admin site in a real browser, against the real program and a sandbox. The checks themselves
//! are in `tests/browser/`; here is what they play on.

#![allow(
    clippy::print_stdout,
    reason = "what was seen and measured is worth reading"
)]

mod browser {
    pub(super) mod outage;
    pub(super) mod play;
    pub(super) mod scene;
}

use anyhow::{Context as _, Result};
use bot_core::accounts::telegram;
use bot_core::config::Secret;
use serde_json::json;
use telegram_sandbox::{Options, Sandbox};
use vahta_rows::Micros;
use vahta_tests::process::free_port;
use vahta_tests::proxy::Proxy;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage};

use browser::play::{Play, site_of};
use browser::scene::{self, KIM, NIA};

#[test]
fn the_site_in_a_browser() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, the_site)
}

#[test]
fn every_page_can_be_read_by_everybody() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, every_page)
}

#[test]
fn files_on_their_way_up() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, files)
}

#[test]
fn files_that_are_dropped() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, drop_zones)
}

#[test]
fn what_one_is_told() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, notices)
}

#[test]
fn tasks_in_a_browser() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, tasks)
}

#[test]
fn every_way_in() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, ways_in)
}

#[test]
fn the_database_goes_away_while_pages_are_open() -> Result<()> {
    vahta_tests::story::tell(Ground::Postgres, outage)
}

#[test]
fn the_sandbox_s_chat_page() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, sandbox_page)
}

/// It wants neither the bot nor a database.
async fn sandbox_page(_: Ground) -> Result<()> {
    let sandbox = Sandbox::start(Options::default()).await?;
    let told = ["base", "sandbox"].map(|name| (name.to_owned(), json!(sandbox.url())));
    browser::play::plays("sandbox", told.into_iter().collect()).await?;
    sandbox.stop().await;
    Ok(())
}

async fn the_site(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_tasks_open_at_once().await?;
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    Play::on(&stage, &mut process)
        .await?
        .plays("checks")
        .await?;
    process.stop().await
}

async fn every_page(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .with_plugins(&["pages", "takes"])?;
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    scene::with_something_on_every_page(&stage).await?;
    Play::on(&stage, &mut process).await?.plays("looks").await?;
    process.stop().await
}

async fn files(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .with_plugins(&["pages"])?;
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    let mut play = Play::on(&stage, &mut process).await?;
    play.set("initData", json!([init_data(ADA)]));
    play.plays("files").await?;
    process.stop().await
}

async fn drop_zones(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_plugins(&["takes"])?;
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    let mut play = Play::on(&stage, &mut process).await?;
    play.set("initData", json!([init_data(ADA)]));
    play.plays("drop").await?;
    process.stop().await
}

async fn notices(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_plugins(&["tells"])?;
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    Play::on(&stage, &mut process)
        .await?
        .plays("notices")
        .await?;
    process.stop().await
}

async fn tasks(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_tasks_open_at_once().await?;
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    Play::on(&stage, &mut process).await?.plays("tasks").await?;
    process.stop().await
}

async fn ways_in(ground: Ground) -> Result<()> {
    let (port, frame) = (free_port()?, free_port()?);
    let stage = Stage::on(ground)
        .await?
        // A port that is known before the start: the bot's links lead there.
        .with("VAHTA_WEB_ADDR", format!("127.0.0.1:{port}"))
        .with(
            "VAHTA_MINI_APP_ORIGINS",
            format!("http://localhost:{frame}"),
        );
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    stage.control.add_person(KIM, "Kim").await?;
    stage.control.add_person(NIA, "Nia").await?;
    stage.person(KIM).says("/start").await?;
    stage.idle().await?;
    stage.ada().asks(&format!("/grant {KIM} operator")).await?;

    let other = free_port()?;
    let unclaimed = Stage::on(ground)
        .await?
        .with("VAHTA_WEB_ADDR", format!("127.0.0.1:{other}"))
        .with("VAHTA_ADMINS", "");
    let mut nobodys = unclaimed.run().await?;
    let said = nobodys.says("?start=").await?;
    let (_, rest) = said.split_once("?start=").context("a claim code")?;
    let code: String = rest.chars().take(22).collect();

    let mut play = Play::on(&stage, &mut process).await?;
    play.person("kim", KIM).await?;
    play.set("initData", json!([init_data(ADA)]));
    play.set("framePort", json!(frame));
    let site = json!({
        "base": site_of(&mut nobodys).await?,
        "sandbox": browser::play::sandbox(&unclaimed)?,
        "code": code,
    });
    play.set("unclaimed", site);
    play.plays("logins").await?;
    nobodys.stop().await?;
    process.stop().await
}

/// What Telegram gives a Mini App that was just opened.
fn init_data(telegram_id: i64) -> String {
    let user = json!({ "id": telegram_id, "first_name": "Somebody" }).to_string();
    let at = (Micros::now().0 / 1_000_000).to_string();
    let fields = [
        ("user", user.as_str()),
        ("auth_date", at.as_str()),
        ("signature", "x"),
    ];
    telegram::sign_mini_app(&fields, &Secret::new("1:sandbox"))
}

async fn outage(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_tasks_open_at_once().await?;
    let (proxy, url) = Proxy::before(&stage.database.url).await?;
    let stage = stage.with("DATABASE_URL", url);
    let mut process = stage.run().await?;
    scene::set(&stage).await?;
    let switch = browser::outage::switch(proxy).await?;
    let mut play = Play::on(&stage, &mut process).await?;
    play.set("switch", json!(switch.url));
    play.plays("outage").await?;
    process.stop().await
}
