//! Who is told, and who may change: rights that are gone, keys that only look, and what was approved.

use anyhow::{Result, ensure};
use vahta_rows::Micros;
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    whoever_lost_their_rights_hears_nothing_more,
    what_was_approved_does_not_become_something_else,
    whoever_only_looks_changes_nothing,
    what_waits_for_the_morning_says_what_is_true_by_then,
    a_template_stays_while_somebody_waits_for_its_steps,
];

async fn begun(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.ada().asks("/start").await?;
    app.idle().await?;
    Ok(app)
}

async fn whoever_lost_their_rights_hears_nothing_more(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says("/task Change the lock @lim every day 9:00")
        .await?;
    let card = lim.sees("Ada gave you this task").await?;
    app.idle().await?;
    ada.says("/revoke @lim operator").await?;
    ada.sees("operator").await?;
    app.idle().await?;
    lim.reads_on().await?;
    ada.says("/task_1").await?;
    let hers = ada.sees("#1 Change the lock").await?;
    ada.presses_on(&hers, "Comment").await?;
    ada.sees("Write your comment").await?;
    ada.says("The code is 4711").await?;
    ada.sees("Noted on #1").await?;
    ada.presses_on(&hers, "Done").await?;
    // The next of the series is nobody's now.
    let next = "SELECT count(*) AS number FROM task_tasks WHERE follows = 1 AND assignee IS NULL";
    app.database.becomes(next, 1).await?;
    app.cards_have_followed().await?;
    lim.sees_nothing().await?;
    let now = lim.messages().await?;
    let old = now.iter().find(|message| message.id == card.id);
    ensure!(
        old.is_some_and(|old| !old.text.contains("4711") && !old.text.contains("Done by")),
        "his card stays as it was: {old:?}"
    );
    app.shutdown().await
}

async fn what_was_approved_does_not_become_something_else(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    lim.says("/task Buy pens").await?;
    lim.sees("⏳ #1 Buy pens").await?;
    ada.presses_on(&ada.finds_button("Approve").await?, "Approve")
        .await?;
    let card = lim.sees("Approved by Ada").await?;
    lim.presses_on(&card, "Edit").await?;
    lim.presses("Title").await?;
    lim.sees("Write the new title").await?;
    lim.says("Buy a car").await?;
    lim.sees("was approved as it is").await?;
    // What it does not change, he may: when it is due.
    lim.says("/task_1").await?;
    lim.presses("Edit").await?;
    lim.presses("Due").await?;
    lim.sees("Until when?").await?;
    lim.says("tomorrow 17:00").await?;
    lim.sees("17:00").await?;
    app.idle().await?;
    let same = "SELECT count(*) AS number FROM task_tasks WHERE title = 'Buy pens' AND state = 2";
    ensure!(app.database.number(same).await? == 1);
    app.shutdown().await
}

async fn whoever_only_looks_changes_nothing(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says("/role create looker +task.view").await?;
    ada.sees("looker").await?;
    ada.says("/task Look at it @lim").await?;
    let card = lim.sees("Ada gave you this task").await?;
    ada.says("/grant 1002 looker").await?;
    ada.sees("has the role looker").await?;
    ada.says("/revoke 1002 operator").await?;
    ada.sees("operator").await?;
    app.idle().await?;
    lim.presses_data(&card, "t:set:1:cancelled").await?;
    lim.presses_data(&card, "t:give:1:0:1").await?;
    lim.presses_on(&card, "Comment").await?;
    lim.says("hello").await?;
    lim.sees("needs the permission").await?;
    app.idle().await?;
    let same = "SELECT count(*) AS number FROM task_tasks WHERE state = 2 AND version = 1";
    ensure!(app.database.number(same).await? == 1);
    let comments = "SELECT count(*) AS number FROM task_comments";
    ensure!(app.database.number(comments).await? == 0);
    app.shutdown().await
}

async fn what_waits_for_the_morning_says_what_is_true_by_then(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    let minute = Micros::now().0 / 60_000_000 % 1440;
    let (from, to) = ((minute + 1380) % 1440, (minute + 60) % 1440);
    let asleep = format!(
        "INSERT INTO notice_settings (user_id, whither, quiet_from, quiet_to) \
         SELECT id, 0, {from}, {to} FROM bot_users WHERE telegram_id = 1002"
    );
    app.database.change(&asleep).await?;
    lim.reads_on().await?;
    ada.says("/task Inspect @lim").await?;
    let card = ada.sees("#1 Inspect").await?;
    let waiting = "SELECT count(*) AS number FROM notices WHERE state = 2 AND kind = 'task'";
    app.database.becomes(waiting, 1).await?;
    ada.presses_on(&card, "Comment").await?;
    ada.sees("Write your comment").await?;
    ada.says("By the back door").await?;
    ada.sees("Noted on #1").await?;
    ada.says("/task_1").await?;
    let card = ada.sees("By the back door").await?;
    ada.presses_on(&card, "Cancel task").await?;
    ada.sees("✖️ #1").await?;
    app.database.becomes(waiting, 1).await?;
    app.database.change("DELETE FROM notice_settings").await?;
    app.database
        .change("UPDATE notices SET due_at = 1 WHERE state = 2")
        .await?;
    let told = lim.sees("#1 Inspect").await?;
    for part in ["Ada cancelled it", "✖️", "By the back door"] {
        ensure!(told.text.contains(part), "{part}: {}", told.line());
    }
    app.cards_have_followed().await?;
    let messages = lim.messages().await?;
    let of_it = messages
        .iter()
        .filter(|message| message.text.contains("#1"));
    ensure!(of_it.count() == 1, "one message about one task");
    app.shutdown().await
}

async fn a_template_stays_while_somebody_waits_for_its_steps(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says("/template short\none\ntwo").await?;
    ada.sees("%short, 2 steps").await?;
    lim.says("/task Use it %short").await?;
    lim.sees("⏳ #1 Use it").await?;
    let question = ada.finds_button("Approve").await?;
    ada.says("/template short -").await?;
    ada.sees("one task waits for approval").await?;
    ada.presses_on(&question, "Approve").await?;
    lim.sees("0/2").await?;
    app.idle().await?;
    ada.says("/template short -").await?;
    ada.sees("%short is gone").await?;
    app.shutdown().await
}
