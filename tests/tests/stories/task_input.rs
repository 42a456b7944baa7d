//! What people write and press that is wrong, ambiguous or forged, and the examples that are right.

use anyhow::{Context as _, Result, ensure};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_name_that_several_people_have_is_chosen_by_button,
    what_is_wrong_with_a_line_is_said_and_nothing_is_created,
    forged_and_foreign_presses_change_nothing,
    every_example_of_the_help_makes_a_task,
    templates_are_written_changed_and_dropped_by_button,
];

const TEMPLATE: &str =
    "/template onboarding\ncheck customer data @creator +1d\nregister vehicle @ada +2d 18:00";

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

async fn a_name_that_several_people_have_is_chosen_by_button(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    for (id, name) in [(7001, "Robin"), (7002, "Robina")] {
        app.control.add_person(id, name).await?;
        app.ada().says(&format!("/grant {id} operator")).await?;
        app.ada().sees("has the role operator").await?;
        app.person(id).asks("/start").await?;
    }
    app.idle().await?;
    app.ada().says("/task Paint the gate @rob").await?;
    let which = app.ada().sees("Several people are called rob").await?;
    ensure!(state(&app, 1).await? == 0, "a draft, until it is clear");
    app.ada().presses_on(&which, "Robina").await?;
    app.ada().sees("For Robina").await?;
    app.ada().presses("Create").await?;
    app.ada().sees("⬜ #1 Paint the gate").await?;
    app.idle().await?;
    ensure!(state(&app, 1).await? == 2);
    app.shutdown().await
}

async fn what_is_wrong_with_a_line_is_said_and_nothing_is_created(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let lim = app.lim();
    for (line, answer) in [
        (
            "Call them @nobody",
            "Nobody who can do tasks is called nobody",
        ),
        ("Call them on 1.1.2001", "1.1.2001"),
        ("Call them tomorrow 25:00", "does not exist"),
        ("Call them !hgih", "!hgih is no priority"),
        ("Call them %nothing", "There is no template %nothing"),
        ("Call them @ada @lim", "A task is given to one person"),
        ("#only @lim tomorrow", "Nothing is left for a title"),
    ] {
        lim.says(&format!("/task {line}")).await?;
        lim.sees(answer).await.with_context(|| line.to_owned())?;
    }
    let all = "SELECT count(*) AS number FROM task_tasks";
    ensure!(app.database.number(all).await? == 0);
    app.shutdown().await
}

async fn forged_and_foreign_presses_change_nothing(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says(TEMPLATE).await?;
    ada.sees("%onboarding, 2 steps").await?;
    ada.says("/task Ours %onboarding").await?;
    let card = ada.sees("⬜ #1 Ours").await?;
    ada.says("/task Hers").await?;
    let hers = ada.sees("⬜ #2 Hers").await?;
    app.idle().await?;
    let shown = ada.presses_data(&card, "t:part:1:9:done").await?;
    ensure!(shown.contains("no such step"), "{shown}");
    let shown = ada.presses_data(&card, "t:set:1:done").await?;
    ensure!(shown.contains("2 steps of #1 are not done"), "{shown}");
    let shown = ada.presses_data(&card, "t:set:1:rejected").await?;
    ensure!(shown.contains("this cannot be done"), "{shown}");
    // Lim has nothing to do with it: for her it does not exist.
    let of_lim = lim.asks("/tasks").await?;
    for data in ["t:set:2:done", "t:show:2", "t:edit:2", "t:put:2:prio:high"] {
        let shown = lim.presses_data(&of_lim, data).await?;
        ensure!(shown.contains("no task #2"), "{data}: {shown}");
    }
    lim.says("/task_2").await?;
    lim.sees("There is no task #2 here").await?;
    // An old card is brought up to date by whoever presses it.
    let (_, done) = hers.button("Done").context("a button")?.clone();
    ada.presses_data(&hers, &done).await?;
    ada.sees("Done by Ada").await?;
    let shown = ada.presses_data(&hers, &done).await?;
    ensure!(shown.contains("is done already"), "{shown}");
    // A comment over the limit is refused, and asked for again.
    ada.presses_on(&card, "Comment").await?;
    ada.sees("Write your comment").await?;
    ada.says(&"long ".repeat(300)).await?;
    ada.sees("1 to 1000 characters").await?;
    ada.says("Short").await?;
    ada.sees("Noted on #1").await?;
    app.idle().await?;
    let comments = "SELECT count(*) AS number FROM task_comments";
    ensure!(app.database.number(comments).await? == 1);
    ensure!(state(&app, 1).await? == 2);
    app.shutdown().await
}

/// Help texts and the manual hold examples; each makes what it says.
async fn every_example_of_the_help_makes_a_task(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let ada = app.ada();
    app.control.add_person(7003, "Bob").await?;
    ada.says("/grant 7003 operator").await?;
    ada.sees("has the role operator").await?;
    app.person(7003).asks("/start").await?;
    ada.says(TEMPLATE).await?;
    ada.sees("%onboarding, 2 steps").await?;
    app.idle().await?;
    let manual = include_str!("../../../docs/TASKS.md");
    let texts = include_str!("../../../plugins/task/locales/en/tasks.ftl");
    let lines = manual
        .lines()
        .filter(|line| line.starts_with("/task "))
        .map(str::to_owned);
    let quoted = texts
        .split("<code>")
        .skip(1)
        .filter_map(|rest| rest.split("</code>").next());
    let quoted = quoted.filter(|text| text.starts_with("/task ") || text.contains(" @bob "));
    let quoted = quoted.map(|text| format!("/task {}", text.trim_start_matches("/task ")));
    let all: Vec<String> = lines.chain(quoted).collect();
    ensure!(all.len() >= 6, "{all:?}");
    ensure!(
        all.iter().any(|line| line.contains("завтра")),
        "in Russian too"
    );
    for (n, line) in all.iter().enumerate() {
        ada.says(line).await?;
        let number = n + 1;
        ada.sees(&format!("⬜ #{number} "))
            .await
            .with_context(|| line.clone())?;
    }
    app.shutdown().await
}

async fn templates_are_written_changed_and_dropped_by_button(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says("/templates").await?;
    ada.presses("New template").await?;
    ada.sees("Write the name").await?;
    // What is wrong is said, and the next message is still the answer.
    ada.says("onboarding").await?;
    ada.sees("no template %onboarding").await?;
    ada.says("onboarding\ncheck customer data @creator +1d")
        .await?;
    let card = ada.sees("%onboarding, one step").await?;
    ada.presses_on(&card, "Change").await?;
    ada.sees("Write the steps").await?;
    ada.says("check customer data +nonsense\nregister vehicle +0d")
        .await?;
    ada.sees("is no time").await?;
    ada.says("check customer data\nregister vehicle @role:operator")
        .await?;
    let card = ada.sees("%onboarding, 2 steps").await?;
    // Who may not write them sees them, and a forged button does nothing.
    lim.says("/templates").await?;
    let list = lim.finds_button("%onboarding").await?;
    ensure!(list.button("New template").is_none(), "{}", list.line());
    lim.presses_on(&list, "%onboarding").await?;
    let shown = lim.sees("register vehicle").await?;
    ensure!(shown.button("Drop").is_none(), "{}", shown.line());
    lim.presses_data(&shown, "t:tpl:1:dropped").await?;
    app.idle().await?;
    let there = "SELECT count(*) AS number FROM task_templates";
    ensure!(app.database.number(there).await? == 1);
    ada.presses_on(&card, "Drop").await?;
    let sure = ada.sees("Shall it go?").await?;
    ada.presses_on(&sure, "Drop").await?;
    ada.sees("%onboarding is gone").await?;
    // The second click, and a list that is old: what is there is shown.
    ada.presses_data(&sure, "t:tpl:1:dropped").await?;
    ada.sees("There are no templates yet").await?;
    app.idle().await?;
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action = 'task.template_dropped'";
    ensure!(app.database.number(acts).await? == 1);
    app.shutdown().await
}
