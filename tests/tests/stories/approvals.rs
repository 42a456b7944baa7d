//! Somebody asks, others decide: the first decision wins, every message tells it, the owner hears
//! it once. The plugin `asks` asks with `/request` and says in the chat what came of it.

use anyhow::{Context as _, Result, ensure};
use vahta_tests::stage::{ADA, GUS, LIM};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    the_first_decision_wins_and_every_card_tells_it,
    a_rejection_carries_the_reason_that_was_typed,
    a_press_that_comes_twice_decides_once,
    a_right_that_is_gone_decides_nothing,
    a_decision_survives_kill_9_and_is_heard_once,
    the_web_and_telegram_see_each_others_decisions,
    two_people_have_to_approve,
    nobody_decides_their_own_request_and_may_withdraw_it,
    what_nobody_decides_expires,
    whoever_is_given_the_right_later_is_told_too,
];

/// Lim may ask, Ada and Gus may decide.
async fn with_people(ground: Ground) -> Result<TestApp> {
    let stage = Stage::on(ground).await?.with_plugins(&["asks"])?;
    let app = stage.start().await?;
    people(&app).await?;
    Ok(app)
}

async fn people(stage: &Stage) -> Result<()> {
    stage.lim_is_operator().await?;
    let ada = stage.ada();
    ada.says("/role create judge asks.decide").await?;
    ada.sees("judge").await?;
    ada.says(&format!("/grant {GUS} judge")).await?;
    ada.sees("has the role judge").await?;
    stage.gus().asks("/start").await?;
    // Names are written after the answer.
    stage.lim().asks("/start").await?;
    stage.idle().await
}

const JOBS: &str = "SELECT count(*) AS number FROM jobs WHERE kind = 'approval'";
const DECIDED: &str = "SELECT count(*) AS number FROM audit_log WHERE action = 'approval.decided'";

async fn the_first_decision_wins_and_every_card_tells_it(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.lim().says("/request Coffee").await?;
    app.lim().sees("Asked for Coffee").await?;
    let card = app.ada().finds_button("Approve").await?;
    ensure!(card.text.contains("Asked by Lim"), "{}", card.line());
    ensure!(
        card.text.contains("Somebody wants: Coffee"),
        "{}",
        card.line()
    );
    let other = app.gus().finds_button("Approve").await?;
    let (_, late) = other.button("Approve").context("a button")?.clone();
    ensure!(app.ada().presses_on(&card, "Approve").await? == "Approved.");
    app.ada().sees("approved by Ada").await?;
    app.gus().sees("approved by Ada").await?;
    app.lim().sees("Coffee: granted by Ada").await?;
    let shown = app.gus().presses_data(&other, &late).await?;
    ensure!(shown.contains("approved by Ada"), "{shown}");
    app.idle().await?;
    ensure!(app.database.number(JOBS).await? == 1);
    ensure!(app.database.number(DECIDED).await? == 1);
    app.shutdown().await
}

async fn a_rejection_carries_the_reason_that_was_typed(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.lim().says("/request A boat").await?;
    let card = app.gus().finds_button("Reject").await?;
    app.gus().presses_on(&card, "Reject").await?;
    app.gus().presses("Write a reason").await?;
    app.gus().sees("Write it as your next message").await?;
    app.gus().says(&"too long ".repeat(60)).await?;
    app.gus().sees("at most 500 characters").await?;
    app.gus().says("We have <two> already").await?;
    app.gus().sees("Rejected.").await?;
    app.lim()
        .sees("A boat: refused by Gus, because: We have <two> already")
        .await?;
    app.ada().sees("rejected by Gus").await?;
    // The dialog is over: the next message is small talk.
    app.gus().says("hello").await?;
    app.gus().sees("I answer to commands").await?;
    app.shutdown().await
}

async fn a_press_that_comes_twice_decides_once(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.lim().says("/request 2 Twice").await?;
    let card = app.ada().finds_button("Approve").await?;
    let (_, data) = card.button("Approve").context("a button")?.clone();
    let first = app.ada().presses_data(&card, &data).await?;
    ensure!(first.contains("1 of 2"), "{first}");
    let again = app.ada().presses_data(&card, &data).await?;
    ensure!(again.contains("voted on this already"), "{again}");
    app.idle().await?;
    ensure!(app.database.number(JOBS).await? == 0);
    let votes = "SELECT count(*) AS number FROM approval_votes";
    ensure!(app.database.number(votes).await? == 1);
    app.shutdown().await
}

async fn a_right_that_is_gone_decides_nothing(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.ada().says(&format!("/grant {GUS} operator")).await?;
    app.ada().sees("has the role operator").await?;
    app.lim().says("/request Keys").await?;
    let card = app.gus().finds_button("Approve").await?;
    app.ada().says(&format!("/revoke {GUS} judge")).await?;
    app.ada().sees("no longer has").await?;
    let shown = app.gus().presses_on(&card, "Approve").await?;
    ensure!(shown.contains("asks.decide"), "{shown}");
    let forged = app.gus().presses_data(&card, "c:approve:4711").await?;
    ensure!(forged.contains("does not exist"), "{forged}");
    for data in ["c:approve", "c:approve:x", "c:because:1:9", "c:because:1"] {
        let shown = app.gus().presses_data(&card, data).await?;
        ensure!(shown.contains("out of date"), "{data}: {shown}");
    }
    app.idle().await?;
    ensure!(app.database.number(DECIDED).await? == 0);
    let open = "SELECT count(*) AS number FROM approvals WHERE state = 0";
    ensure!(app.database.number(open).await? == 1);
    app.shutdown().await
}

/// The plugin is away when the decision falls, so its job waits; then the process dies.
async fn a_decision_survives_kill_9_and_is_heard_once(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_plugins(&["asks"])?;
    let process = stage.run().await?;
    people(&stage).await?;
    stage.lim().says("/request Tea").await?;
    let card = stage.ada().finds_button("Approve").await?;
    stage.gus().finds_button("Approve").await?;
    stage.ada().says("/plugin asks disable").await?;
    stage.ada().sees("switched off").await?;
    stage.lim().reads_on().await?;
    stage.gus().reads_on().await?;
    stage.ada().presses_on(&card, "Approve").await?;
    process.kill()?;
    ensure!(stage.database.number(DECIDED).await? == 1);
    let process = stage.run().await?;
    stage.gus().sees("approved by Ada").await?;
    stage.ada().says("/plugin asks enable").await?;
    stage.ada().sees("running").await?;
    // It was put off while its plugin was away.
    let now = "UPDATE jobs SET due_at = 1 WHERE kind = 'approval' AND state = 5";
    stage.database.change(now).await?;
    stage.lim().sees("Tea: granted by Ada").await?;
    stage
        .database
        .becomes(
            "SELECT count(*) AS number FROM jobs WHERE kind = 'approval' AND state = 2",
            1,
        )
        .await?;
    stage.idle().await?;
    let heard = stage.lim().messages().await?;
    let heard = heard.iter().filter(|m| m.text.contains("Tea: granted"));
    ensure!(heard.count() == 1, "the owner said it more than once");
    process.stop().await
}

async fn the_web_and_telegram_see_each_others_decisions(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let mut lim = web.browser_of(LIM).await?;
    app.lim().says("/request Paint").await?;
    app.gus().finds_button("Approve").await?;
    let page = ada.get("/approvals").await?;
    ensure!(
        page.text.contains("Paint") && page.text.contains("/reject\""),
        "{page:?}"
    );
    let own = lim.get("/approvals").await?;
    ensure!(
        own.text.contains("/withdraw\"") && !own.text.contains("/approve\""),
        "{own:?}"
    );
    let id = app
        .database
        .number("SELECT id AS number FROM approvals")
        .await?;
    let path = |act: &str| format!("/approvals/{id}/{act}");
    let refused = lim.post(&path("approve"), &[]).await?;
    ensure!(refused.status == 403, "{refused:?}");
    let done = ada
        .post(&path("reject"), &[("reason", "no colours")])
        .await?;
    ensure!(done.location() == Some("/approvals"), "{done:?}");
    app.gus().sees("rejected by Ada").await?;
    app.lim()
        .sees("Paint: refused by Ada, because: no colours")
        .await?;
    let late = ada.post(&path("approve"), &[]).await?;
    ensure!(
        late.status == 409 && late.text.contains("rejected by Ada"),
        "{late:?}"
    );

    app.lim().says("/request Brushes").await?;
    let card = app.gus().finds_button("Approve").await?;
    app.gus().presses_on(&card, "Approve").await?;
    app.lim().sees("Brushes: granted by Gus").await?;
    let page = ada.get("/approvals?state=decided").await?;
    ensure!(
        page.text.contains("Brushes") && page.text.contains("Paint"),
        "{page:?}"
    );
    app.shutdown().await
}

async fn two_people_have_to_approve(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.lim().says("/request 2 The safe").await?;
    let card = app.ada().finds_button("Approve").await?;
    app.ada().presses_on(&card, "Approve").await?;
    app.gus().sees("1 of 2 approvals Ada").await?;
    app.gus().presses("Approve").await?;
    app.ada().sees("approved by Ada, Gus").await?;
    app.lim().sees("The safe: granted by Gus").await?;
    app.shutdown().await
}

async fn nobody_decides_their_own_request_and_may_withdraw_it(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.ada().says("/request Mine").await?;
    app.ada().sees("Asked for Mine").await?;
    let theirs = app.gus().finds_button("Approve").await?;
    app.ada().says("/approvals").await?;
    app.ada().sees("Nothing is open here").await?;
    app.ada().presses("What I asked for").await?;
    app.ada().presses("Mine").await?;
    let card = app.ada().finds_button("Withdraw").await?;
    ensure!(card.button("Approve").is_none(), "{}", card.line());
    let (_, data) = card.button("Withdraw").context("a button")?.clone();
    let own = app
        .ada()
        .presses_data(&card, &data.replace("unask", "approve"))
        .await?;
    ensure!(own.contains("somebody else has to decide"), "{own}");
    let foreign = app.gus().presses_data(&theirs, &data).await?;
    ensure!(foreign.contains("Only whoever asked"), "{foreign}");
    app.ada().presses_on(&card, "Withdraw").await?;
    app.gus().sees("withdrawn by Ada").await?;
    app.ada().sees("Mine: taken back by Ada").await?;
    app.shutdown().await
}

async fn what_nobody_decides_expires(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.lim().says("/request Now or never").await?;
    let card = app.gus().finds_button("Approve").await?;
    app.database
        .change("UPDATE approvals SET expires_at = 1")
        .await?;
    app.gus().sees("expired").await?;
    app.lim().sees("Now or never: too late by nobody").await?;
    let shown = app.gus().presses_data(&card, "c:approve:1").await?;
    ensure!(shown.contains("expired"), "{shown}");
    ensure!(app.database.number(JOBS).await? == 1);
    app.shutdown().await
}

async fn whoever_is_given_the_right_later_is_told_too(ground: Ground) -> Result<()> {
    let app = with_people(ground).await?;
    app.ada().says(&format!("/revoke {GUS} judge")).await?;
    app.ada().sees("no longer has").await?;
    app.lim().says("/request Late").await?;
    app.ada().finds_button("Approve").await?;
    app.idle().await?;
    app.ada().says(&format!("/grant {GUS} judge")).await?;
    let card = app.gus().finds_button("Approve").await?;
    app.gus().presses_on(&card, "Approve").await?;
    app.lim().sees("Late: granted by Gus").await?;
    app.shutdown().await
}
