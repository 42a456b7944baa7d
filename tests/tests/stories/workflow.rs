//! A task from its creation over approval and its template's steps to its end, in Telegram.

use anyhow::{Context as _, Result, ensure};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_task_goes_its_whole_way_in_telegram,
    a_rejection_comes_to_the_author_with_its_reason,
    what_waits_can_be_changed_and_is_asked_for_anew,
    whoever_has_a_task_or_a_step_hands_it_over,
];

const TEMPLATE: &str =
    "/template onboarding\ncheck customer data @creator +1d\nregister vehicle @ada +2d 18:00";
const PARTS: &str = "SELECT count(*) AS number FROM task_steps";

/// Lim is an operator, and both have said something, so that they are known by name.
async fn begun(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground).await?.start().await?;
    people(&app).await?;
    Ok(app)
}

async fn people(stage: &Stage) -> Result<()> {
    stage.lim_is_operator().await?;
    stage.lim().asks("/start").await?;
    stage.ada().asks("/start").await?;
    stage.idle().await
}

async fn state(stage: &Stage, task: i64) -> Result<i64> {
    let sql = format!("SELECT CAST(state AS BIGINT) AS number FROM task_tasks WHERE id = {task}");
    stage.database.number(&sql).await
}

async fn a_task_goes_its_whole_way_in_telegram(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says(TEMPLATE).await?;
    ada.sees("%onboarding, 2 steps").await?;
    lim.says("/task New customer !high #sales %onboarding")
        .await?;
    let waits = lim.sees("⏳ #1 New customer").await?;
    ensure!(
        waits.text.contains("Waits for approval"),
        "{}",
        waits.line()
    );
    ensure!(app.database.number(PARTS).await? == 0, "not yet");

    let question = ada.finds_button("Approve").await?;
    for part in [
        "New customer",
        "Asked by Lim",
        "#sales",
        "check customer data",
    ] {
        ensure!(question.text.contains(part), "{part}: {}", question.line());
    }
    lim.reads_on().await?;
    ada.presses_on(&question, "Approve").await?;
    let told = lim.sees("Approved by Ada").await?;
    ensure!(told.text.contains("0/2"), "{}", told.line());
    let adas = ada.sees("0/2").await?;
    app.idle().await?;
    let old = lim.messages().await?;
    let old = old.iter().find(|message| message.id == waits.id);
    let old = old.context("the first card")?;
    ensure!(
        !old.text.contains("Waits"),
        "an old card says nothing that is over: {}",
        old.line()
    );

    lim.presses_on(&told, "1. check customer data").await?;
    lim.sees("1/2").await?;
    app.idle().await?;
    let now = ada.messages().await?;
    let now = now.iter().find(|message| message.id == adas.id);
    let now = now.context("Ada's card")?;
    ensure!(
        now.text.contains("1/2"),
        "the other side sees it: {}",
        now.line()
    );

    lim.reads_on().await?;
    ada.presses_on(now, "2. register vehicle").await?;
    ada.sees("Done by Ada").await?;
    let told = lim.sees("Ada completed it").await?;
    ensure!(told.text.contains("2/2"), "{}", told.line());
    app.idle().await?;
    ensure!(state(&app, 1).await? == 3, "done");

    lim.presses_on(&told, "1. check customer data").await?;
    lim.sees("1/2").await?;
    app.idle().await?;
    ensure!(
        state(&app, 1).await? == 2,
        "a reopened step reopens the task"
    );
    let done = "SELECT count(*) AS number FROM events WHERE topic = 'task.done'";
    ensure!(app.database.number(done).await? == 1);
    app.shutdown().await
}

async fn a_rejection_comes_to_the_author_with_its_reason(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    app.lim().says("/task Buy a boat").await?;
    app.lim().sees("⏳ #1 Buy a boat").await?;
    let question = app.ada().finds_button("Reject").await?;
    app.ada().presses_on(&question, "Reject").await?;
    app.ada().presses("Write a reason").await?;
    app.ada().sees("Write it as your next message").await?;
    app.ada().says("Too <dear> for us").await?;
    let told = app.lim().sees("Rejected by Ada: Too <dear> for us").await?;
    // Asking again begins anew.
    app.lim().presses_on(&told, "Ask again").await?;
    app.lim().sees("Waits for approval").await?;
    app.idle().await?;
    ensure!(state(&app, 1).await? == 1);
    app.shutdown().await
}

async fn what_waits_can_be_changed_and_is_asked_for_anew(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    lim.says("/task Buy a boat").await?;
    let card = lim.sees("⏳ #1 Buy a boat").await?;
    let first = ada.finds_button("Approve").await?;
    let (_, old) = first.button("Approve").context("a button")?.clone();
    lim.presses_on(&card, "Edit").await?;
    lim.presses("Title").await?;
    lim.sees("Write the new title").await?;
    lim.says("Buy a bicycle").await?;
    lim.sees("⏳ #1 Buy a bicycle").await?;
    app.idle().await?;
    ada.presses_data(&first, &old).await?;
    app.idle().await?;
    ensure!(
        state(&app, 1).await? == 1,
        "the old question decides nothing"
    );
    let messages = ada.messages().await?;
    let second = messages
        .iter()
        .rev()
        .find(|m| m.text.contains("Buy a bicycle"));
    let second = second.context("the new question")?;
    ada.presses_on(second, "Approve").await?;
    lim.sees("Approved by Ada").await?;
    app.idle().await?;
    ensure!(state(&app, 1).await? == 2);
    app.shutdown().await
}

async fn whoever_has_a_task_or_a_step_hands_it_over(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    app.control.add_person(7003, "Bob").await?;
    ada.says("/grant 7003 operator").await?;
    ada.sees("has the role operator").await?;
    let bob = app.person(7003);
    bob.asks("/start").await?;
    ada.says(TEMPLATE).await?;
    ada.sees("%onboarding, 2 steps").await?;
    ada.says("/task New customer @lim %onboarding").await?;
    let card = lim.sees("0/2").await?;
    // Lim has the task, and neither step of it: Ada has both.
    lim.presses_on(&card, "Hand over").await?;
    lim.sees("What shall be handed over?").await?;
    lim.presses("1. check").await?;
    app.idle().await?;
    let given = |user: i64| {
        format!(
            "SELECT (SELECT count(*) FROM task_tasks WHERE assignee = {user}) + \
             (SELECT count(*) FROM task_steps WHERE assignee = {user}) AS number"
        )
    };
    let bobs = "SELECT id AS number FROM bot_users WHERE telegram_id = 7003";
    let bobs = given(app.database.number(bobs).await?);
    ensure!(app.database.number(&bobs).await? == 0);
    lim.presses("The whole task").await?;
    lim.sees("Who does it?").await?;
    lim.presses("Bob").await?;
    bob.sees("Lim gave you this task").await?;
    app.database.becomes(&bobs, 1).await?;
    // Now it is Bob's, and no longer Lim's: a press changes nothing.
    app.idle().await?;
    lim.presses_data(&card, "t:give:1:0:1").await?;
    app.idle().await?;
    ensure!(app.database.number(&bobs).await? == 1);
    // A step, by name.
    let card = ada.sees("0/2").await?;
    ada.presses_on(&card, "Hand over").await?;
    ada.sees("What shall be handed over?").await?;
    ada.presses("2. register").await?;
    ada.sees("Who does it?").await?;
    ada.says("nobody-such").await?;
    ada.sees("Nobody who can do tasks").await?;
    ada.says("@bob").await?;
    ada.sees("2. register vehicle — Bob").await?;
    bob.sees("gave you step 2").await?;
    app.database.becomes(&bobs, 2).await?;
    app.shutdown().await
}
