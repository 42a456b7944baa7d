//! What plugins show and answer on the site, through the real border.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, StatusCode};
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_page_of_a_plugin_stands_in_the_frame_and_takes_forms,
    who_lacks_the_permission_is_told_which,
    an_api_route_answers_json_and_problems,
    what_is_public_needs_nobody,
    a_plugin_that_fails_or_is_away_gets_a_page_of_its_own,
];

async fn with_pages(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground)
        .await?
        .with_plugins(&["pages"])?
        .start()
        .await?;
    app.ada().asks("/whoami").await?;
    // Her name is written down with the log rows, shortly after the answer.
    app.idle().await?;
    Ok(app)
}

async fn a_page_of_a_plugin_stands_in_the_frame_and_takes_forms(ground: Ground) -> Result<()> {
    let app = with_pages(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let got = ada.get("/p/pages").await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    ensure!(
        got.text.contains("Hello, Ada") && got.text.contains("<nav"),
        "{got:?}"
    );
    ensure!(got.text.contains("data-live=\"pages.\""), "{got:?}");
    let got = ada.post("/p/pages", &[("line", "<b>first</b>")]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    ensure!(got.location() == Some("/p/pages"), "{got:?}");
    let got = ada.get("/p/pages").await?;
    ensure!(got.text.contains("&lt;b&gt;first"), "{got:?}");
    let got = ada.get("/p/pages/0").await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    for nothing in ["/p/pages/7", "/p/pages/x", "/p/pages/0/1", "/p/nobody"] {
        let got = ada.get(nothing).await?;
        ensure!(got.status == StatusCode::NOT_FOUND, "{nothing}: {got:?}");
    }
    let token = ada.csrf.take();
    let got = ada.post("/p/pages", &[("line", "forged")]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    ada.csrf = token;
    let got = ada.post("/p/pages", &[("line", " ")]).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(got.text.contains("Write something first."), "{got:?}");
    app.shutdown().await
}

async fn who_lacks_the_permission_is_told_which(ground: Ground) -> Result<()> {
    let app = with_pages(ground).await?;
    app.lim_is_operator().await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    let got = lim.get("/p/pages").await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    ensure!(!got.text.contains("Write"), "no form for readers: {got:?}");
    let got = lim.post("/p/pages", &[("line", "x")]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    ensure!(got.text.contains("pages.write"), "{got:?}");
    app.ada().asks(&format!("/revoke {LIM} operator")).await?;
    let got = lim.get("/p/pages").await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "at once: {got:?}");
    app.shutdown().await
}

async fn an_api_route_answers_json_and_problems(ground: Ground) -> Result<()> {
    let app = with_pages(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let token = ada.csrf.clone().context("a token")?;
    let kind = ("content-type", "application/json");
    let headers = [kind, ("x-csrf-token", token.as_str())];
    let path = "/api/v1/p/pages/lines";
    let body = Some("\"second\"".to_owned());
    let got = ada.send(Method::POST, path, &headers, body).await?;
    ensure!(got.status == StatusCode::OK && got.text == "1", "{got:?}");
    let got = ada.get(path).await?;
    ensure!(got.text == "[\"second\"]", "{got:?}");
    let body = Some("{broken".to_owned());
    let got = ada.send(Method::POST, path, &headers, body).await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    ensure!(got.text.contains("urn:vahta:problem:bad"), "{got:?}");
    let got = ada.send(Method::DELETE, path, &headers, None).await?;
    ensure!(got.status == StatusCode::METHOD_NOT_ALLOWED, "{got:?}");
    let mut stranger = web.stranger()?;
    let got = stranger.get(path).await?;
    ensure!(got.status == StatusCode::UNAUTHORIZED, "{got:?}");
    app.shutdown().await
}

async fn what_is_public_needs_nobody(ground: Ground) -> Result<()> {
    let app = with_pages(ground).await?;
    let web = app.web().await?;
    let got = web.stranger()?.get("/pub/pages/hello").await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    ensure!(got.text.contains("whoever you are"), "{got:?}");
    // A page is not public because its address is spelled that way.
    let got = web.stranger()?.get("/pub/pages/lines").await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    app.shutdown().await
}

async fn a_plugin_that_fails_or_is_away_gets_a_page_of_its_own(ground: Ground) -> Result<()> {
    let mut app = with_pages(ground).await?;
    app.expect("asked for");
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let got = ada.post("/p/pages", &[("line", "panic")]).await?;
    ensure!(got.status == StatusCode::BAD_GATEWAY, "{got:?}");
    ensure!(!got.text.contains("asked for"), "no inside shows: {got:?}");
    app.ada().asks("/plugin pages disable").await?;
    let got = ada.get("/p/pages").await?;
    ensure!(got.status == StatusCode::SERVICE_UNAVAILABLE, "{got:?}");
    ensure!(got.headers.contains_key("retry-after"), "{got:?}");
    app.shutdown().await
}
