//! In with what Telegram signed.

use anyhow::{Context as _, Result, ensure};
use bot_core::accounts::telegram;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_rows::Micros;
use vahta_tests::stage::{ADA, GUS};
use vahta_tests::web::{Got, WebClient};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_mini_app_logs_in_with_what_telegram_signed,
    only_the_mini_app_can_be_framed,
    the_login_widget_logs_in_after_a_question,
];

fn seconds_ago(seconds: i64) -> String {
    (Micros::now().0 / 1_000_000 - seconds).to_string()
}

fn init_data(app: &TestApp, id: i64, at: &str) -> String {
    let user = json!({ "id": id, "first_name": "Somebody" }).to_string();
    let fields = [
        ("user", user.as_str()),
        ("auth_date", at),
        ("signature", "x"),
    ];
    telegram::sign_mini_app(&fields, &app.app.config.telegram.token)
}

async fn send(client: &mut WebClient, data: &str) -> Result<Got> {
    let body = json!({ "initData": data }).to_string();
    let headers = [("accept", "application/json")];
    client
        .send(Method::POST, "/mini-app/login", &headers, Some(body))
        .await
}

async fn a_mini_app_logs_in_with_what_telegram_signed(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut page = web.stranger()?;
    let data = init_data(&app, ADA, &seconds_ago(5));
    let got = send(&mut page, &data).await?;
    ensure!(
        got.status == StatusCode::OK && page.cookie.is_none(),
        "{got:?}"
    );
    let said: Value = serde_json::from_str(&got.text)?;
    let token = said["token"].as_str().context("a token")?.to_owned();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-fragment", "main")];
    let got = page.send(Method::GET, "/sessions", &headers, None).await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    ensure!(
        !got.text.contains("<html") && got.text.contains("in Telegram"),
        "{got:?}"
    );
    // In a cookie it is nothing, and a browser's cookie is nothing in the header.
    page.cookie = Some(format!("__Host-vahta={token}"));
    ensure!(page.get("/sessions").await?.status == StatusCode::SEE_OTHER);
    let ada = web.browser_of(ADA).await?;
    let cookie = ada
        .cookie
        .context("a cookie")?
        .replace("__Host-vahta=", "Bearer ");
    let headers = [("authorization", cookie.as_str())];
    let mut other = web.stranger()?;
    let got = other.send(Method::GET, "/sessions", &headers, None).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");

    let old = init_data(&app, ADA, &seconds_ago(25 * 3600));
    let future = init_data(&app, ADA, &seconds_ago(-600));
    let forged = init_data(&app, GUS, &seconds_ago(5)).replace(&GUS.to_string(), &ADA.to_string());
    for (name, data) in [
        ("used", &data),
        ("old", &old),
        ("future", &future),
        ("forged", &forged),
    ] {
        let got = send(&mut other, data).await?;
        ensure!(got.status == StatusCode::UNAUTHORIZED, "{name}: {got:?}");
    }
    let got = send(&mut other, &init_data(&app, GUS, &seconds_ago(1))).await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY,
        "a stranger: {got:?}"
    );
    app.shutdown().await
}

async fn only_the_mini_app_can_be_framed(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let origins = "https://web.telegram.org http://localhost:9";
    let app = stage
        .with("VAHTA_MINI_APP_ORIGINS", origins)
        .start()
        .await?;
    let web = app.web().await?;
    let mut stranger = web.stranger()?;
    let ancestors = |got: &Got| -> Result<String> {
        let policy = got
            .headers
            .get("content-security-policy")
            .context("a policy")?;
        let policy = policy.to_str()?;
        ensure!(policy.contains("object-src 'none'") && policy.contains("base-uri 'none'"));
        ensure!(!policy.contains("unsafe"), "{policy}");
        let (_, rest) = policy.split_once("frame-ancestors ").context("ancestors")?;
        Ok(rest.to_owned())
    };
    let got = stranger.get("/mini-app").await?;
    ensure!(ancestors(&got)? == origins, "{got:?}");
    for path in [
        "/",
        "/login",
        "/nowhere",
        "/healthz",
        "/assets/mini-app-3.js",
    ] {
        let got = stranger.get(path).await?;
        ensure!(ancestors(&got)? == "'none'", "{path}: {got:?}");
        ensure!(
            got.headers.contains_key("x-content-type-options"),
            "{got:?}"
        );
    }
    app.shutdown().await
}

async fn the_login_widget_logs_in_after_a_question(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    app.idle().await?;
    let (id, at) = (ADA.to_string(), seconds_ago(5));
    let fields = [
        ("id", id.as_str()),
        ("first_name", "Ada"),
        ("auth_date", at.as_str()),
    ];
    let query = telegram::sign_widget(&fields, &app.app.config.telegram.token);
    let mut browser = web.stranger()?;
    let got = browser.get(&format!("/login/telegram?{query}")).await?;
    ensure!(
        got.text.contains("Log in as Ada") && browser.cookie.is_none(),
        "{got:?}"
    );
    let got = browser
        .post("/login/telegram", &[("proof", &query)])
        .await?;
    ensure!(browser.cookie.is_some(), "{got:?}");
    let mut again = web.stranger()?;
    let got = again.post("/login/telegram", &[("proof", &query)]).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let forged = query.replace("1001", "1002");
    let got = again.get(&format!("/login/telegram?{forged}")).await?;
    ensure!(
        got.text.contains("Telegram&#39;s confirmation is")
            || got.text.contains("confirmation is unknown"),
        "{got:?}"
    );
    ensure!(again.cookie.is_none());
    app.shutdown().await
}
