//! Updates that nobody can read are kept and shown.

use anyhow::{Result, ensure};
use serde_json::json;
use vahta_tests::{Ground, Stage, stories};

stories![
    an_update_that_cannot_be_read_is_kept_and_shown,
    an_update_of_a_new_kind_is_kept,
    an_update_that_comes_twice_runs_once,
    updates_from_before_a_restart_are_answered_after_it,
    an_update_that_was_stored_without_an_answer_is_taken_up,
    what_comes_late_came_at_a_pace_that_nobody_measured,
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

/// A message of Ada's, sent so many seconds ago.
fn message(id: i64, text: &str, seconds_ago: i64) -> Result<serde_json::Value> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let end = text.find(' ').unwrap_or(text.len());
    Ok(json!({
        "message_id": id, "date": i64::try_from(now.as_secs())? - seconds_ago, "text": text,
        "from": {"id": 1001, "is_bot": false, "first_name": "Ada", "username": "ada"},
        "chat": {"id": 1001, "type": "private", "first_name": "Ada"},
        "entities": [{"type": "bot_command", "offset": 0, "length": end}],
    }))
}

/// The commit was made and its answer lost: Telegram sends the update again, and it is known.
async fn an_update_that_was_stored_without_an_answer_is_taken_up(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let first = json!({"message": message(900, "/task First", 0)?});
    let id = 1 + app.control.raw(first).await?;
    app.ada().sees("#1 First").await?;
    let update = json!({"update_id": id, "message": message(901, "/task Stored before", 0)?});
    let raw = match ground {
        Ground::Sqlite => format!("CAST('{update}' AS BLOB)"),
        Ground::Postgres => format!("convert_to('{update}', 'UTF8')"),
    };
    let stored = format!(
        "INSERT INTO updates (id, chat_key, kind, raw, received_at) \
         VALUES ({id}, 1001, 'message', {raw}, 1)"
    );
    app.database.change(&stored).await?;
    app.control.raw(update).await?;
    app.ada().sees("#2 Stored before").await?;
    app.idle().await?;
    let tasks = "SELECT count(*) AS number FROM task_tasks";
    ensure!(app.database.number(tasks).await? == 2, "it ran twice");
    app.shutdown().await
}

async fn what_comes_late_came_at_a_pace_that_nobody_measured(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_LIMIT_BURST", 3)
        .with("VAHTA_LIMIT_PER_SECOND", 1);
    let app = stage.start().await?;
    let late = 8;
    for number in 0..late {
        let message = message(900 + number, &format!("/task Late {number}"), 3600)?;
        app.control.raw(json!({"message": message})).await?;
    }
    let tasks = "SELECT count(*) AS number FROM task_tasks";
    app.database.becomes(tasks, late).await?;
    // The same pace now is too much.
    for number in 0..3 * late {
        let message = message(950 + number, &format!("/task Fresh {number}"), 0)?;
        app.control.raw(json!({"message": message})).await?;
    }
    app.ada().sees("That was too much at once").await?;
    app.idle().await?;
    let made = app.database.number(tasks).await?;
    ensure!(made < 4 * late, "nothing was dropped of {made}");
    app.shutdown().await
}
