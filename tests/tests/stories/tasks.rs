//! Tasks in a chat: created, listed, done, reopened, and what people do wrong.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use vahta_tests::stage::{LIM, OPS};
use vahta_tests::{Ground, Stage, stories};

stories![
    a_task_is_created_done_and_reopened_by_buttons,
    the_list_has_pages_and_a_button_for_each_task,
    a_second_press_does_nothing_again,
    a_press_that_telegram_sends_twice_counts_once,
    forged_and_stale_buttons_are_answered,
    a_press_is_authorised_when_it_is_pressed,
    titles_are_kept_as_they_were_written,
    the_message_log_holds_both_directions,
];

async fn a_task_is_created_done_and_reopened_by_buttons(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .start()
        .await?;
    app.lim_is_operator().await?;
    app.lim().says("/task Buy milk").await?;
    app.lim().sees("#1 Buy milk").await?;
    app.lim().presses("Done").await?;
    app.lim().sees("Done by Lim").await?;
    app.lim().presses("Reopen").await?;
    app.lim()
        .sees_where("the open card", |message| message.button("Done").is_some())
        .await?;
    let events = app
        .database
        .texts("SELECT topic AS text FROM events WHERE topic LIKE 'task.%' ORDER BY id");
    let events = events.await?;
    ensure!(events.len() == 3, "one event for each change: {events:?}");
    app.shutdown().await
}

async fn the_list_has_pages_and_a_button_for_each_task(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/tasks").await?;
    app.ada().sees("No tasks here yet").await?;
    for number in 1..=12 {
        app.ada().says(&format!("/task Chore {number}")).await?;
        app.ada().sees(&format!("#{number} Chore {number}")).await?;
    }
    app.ada().says("/tasks").await?;
    let first = app.ada().sees("12 open, 0 done").await?;
    ensure!(
        first.button("Chore 12").is_some(),
        "the newest task comes first:\n{}",
        first.line()
    );
    app.ada().presses_on(&first, "Next").await?;
    let second = app.ada().sees("Page 2 of").await?;
    ensure!(second.id == first.id, "turning a page changes the message");
    app.ada().presses_on(&second, "Chore 1").await?;
    app.ada().sees("11 open, 1 done").await?;
    app.ada().says("/tasks -1").await?;
    app.ada().sees("Send /tasks for the first page").await?;
    app.shutdown().await
}

async fn a_second_press_does_nothing_again(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/task Once").await?;
    let card = app.ada().sees("#1 Once").await?;
    let (_, done) = card.button("Done").context("no button")?.clone();
    app.ada().presses_data(&card, &done).await?;
    app.ada().sees("Done by Ada").await?;
    let again = app.ada().presses_data(&card, &done).await?;
    ensure!(again.contains("#1 is done already, by Ada"), "{again}");
    app.idle().await?;
    let events = app
        .database
        .number("SELECT count(*) AS number FROM events WHERE topic LIKE 'task.%'");
    ensure!(events.await? == 2, "created and done, once each");
    app.shutdown().await
}

/// tdlib/telegram-bot-api#699: after a reconnect the same press comes with a new update id.
async fn a_press_that_telegram_sends_twice_counts_once(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/task Twice").await?;
    let card = app.ada().sees("#1 Twice").await?;
    let (_, done) = card.button("Done").context("no button")?.clone();
    app.ada().presses_data(&card, &done).await?;
    app.ada().sees("Done by Ada").await?;
    let press = json!({"callback_query": {
        "id": "7700", "chat_instance": "1", "data": done, "message": card.raw,
        "from": {"id": 1001, "is_bot": false, "first_name": "Ada", "username": "ada"},
    }});
    for _ in 0..3 {
        app.control.raw(press.clone()).await?;
    }
    app.idle().await?;
    let events = app
        .database
        .texts("SELECT topic AS text FROM events WHERE topic LIKE 'task.%' ORDER BY id");
    let events = events.await?;
    ensure!(events.len() == 2, "created and done, once each: {events:?}");
    ensure!(app.ada().last_message().await?.text.contains("Done by Ada"));
    app.shutdown().await
}

async fn forged_and_stale_buttons_are_answered(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/task Real").await?;
    let card = app.ada().sees("#1 Real").await?;
    for data in [
        "zz:1",
        "",
        "nonsense",
        "c:",
        "c:grant:1:admin",
        "c:block:x",
        "c:plugin:reload:nobody",
    ] {
        let shown = app.ada().presses_data(&card, data).await?;
        ensure!(
            shown.contains("out of date"),
            "{data} was answered with “{shown}”"
        );
    }
    for data in ["t:", "t:x", "t:999999999999999999999", "t:\u{1F525}"] {
        let shown = app.ada().presses_data(&card, data).await?;
        ensure!(
            shown.contains("damaged or too old"),
            "{data} was answered with “{shown}”"
        );
    }
    let (_, real) = card.button("Done").context("no button")?.clone();
    let of_another = real.replace('1', "4711");
    let shown = app.ada().presses_data(&card, &of_another).await?;
    ensure!(
        shown.contains("There is no task #4711 here"),
        "{of_another}: {shown}"
    );
    // An answer to a press that Telegram has forgotten is refused with 400; the work is done.
    let expired = json!({"callback_query": {
        "id": "1", "chat_instance": "1", "data": real, "message": card.raw,
        "from": {"id": 1001, "is_bot": false, "first_name": "Ada", "username": "ada"},
    }});
    app.control.raw(expired).await?;
    app.ada().sees("Done by Ada").await?;
    app.shutdown().await
}

async fn a_press_is_authorised_when_it_is_pressed(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .start()
        .await?;
    app.lim_is_operator().await?;
    let lim = app.lim().in_chat(OPS);
    lim.says("/task Ours").await?;
    let card = lim.sees("#1 Ours").await?;
    let shown = app.gus().in_chat(OPS).presses_on(&card, "Done").await?;
    ensure!(
        shown.contains("only talks to people who were let in"),
        "{shown}"
    );
    app.ada().says(&format!("/revoke {LIM}")).await?;
    app.ada().sees("no longer has").await?;
    lim.presses_on(&card, "Done").await?;
    app.idle().await?;
    let open = app
        .database
        .number("SELECT count(*) AS number FROM task_tasks WHERE done_at IS NULL");
    ensure!(open.await? == 1, "somebody without the right has done it");
    app.shutdown().await
}

async fn titles_are_kept_as_they_were_written(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    for title in [
        "<b>bold</b> & <a href=\"x\">",
        "Ёжик в тумане",
        "งานด่วน",
        "👩\u{200d}🚒 drill",
        "'; DROP TABLE task_tasks; --",
        "{ $who }",
    ] {
        app.ada().says(&format!("/task {title}")).await?;
        app.ada().sees(title).await?;
        app.ada().says("/tasks").await?;
        app.ada()
            .sees_where("its button", |list| list.button(title).is_some())
            .await?;
    }
    app.ada().says("/task").await?;
    app.ada().sees("What is to be done?").await?;
    let (most, over) = ("ж".repeat(400), "🔥".repeat(401));
    app.ada().says(&format!("/task {most}")).await?;
    app.ada().sees(&most).await?;
    app.ada().says(&format!("/task {over}")).await?;
    app.ada()
        .sees("This title has 401 characters, and at most 400 fit")
        .await?;
    let longest = "x".repeat(4096 - "/task ".len());
    app.ada().says(&format!("/task {longest}")).await?;
    app.ada().sees("This title has 4090 characters").await?;
    app.shutdown().await
}

async fn the_message_log_holds_both_directions(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/task Write it down").await?;
    app.ada().sees("#1 Write it down").await?;
    let database = &app.database;
    let logged = "SELECT COALESCE(text, '') AS text FROM message_logs ORDER BY id";
    let calls = "SELECT method AS text FROM api_logs ORDER BY id";
    // Logs are written in batches, off the hot path.
    for _ in 0..100 {
        if database.texts(logged).await?.len() >= 2 && database.texts(calls).await?.len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let texts = database.texts(logged).await?;
    ensure!(
        texts.iter().any(|text| text == "/task Write it down"),
        "{texts:?}"
    );
    ensure!(texts.iter().any(|text| text.contains("#1")), "{texts:?}");
    let calls = database.texts(calls).await?;
    ensure!(
        calls.iter().any(|method| method == "SendMessage"),
        "{calls:?}"
    );
    // The raw body is blanked when the update is done.
    let kept = "SELECT count(*) AS number FROM updates WHERE state = 1 AND length(raw) > 0";
    ensure!(
        database.number(kept).await? == 0,
        "a finished update keeps its body"
    );
    app.shutdown().await
}
