//! Notices on the web and over the API: what is mine, what is unread, and what is forgotten.

use anyhow::{Context as _, Result, ensure};
use bot_core::access::Who;
use bot_core::housekeeping;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use vahta_rows::notices::{NewNotice, PutNotice as _};
use vahta_rows::{DbError, UserId, transaction};
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::web::WebClient;
use vahta_tests::{Ground, Stage, TestApp, stories};

use crate::programs::Program;

stories![
    a_list_holds_ones_own_and_the_navigation_counts_the_unread,
    a_program_in_the_browser_lists_and_reads,
    what_is_old_is_forgotten,
];

async fn stage(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.idle().await?;
    Ok(app)
}

async fn tell(app: &TestApp, to: i64, key: &str, text: &str) -> Result<()> {
    let person = app.app.access.find(&Who::Telegram(to)).await?;
    let user: UserId = person.context("the bot knows this person")?.id;
    let new = NewNotice {
        plugin: "core".into(),
        web_path: "//evil.example".into(),
        ..NewNotice::new(user, key, text)
    };
    transaction!(app.database.db(), c => c.put_notice(&new).await)?;
    Ok::<_, DbError>(()).map_err(Into::into)
}

async fn json(client: &mut WebClient, method: Method, path: &str) -> Result<(StatusCode, Value)> {
    let csrf = client.csrf.clone().unwrap_or_default();
    let headers = [
        ("x-csrf-token", csrf.as_str()),
        ("content-type", "application/json"),
    ];
    let body = (method != Method::GET).then(|| "{}".to_string());
    let got = client.send(method, path, &headers, body).await?;
    let value = serde_json::from_str(&got.text).unwrap_or(Value::Null);
    Ok((got.status, value))
}

async fn a_list_holds_ones_own_and_the_navigation_counts_the_unread(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    let empty = lim.get("/notices").await?;
    ensure!(empty.text.contains("Nothing was told"), "{empty:?}");
    tell(&app, LIM, "one", "<b>First</b> &lt;img src=x&gt;").await?;
    tell(&app, LIM, "two", "Second").await?;
    tell(&app, ADA, "one", "Only for Ada").await?;
    let page = lim.get("/notices").await?;
    ensure!(page.text.contains("First &lt;img src=x&gt;"), "{page:?}");
    ensure!(
        !page.text.contains("Ada") && !page.text.contains("evil"),
        "{page:?}"
    );
    ensure!(page.text.contains("2 unread notices"), "{page:?}");
    let read = lim.post("/notices/1/read", &[("open", "1")]).await?;
    ensure!(
        read.location() == Some("/notices"),
        "nobody is led elsewhere: {read:?}"
    );
    let page = lim.get("/").await?;
    ensure!(page.text.contains("1 unread notice"), "{page:?}");
    let all = lim.post("/notices/read", &[]).await?;
    ensure!(all.location() == Some("/notices"), "{all:?}");
    let page = lim.get("/notices").await?;
    ensure!(
        page.text.contains("0 unread notices") && page.text.contains("First"),
        "{page:?}"
    );
    let ada = web.browser_of(ADA).await?.get("/").await?;
    ensure!(ada.text.contains("1 unread notice"), "{ada:?}");
    for bad in ["", "1,x", "x"] {
        let got = lim.post("/notices/shown", &[("ids", bad)]).await?;
        ensure!(got.status == StatusCode::BAD_REQUEST, "{bad}: {got:?}");
    }
    app.shutdown().await
}

async fn a_program_in_the_browser_lists_and_reads(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    for number in 0..5 {
        tell(
            &app,
            LIM,
            &format!("n{number}"),
            &format!("Number {number}"),
        )
        .await?;
    }
    tell(&app, ADA, "n", "Only for Ada").await?;
    let mut lim = web.browser_of(LIM).await?;
    let path = "/api/v1/notices";
    let (_, first) = json(&mut lim, Method::GET, &format!("{path}?limit=3")).await?;
    ensure!(first["items"][0]["text"] == "Number 4", "{first}");
    let next = first["next"].as_str().context("there are more")?;
    let rest = format!("{path}?limit=3&after={next}");
    let (_, rest) = json(&mut lim, Method::GET, &rest).await?;
    ensure!(
        rest["items"]
            .as_array()
            .is_some_and(|items| items.len() == 2),
        "{rest}"
    );
    ensure!(
        rest["next"] == Value::Null && rest["items"][0]["web_path"] == Value::Null,
        "{rest}"
    );
    let (status, _) = json(&mut lim, Method::POST, &format!("{path}/1/read")).await?;
    ensure!(status == StatusCode::NO_CONTENT, "{status}");
    let (_, unread) = json(&mut lim, Method::GET, &format!("{path}?which=unread")).await?;
    ensure!(
        unread["items"]
            .as_array()
            .is_some_and(|items| items.len() == 4),
        "{unread}"
    );
    // The last one is Ada's.
    let (status, _) = json(&mut lim, Method::POST, &format!("{path}/6/read")).await?;
    ensure!(status == StatusCode::NOT_FOUND, "{status}");
    let (_, all) = json(&mut lim, Method::POST, &format!("{path}/read")).await?;
    ensure!(all["read"] == 4, "{all}");
    let program = Program::of(&app, &web, LIM, &["core.status.view"]).await?;
    let got = program.get(path).await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        got.json
    );
    app.shutdown().await
}

async fn what_is_old_is_forgotten(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    for key in ["read long ago", "read now", "unread for ever", "unread"] {
        tell(&app, LIM, key, key).await?;
    }
    app.app.notices.wake();
    let open = "SELECT count(*) AS number FROM notices WHERE due_at IS NOT NULL";
    app.database.becomes(open, 0).await?;
    let day = 86_400_000_000_i64;
    let now = vahta_rows::Micros::now().0;
    for (id, read_at, created_at) in [
        (1, Some(now - 31 * day), now - 32 * day),
        (2, Some(now - 29 * day), now - 32 * day),
        (3, None, now - 181 * day),
        (4, None, now - 179 * day),
    ] {
        let read = read_at.map_or("NULL".to_string(), |at| at.to_string());
        let sql = format!(
            "UPDATE notices SET read_at = {read}, created_at = {created_at} WHERE id = {id}"
        );
        app.database.change(&sql).await?;
    }
    housekeeping::once(&app.app).await;
    let left = "SELECT key AS text FROM notices ORDER BY id";
    ensure!(app.database.texts(left).await? == ["read now", "unread"]);
    app.shutdown().await
}
