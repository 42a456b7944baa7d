//! Who is logged in, and until when.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

stories![
    a_stranger_is_sent_to_the_login_and_back,
    a_form_without_its_token_changes_nothing,
    whoever_logs_out_is_out,
    a_blocked_person_is_nobody_at_once,
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
    app.shutdown().await
}
