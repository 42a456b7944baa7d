//! What a role may, on its page.

use anyhow::{Result, ensure};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

stories![a_form_changes_what_was_changed_in_it_and_nothing_else];

async fn a_form_changes_what_was_changed_in_it_and_nothing_else(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let new = [
        ("name", "night"),
        ("key:task.view", "on"),
        ("key:task.create", "on"),
    ];
    ada.post("/roles", &new).await?;
    let keys = || async {
        let snapshot = app.app.access.snapshot();
        let role = snapshot.role("night").map(|role| role.keys.clone());
        role.map(|keys| keys.names().map(str::to_owned).collect::<Vec<_>>())
    };
    ensure!(keys().await == Some(vec!["task.create".into(), "task.view".into()]));
    // Somebody else takes a key away while this form is open …
    let taken = [
        ("had:task.view", ""),
        ("had:task.create", ""),
        ("key:task.view", "on"),
    ];
    ada.post("/roles/night", &taken).await?;
    ensure!(keys().await == Some(vec!["task.view".into()]));
    // … which does not give it back by being saved with another change.
    let stale = [
        ("had:task.view", ""),
        ("had:task.create", ""),
        ("key:task.view", "on"),
        ("key:task.create", "on"),
        ("key:task.complete", "on"),
    ];
    ada.post("/roles/night", &stale).await?;
    ensure!(keys().await == Some(vec!["task.complete".into(), "task.view".into()]));
    // What lost its fields on the way changes nothing.
    ada.post("/roles/night", &[]).await?;
    ensure!(keys().await == Some(vec!["task.complete".into(), "task.view".into()]));
    let page = ada.get("/roles").await?;
    ensure!(page.text.contains("name=\"had:task.complete\""), "{page:?}");
    app.shutdown().await
}
