//! A plugin is switched off and on in a chat, through Telegram and on the site.

use anyhow::{Context as _, Result, ensure};
use bot_core::access::{Access, Switched};
use reqwest::StatusCode;
use serde_json::json;
use vahta_rows::ChatId;
use vahta_tests::stage::{ADA, OPS};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_plugin_that_is_off_in_a_chat_hears_nothing_from_there,
    a_plugin_may_be_off_in_groups_until_somebody_switches_it_on,
    the_site_and_the_chat_see_each_others_switches,
    a_switch_follows_its_group_and_reaches_other_processes,
];

async fn tunable(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground)
        .await?
        .with_plugins(&["tunable"])?
        .start()
        .await?;
    app.ada().says("/plugin tunable set listens on").await?;
    app.ada().sees("listens is now true").await?;
    Ok(app)
}

async fn a_plugin_that_is_off_in_a_chat_hears_nothing_from_there(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let ops = app.ada().in_chat(OPS);
    ops.says("/plugin tunable here on").await?;
    ops.sees("tunable is on in this chat").await?;
    ops.says("hear me").await?;
    ops.sees("Observer heard it").await?;
    ops.says("/ask").await?;
    let asked = ops.sees("Say something").await?;
    ops.says("/help").await?;
    ops.sees("/tuned").await?;

    ops.says("/plugin tunable here off").await?;
    ops.sees("tunable is off in this chat").await?;
    // The button of an old message, a command, the dialog that is open, and talk.
    let pressed = ops.presses_on(&asked, "Press me").await?;
    ensure!(
        pressed.contains("is switched off in this chat"),
        "{pressed}"
    );
    ops.says("/tuned").await?;
    ops.sees("The plugin tunable is switched off in this chat.")
        .await?;
    ops.says("/tuned").await?;
    ops.sees_nothing().await?;
    ops.says("an answer to the dialog").await?;
    ops.sees_nothing().await?;
    ops.says("/cancel").await?;
    ops.sees("Cancelled.").await?;
    ops.says("hear me again").await?;
    ops.sees_nothing().await?;
    ops.says("/help").await?;
    let help = ops.sees("What you can do here").await?.text;
    ensure!(!help.contains("/tuned") && help.contains("/task"), "{help}");
    // Elsewhere it is as it was.
    app.ada().says("/tuned").await?;
    app.ada().sees("Hello, ").await?;

    ops.says("/plugin tunable here on").await?;
    ops.sees("tunable is on in this chat").await?;
    ops.says("/tuned").await?;
    ops.sees("Hello, ").await?;
    let acts = "SELECT action || ' ' || object AS text FROM audit_log \
                WHERE action LIKE 'plugin.here.%' ORDER BY id";
    let on = format!("plugin.here.on plugin:tunable@{OPS}");
    let off = format!("plugin.here.off plugin:tunable@{OPS}");
    ensure!(app.database.texts(acts).await? == [on.clone(), off, on]);
    app.shutdown().await
}

async fn a_plugin_may_be_off_in_groups_until_somebody_switches_it_on(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let (ada, ops) = (app.ada(), app.ada().in_chat(OPS));
    ada.says("/tuned").await?;
    ada.sees("Hello, ").await?;
    ops.says("/plugin tunable here").await?;
    ops.sees("tunable is off in this chat").await?;
    ada.says("/plugin tunable groups on").await?;
    ada.sees("is on in groups that have no switch").await?;
    ops.says("/tuned").await?;
    ops.sees("Hello, ").await?;
    ops.says("/plugin tunable here off").await?;
    ops.sees("tunable is off in this chat").await?;
    ops.says("/plugin tunable here default").await?;
    ops.sees("as it is by default").await?;
    ops.says("/tuned").await?;
    ops.sees("Hello, ").await?;
    ada.says("/plugin tunable groups default").await?;
    ada.sees("as its manifest says").await?;
    ops.says("/tuned").await?;
    ops.sees("switched off in this chat").await?;
    ops.says("/plugin tunable here perhaps").await?;
    ops.sees("Usage:").await?;
    app.shutdown().await
}

async fn the_site_and_the_chat_see_each_others_switches(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let web = app.web().await?;
    let ops = app.ada().in_chat(OPS);
    ops.asks("/whoami").await?;
    app.idle().await?;
    let chat = format!("/chats/{OPS}");
    app.database
        .becomes(
            &format!("SELECT count(*) AS number FROM chats WHERE id = {OPS}"),
            1,
        )
        .await?;
    let mut ada = web.browser_of(ADA).await?;
    let page = ada.get(&chat).await?;
    ensure!(page.text.contains("id=\"plugins\""), "{page:?}");
    // Off here, while tasks go on elsewhere.
    let fields = [("plugin", "task"), ("to", "off")];
    let got = ada.post(&format!("{chat}/plugins"), &fields).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    ops.says("/task Nobody hears").await?;
    ops.sees("The plugin task is switched off in this chat.")
        .await?;
    app.ada().says("/task Heard").await?;
    app.ada().sees("#1 Heard").await?;
    let page = ada.get("/plugins/task").await?;
    ensure!(
        page.text.contains(&format!("href=\"/chats/{OPS}\"")),
        "the plugin's page does not tell: {page:?}"
    );
    // On again in Telegram, and the site shows it.
    ops.says("/plugin task here default").await?;
    ops.sees("as it is by default").await?;
    let page = ada.get("/plugins/task").await?;
    ensure!(
        !page.text.contains(&format!("href=\"/chats/{OPS}\"")),
        "{page:?}"
    );
    let fields = [("chat", "groups"), ("to", "off")];
    let got = ada.post("/plugins/task/chats", &fields).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    ops.says("/task Nobody hears").await?;
    ops.sees("switched off in this chat").await?;
    for (path, fields, status) in [
        ("/plugins/task/chats", [("chat", "-77"), ("to", "off")], 404),
        ("/plugins/task/chats", [("chat", "x"), ("to", "off")], 400),
        (
            "/plugins/nobody/chats",
            [("chat", "groups"), ("to", "off")],
            404,
        ),
        (
            "/plugins/task/chats",
            [("chat", "groups"), ("to", "maybe")],
            400,
        ),
    ] {
        let got = ada.post(path, &fields).await?;
        ensure!(got.status.as_u16() == status, "{path}: {got:?}");
    }
    // A program does the same.
    let csrf = ada.csrf.clone().context("a token")?;
    let headers = [
        ("content-type", "application/json"),
        ("x-csrf-token", csrf.as_str()),
    ];
    let put = |state: &str| Some(json!({ "state": state }).to_string());
    let path = format!("/api/v1/plugins/task/chats/{OPS}");
    let got = ada
        .send(reqwest::Method::PUT, &path, &headers, put("on"))
        .await?;
    let told: serde_json::Value = serde_json::from_str(&got.text)?;
    ensure!(
        told == json!({ "groups": "off", "groups_chosen": true,
                        "chats": [{ "chat": OPS, "state": "on" }] }),
        "{told}"
    );
    ops.says("/task Heard here").await?;
    ops.sees("Heard here").await?;
    let path = "/api/v1/plugins/task/groups";
    let got = ada
        .send(reqwest::Method::PUT, path, &headers, put("default"))
        .await?;
    ensure!(got.text.contains("\"groups\":\"on\""), "{got:?}");
    app.shutdown().await
}

async fn a_switch_follows_its_group_and_reaches_other_processes(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let ops = app.ada().in_chat(OPS);
    // Another process has read the rules before the change.
    let other = Access::load(app.database.db().clone(), &app.app.config.access).await?;
    ops.says("/plugin task here off").await?;
    ops.sees("task is off in this chat").await?;
    ensure!(
        other.snapshot().hears("task", ChatId(OPS), false),
        "not yet"
    );
    // It learns the version with the updates that it takes in.
    other.see_version(app.app.access.snapshot().version).await?;
    ensure!(!other.snapshot().hears("task", ChatId(OPS), false), "never");

    let moved = json!({"method": "SendMessage", "chat": OPS, "kind": "migrated"});
    app.control.fault(moved).await?;
    ops.says("/whoami").await?;
    let signed = "SELECT count(*) AS number FROM chats WHERE migrated_to IS NOT NULL";
    app.database.becomes(signed, 1).await?;
    let sign = "SELECT COALESCE(MAX(migrated_to), 0) AS number FROM chats";
    let new = app.database.number(sign).await?;
    app.idle().await?;
    let snapshot = app.app.access.snapshot();
    ensure!(
        snapshot
            .switch("task", Switched::Chat(ChatId(OPS)))
            .is_none()
    );
    ensure!(snapshot.switch("task", Switched::Chat(ChatId(new))) == Some(false));
    let there = app.ada().in_chat(new);
    there.says("/task Nobody hears").await?;
    there.sees("switched off in this chat").await?;
    app.shutdown().await
}
