//! A task from its creation over approval and its template's steps to its end, in Telegram.

use anyhow::{Context as _, Result, ensure};
use vahta_tests::story::count;
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_task_goes_its_whole_way_in_telegram,
    a_rejection_comes_to_the_author_with_its_reason,
    what_waits_can_be_changed_and_is_asked_for_anew,
    twenty_people_decide_at_once_and_one_decision_counts,
    the_last_two_steps_at_once_complete_the_task_once,
    a_decision_survives_kill_9_and_is_applied_once,
    a_name_that_several_people_have_is_chosen_by_button,
    what_is_wrong_with_a_line_is_said_and_nothing_is_created,
    forged_and_foreign_presses_change_nothing,
    every_example_of_the_help_makes_a_task,
];

const TEMPLATE: &str =
    "/template onboarding\ncheck customer data @creator +1d\nregister vehicle @ada +2d 18:00";
const PARTS: &str = "SELECT count(*) AS number FROM task_steps";
const DECIDED: &str = "SELECT count(*) AS number FROM audit_log WHERE action = 'approval.decided'";

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
        ("#only @lim tomorrow", "Write what is to be done"),
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
