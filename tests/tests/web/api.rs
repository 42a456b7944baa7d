//! REST: what programs ask, and what they get.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

use crate::programs::Program;

stories![
    a_request_that_is_sent_again_runs_once,
    a_list_goes_on_without_gap_or_repeat,
    what_cannot_be_read_is_named,
    a_caller_in_a_hurry_is_told_when_to_come_back,
    a_session_needs_its_token_here_too,
    an_act_carries_its_requests_id,
    the_page_tries_an_operation_as_the_person,
];

const ROLES: &str = "core.roles.manage";

async fn a_request_that_is_sent_again_runs_once(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let program = Program::of(&app, &web, ADA, &[ROLES, "core.users.manage"]).await?;
    let make = async |key: &str, body: Value| {
        let headers = [("idempotency-key", key)];
        program
            .send(
                Method::POST,
                "/api/v1/roles",
                &headers,
                Some(body.to_string()),
            )
            .await
    };
    let first = make("one", json!({ "name": "night" })).await?;
    ensure!(first.status == StatusCode::CREATED, "{}", first.json);
    let again = make("one", json!({ "name": "night" })).await?;
    ensure!(
        again.status == StatusCode::CREATED && again.json == first.json,
        "{}",
        again.json
    );
    let other = make("one", json!({ "name": "day" })).await?;
    ensure!(
        other.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        other.json
    );
    // A failed one may be tried again under its key.
    let refused = make("two", json!({ "name": "night" })).await?;
    ensure!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.json
    );
    let (a, b) = tokio::join!(
        make("three", json!({ "name": "dusk" })),
        make("three", json!({ "name": "dusk" }))
    );
    let mut statuses = [a?.status.as_u16(), b?.status.as_u16()];
    statuses.sort_unstable();
    ensure!(matches!(statuses, [201, 201] | [201, 409]), "{statuses:?}");
    let acts =
        "SELECT count(*) AS number FROM audit_log WHERE object IN ('role:night', 'role:dusk')";
    ensure!(app.database.number(acts).await? == 2);
    // What is shown once is not kept for the second time.
    let headers = [("idempotency-key", "four")];
    let body = json!({ "role": "night" }).to_string();
    let invite = program
        .send(
            Method::POST,
            "/api/v1/invites",
            &headers,
            Some(body.clone()),
        )
        .await?;
    let link = invite.json["link"].as_str().context("a link")?.to_owned();
    let again = program
        .send(Method::POST, "/api/v1/invites", &headers, Some(body))
        .await?;
    ensure!(
        again.json["link"].is_null() && again.json["id"] == invite.json["id"],
        "{}",
        again.json
    );
    let token = link.rsplit('=').next().unwrap_or_default();
    ensure!(!app.database.holds(token).await?);
    app.shutdown().await
}

async fn a_list_goes_on_without_gap_or_repeat(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let program = Program::of(&app, &web, ADA, &[ROLES, "core.audit.view"]).await?;
    for n in 0..7 {
        program
            .post("/api/v1/roles", json!({ "name": format!("r{n}") }))
            .await?;
    }
    let mut path = "/api/v1/audit?limit=3&action=role".to_owned();
    let mut ids = Vec::new();
    loop {
        let got = program.get(&path).await?;
        ensure!(got.status == StatusCode::OK, "{}", got.json);
        let items = got.json["items"].as_array().context("items")?;
        ids.extend(items.iter().filter_map(|item| item["id"].as_i64()));
        let Some(link) = got.headers.get("link") else {
            ensure!(got.json["next"].is_null());
            break;
        };
        let link = link.to_str()?;
        let target = link
            .strip_prefix('<')
            .and_then(|rest| rest.split('>').next());
        path = target.context("a target")?.to_owned();
    }
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action LIKE 'role.%'";
    let all = app.database.number(acts).await?;
    ensure!(
        ids.len() as i64 == all && ids.windows(2).all(|pair| pair[0] > pair[1]),
        "{ids:?} of {all}"
    );
    app.shutdown().await
}

async fn what_cannot_be_read_is_named(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let program = Program::of(&app, &web, ADA, &[ROLES, "core.users.view"]).await?;
    let bad = StatusCode::BAD_REQUEST;
    let got = program
        .post("/api/v1/roles", json!({ "name": "x", "colour": 1 }))
        .await?;
    ensure!(
        got.status == bad && got.json["detail"].to_string().contains("colour"),
        "{}",
        got.json
    );
    ensure!(got.headers["content-type"] == "application/problem+json");
    let got = program.get("/api/v1/users?colour=1").await?;
    ensure!(
        got.status == bad && got.json["detail"].to_string().contains("colour"),
        "{}",
        got.json
    );
    let got = program.get("/api/v1/users?limit=1000").await?;
    ensure!(got.status == bad, "{}", got.json);
    let got = program
        .post("/api/v1/roles", json!({ "name": "a\u{0}" }))
        .await?;
    ensure!(got.status == bad, "{}", got.json);
    let got = program.get("/api/v1/nothing").await?;
    ensure!(
        got.status == StatusCode::NOT_FOUND && got.json["request_id"].is_string(),
        "{}",
        got.json
    );
    let got = program
        .send(Method::PUT, "/api/v1/users", &[], None)
        .await?;
    ensure!(got.status == StatusCode::METHOD_NOT_ALLOWED && got.headers["allow"] == "GET");
    app.shutdown().await
}

async fn a_caller_in_a_hurry_is_told_when_to_come_back(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let program = Program::of(&app, &web, ADA, &[ROLES]).await?;
    let first = program.get("/api/v1/permissions").await?;
    ensure!(
        first.headers.contains_key("ratelimit-remaining"),
        "{:?}",
        first.headers
    );
    let mut refused = None;
    for _ in 0..1_000 {
        let all = (0..32).map(|_| program.get("/api/v1/permissions"));
        let got = futures::future::try_join_all(all).await?;
        refused = got
            .into_iter()
            .find(|got| got.status == StatusCode::TOO_MANY_REQUESTS);
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.context("nobody was slowed down")?;
    ensure!(
        refused.headers.contains_key("retry-after"),
        "{:?}",
        refused.headers
    );
    // Somebody else is not slowed down by it.
    let other = Program::of(&app, &web, ADA, &[ROLES]).await?;
    ensure!(other.get("/api/v1/permissions").await?.status == StatusCode::OK);
    app.shutdown().await
}

async fn a_session_needs_its_token_here_too(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let csrf = ada.csrf.clone().context("a token")?;
    let kind = ("content-type", "application/json");
    let body = json!({ "name": "night" }).to_string();
    let got = ada
        .send(Method::POST, "/api/v1/roles", &[kind], Some(body.clone()))
        .await?;
    ensure!(
        got.status == StatusCode::FORBIDDEN && got.text.contains("problem:csrf"),
        "{got:?}"
    );
    let headers = [kind, ("x-csrf-token", csrf.as_str())];
    let got = ada
        .send(Method::POST, "/api/v1/roles", &headers, Some(body))
        .await?;
    ensure!(got.status == StatusCode::CREATED, "{got:?}");
    app.shutdown().await
}

async fn an_act_carries_its_requests_id(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let program = Program::of(&app, &web, ADA, &[ROLES]).await?;
    let got = program
        .post("/api/v1/roles", json!({ "name": "night" }))
        .await?;
    let id = got.headers["x-request-id"].to_str()?;
    let row =
        "SELECT source || ' ' || correlation AS text FROM audit_log WHERE object = 'role:night'";
    ensure!(app.database.texts(row).await? == [format!("api api:{id}")]);
    app.shutdown().await
}

async fn the_page_tries_an_operation_as_the_person(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let page = ada.get("/api").await?;
    ensure!(
        page.text.contains("/api/v1/users/{id}/block"),
        "{}",
        page.text
    );
    let body = r#"{"name":"night"}"#;
    let got = ada
        .post("/api", &[("operation", "post_roles"), ("body", body)])
        .await?;
    ensure!(got.text.contains("201 Created"), "{}", got.text);
    ensure!(app.app.access.snapshot().role("night").is_some());
    let got = ada
        .post("/api", &[("operation", "get_users_id"), ("in-id", "1")])
        .await?;
    ensure!(got.text.contains("200 OK"), "{}", got.text);
    app.shutdown().await
}
