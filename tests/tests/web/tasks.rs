//! Tasks on the site and over the API, beside Telegram.

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::web::WebClient;
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_task_goes_its_whole_way_on_the_site,
    what_is_wrong_is_said_and_what_was_typed_stays,
    people_see_and_change_only_what_is_theirs,
    lists_are_filtered_and_turned,
    templates_are_written_changed_and_dropped_on_the_site,
    whoever_has_a_task_hands_it_over_on_its_page,
    each_side_sees_what_the_other_does,
];

pub(super) async fn begun(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.ada().asks("/start").await?;
    app.idle().await?;
    Ok(app)
}

pub(super) async fn posts(
    browser: &mut WebClient,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<String> {
    let got = browser.post(path, fields).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{path}: {got:?}");
    Ok(got.location().unwrap_or_default().to_owned())
}

const STEPS: &str = "check customer data @creator +1d\nregister vehicle @ada";

async fn a_task_goes_its_whole_way_on_the_site(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let (mut ada, mut lim) = (web.browser_of(ADA).await?, web.browser_of(LIM).await?);
    let empty = ada.get("/p/task").await?;
    ensure!(empty.text.contains("Nothing here."), "{empty:?}");
    posts(
        &mut ada,
        "/p/task/templates",
        &[("name", "onboarding"), ("steps", STEPS)],
    )
    .await?;
    let line = "New <customer> !high #sales %onboarding";
    let at = posts(&mut lim, "/p/task", &[("line", line)]).await?;
    ensure!(at == "/p/task/1", "{at}");
    let page = lim.get(&at).await?;
    ensure!(page.text.contains("waiting for approval"), "{page:?}");
    ensure!(page.text.contains("New &lt;customer&gt;"), "{page:?}");
    ensure!(page.text.contains("data-live=\"task.\""), "{page:?}");
    // Whoever created it cannot approve it.
    let got = lim.post("/p/task/1/state", &[("state", "open")]).await?;
    ensure!(got.status == StatusCode::CONFLICT, "{got:?}");
    posts(&mut ada, "/approvals/1/approve", &[]).await?;
    let open = "SELECT count(*) AS number FROM task_tasks WHERE state = 2";
    app.database.becomes(open, 1).await?;
    let page = lim.get(&at).await?;
    ensure!(
        page.text.contains("register vehicle") && page.text.contains("0/2"),
        "{page:?}"
    );
    let got = lim.post("/p/task/1/state", &[("state", "done")]).await?;
    ensure!(got.status == StatusCode::CONFLICT, "{got:?}");
    ensure!(got.text.contains("2 steps of #1 are not done"), "{got:?}");
    posts(&mut lim, "/p/task/1/parts/2/give", &[("who", "Lim")]).await?;
    posts(&mut lim, "/p/task/1/comments", &[("text", "<i>Nearly</i>")]).await?;
    posts(&mut lim, "/p/task/1/parts/1", &[("done", "yes")]).await?;
    posts(&mut lim, "/p/task/1/parts/2", &[("done", "yes")]).await?;
    let page = ada.get(&at).await?;
    ensure!(
        page.text.contains("2/2") && page.text.contains("&lt;i&gt;Nearly"),
        "{page:?}"
    );
    ensure!(
        page.text.contains("task.step_done"),
        "its history: {page:?}"
    );
    let done = "SELECT count(*) AS number FROM task_tasks WHERE state = 3";
    ensure!(app.database.number(done).await? == 1);
    posts(&mut ada, "/p/task/1/parts/1", &[("done", "no")]).await?;
    ensure!(app.database.number(open).await? == 1, "reopened");
    let board = ada.get("/p/task/board").await?;
    ensure!(
        board.text.contains("column-open") && board.text.contains("#1"),
        "{board:?}"
    );
    app.shutdown().await
}

async fn what_is_wrong_is_said_and_what_was_typed_stays(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    for (line, said) in [
        ("Call <them> !hgih", "!hgih is no priority"),
        ("Call <them> on 31.02", "does not exist"),
        (
            "Call <them> @nobody",
            "Nobody who can do tasks is called nobody",
        ),
        ("Call <them> %nothing", "no template %nothing"),
    ] {
        let got = ada.post("/p/task", &[("line", line)]).await?;
        ensure!(
            got.status == StatusCode::UNPROCESSABLE_ENTITY,
            "{line}: {got:?}"
        );
        ensure!(got.text.contains(said), "{line}: {got:?}");
        ensure!(
            got.text.contains("value=\"Call &lt;them&gt;"),
            "{line}: {got:?}"
        );
    }
    posts(&mut ada, "/p/task", &[("line", "Real")]).await?;
    let fields = [("title", "Other"), ("due", "on 31.02"), ("prio", "normal")];
    let got = ada.post("/p/task/1/edit", &fields).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(
        got.text.contains("value=\"Other\"") && got.text.contains("31.02"),
        "{got:?}"
    );
    let fields = [
        ("title", "Other"),
        ("due", "tomorrow 17:00"),
        ("prio", "urgent"),
        ("labels", "a, b"),
        ("who", "Lim"),
    ];
    posts(&mut ada, "/p/task/1/edit", &fields).await?;
    let page = ada.get("/p/task/1").await?;
    for part in ["Other", "urgent", "#a", "#b", "17:00", "Lim"] {
        ensure!(page.text.contains(part), "{part}: {page:?}");
    }
    let got = ada
        .post("/p/task/1/comments", &[("text", &"x".repeat(1001))])
        .await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(got.text.contains(&"x".repeat(1001)), "what was typed stays");
    for (path, fields) in [
        ("/p/task/1/state", [("state", "gone")]),
        ("/p/task/1/parts/1", [("done", "perhaps")]),
    ] {
        let got = ada.post(path, &fields).await?;
        ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    }
    for nothing in ["/p/task/4711", "/p/task/x", "/p/task/templates/none"] {
        let got = ada.get(nothing).await?;
        ensure!(got.status == StatusCode::NOT_FOUND, "{nothing}: {got:?}");
    }
    app.shutdown().await
}

async fn people_see_and_change_only_what_is_theirs(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let (mut ada, mut lim) = (web.browser_of(ADA).await?, web.browser_of(LIM).await?);
    posts(&mut ada, "/p/task", &[("line", "Hers alone")]).await?;
    posts(&mut ada, "/p/task", &[("line", "For both @lim")]).await?;
    let list = lim.get("/p/task").await?;
    ensure!(
        list.text.contains("For both") && !list.text.contains("Hers alone"),
        "{list:?}"
    );
    let board = lim.get("/p/task/board").await?;
    ensure!(!board.text.contains("Hers alone"), "{board:?}");
    let got = lim.get("/p/task/1").await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    for (path, field) in [
        ("/p/task/1/state", ("state", "done")),
        ("/p/task/1/edit", ("title", "Mine")),
        ("/p/task/1/comments", ("text", "hello")),
        ("/p/task/1/parts/1", ("done", "yes")),
        ("/p/task/1/parts/1/give", ("who", "Lim")),
    ] {
        let got = lim.post(path, &[field]).await?;
        ensure!(got.status == StatusCode::NOT_FOUND, "{path}: {got:?}");
    }
    let got = lim.post("/p/task/2/edit", &[("title", "Mine")]).await?;
    ensure!(
        got.status == StatusCode::FORBIDDEN,
        "given to her, not hers: {got:?}"
    );
    let fields = [("name", "mine"), ("steps", "one")];
    let got = lim.post("/p/task/templates", &fields).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    ensure!(got.text.contains("task.templates"), "{got:?}");
    posts(&mut lim, "/p/task/2/state", &[("state", "done")]).await?;
    let titles = "SELECT title AS text FROM task_tasks ORDER BY id";
    ensure!(app.database.texts(titles).await? == ["Hers alone", "For both"]);
    let mut stranger = web.stranger()?;
    let got = stranger.get("/p/task").await?;
    ensure!(got.status != StatusCode::OK, "{got:?}");
    app.shutdown().await
}

async fn lists_are_filtered_and_turned(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    for number in 1..=32 {
        let label = if number % 2 == 0 { "even" } else { "odd" };
        let line = format!("Chore-{number}. #{label}");
        posts(&mut ada, "/p/task", &[("line", &line)]).await?;
    }
    posts(&mut ada, "/p/task", &[("line", "100_% sure @lim")]).await?;
    posts(&mut ada, "/p/task/33/state", &[("state", "done")]).await?;
    let first = ada.get("/p/task").await?;
    ensure!(
        first.text.contains("Chore-32.") && !first.text.contains("Chore-2."),
        "{first:?}"
    );
    let second = ada.get("/p/task?page=2").await?;
    ensure!(
        second.text.contains("Chore-2.") && !second.text.contains("Chore-32."),
        "{second:?}"
    );
    for (query, there, not) in [
        ("label=even", "Chore-32.", "Chore-31."),
        ("state=done", "100_% sure", "Chore-32."),
        ("q=CHORE-7", "Chore-7.", "Chore-8."),
        ("q=100_%25", "100_% sure", "Chore-8."),
        ("look=created", "Chore-32.", "Nothing here."),
        ("look=mine", "Nothing here.", "Chore-8."),
        ("look=overdue", "Nothing here.", "Chore-8."),
    ] {
        let page = ada.get(&format!("/p/task?{query}")).await?;
        ensure!(
            page.text.contains(there) && !page.text.contains(not),
            "{query}: {page:?}"
        );
    }
    app.shutdown().await
}

async fn templates_are_written_changed_and_dropped_on_the_site(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let path = "/p/task/templates";
    posts(
        &mut ada,
        path,
        &[("name", "Move"), ("steps", "pack\nload +1d")],
    )
    .await?;
    let page = ada.get("/p/task/templates/move").await?;
    ensure!(page.text.contains("pack\nload +1d"), "{page:?}");
    posts(&mut ada, path, &[("name", "move"), ("steps", "pack <all>")]).await?;
    let page = ada.get(path).await?;
    ensure!(page.text.contains("one step"), "{page:?}");
    let got = ada
        .post(path, &[("name", "x"), ("steps", "fine\nbad +9 parsecs")])
        .await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(
        got.text.contains("Line 2") && got.text.contains("fine\nbad +9 parsecs"),
        "{got:?}"
    );
    let got = ada.post(path, &[("name", "x"), ("steps", " \n ")]).await?;
    ensure!(got.text.contains("at least one step"), "{got:?}");
    posts(&mut ada, "/p/task/templates/move/drop", &[]).await?;
    let got = ada.get("/p/task/templates/move").await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    app.shutdown().await
}

async fn each_side_sees_what_the_other_does(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    app.ada().says("/task Seen on both sides @lim").await?;
    app.ada().sees("⬜ #1").await?;
    let card = app.lim().sees("Ada gave you this task").await?;
    app.idle().await?;
    let mut stream = ada.listen("task.", None).await?;
    app.lim().presses_on(&card, "Done").await?;
    let heard = stream.hears().await?;
    ensure!(
        heard.topic() == "task.done" && heard.object() == "task:1",
        "{heard:?}"
    );
    let page = ada.get("/p/task/1").await?;
    ensure!(page.text.contains("Lim"), "{page:?}");
    posts(&mut ada, "/p/task/1/state", &[("state", "open")]).await?;
    app.lim().sees("Ada reopened it").await?;
    posts(&mut ada, "/p/task/1/comments", &[("text", "Once more")]).await?;
    app.lim().sees("Once more").await?;
    app.shutdown().await
}

async fn whoever_has_a_task_hands_it_over_on_its_page(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let (mut ada, mut lim) = (web.browser_of(ADA).await?, web.browser_of(LIM).await?);
    posts(&mut ada, "/p/task", &[("line", "Change the lock @lim")]).await?;
    let page = lim.get("/p/task/1").await?;
    ensure!(page.text.contains("/p/task/1/parts/0/give"), "{page:?}");
    let got = lim
        .post("/p/task/1/parts/0/give", &[("who", "nobody")])
        .await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    posts(&mut lim, "/p/task/1/parts/0/give", &[("who", "Ada")]).await?;
    let hers = "SELECT count(*) AS number FROM task_tasks WHERE assignee_name = 'Ada'";
    ensure!(app.database.number(hers).await? == 1);
    // It is not Lim's any more.
    let got = lim
        .post("/p/task/1/parts/0/give", &[("who", "Lim")])
        .await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    app.shutdown().await
}
