//! Strangers are let in when somebody wants that, and not before.

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use vahta_tests::stage::{ADA, GUS};
use vahta_tests::{Ground, Stage, stories};

stories![
    whoever_starts_gets_the_role_that_is_open_and_nobody_else,
    nobody_opens_more_than_they_hold,
];

async fn whoever_starts_gets_the_role_that_is_open_and_nobody_else(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let refused = app.gus().asks("/start").await?;
    ensure!(!refused.text.contains("Welcome"), "{}", refused.text);
    let done = ada
        .post("/settings/sign-up", &[("role", "operator")])
        .await?;
    ensure!(done.status == StatusCode::SEE_OTHER, "{done:?}");
    let page = ada.get("/settings").await?;
    ensure!(
        page.text.contains("value=\"operator\" selected"),
        "{page:?}"
    );
    // Anything else than asking to be let in is still refused; so is a group.
    app.gus().says("/tasks").await?;
    app.gus().says("/start").await?;
    app.gus()
        .sees("Welcome! You have the role operator")
        .await?;
    let grants = "SELECT count(*) AS number FROM grants WHERE role = 'operator'";
    ensure!(app.database.number(grants).await? == 1);
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action = 'access.sign_up'";
    ensure!(app.database.number(acts).await? == 1);
    // Whoever is in is greeted as before.
    app.gus().asks("/start").await?;
    ensure!(app.database.number(grants).await? == 1);

    ada.post("/settings/sign-up", &[("role", "")]).await?;
    let page = ada.get("/settings").await?;
    ensure!(page.text.contains("value=\"\" selected"), "{page:?}");
    ensure!(app.app.access.snapshot().sign_up().is_none());
    ensure!(web.browser_of(GUS).await?.get("/").await?.status == StatusCode::OK);
    app.shutdown().await
}

async fn nobody_opens_more_than_they_hold(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    for (role, status) in [
        ("admin", StatusCode::UNPROCESSABLE_ENTITY),
        ("guest", StatusCode::UNPROCESSABLE_ENTITY),
        ("nobody-of-that-name", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let got = ada.post("/settings/sign-up", &[("role", role)]).await?;
        ensure!(got.status == status, "{role}: {got:?}");
    }
    // A role that is gone closes the door.
    ada.post("/roles", &[("name", "night"), ("key:task.view", "on")])
        .await?;
    ada.post("/settings/sign-up", &[("role", "night")]).await?;
    ensure!(app.app.access.snapshot().sign_up() == Some("night"));
    ada.post("/roles/night/delete", &[]).await?;
    ensure!(app.app.access.snapshot().sign_up().is_none());
    let refused = app.gus().asks("/start").await?;
    ensure!(!refused.text.contains("Welcome"), "{}", refused.text);
    app.shutdown().await
}
