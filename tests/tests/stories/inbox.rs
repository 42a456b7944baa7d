//! Updates that nobody can read are kept and shown.

use anyhow::{Result, ensure};
use serde_json::json;
use vahta_tests::{Ground, Stage, stories};

stories![
    an_update_that_cannot_be_read_is_kept_and_shown,
    an_update_of_a_new_kind_is_kept,
    an_update_that_comes_twice_runs_once,
    updates_from_before_a_restart_are_answered_after_it,
];

async fn an_update_that_cannot_be_read_is_kept_and_shown(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let broken =
        json!({"message": {"message_id": "seven", "chat": {"id": 1001}, "text": "canary-7"}});
    let id = app.control.raw(broken).await?;
    app.idle().await?;
    let status = app.ada().asks("/status").await?;
    ensure!(status.text.contains("1 unparsed"), "{}", status.text);
    app.ada().presses("Kept updates").await?;
    app.ada().sees(&format!("{id} message")).await?;
    app.ada().presses(&format!("Show {id}")).await?;
    app.ada().sees("canary-7").await?;
    app.ada().presses(&format!("Retry {id}")).await?;
    app.idle().await?;
    let kept = app
        .database
        .number("SELECT count(*) AS number FROM updates WHERE state = 2")
        .await?;
    ensure!(kept == 1, "a retry that fails again keeps it");
    app.shutdown().await
}

async fn an_update_of_a_new_kind_is_kept(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.control
        .raw(json!({"telepathy": {"from": {"id": 1001}, "thought": "tea"}}))
        .await?;
    app.ada().says("/task Still here").await?;
    app.ada().sees("#1 Still here").await?;
    app.idle().await?;
    let kept = "SELECT kind AS text FROM updates WHERE state = 2";
    ensure!(
        app.database.texts(kept).await? == ["telepathy"],
        "the new kind is gone"
    );
    let raw = if ground == Ground::Sqlite {
        "CAST(raw AS TEXT)"
    } else {
        "convert_from(raw, 'UTF8')"
    };
    let raw = app
        .database
        .texts(&format!(
            "SELECT {raw} AS text FROM updates WHERE state = 2"
        ))
        .await?;
    ensure!(raw[0].contains("tea"), "{raw:?}");
    app.shutdown().await
}

async fn an_update_that_comes_twice_runs_once(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let from = json!({"id": 1001, "is_bot": false, "first_name": "Ada"});
    let update = |id: i64| {
        json!({"update_id": id, "message": {
            "message_id": 900, "date": 1_700_000_000, "from": from, "text": "/task Only once",
            "chat": {"id": 1001, "type": "private", "first_name": "Ada"},
            "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
        }})
    };
    // The same message under two update ids makes one task; the same update id, one run.
    let first = app
        .control
        .raw(json!({"message": update(0)["message"]}))
        .await?;
    app.control.raw(update(first + 1)).await?;
    app.ada().says("/whoami").await?;
    app.idle().await?;
    let tasks = app
        .database
        .number("SELECT count(*) AS number FROM task_tasks")
        .await?;
    ensure!(tasks == 1, "{tasks} tasks of one message");
    app.shutdown().await
}

async fn updates_from_before_a_restart_are_answered_after_it(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/task First run").await?;
    app.ada().sees("#1 First run").await?;
    let stage = app.stop().await?;
    for number in 0..5 {
        stage
            .ada()
            .says(&format!("/task While down {number}"))
            .await?;
    }
    let app = stage.start().await?;
    app.idle().await?;
    let titles = app
        .database
        .texts("SELECT title AS text FROM task_tasks ORDER BY id")
        .await?;
    ensure!(
        titles.len() == 6 && titles[5] == "While down 4",
        "{titles:?}"
    );
    app.shutdown().await
}
