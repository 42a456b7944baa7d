//! Who is logged in, and until when.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::access::{By, Who, no_replies};
use reqwest::{Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

use crate::programs::Program;

stories![
    a_body_that_stops_coming_is_given_up,
    one_of_many_behind_a_proxy_cannot_take_everything,
    a_browser_that_hangs_up_leaves_nothing_half_done,
    a_stranger_is_sent_to_the_login_and_back,
    a_form_without_its_token_changes_nothing,
    whoever_logs_out_is_out,
    a_blocked_person_is_nobody_at_once,
    somebody_ends_all_sessions_but_their_own,
    an_admin_ends_somebodys_sessions,
    a_session_ends_when_nobody_uses_it_and_when_it_is_old,
    ended_sessions_are_forgotten_after_a_month,
    nobody_ends_sessions_or_lifts_a_block_of_somebody_with_more,
    an_open_page_does_not_keep_its_session,
];

async fn a_stranger_is_sent_to_the_login_and_back(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut stranger = web.stranger()?;
    let got = stranger.get("/users?page=2").await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    let login = "/login?back=%2Fusers%3Fpage%3D2";
    ensure!(got.location() == Some(login), "{got:?}");
    let json = [("accept", "application/json")];
    let got = stranger.send(Method::GET, "/users", &json, None).await?;
    ensure!(got.status == StatusCode::UNAUTHORIZED, "{got:?}");
    ensure!(got.text.contains("urn:vahta:problem:login"), "{got:?}");
    app.shutdown().await
}

async fn a_form_without_its_token_changes_nothing(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let token = ada.csrf.take();
    let got = ada.post("/logout", &[]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    ada.csrf = Some("x".repeat(43));
    let got = ada.post("/logout", &[]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    let foreign = [("sec-fetch-site", "cross-site")];
    let got = ada.send(Method::POST, "/logout", &foreign, None).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    ensure!(ada.get("/sessions").await?.status == StatusCode::OK);
    ensure!(token.is_some());
    app.shutdown().await
}

async fn whoever_logs_out_is_out(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let cookie = ada.cookie.clone();
    let got = ada.post("/logout", &[]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    ensure!(ada.cookie.is_none(), "the cookie is taken away");
    ada.cookie = cookie;
    let got = ada.get("/sessions").await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.shutdown().await
}

async fn a_blocked_person_is_nobody_at_once(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    let mut lim = web.browser_of(vahta_tests::stage::LIM).await?;
    app.ada().asks("/block 1002").await?;
    let got = lim.get("/sessions").await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    // Not even later, with the old cookie.
    app.ada().asks("/unblock 1002").await?;
    let got = lim.get("/sessions").await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.shutdown().await
}

async fn somebody_ends_all_sessions_but_their_own(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut here = web.browser_of(ADA).await?;
    let (mut there, mut elsewhere) = (web.browser_of(ADA).await?, web.browser_of(ADA).await?);
    let got = here.get("/sessions").await?;
    ensure!(got.text.contains("End all others"), "{got:?}");
    here.post("/sessions/end-others", &[]).await?;
    for gone in [&mut there, &mut elsewhere] {
        ensure!(gone.get("/sessions").await?.status == StatusCode::SEE_OTHER);
    }
    let got = here.get("/sessions").await?;
    ensure!(
        got.status == StatusCode::OK && !got.text.contains("End all others"),
        "{got:?}"
    );
    app.shutdown().await
}

async fn an_admin_ends_somebodys_sessions(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    let lim_id = app
        .app
        .access
        .find(&bot_core::access::Who::Telegram(1002))
        .await?;
    let path = format!("/users/{}/sessions", lim_id.map_or(0, |lim| lim.id.0));
    let (mut ada, mut lim) = (web.browser_of(ADA).await?, web.browser_of(1002).await?);
    ensure!(lim.get(&path).await?.status == StatusCode::FORBIDDEN);
    let got = lim.post(&format!("{path}/end"), &[]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    // Never seen, so nameless.
    ensure!(ada.get(&path).await?.text.contains("Where 1002 is"));
    lim_was_here(&app).await?;
    ensure!(ada.get(&path).await?.text.contains("Where Lim is"));
    let ends = app.app.accounts.ends();
    ada.post(&format!("{path}/end"), &[]).await?;
    ensure!(ends.has_changed()?, "streams are told");
    ensure!(lim.get("/sessions").await?.status == StatusCode::SEE_OTHER);
    let acts = "SELECT detail AS text FROM audit_log WHERE action = 'session.end'";
    ensure!(app.database.texts(acts).await? == [r#"{"all":true,"ended":1}"#]);
    ensure!(ada.get("/users/999999/sessions").await?.status == StatusCode::NOT_FOUND);
    app.shutdown().await
}

async fn lim_was_here(app: &vahta_tests::TestApp) -> Result<()> {
    app.lim().asks("/whoami").await?;
    app.idle().await
}

async fn a_session_ends_when_nobody_uses_it_and_when_it_is_old(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    for change in [
        "UPDATE web_sessions SET seen_at = seen_at - 43201000000",
        "UPDATE web_sessions SET expires_at = 1",
    ] {
        let mut ada = web.browser_of(ADA).await?;
        app.database.change(change).await?;
        ensure!(ada.get("/sessions").await?.status == StatusCode::SEE_OTHER);
    }
    app.shutdown().await
}

async fn ended_sessions_are_forgotten_after_a_month(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    web.browser_of(ADA).await?;
    ada.post("/logout", &[]).await?;
    let count = "SELECT count(*) AS number FROM web_sessions";
    bot_core::housekeeping::once(&app.app).await;
    ensure!(app.database.number(count).await? == 2);
    let month = "UPDATE web_sessions SET ended_at = ended_at - 2678400000000";
    app.database.change(month).await?;
    bot_core::housekeeping::once(&app.app).await;
    ensure!(app.database.number(count).await? == 1, "the open one stays");
    app.shutdown().await
}

async fn a_browser_that_hangs_up_leaves_nothing_half_done(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    // The server says of each that its client left.
    app.expect("connection");
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let host = web.url("").replace("http://", "");
    let mut left = Vec::new();
    for _ in 0..10 {
        let ada = web.browser_of(ADA).await?;
        let (cookie, csrf) = (
            ada.cookie.clone().context("a cookie")?,
            ada.csrf.clone().context("a token")?,
        );
        let request = format!(
            "POST /logout HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\
             x-csrf-token: {csrf}\r\ncontent-length: 0\r\n\r\n"
        );
        let mut stream = tokio::net::TcpStream::connect(&host).await?;
        stream.write_all(request.as_bytes()).await?;
        drop(stream);
        left.push(ada);
    }
    // Each was wholly done or not begun: whoever is still logged in can log out now.
    for mut ada in left {
        let status = ada.get("/sessions").await?.status;
        if status == StatusCode::OK {
            let got = ada.post("/logout", &[]).await?;
            ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
        } else {
            ensure!(status == StatusCode::SEE_OTHER, "{status}");
        }
    }
    // No transaction was left open: whoever writes next is not kept waiting.
    app.ada().asks("/role create night task.view").await?;
    app.shutdown().await
}

async fn nobody_ends_sessions_or_lifts_a_block_of_somebody_with_more(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    for person in [app.ada(), app.lim(), app.gus()] {
        person.asks("/start").await?;
    }
    let console = By {
        user: None,
        source: "cli",
        correlation: "story".into(),
        instance: app.app.instance,
    };
    let access = &app.app.access;
    let keys = [
        "core.sessions.manage",
        "core.users.manage",
        "core.users.view",
    ];
    let keys: Vec<String> = keys.map(String::from).to_vec();
    access
        .create_role("keeper", &keys, &console, &no_replies)
        .await?;
    app.ada().asks("/grant 1002 keeper").await?;
    app.ada().asks("/grant 1003 admin").await?;
    let id = async |telegram| {
        let found = access.find(&Who::Telegram(telegram)).await?;
        anyhow::Ok(found.context("the bot knows this person")?.id)
    };
    let (ada_id, gus_id) = (id(ADA).await?, id(1003).await?);
    let (mut ada, mut lim) = (web.browser_of(ADA).await?, web.browser_of(1002).await?);
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let got = lim
        .post(&format!("/users/{ada_id}/sessions/end"), &[])
        .await?;
    ensure!(got.status == refused, "{got:?}");
    // A key of the admin holds no more than its scopes.
    for owner in [1002, ADA] {
        let program = Program::of(&app, &web, owner, &["core.sessions.manage"]).await?;
        let path = format!("/api/v1/users/{gus_id}/sessions");
        let got = program.send(Method::DELETE, &path, &[], None).await?;
        ensure!(got.status == refused, "{owner}: {}", got.json);
    }
    ensure!(ada.get("/sessions").await?.status == StatusCode::OK);
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action = 'session.end'";
    ensure!(app.database.number(acts).await? == 0);
    // One's own end without that.
    let lim_id = id(1002).await?;
    let own = format!("/users/{lim_id}/sessions/end");
    let mut elsewhere = web.browser_of(1002).await?;
    ensure!(elsewhere.post(&own, &[]).await?.status == StatusCode::SEE_OTHER);
    let mut lim = web.browser_of(1002).await?;

    access.block(gus_id, "", &console, &no_replies).await?;
    let got = lim.post(&format!("/users/{gus_id}/unblock"), &[]).await?;
    ensure!(got.status == refused, "{got:?}");
    let program = Program::of(&app, &web, ADA, &["core.users.manage"]).await?;
    let path = format!("/api/v1/users/{gus_id}/unblock");
    let got = program.post(&path, serde_json::json!({})).await?;
    ensure!(got.status == refused, "{}", got.json);
    let blocked = access.find(&Who::User(gus_id)).await?;
    ensure!(blocked.is_some_and(|gus| gus.blocked.is_some()));
    let got = ada.post(&format!("/users/{gus_id}/unblock"), &[]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.shutdown().await
}

async fn an_open_page_does_not_keep_its_session(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let hour = "UPDATE web_sessions SET seen_at = seen_at - 3600000000";
    app.database.change(hour).await?;
    let seen = "SELECT seen_at AS number FROM web_sessions";
    let before = app.database.number(seen).await?;
    let by_itself = [("x-fragment", "main")];
    let got = ada.send(Method::GET, "/sessions", &by_itself, None).await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    ensure!(app.database.number(seen).await? == before);
    ada.get("/sessions").await?;
    ensure!(app.database.number(seen).await? > before);
    app.shutdown().await
}

async fn a_body_that_stops_coming_is_given_up(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("connection");
    let limits = admin_web::Limits {
        body: Duration::from_millis(200),
        ..admin_web::Limits::default()
    };
    let web = app.web_within(limits).await?;
    let host = web.url("").replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(&host).await?;
    let begun = format!(
        "POST /login/password HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 99\r\n\r\nabc"
    );
    stream.write_all(begun.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    ensure!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    app.shutdown().await
}

async fn one_of_many_behind_a_proxy_cannot_take_everything(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground)
        .await?
        .with("VAHTA_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await?;
    // A client that goes away in the middle of its stream is the story.
    app.expect("server connection error");
    let limits = admin_web::Limits {
        per_address: 3,
        ..admin_web::Limits::default()
    };
    let web = app.web_within(limits).await?;
    app.ada().asks("/whoami").await?;
    let mut greedy = web.browser_of(ADA).await?;
    greedy.from = Some("192.0.2.1".into());
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(greedy.listen("", None).await?);
    }
    let got = greedy.get("/sessions").await?;
    ensure!(got.status == StatusCode::TOO_MANY_REQUESTS, "{got:?}");
    ensure!(got.headers.contains_key("retry-after"), "{got:?}");
    // What it says of itself counts for nothing; others behind the same proxy are not concerned.
    greedy.from = Some("203.0.113.9, 192.0.2.1".into());
    let got = greedy.get("/sessions").await?;
    ensure!(got.status == StatusCode::TOO_MANY_REQUESTS, "{got:?}");
    let mut other = web.browser_of(ADA).await?;
    other.from = Some("192.0.2.2".into());
    ensure!(other.get("/sessions").await?.status == StatusCode::OK);
    // A place is free as soon as a stream has ended.
    drop(streams);
    let mut last = got;
    for _ in 0..200 {
        last = greedy.get("/sessions").await?;
        if last.status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ensure!(last.status == StatusCode::OK, "{last:?}");
    app.shutdown().await
}
