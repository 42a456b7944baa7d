//! Chats that come and go: closed ones get no notices, and a group's new id is everywhere.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::closed_chats::ClosedChats;
use bot_core::outbound::{Call, CallError};
use serde_json::json;
use vahta_rows::outbox::Lane;
use vahta_rows::{ChatId, Micros};
use vahta_tests::stage::{LIM, OPS};
use vahta_tests::{Ground, Stage, stories};

stories![
    a_closed_chat_gets_no_notices_until_it_is_back,
    a_refused_notice_closes_its_chat_and_a_message_opens_it,
    whatever_names_a_group_follows_it_to_its_new_id,
];

const DISABLED: &str =
    "SELECT count(*) AS number FROM chats WHERE id = 1002 AND disabled_at IS NOT NULL";

async fn a_closed_chat_gets_no_notices_until_it_is_back(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("the bot cannot write to this chat");
    let blocked = |blocked: bool| json!({"user": LIM, "blocked": blocked});
    app.control.post("blocks", blocked(true)).await?;
    app.database.becomes(DISABLED, 1).await?;
    app.leaves(LIM, "a notice", Lane::Notice, None).await?;
    app.leaves(LIM, "bulk", Lane::Bulk, None).await?;
    let failed = "SELECT count(*) AS number FROM outbox WHERE state = 2 \
                  AND last_error = 'the bot cannot write to this chat'";
    app.database.becomes(failed, 2).await?;
    let payload = json!({"chat_id": LIM, "text": "a call"});
    let call = Call::reply("SendMessage", payload).lane(Lane::Notice);
    let refused = app.app.outbound.call(call.clone()).await;
    ensure!(matches!(refused, Err(CallError::ChatClosed)), "{refused:?}");
    let tried = app.calls("SendMessage").await?;
    ensure!(tried.is_empty(), "a closed chat was tried: {tried:?}");
    // The next start knows it as well.
    let known = ClosedChats::load(app.database.db().clone()).await?;
    ensure!(known.contains(ChatId(LIM)), "it is forgotten at a start");

    app.control.post("blocks", blocked(false)).await?;
    app.database.becomes(DISABLED, 0).await?;
    app.app.outbound.call(call).await?;
    app.leaves(LIM, "news again", Lane::Notice, None).await?;
    app.lim().sees("news again").await?;
    app.shutdown().await
}

async fn a_refused_notice_closes_its_chat_and_a_message_opens_it(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("403");
    app.expect("the bot cannot write to this chat");
    app.lim_is_operator().await?;
    let forbidden = json!({"method": "SendMessage", "chat": LIM, "kind": "forbidden"});
    app.control.fault(forbidden).await?;
    let payload = json!({"chat_id": LIM, "text": "a call"});
    let call = Call::reply("SendMessage", payload).lane(Lane::Notice);
    let refused = app.app.outbound.call(call.clone()).await;
    ensure!(
        matches!(refused, Err(CallError::Telegram { code: 403, .. })),
        "{refused:?}"
    );
    app.database.becomes(DISABLED, 1).await?;
    app.leaves(LIM, "a notice", Lane::Notice, None).await?;
    app.idle().await?;
    let calls = app.calls("SendMessage").await?;
    let tried = calls.iter().filter(|call| call.chat == Some(LIM)).count();
    ensure!(tried == 1, "a closed chat was tried {tried} times");
    // A reply goes, and the chat is open again.
    app.lim().says("/task Back").await?;
    app.lim().sees("Back").await?;
    app.database.becomes(DISABLED, 0).await?;
    app.app.outbound.call(call).await?;
    app.shutdown().await
}

async fn whatever_names_a_group_follows_it_to_its_new_id(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .start()
        .await?;
    let ops = app.ada().in_chat(OPS);
    ops.says(&format!("/grant {LIM} operator here")).await?;
    ops.sees("has the role operator").await?;
    app.lim().in_chat(OPS).says("/task Moves along").await?;
    app.lim().in_chat(OPS).sees("#1 Moves along").await?;
    let dialog = json!({"step": 1});
    let (sessions, hour) = (&app.app.sessions, Duration::from_secs(3600));
    sessions
        .set(ChatId(OPS), LIM, "task", dialog, hour, None)
        .await?;
    let later = Micros::now().plus(hour);
    let waiting = app.leaves(OPS, "later", Lane::Notice, Some(later)).await?;

    // The group becomes a supergroup while somebody is answered.
    let moved = json!({"method": "SendMessage", "chat": OPS, "kind": "migrated"});
    app.control.fault(moved).await?;
    ops.says("/task On the move").await?;
    let sign = "SELECT COALESCE(MAX(migrated_to), 0) AS number FROM chats";
    let signed = "SELECT count(*) AS number FROM chats WHERE migrated_to IS NOT NULL";
    app.database.becomes(signed, 1).await?;
    let new = app.database.number(sign).await?;
    let tasks = |chat| format!("SELECT count(*) AS number FROM task_tasks WHERE chat_id = {chat}");
    app.database.becomes(&tasks(new), 2).await?;
    app.database.becomes(&tasks(OPS), 0).await?;
    let grants = format!("SELECT count(*) AS number FROM grants WHERE chat_id = {new}");
    app.database.becomes(&grants, 1).await?;
    let sessions = &app.app.sessions;
    ensure!(sessions.open(ChatId(OPS), LIM).is_none(), "a dialog stayed");
    sessions
        .open(ChatId(new), LIM)
        .context("the dialog did not follow")?;
    let row = format!("SELECT chat_id || payload AS text FROM outbox WHERE id = {waiting}");
    let row = app.database.texts(&row).await?.concat();
    ensure!(
        row.starts_with(&new.to_string()) && row.contains(&format!("\"chat_id\":{new}")),
        "{row}"
    );
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action = 'chat.migrated'";
    ensure!(app.database.number(acts).await? == 1, "it is told once");
    app.app.sessions.clear(ChatId(new), LIM).await?;
    // The right that was given in the group holds in the supergroup, and so do its tasks; its
    // messages are counted from 1 again.
    let there = app.lim().in_chat(new);
    there.says("/task In the new place").await?;
    there.sees("#3 In the new place").await?;
    there.says("/tasks").await?;
    there.sees("3 open, 0 done").await?;
    app.database
        .change(&format!("DELETE FROM outbox WHERE id = {waiting}"))
        .await?;
    app.shutdown().await
}
