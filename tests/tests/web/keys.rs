//! Keys of programs.

use anyhow::{Context as _, Result, ensure};
use bot_core::accounts::api_keys::KeyError;
use bot_core::accounts::sessions::{Browser, Login};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::{Ground, Stage, stories};

use crate::programs::{Program, key_of};

stories![
    a_key_is_shown_once_works_within_its_scopes_and_ends_when_revoked,
    a_key_loses_what_its_owner_loses,
    an_expired_key_is_nobody,
    nobody_makes_a_key_for_more_than_they_hold,
    a_key_hands_on_no_more_than_its_scopes,
    making_a_key_takes_a_fresh_login_and_no_mini_app,
];

async fn a_key_is_shown_once_works_within_its_scopes_and_ends_when_revoked(
    ground: Ground,
) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let fields = [
        ("name", "backup"),
        ("days", "30"),
        ("scope", "core.status.view"),
    ];
    let got = ada.post("/keys", &fields).await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    let (_, rest) = got
        .text
        .split_once("<code class=\"secret\">")
        .context("the key is shown")?;
    let key = rest.split('<').next().unwrap_or_default().to_owned();
    let page = ada.get("/keys").await?;
    ensure!(
        page.text.contains("backup") && !page.text.contains(&key),
        "{}",
        page.text
    );
    let secret = key.rsplit('_').next().unwrap_or_default();
    ensure!(!app.database.holds(secret).await?, "only a hash is kept");

    let program = Program::new(&web, &key);
    let got = program.get("/api/v1/status").await?;
    ensure!(got.status == StatusCode::OK, "{}", got.json);
    let got = program.get("/api/v1/users").await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{}", got.json);
    ensure!(got.json["permission"] == "core.users.view", "{}", got.json);
    let used = "SELECT count(*) AS number FROM api_keys WHERE used_at IS NOT NULL";
    ensure!(app.database.number(used).await? == 1);
    // No page takes a key.
    let got = program.get("/sessions").await?;
    ensure!(
        got.json
            .as_str()
            .is_some_and(|text| !text.contains("a story"))
    );

    let id = key.split('_').nth(1).unwrap_or_default();
    ada.post("/keys/revoke", &[("key", id)]).await?;
    let got = program.get("/api/v1/status").await?;
    ensure!(got.status == StatusCode::UNAUTHORIZED, "{}", got.json);
    let acts = "SELECT action AS text FROM audit_log WHERE action LIKE 'key.%' ORDER BY id";
    ensure!(app.database.texts(acts).await? == ["key.create", "key.revoke"]);
    app.shutdown().await
}

async fn a_key_loses_what_its_owner_loses(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    let program = Program::of(&app, &web, LIM, &["core.status.view"]).await?;
    ensure!(program.get("/api/v1/status").await?.status == StatusCode::OK);
    app.ada().asks("/revoke 1002 operator").await?;
    ensure!(program.get("/api/v1/status").await?.status == StatusCode::FORBIDDEN);
    app.ada().asks("/grant 1002 operator").await?;
    ensure!(program.get("/api/v1/status").await?.status == StatusCode::OK);
    app.ada().asks("/block 1002").await?;
    ensure!(program.get("/api/v1/status").await?.status == StatusCode::UNAUTHORIZED);
    // Not even later: the block revoked it.
    app.ada().asks("/unblock 1002").await?;
    ensure!(program.get("/api/v1/status").await?.status == StatusCode::UNAUTHORIZED);
    let revoked = "SELECT count(*) AS number FROM api_keys WHERE revoked_at IS NOT NULL";
    ensure!(app.database.number(revoked).await? == 1);
    let fresh = Program::of(&app, &web, LIM, &["core.status.view"]).await?;
    ensure!(fresh.get("/api/v1/status").await?.status == StatusCode::OK);
    app.shutdown().await
}

async fn an_expired_key_is_nobody(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let program = Program::of(&app, &web, ADA, &["core.status.view"]).await?;
    ensure!(program.get("/api/v1/status").await?.status == StatusCode::OK);
    let wrong = program.key.clone() + "x";
    let got = Program::new(&web, &wrong).get("/api/v1/status").await?;
    ensure!(got.status == StatusCode::UNAUTHORIZED, "{}", got.json);
    app.database
        .change("UPDATE api_keys SET expires_at = 1")
        .await?;
    ensure!(program.get("/api/v1/status").await?.status == StatusCode::UNAUTHORIZED);
    app.shutdown().await
}

async fn nobody_makes_a_key_for_more_than_they_hold(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    for scopes in [&["core.users.manage"][..], &["*"], &[]] {
        let made = key_of(&app, LIM, scopes).await;
        let error = made.err().context("it is refused")?;
        let expected = error.downcast_ref::<KeyError>();
        ensure!(
            matches!(expected, Some(KeyError::NotYours(_) | KeyError::NoScope)),
            "{error}"
        );
    }
    // A key makes no keys.
    let program = Program::of(&app, &web, LIM, &["core.status.view"]).await?;
    let wanted = json!({ "name": "more", "scopes": ["core.status.view"], "days": 365 });
    let got = program.post("/api/v1/keys", wanted).await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        got.json
    );
    app.shutdown().await
}

async fn a_key_hands_on_no_more_than_its_scopes(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    let lim = app
        .app
        .access
        .find(&bot_core::access::Who::Telegram(LIM))
        .await?;
    let lim = lim.context("Lim is known")?.id;
    let scopes = ["core.users.manage", "core.roles.manage", "core.users.view"];
    let program = Program::of(&app, &web, ADA, &scopes).await?;
    let path = format!("/api/v1/users/{lim}/grants");
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let got = program.post(&path, json!({ "role": "admin" })).await?;
    ensure!(got.status == refused, "{}", got.json);
    let got = program
        .post("/api/v1/invites", json!({ "role": "admin" }))
        .await?;
    ensure!(got.status == refused, "{}", got.json);
    let role = json!({ "name": "shadow", "permissions": ["core.audit.view"] });
    let got = program.post("/api/v1/roles", role).await?;
    ensure!(got.status == refused, "{}", got.json);
    let role = json!({ "name": "shadow", "permissions": ["core.users.view"] });
    let got = program.post("/api/v1/roles", role).await?;
    ensure!(got.status == StatusCode::CREATED, "{}", got.json);
    let got = program.post(&path, json!({ "role": "shadow" })).await?;
    ensure!(
        got.status == StatusCode::OK && got.json["changed"] == true,
        "{}",
        got.json
    );
    app.shutdown().await
}

async fn making_a_key_takes_a_fresh_login_and_no_mini_app(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    ensure!(ada.get("/keys").await?.text.contains("Make a key"));
    let long_ago = "UPDATE web_sessions SET created_at = created_at - 960000000";
    app.database.change(long_ago).await?;
    let page = ada.get("/keys").await?;
    ensure!(
        page.text.contains("log in again first") && !page.text.contains("Make a key"),
        "{}",
        page.text
    );
    let fields = [
        ("name", "backup"),
        ("days", "30"),
        ("scope", "core.status.view"),
    ];
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let got = ada.post("/keys", &fields).await?;
    ensure!(got.status == refused, "{got:?}");
    let wanted = json!({ "name": "more", "scopes": ["core.status.view"], "days": 30 });
    let csrf = ada.csrf.clone().context("a token")?;
    let headers = [
        ("content-type", "application/json"),
        ("x-csrf-token", csrf.as_str()),
    ];
    let path = "/api/v1/keys";
    let body = Some(wanted.to_string());
    let got = ada.send(Method::POST, path, &headers, body).await?;
    ensure!(got.status == refused, "{got:?}");
    let person = bot_core::access::Who::Telegram(ADA);
    let person = app
        .app
        .access
        .find(&person)
        .await?
        .context("Ada is known")?;
    let browser = Browser::default();
    let accounts = &app.app.accounts;
    let token = accounts
        .open_session(person.id, Login::MiniApp, &browser)
        .await?;
    let page = Program::new(&web, token.expose());
    ensure!(page.get(path).await?.status == StatusCode::OK);
    let got = page.post(path, wanted).await?;
    ensure!(got.status == refused, "{}", got.json);
    let keys = "SELECT count(*) AS number FROM api_keys";
    ensure!(app.database.number(keys).await? == 0);
    app.shutdown().await
}
