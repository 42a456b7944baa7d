//! A wish for a plugin and its audit row are one thing, written before anything is switched.

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    nothing_is_switched_without_its_act,
    a_plugin_that_does_not_start_stays_wanted_and_its_act_stays_written,
];

async fn state(app: &TestApp) -> String {
    let info = app.app.plugins.info("task");
    info.map(|info| info.state.to_string()).unwrap_or_default()
}

async fn acts(app: &TestApp) -> Result<Vec<String>> {
    let acts = "SELECT action AS text FROM audit_log WHERE object LIKE 'plugin:%' \
                AND action LIKE 'plugin.%' ORDER BY id";
    app.database.texts(acts).await
}

async fn nothing_is_switched_without_its_act(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    // The table is away for a moment, and whoever wants it says so.
    app.expect("audit");
    app.expect("page");
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    app.idle().await?;
    ensure!(state(&app).await == "started");
    app.database
        .change("ALTER TABLE audit_log RENAME TO audit_away")
        .await?;
    for act in ["disable", "reload"] {
        let got = ada.post(&format!("/plugins/task/{act}"), &[]).await?;
        ensure!(got.status.is_server_error(), "{act}: {got:?}");
    }
    app.database
        .change("ALTER TABLE audit_away RENAME TO audit_log")
        .await?;
    ensure!(state(&app).await == "started");
    let off = "SELECT count(*) AS number FROM plugins WHERE name = 'task' \
               AND (NOT enabled OR generation > 0)";
    ensure!(app.database.number(off).await? == 0, "no wish is left");
    let got = ada.post("/plugins/task/disable", &[]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    ensure!(state(&app).await != "started");
    ensure!(acts(&app).await? == ["plugin.disable"]);
    app.shutdown().await
}

async fn a_plugin_that_does_not_start_stays_wanted_and_its_act_stays_written(
    ground: Ground,
) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("plugin");
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    ada.post("/plugins/task/disable", &[]).await?;
    for file in std::fs::read_dir(app.plugin_folder())? {
        std::fs::remove_file(file?.path())?;
    }
    let got = ada.post("/plugins/task/enable", &[]).await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY,
        "whoever asked is told: {got:?}"
    );
    let wanted = "SELECT count(*) AS number FROM plugins WHERE name = 'task' AND enabled";
    ensure!(app.database.number(wanted).await? == 1);
    ensure!(acts(&app).await? == ["plugin.disable", "plugin.enable"]);
    let got = ada.post("/plugins/nobody/enable", &[]).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    ensure!(acts(&app).await?.len() == 2, "no act on what is not there");
    app.shutdown().await
}
