//! Many people at one task at once, and a crash in the middle: one decision, one completion.

use anyhow::{Context as _, Result, ensure};
use vahta_tests::story::count;
use vahta_tests::{Ground, Stage, stories};

stories![
    twenty_people_decide_at_once_and_one_decision_counts,
    the_last_two_steps_at_once_complete_the_task_once,
    a_decision_survives_kill_9_and_is_applied_once,
];

const TEMPLATE: &str =
    "/template onboarding\ncheck customer data @creator +1d\nregister vehicle @ada +2d 18:00";
const PARTS: &str = "SELECT count(*) AS number FROM task_steps";
const DECIDED: &str = "SELECT count(*) AS number FROM audit_log WHERE action = 'approval.decided'";

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

async fn twenty_people_decide_at_once_and_one_decision_counts(ground: Ground) -> Result<()> {
    let (stage, crowd) = Stage::on(ground).await?.with_crowd(20).await?;
    let app = stage.start().await?;
    people(&app).await?;
    for chat in crowd.chats() {
        app.person(*chat).asks("/start").await?;
    }
    app.idle().await?;
    app.ada().says(TEMPLATE).await?;
    app.ada().sees("%onboarding, 2 steps").await?;
    for round in 1..=count(2, 200) {
        let title = format!("Round {round}");
        app.lim()
            .says(&format!("/task {title} %onboarding"))
            .await?;
        app.lim().sees(&title).await?;
        app.idle().await?;
        let mut presses = Vec::new();
        for (n, chat) in crowd.chats().iter().enumerate() {
            let card = app.person(*chat).finds_button("Approve").await?;
            ensure!(card.text.contains(&title), "{chat}: {}", card.line());
            let caption = if n % 2 == 0 { "Approve" } else { "Reject" };
            let (_, data) = card.button(caption).context("a button")?.clone();
            presses.push((*chat, card, data));
        }
        let pressed = presses.iter().map(|(chat, card, data)| {
            let person = app.person(*chat);
            async move { person.presses_data(card, data).await }
        });
        // Who rejects is asked for a reason first: those presses decide nothing yet.
        futures::future::try_join_all(pressed).await?;
        let task = i64::try_from(round)?;
        let open =
            format!("SELECT count(*) AS number FROM task_tasks WHERE id = {task} AND state = 2");
        app.database.becomes(&open, 1).await?;
        app.idle().await?;
        ensure!(app.database.number(DECIDED).await? == task);
        ensure!(app.database.number(PARTS).await? == 2 * task, "parts, once");
        let last = format!(
            "SELECT by_name AS text FROM task_history WHERE task_id = {task} AND what = 'task.approved'"
        );
        let by = app.database.texts(&last).await?;
        ensure!(by.len() == 1, "{by:?}");
        let truth = format!("approved by {}", by[0]);
        for (chat, card, _) in &presses {
            let messages = app.person(*chat).messages().await?;
            let now = messages.iter().find(|message| message.id == card.id);
            let now = now.context("its card")?;
            ensure!(now.text.contains(&truth), "{chat}: {truth}: {}", now.line());
        }
    }
    app.shutdown().await
}

async fn the_last_two_steps_at_once_complete_the_task_once(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .without_inbound_limits()
        .start()
        .await?;
    people(&app).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says("/template pair\nleft @lim\nright @ada").await?;
    ada.sees("%pair, 2 steps").await?;
    for round in 1..=count(5, 500) {
        let title = format!("Race {round}");
        ada.says(&format!("/task {title} %pair")).await?;
        let adas = ada.sees(&title).await?;
        let lims = lim.sees_where(&title, |m| m.text.contains(&title)).await?;
        app.idle().await?;
        let part = |position: usize| format!("t:part:{round}:{position}:done");
        let (left, right) = (part(1), part(2));
        let both = futures::future::try_join(
            lim.presses_data(&lims, &left),
            ada.presses_data(&adas, &right),
        );
        both.await?;
        app.idle().await?;
        let task = i64::try_from(round)?;
        ensure!(state(&app, task).await? == 3, "{title}");
        let done = "SELECT count(*) AS number FROM events WHERE topic = 'task.done'";
        ensure!(
            app.database.number(done).await? == task,
            "completed once: {title}"
        );
        let told = ada.messages().await?;
        let told = told
            .iter()
            .filter(|m| m.text.contains("completed it") && m.text.contains(&title));
        ensure!(told.count() <= 1, "at most one notice: {title}");
    }
    app.shutdown().await
}

/// The plugin is away when the decision falls, so its job waits; then the process dies.
async fn a_decision_survives_kill_9_and_is_applied_once(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let process = stage.run().await?;
    people(&stage).await?;
    stage.ada().says(TEMPLATE).await?;
    stage.ada().sees("%onboarding, 2 steps").await?;
    stage.lim().says("/task Survive %onboarding").await?;
    stage.lim().sees("⏳ #1 Survive").await?;
    let card = stage.ada().finds_button("Approve").await?;
    stage.ada().says("/plugin task disable").await?;
    stage.ada().sees("switched off").await?;
    stage.lim().reads_on().await?;
    stage.ada().presses_on(&card, "Approve").await?;
    process.kill()?;
    ensure!(stage.database.number(DECIDED).await? == 1);
    let process = stage.run().await?;
    stage.ada().says("/plugin task enable").await?;
    stage.ada().sees("running").await?;
    // It was put off while its plugin was away.
    let now = "UPDATE jobs SET due_at = 1 WHERE kind = 'approval' AND state = 5";
    stage.database.change(now).await?;
    stage.lim().sees("Approved by Ada").await?;
    stage.idle().await?;
    ensure!(state(&stage, 1).await? == 2);
    ensure!(stage.database.number(PARTS).await? == 2);
    process.stop().await
}
