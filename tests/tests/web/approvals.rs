//! Approvals for programs, and live: who sees what, deciding once, and being too late.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vahta_tests::stage::{ADA, GUS, LIM};
use vahta_tests::{Ground, Stage, TestApp, stories};

use crate::programs::Program;

stories![
    a_program_decides_once_and_is_told_what_is_true,
    a_key_decides_only_within_its_scopes,
    whoever_may_decide_hears_of_it_and_nobody_else,
    the_navigation_counts_what_waits,
];

async fn with_a_question(ground: Ground, title: &str) -> Result<TestApp> {
    let stage = Stage::on(ground).await?.with_plugins(&["asks"])?;
    let app = stage.start().await?;
    app.lim_is_operator().await?;
    app.gus().asks("/start").await?;
    app.lim().asks("/start").await?;
    app.idle().await?;
    app.lim().says(&format!("/request {title}")).await?;
    app.lim().sees("Asked for").await?;
    app.ada().finds_button("Approve").await?;
    Ok(app)
}

async fn a_program_decides_once_and_is_told_what_is_true(ground: Ground) -> Result<()> {
    let app = with_a_question(ground, "Ink").await?;
    let web = app.web().await?;
    let ada = Program::of(&app, &web, ADA, &["asks.decide"]).await?;
    let list = ada.get("/api/v1/approvals?which=to_decide").await?;
    ensure!(list.json["items"][0]["title"] == "Ink", "{}", list.json);
    ensure!(list.json["items"][0]["state"] == "open", "{}", list.json);
    let path = "/api/v1/approvals/1/reject";
    let headers = [("idempotency-key", "one")];
    let body = json!({ "reason": "too blue" }).to_string();
    for _ in 0..2 {
        // Sent again under its key: the same answer, and no second vote.
        let got = ada
            .send(Method::POST, path, &headers, Some(body.clone()))
            .await?;
        ensure!(got.status == StatusCode::OK, "{}", got.json);
        ensure!(got.json["state"] == "rejected", "{}", got.json);
    }
    app.lim()
        .sees("Ink: refused by Ada, because: too blue")
        .await?;
    let late = ada.post("/api/v1/approvals/1/approve", json!({})).await?;
    ensure!(late.status == StatusCode::CONFLICT, "{}", late.json);
    ensure!(late.json["now"]["state"] == "rejected", "{}", late.json);
    ensure!(late.json["now"]["name"] == "Ada", "{}", late.json);
    let one = ada.get("/api/v1/approvals/1").await?;
    ensure!(one.json["reason"] == "too blue", "{}", one.json);
    ensure!(one.json["votes"][0]["approves"] == false, "{}", one.json);
    let gone = ada
        .post("/api/v1/approvals/4711/approve", json!({}))
        .await?;
    ensure!(gone.status == StatusCode::NOT_FOUND, "{}", gone.json);
    app.shutdown().await
}

async fn a_key_decides_only_within_its_scopes(ground: Ground) -> Result<()> {
    let app = with_a_question(ground, "Paper").await?;
    let web = app.web().await?;
    let blind = Program::of(&app, &web, ADA, &["core.status.view"]).await?;
    let list = blind.get("/api/v1/approvals").await?;
    ensure!(list.json["items"] == json!([]), "{}", list.json);
    let got = blind.post("/api/v1/approvals/1/approve", json!({})).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{}", got.json);
    let looks = Program::of(&app, &web, ADA, &["core.approvals.view"]).await?;
    ensure!(looks.get("/api/v1/approvals/1").await?.status == StatusCode::OK);
    let got = looks.post("/api/v1/approvals/1/approve", json!({})).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{}", got.json);
    ensure!(got.json["permission"] == "asks.decide", "{}", got.json);
    app.shutdown().await
}

async fn whoever_may_decide_hears_of_it_and_nobody_else(ground: Ground) -> Result<()> {
    let app = with_a_question(ground, "Pens").await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let (lim, gus) = (web.browser_of(LIM).await?, web.browser_of(GUS).await?);
    let mut asker = lim.listen("approval.", None).await?;
    let mut guest = gus.listen("approval.,access.", None).await?;
    // Whoever may not see it cannot ask whether it is there.
    let mut nosy = web.browser_of(GUS).await?;
    for path in [
        "/approvals/1/approve",
        "/approvals/1/withdraw",
        "/approvals/99/approve",
    ] {
        let got = nosy.post(path, &[]).await?;
        ensure!(got.status == StatusCode::NOT_FOUND, "{path}: {got:?}");
    }
    let done = ada.post("/approvals/1/approve", &[]).await?;
    ensure!(done.status == StatusCode::SEE_OTHER, "{done:?}");
    let heard = asker.hears().await?;
    ensure!(heard.topic() == "approval.decided", "{heard:?}");
    ensure!(heard.object() == "approval:1", "{heard:?}");
    app.lim().sees("Pens: granted by Ada").await?;
    // Gus holds nothing: the first that he hears is about himself.
    app.ada().asks(&format!("/grant {GUS} operator")).await?;
    let heard = guest.hears().await?;
    ensure!(heard.event == "rights", "{heard:?}");
    app.shutdown().await
}

async fn the_navigation_counts_what_waits(ground: Ground) -> Result<()> {
    let app = with_a_question(ground, "Glue").await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let page = ada.get("/").await?;
    ensure!(page.text.contains("1 waits for you"), "{page:?}");
    let page = web.browser_of(LIM).await?.get("/approvals").await?;
    ensure!(
        !page.text.contains("waits for you"),
        "whoever asked does not decide"
    );
    ada.post("/approvals/1/approve", &[]).await?;
    let page = ada.get("/").await?;
    ensure!(!page.text.contains("waits for you"), "{page:?}");
    app.lim().sees("Glue: granted by Ada").await?;
    app.shutdown().await
}
