//! Telegram has bad days.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use vahta_rows::outbox::Lane;
use vahta_tests::stage::{ADA, LIM, OPS};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_429_pauses_one_chat_and_not_the_others,
    server_errors_garbage_and_cut_connections_lose_nothing,
    an_answer_that_was_lost_is_counted_as_in_doubt,
    polling_goes_on_after_every_kind_of_fault,
    a_chat_that_blocked_the_bot_is_disabled,
    a_group_that_became_a_supergroup_gets_its_answer_there,
    durable_messages_keep_their_order_over_an_outage,
    parts_of_a_long_text_come_in_order_over_an_outage,
    parts_of_a_long_text_fall_together,
];

/// Three tasks; their cards come in order, once each.
async fn three_tasks(app: &TestApp, what: &str) -> Result<()> {
    let before = app
        .ada()
        .messages()
        .await?
        .last()
        .map_or(0, |message| message.id);
    for number in 1..=3 {
        app.ada().says(&format!("/task {what} {number}")).await?;
    }
    app.ada().sees(&format!("{what} 3")).await?;
    app.idle().await?;
    let messages = app.ada().messages().await?;
    let cards: Vec<String> = messages
        .iter()
        .filter(|message| message.id > before && message.is_bots)
        .filter_map(|message| {
            Some(
                message
                    .text
                    .strip_prefix("⬜ #")?
                    .split_once(' ')?
                    .1
                    .to_owned(),
            )
        })
        .collect();
    let wanted: Vec<String> = (1..=3).map(|number| format!("{what} {number}")).collect();
    ensure!(cards == wanted, "{cards:?} instead of {wanted:?}");
    Ok(())
}

async fn a_429_pauses_one_chat_and_not_the_others(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .start()
        .await?;
    app.lim_is_operator().await?;
    let flood = json!({"method": "SendMessage", "chat": LIM, "kind": "429", "retry_after": 2});
    app.control.fault(flood).await?;
    app.lim().says("/task Waits").await?;
    app.lim().says("/task Waits behind").await?;
    for number in 0..5 {
        app.ada().says(&format!("/task Passes {number}")).await?;
        app.ada().sees(&format!("Passes {number}")).await?;
    }
    app.idle().await?;
    let calls = app.calls("SendMessage").await?;
    let place = |what: &str, fits: &dyn Fn(&vahta_tests::sandbox::Call) -> bool| {
        calls
            .iter()
            .position(fits)
            .with_context(|| format!("no call: {what}"))
    };
    let text = |call: &vahta_tests::sandbox::Call| {
        call.request["text"].as_str().unwrap_or_default().to_owned()
    };
    let refused = place("429", &|call| call.status == 429)?;
    let sent = place("Waits", &|call| {
        call.status == 200 && text(call).ends_with(" Waits")
    })?;
    let behind = place("Waits behind", &|call| {
        call.status == 200 && text(call).ends_with("Waits behind")
    })?;
    let between = calls[refused..sent]
        .iter()
        .filter(|call| call.chat == Some(ADA))
        .count();
    ensure!(
        between > 0,
        "while one chat paused, nobody else was answered"
    );
    ensure!(sent < behind, "the order of the chat is lost");
    ensure!(
        calls.iter().filter(|call| call.status == 429).count() == 1,
        "the pause was not kept"
    );
    app.shutdown().await
}

async fn server_errors_garbage_and_cut_connections_lose_nothing(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    for (kind, extra) in [
        ("500", json!({})),
        ("502", json!({})),
        ("504", json!({})),
        ("garbage", json!({})),
        ("drop", json!({})),
        ("timeout", json!({"retry_after": 1})),
        ("slow", json!({"delay_ms": 300})),
    ] {
        let mut fault = json!({"method": "SendMessage", "chat": ADA, "kind": kind, "times": 2});
        for (name, value) in extra.as_object().into_iter().flatten() {
            fault[name] = value.clone();
        }
        app.control.fault(fault).await?;
        three_tasks(&app, kind)
            .await
            .with_context(|| format!("fault {kind}"))?;
    }
    app.shutdown().await
}

async fn an_answer_that_was_lost_is_counted_as_in_doubt(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let lost = json!({"method": "SendMessage", "chat": ADA, "kind": "drop", "applied": true});
    app.control.fault(lost).await?;
    app.ada().says("/task Perhaps twice").await?;
    app.ada().sees("Perhaps twice").await?;
    app.idle().await?;
    let messages = app.ada().messages().await?;
    let cards = messages.iter().filter(|message| message.is_bots).count();
    ensure!(
        cards == 2,
        "{cards} cards: sent, its answer lost, sent again"
    );
    let status = app.ada().asks("/status").await?.text;
    ensure!(status.contains("1 in doubt"), "{status}");
    app.shutdown().await
}

async fn polling_goes_on_after_every_kind_of_fault(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    for (number, kind) in ["500", "502", "garbage", "drop", "429"]
        .into_iter()
        .enumerate()
    {
        app.control
            .fault(json!({"method": "GetUpdates", "kind": kind, "retry_after": 1}))
            .await?;
        app.ada().says(&format!("/task After {kind}")).await?;
        app.ada()
            .sees(&format!("#{} After {kind}", number + 1))
            .await?;
    }
    app.shutdown().await
}

async fn a_chat_that_blocked_the_bot_is_disabled(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .start()
        .await?;
    app.expect("403");
    app.lim_is_operator().await?;
    let blocked = json!({"method": "SendMessage", "chat": LIM, "kind": "forbidden"});
    app.control.fault(blocked).await?;
    app.lim().says("/task Nobody reads the answer").await?;
    app.idle().await?;
    let disabled = format!(
        "SELECT count(*) AS number FROM chats WHERE id = {LIM} AND disabled_at IS NOT NULL"
    );
    ensure!(
        app.database.number(&disabled).await? == 1,
        "the chat is not disabled"
    );
    let tried = app
        .calls("SendMessage")
        .await?
        .iter()
        .filter(|call| call.status == 403)
        .count();
    ensure!(
        tried == 1,
        "a chat that blocked the bot was tried {tried} times"
    );
    app.ada().says("/task Others").await?;
    app.ada().sees("Others").await?;
    // Whoever writes again can be written to again.
    app.lim().says("/task Back").await?;
    app.lim().sees("Back").await?;
    app.shutdown().await
}

async fn a_group_that_became_a_supergroup_gets_its_answer_there(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let moved = json!({"method": "SendMessage", "chat": OPS, "kind": "migrated"});
    app.control.fault(moved).await?;
    app.ada().in_chat(OPS).says("/task On the move").await?;
    app.idle().await?;
    let chats = app.control.get("chats").await?;
    let new = chats["chats"]
        .as_array()
        .context("chats")?
        .iter()
        .find(|chat| chat["type"] == "supergroup");
    let new = new
        .and_then(|chat: &Value| chat["id"].as_i64())
        .context("no supergroup came to be")?;
    let there = app.ada().in_chat(new);
    ensure!(
        there
            .messages()
            .await?
            .iter()
            .any(|message| message.text.contains("On the move")),
        "the answer did not follow"
    );
    app.shutdown().await
}

/// Longer than the tries of a call that somebody waits for.
const OUTAGE: u32 = 6;

async fn durable_messages_keep_their_order_over_an_outage(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let outage = json!({"method": "SendMessage", "chat": ADA, "kind": "502", "times": OUTAGE});
    app.control.fault(outage).await?;
    three_tasks(&app, "Through an outage").await?;
    app.shutdown().await
}

/// Three messages' worth, each line with its number.
fn long_text() -> String {
    let lines: Vec<String> = (0..900).map(|line| format!("line {line:04}")).collect();
    lines.join("\n")
}

async fn parts_of_a_long_text_come_in_order_over_an_outage(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let outage = json!({"method": "SendMessage", "chat": ADA, "kind": "502", "times": 2});
    app.control.fault(outage).await?;
    app.leaves(ADA, &long_text(), Lane::Reply, None).await?;
    app.leaves(ADA, "behind it", Lane::Reply, None).await?;
    app.ada().sees("behind it").await?;
    app.idle().await?;
    let messages = app.ada().messages().await?;
    let texts: Vec<&str> = messages.iter().map(|message| message.text.trim()).collect();
    ensure!(texts.len() > 3, "it was not split: {}", texts.len());
    let wanted = format!("{}\nbehind it", long_text());
    ensure!(texts.join("\n") == wanted, "the parts are out of order");
    app.shutdown().await
}

async fn parts_of_a_long_text_fall_together(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("failed: Telegram answered 403");
    let refused = json!({"method": "SendMessage", "chat": ADA, "kind": "forbidden"});
    app.control.fault(refused).await?;
    app.leaves(ADA, &long_text(), Lane::Reply, None).await?;
    app.leaves(ADA, "behind it", Lane::Reply, None).await?;
    app.ada().sees("behind it").await?;
    app.idle().await?;
    let messages = app.ada().messages().await?;
    ensure!(messages.len() == 1, "half a text arrived: {messages:?}");
    let failed = "SELECT count(*) AS number FROM outbox WHERE state = 2";
    ensure!(
        app.database.number(failed).await? == 1,
        "it is not shown as failed"
    );
    app.shutdown().await
}
