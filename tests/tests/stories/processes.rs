//! Processes: one at a time, the command line beside a running one, and what stops a start.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

stories![
    of_two_processes_on_one_database_one_works,
    the_command_line_changes_plugins_of_the_running_process,
    doctor_and_migrate_say_how_things_are,
    a_wrong_token_ends_with_a_clear_message,
    every_fault_of_the_configuration_is_told_at_once,
    a_broken_file_of_settings_is_a_fault_with_its_line,
    a_stop_ends_everything_in_order,
    a_stop_settles_what_is_being_sent,
    whoever_asks_twice_does_not_wait_for_what_is_being_sent,
];

async fn of_two_processes_on_one_database_one_works(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let first = stage.run().await?;
    stage.ada().says("/task One").await?;
    stage.ada().sees("#1 One").await?;
    if ground == Ground::Sqlite {
        let second = stage.vahta(&["run"]).await?;
        let said = String::from_utf8_lossy(&second.stderr).into_owned();
        ensure!(
            !second.status.success(),
            "a second process runs on the same file"
        );
        ensure!(
            said.contains("another vahta process works on")
                && said.contains("SQLite means one server process"),
            "{said}"
        );
        stage.ada().says("/task Two").await?;
        stage.ada().sees("#2 Two").await?;
        return first.stop().await;
    }
    let mut second = stage.spawn()?;
    let standing_by = |line: &serde_json::Value| {
        line["message"]
            .as_str()
            .is_some_and(|text| text.contains("standing by"))
    };
    second.logs_line(standing_by).await?;
    stage.ada().says("/task Two").await?;
    stage.ada().sees("#2 Two").await?;
    stage.ada().reads_on().await?;
    let killed = Instant::now();
    first.kill()?;
    stage.ada().says("/task Three").await?;
    stage.ada().sees("Three").await?;
    println!(
        "the second instance answered {} ms after the first was killed",
        killed.elapsed().as_millis()
    );
    second.stop().await
}

async fn the_command_line_changes_plugins_of_the_running_process(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let mut process = stage.run().await?;
    let acts = [
        ("disable", "task is to be disabled", "stopped"),
        ("enable", "task is to be enabled", "started"),
        ("reload", "task is to be reloaded", "started"),
    ];
    for (number, (act, said, state)) in acts.into_iter().enumerate() {
        let done = stage.vahta(&["plugin", act, "task"]).await?;
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        ensure!(
            done.status.success() && text.contains(said),
            "{text}{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let line = process.logs_line_again(number, |line| line["message"] == "plugin converged");
        let line = line
            .await
            .with_context(|| format!("the process does not carry out: {act}"))?;
        ensure!(line["state"] == state, "{act}: {line}");
        stage.ada().says("/task Now").await?;
        let answer = if act == "disable" {
            "switched off or not well"
        } else {
            "Now"
        };
        stage.ada().sees(answer).await?;
    }
    let nobody = stage.vahta(&["plugin", "approve", "task", "12"]).await?;
    ensure!(
        !nobody.status.success(),
        "a SHA-256 of two digits was taken"
    );
    process.stop().await
}

async fn doctor_and_migrate_say_how_things_are(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let kind = if ground == Ground::Sqlite {
        "sqlite"
    } else {
        "postgres"
    };
    let looked = stage.vahta(&["doctor"]).await?;
    let said = String::from_utf8_lossy(&looked.stdout).into_owned();
    ensure!(
        said.contains(" pending, ") && said.contains("00000000000001_core"),
        "{said}"
    );
    let made = match ground {
        Ground::Sqlite => i64::from(stage.folder().join("vahta.db").exists()),
        Ground::Postgres => {
            let tables = "SELECT count(*) AS number FROM information_schema.tables \
                          WHERE table_schema = 'public'";
            stage.database.number(tables).await?
        }
    };
    ensure!(made == 0, "looking has changed the database");
    let migrated = stage.vahta(&["migrate"]).await?;
    let said = String::from_utf8_lossy(&migrated.stdout).into_owned();
    ensure!(
        migrated.status.success() && said.contains(&format!("the {kind} database is up to date")),
        "{said}"
    );
    let tables = stage
        .database
        .number("SELECT count(*) AS number FROM updates")
        .await?;
    ensure!(tables == 0, "a fresh inbox holds {tables} updates");
    let doctor = stage.vahta(&["doctor"]).await?;
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    ensure!(doctor.status.success(), "{said}");
    for line in ["well-formed", &format!("{kind} answers"), "1 libraries"] {
        ensure!(said.contains(line), "no “{line}” in:\n{said}");
    }
    Ok(())
}

async fn a_wrong_token_ends_with_a_clear_message(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with("TELEGRAM_BOT_TOKEN", "9:wrong-token-of-somebody");
    let ended = stage.vahta(&["run"]).await?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    ensure!(!ended.status.success(), "it runs with a wrong token");
    ensure!(
        said.contains("TELEGRAM_BOT_TOKEN is wrong: Telegram answered 401 Unauthorized"),
        "{said}"
    );
    ensure!(
        !said.contains("wrong-token-of-somebody"),
        "the token is told: {said}"
    );
    Ok(())
}

async fn every_fault_of_the_configuration_is_told_at_once(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_WEB_ADDR", "nowhere")
        .with("VAHTA_ADMINS", "ada");
    let ended = stage.with("VAHTA_OUTBOUND", "fast").vahta(&["run"]).await?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    ensure!(
        !ended.status.success(),
        "it runs with a broken configuration"
    );
    for name in ["VAHTA_WEB_ADDR", "VAHTA_ADMINS", "VAHTA_OUTBOUND"] {
        ensure!(said.contains(name), "no word of {name} in: {said}");
    }
    Ok(())
}

async fn a_broken_file_of_settings_is_a_fault_with_its_line(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_DB_POOL", "hunter2")
        .with("VAHTA_LIMIT_BURST", "many");
    let at = |name: &str| stage.folder().join(name);
    std::fs::write(at(".env"), "VAHTA_LOG=info\nTELEGRAM_BOT_TOKEN hunter2\n")?;
    std::fs::write(at("vahta.toml"), "log = \"info\"\n\ntoken = hunter2\n")?;
    let ended = stage.vahta(&["run"]).await?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    ensure!(!ended.status.success(), "it runs with broken files");
    for fault in [
        ".env line 2 is not NAME=value",
        "vahta.toml line 3 is not TOML",
        "VAHTA_DB_POOL must be a whole number",
        "VAHTA_LIMIT_BURST must be a whole number",
    ] {
        ensure!(said.contains(fault), "no “{fault}” in: {said}");
    }
    ensure!(!said.contains("hunter2"), "a value is told: {said}");
    Ok(())
}

async fn a_stop_ends_everything_in_order(ground: Ground) -> Result<()> {
    let (stage, mut crowd) = Stage::on(ground).await?.with_crowd(4).await?;
    let process = stage.run().await?;
    crowd.writes(&stage, 40, std::time::Duration::ZERO).await?;
    process.stop().await?;
    let instances = stage
        .database
        .number("SELECT count(*) AS number FROM instances")
        .await?;
    ensure!(instances == 0, "an instance that stopped is still there");
    let process = stage.run().await?;
    stage.idle().await?;
    let outcome = crowd.check(&stage).await?;
    ensure!(outcome.tasks == 40, "{} tasks", outcome.tasks);
    println!(
        "stopped under load on {ground:?}: {} answers came twice",
        outcome.repeats
    );
    process.stop().await
}

async fn a_stop_settles_what_is_being_sent(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let process = stage.run().await?;
    let slow = json!({"method": "SendMessage", "chat": ADA, "kind": "slow", "delay_ms": 700});
    stage.control.fault(slow).await?;
    stage.ada().says("/task Being sent").await?;
    let left = "SELECT count(*) AS number FROM outbox";
    stage.database.becomes(left, 1).await?;
    process.stop().await?;
    let open = "SELECT count(*) AS number FROM outbox WHERE state = 0";
    ensure!(
        stage.database.number(open).await? == 0,
        "what arrived is not written down as sent"
    );
    let process = stage.run().await?;
    stage.idle().await?;
    let messages = stage.ada().messages().await?;
    let cards = messages.iter().filter(|message| message.is_bots).count();
    ensure!(cards == 1, "{cards} cards of one task");
    process.stop().await
}

async fn whoever_asks_twice_does_not_wait_for_what_is_being_sent(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let mut process = stage.run().await?;
    let slow = json!({"method": "SendMessage", "chat": ADA, "kind": "slow", "delay_ms": 60_000});
    stage.control.fault(slow).await?;
    stage.ada().says("/task Being sent").await?;
    let left = "SELECT count(*) AS number FROM outbox";
    stage.database.becomes(left, 1).await?;
    process.is_asked_to_stop()?;
    process.says("stopping: no new updates").await?;
    process.is_asked_to_stop()?;
    process.says("asked to end a second time").await?;
    let status = process.ends().await?;
    ensure!(!status.success(), "it says that it did not end in order");
    // Nothing is lost: it was not taken, and the next start sends it.
    stage.control.no_faults().await?;
    let process = stage.run().await?;
    stage.ada().sees("#1 Being sent").await?;
    process.stop().await
}
