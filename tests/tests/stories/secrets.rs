//! The bot token appears nowhere.

use std::path::Path;

use anyhow::{Result, ensure};
use bot_core::config::Config;
use serde_json::json;
use vahta_rows::ChatId;
use vahta_tests::database::contains;
use vahta_tests::process::free_port;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

stories![
    the_bot_token_appears_nowhere,
    a_configuration_prints_no_secret,
    an_edited_secret_is_not_written_down,
];

const CANARY: &str = "c4n4ry-AAF-token-that-must-not-leak";

async fn the_bot_token_appears_nowhere(ground: Ground) -> Result<()> {
    let port = free_port()?;
    let stage = Stage::with_token(ground, &format!("7:{CANARY}"))
        .await?
        .with_plugins(&["panics"])?
        .with("VAHTA_WEB_ADDR", format!("127.0.0.1:{port}"))
        .with("VAHTA_LOG", "trace");
    let process = stage.run().await?;
    // Everything that makes the HTTP client talk of its URL.
    for kind in ["500", "garbage", "drop", "timeout", "429", "forbidden"] {
        for method in ["SendMessage", "GetUpdates", "AnswerCallbackQuery"] {
            stage
                .control
                .fault(json!({"method": method, "kind": kind, "retry_after": 1}))
                .await?;
        }
        stage.ada().says("/task Secret").await?;
        stage.idle().await?;
    }
    stage.ada().says("/panic_now").await?;
    stage.ada().sees("The plugin panics failed").await?;
    for command in [
        "/status", "/plugins", "/whoami", "/limits", "/users", "/help",
    ] {
        stage.ada().says(command).await?;
        let answer = stage.ada().sees_where("an answer", |_| true).await?;
        ensure!(
            !answer.raw.to_string().contains(CANARY),
            "{command} tells the token"
        );
    }
    for page in ["", "healthz", "readyz", "metrics", "nowhere"] {
        let text = read(&format!("http://127.0.0.1:{port}/{page}")).await?;
        ensure!(!text.contains(CANARY), "/{page} tells the token");
    }
    ensure!(
        !stage.database.holds(CANARY).await?,
        "the token is in the database"
    );
    let doctor = stage.vahta(&["doctor"]).await?;
    ensure!(
        !contains(&doctor.stdout, CANARY) && !contains(&doctor.stderr, CANARY),
        "`vahta doctor` tells the token"
    );
    process.stop().await?;
    let found = files_with(stage.folder())?;
    ensure!(found.is_empty(), "the token is in {found:?}");
    Ok(())
}

async fn read(url: &str) -> Result<String> {
    Ok(reqwest::get(url).await?.text().await?)
}

/// Files of a folder that hold the canary, each with the line or place.
fn files_with(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_with(&path)?);
            continue;
        }
        let bytes = std::fs::read(&path)?;
        if contains(&bytes, CANARY) {
            let text = String::from_utf8_lossy(&bytes);
            let line = text
                .lines()
                .find(|line| line.contains(CANARY))
                .unwrap_or_default();
            found.push(format!(
                "{}: {}",
                path.display(),
                line.chars().take(400).collect::<String>()
            ));
        }
    }
    Ok(found)
}

async fn a_configuration_prints_no_secret(ground: Ground) -> Result<()> {
    let stage = Stage::with_token(ground, &format!("7:{CANARY}")).await?;
    let variables = stage
        .with(
            "DATABASE_URL",
            format!("postgres://vahta:{CANARY}@127.0.0.1/vahta"),
        )
        .with(
            "VAHTA_WEBHOOK_URL",
            "https://example.invalid/telegram/webhook",
        )
        .with("VAHTA_WEBHOOK_SECRET", CANARY)
        .with("BLOB_URL", "s3://files")
        .with("AWS_ACCESS_KEY_ID", CANARY)
        .with("AWS_SECRET_ACCESS_KEY", CANARY)
        .variables();
    let config = Config::from_variables(&variables)?;
    ensure!(
        !format!("{config:?} {config:#?}").contains(CANARY),
        "Debug tells a secret"
    );
    let mut broken = variables;
    broken.push(("VAHTA_DB_POOL".into(), "none".into()));
    broken.retain(|(name, _)| name != "TELEGRAM_BOT_TOKEN");
    broken.push(("TELEGRAM_BOT_TOKEN".into(), CANARY.into()));
    let Err(error) = Config::from_variables(&broken) else {
        anyhow::bail!("a configuration with two faults was taken");
    };
    ensure!(
        !format!("{error} {error:?}").contains(CANARY),
        "an error tells a secret: {error}"
    );
    Ok(())
}

async fn an_edited_secret_is_not_written_down(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let edit =
        |id: i64, text: &str| json!({"from": ADA, "chat": ADA, "message_id": id, "text": text});
    let before = app.ada().says("written before the dialog").await?;
    app.idle().await?;
    let hour = std::time::Duration::from_secs(3600);
    let asks = json!({"secret": true});
    app.app
        .sessions
        .set(ChatId(ADA), ADA, "task", asks, hour, None)
        .await?;
    let typed = app.ada().says("h0rse").await?;
    app.idle().await?;
    // While the dialog is open any edit may be the secret.
    app.control
        .post("edits", edit(before.id, "h0rse battery"))
        .await?;
    app.control
        .post("edits", edit(typed.id, "h0rse staple"))
        .await?;
    app.idle().await?;
    // Afterwards an edit of what was a secret still is one, and others are not.
    app.app.sessions.clear(ChatId(ADA), ADA).await?;
    app.control
        .post("edits", edit(typed.id, "h0rse correct"))
        .await?;
    let after = app.ada().says("written afterwards").await?;
    app.control
        .post("edits", edit(after.id, "edited afterwards"))
        .await?;
    app.idle().await?;
    app.app.journal.flush().await;
    let logged =
        "SELECT COALESCE(text, '') AS text FROM message_logs WHERE NOT outgoing ORDER BY id";
    let logged = app.database.texts(logged).await?;
    ensure!(
        logged
            == [
                "written before the dialog",
                "***",
                "***",
                "***",
                "***",
                "written afterwards",
                "edited afterwards",
            ],
        "{logged:?}"
    );
    ensure!(
        !app.database.holds("h0rse").await?,
        "it is written somewhere"
    );
    app.shutdown().await
}
