//! Announcements: from Telegram, from the site and from the API, each sent once.

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use serde_json::json;
use vahta_tests::stage::{ADA, LIM, OPS};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_role_gets_it_once_after_a_preview,
    a_draft_is_sent_once_or_dropped,
    a_group_gets_what_the_site_sends,
    who_has_blocked_the_bot_is_counted,
];

async fn announced(app: &TestApp) -> Result<i64> {
    let rows = "SELECT count(*) AS number FROM outbox WHERE dedup_key LIKE 'announce:%'";
    app.database.number(rows).await
}

async fn a_role_gets_it_once_after_a_preview(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    let preview = app
        .ada()
        .asks("/announce operator The <gate> is closed")
        .await?;
    ensure!(
        preview.text.contains("operator") && preview.text.contains("The <gate> is closed"),
        "{preview:?}"
    );
    ensure!(
        announced(&app).await? == 0,
        "nothing goes out before the button"
    );
    app.ada().presses_on(&preview, "Send").await?;
    app.lim().sees("The <gate> is closed").await?;
    // The second click sends nothing more, and shows what is true now.
    app.ada().presses_on(&preview, "Send").await?;
    app.idle().await?;
    ensure!(announced(&app).await? == 1);
    app.ada().sees("1 of 1 delivered").await?;
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action = 'announcement.send'";
    ensure!(app.database.number(acts).await? == 1);
    for (bad, told) in [
        ("/announce nobody Hello", "There is no role"),
        ("/announce operator", "Usage: /announce"),
    ] {
        let said = app.ada().asks(bad).await?.text;
        ensure!(said.contains(told), "{bad}: {said}");
    }
    app.lim().says("/announce everybody Mine").await?;
    app.lim().sees("core.announce").await?;
    app.shutdown().await
}

async fn a_draft_is_sent_once_or_dropped(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    let web = app.web().await?;
    let (mut ada, mut other) = (web.browser_of(ADA).await?, web.browser_of(ADA).await?);
    let fields = [("to", "everybody"), ("text", "First\r\nsecond")];
    let made = ada.post("/announcements", &fields).await?;
    let page = made.location().context("a preview")?.to_owned();
    let shown = ada.get(&page).await?;
    ensure!(
        shown.text.contains("First\nsecond") && shown.text.contains("2 chats"),
        "{shown:?}"
    );
    let (send, drop) = (format!("{page}/send"), format!("{page}/drop"));
    let (one, two) = tokio::join!(ada.post(&send, &[]), other.post(&send, &[]));
    let statuses = [one?.status, two?.status];
    ensure!(
        statuses.contains(&StatusCode::SEE_OTHER) && statuses.contains(&StatusCode::CONFLICT),
        "{statuses:?}"
    );
    ensure!(ada.post(&drop, &[]).await?.status == StatusCode::CONFLICT);
    app.lim().sees("First\nsecond").await?;
    app.idle().await?;
    ensure!(announced(&app).await? == 2);
    let shown = ada.get(&page).await?;
    ensure!(shown.text.contains("2 of 2 delivered"), "{shown:?}");

    let fields = [("to", "operator"), ("text", "Never")];
    let made = ada.post("/announcements", &fields).await?;
    let page = made.location().context("a preview")?.to_owned();
    ada.post(&format!("{page}/drop"), &[]).await?;
    let late = ada.post(&format!("{page}/send"), &[]).await?;
    ensure!(late.status == StatusCode::CONFLICT, "{late:?}");
    let long = "x".repeat(4097);
    for (to, text) in [
        ("operator", " "),
        ("operator", long.as_str()),
        ("nobody", "x"),
    ] {
        let got = ada
            .post("/announcements", &[("to", to), ("text", text)])
            .await?;
        ensure!(got.status == StatusCode::BAD_REQUEST, "{to}: {got:?}");
    }
    let mut lim = web.browser_of(LIM).await?;
    ensure!(lim.get("/announcements").await?.status == StatusCode::FORBIDDEN);
    app.shutdown().await
}

async fn a_group_gets_what_the_site_sends(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let to = OPS.to_string();
    let made = ada
        .post("/announcements", &[("to", &to), ("text", "To the group")])
        .await?;
    let page = made.location().context("a preview")?.to_owned();
    ada.post(&format!("{page}/send"), &[]).await?;
    app.idle().await?;
    let said = app.person(ADA).in_chat(OPS).messages().await?;
    ensure!(
        said.iter().any(|message| message.text == "To the group"),
        "{said:?}"
    );
    app.shutdown().await
}

async fn who_has_blocked_the_bot_is_counted(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("the bot cannot write to this chat");
    app.lim_is_operator().await?;
    app.control
        .post("blocks", json!({"user": LIM, "blocked": true}))
        .await?;
    let preview = app.ada().asks("/announce everybody Who hears me?").await?;
    app.ada().presses_on(&preview, "Send").await?;
    app.idle().await?;
    app.ada().presses("Refresh").await?;
    app.ada().sees("1 of 2 delivered, 1 failed").await?;
    app.shutdown().await
}
