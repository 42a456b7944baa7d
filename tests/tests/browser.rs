//! The admin site in a real browser, against the real program and a sandbox. The checks themselves
//! are in `tests/browser/`; here is what they play on.

#![allow(
    clippy::print_stdout,
    reason = "what was seen and measured is worth reading"
)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::accounts::Accounts;
use bot_core::accounts::sessions::{Browser, Login};
use serde_json::{Map, Value, json};
use vahta_rows::UserId;
use vahta_tests::stage::{ADA, GUS, LIM};
use vahta_tests::{Ground, Stage};

/// All checks together; each of them has a shorter patience of its own.
const PATIENCE: Duration = Duration::from_secs(150);

#[test]
fn the_site_in_a_browser() -> Result<()> {
    vahta_tests::story::tell(Ground::Sqlite, the_site)
}

async fn the_site(ground: Ground) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let chromium =
        xtask::browser::chromium().context("no chromium; `cargo xtask deps` brings it")?;
    ensure!(
        folder.join("node_modules/playwright-core").is_dir(),
        "no playwright-core; `cargo xtask deps` brings it"
    );
    let stage = Stage::on(ground).await?;
    let mut process = stage.run().await?;
    let started = process
        .logs_line(|line| line["message"] == "web site")
        .await?;
    let address = started["address"]
        .as_str()
        .context("an address")?
        .to_owned();
    scene(&stage).await?;
    let play = json!({
        "base": format!("http://{address}"),
        "sandbox": sandbox(&stage)?,
        "chromium": chromium,
        "screenshots": screenshots()?,
        "sessions": sessions(&stage).await?,
    });
    let ran = async_process::Command::new("node")
        .arg("run.mjs")
        .current_dir(&folder)
        .env("PLAY", play.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ran = tokio::time::timeout(PATIENCE, ran)
        .await
        .context("the browser's checks do not end")??;
    let said = String::from_utf8_lossy(&ran.stdout);
    println!("{said}");
    ensure!(
        ran.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    process.stop().await
}

/// Something to look at on every page.
async fn scene(stage: &Stage) -> Result<()> {
    stage.lim_is_operator().await?;
    stage
        .gus()
        .says("<img src=x onerror=alert(1)> & \"so on\"")
        .await?;
    stage.lim().asks("/task Replace the disk in db-7").await?;
    stage.lim().asks("/tasks").await?;
    stage.ada().asks("/grant 1002 operator 2h").await?;
    stage.ada().asks("/role create night task.view").await?;
    stage.idle().await
}

fn sandbox(stage: &Stage) -> Result<String> {
    let mut variables = stage.variables().into_iter();
    let url = variables.find(|(name, _)| name == "TELEGRAM_API_URL");
    Ok(url.context("the sandbox has an address")?.1)
}

/// A cookie for each of the three.
async fn sessions(stage: &Stage) -> Result<Value> {
    let accounts = Accounts::new(stage.database.db().clone(), None);
    let mut cookies = Map::new();
    for (name, telegram_id) in [("ada", ADA), ("lim", LIM), ("gus", GUS)] {
        let sql = format!("SELECT id AS number FROM bot_users WHERE telegram_id = {telegram_id}");
        let user = UserId(stage.database.number(&sql).await?);
        let token = accounts
            .open_session(user, Login::Link, &Browser::default())
            .await?;
        cookies.insert(name.into(), token.expose().into());
    }
    Ok(cookies.into())
}

/// `target/screenshots`, emptied.
fn screenshots() -> Result<PathBuf> {
    // target/<profile>/deps/<this test>
    let test = std::env::current_exe()?;
    let target = test
        .ancestors()
        .nth(3)
        .context("a test lies in a target folder")?;
    let folder = target.join("screenshots");
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
