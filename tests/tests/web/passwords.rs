//! Names and passwords.

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use vahta_tests::stage::ADA;
use vahta_tests::web::{Got, WebClient};
use vahta_tests::{Ground, Stage, stories};

stories![
    a_password_logs_in_and_faults_look_alike,
    weak_passwords_and_old_logins_change_nothing,
    a_new_password_ends_all_other_sessions,
    nobody_is_locked_out_of_where_they_have_been,
];

pub(crate) const GOOD: &str = "correct horse battery";
const BAD: &str = "Name or password is wrong";

pub(crate) async fn set_password(client: &mut WebClient, password: &str) -> Result<Got> {
    let fields = [
        ("username", "ada.l"),
        ("password", password),
        ("again", password),
    ];
    client.post("/account/password", &fields).await
}

pub(crate) async fn log_in(client: &mut WebClient, name: &str, password: &str) -> Result<Got> {
    let fields = [("username", name), ("password", password)];
    client.post("/login/password", &fields).await
}

async fn a_password_logs_in_and_faults_look_alike(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let got = set_password(&mut ada, GOOD).await?;
    ensure!(got.location() == Some("/account"), "{got:?}");
    ensure!(ada.get("/account").await?.text.contains("ada.l"));

    let mut browser = web.stranger()?;
    let got = log_in(&mut browser, " Ada.L ", GOOD).await?;
    ensure!(
        got.location() == Some("/") && browser.cookie.is_some(),
        "{got:?}"
    );

    let mut stranger = web.stranger()?;
    let wrong = log_in(&mut stranger, "ada.l", "wrong horse battery").await?;
    let unknown = log_in(&mut stranger, "nobody", GOOD).await?;
    for got in [&wrong, &unknown] {
        ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
        ensure!(got.text.contains(BAD), "{got:?}");
    }
    ensure!(
        wrong.text == unknown.text,
        "{}\n{}",
        wrong.text,
        unknown.text
    );
    ensure!(stranger.cookie.is_none());
    let count = "SELECT count(*) AS number FROM audit_log WHERE action =";
    for (action, number) in [("password.set", 1), ("login.done", 1), ("login.failed", 2)] {
        let found = app.database.number(&format!("{count} '{action}'")).await?;
        ensure!(found == number, "{action}: {found}");
    }
    let leaked = "SELECT count(*) AS number FROM web_passwords WHERE hash NOT LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
    ensure!(app.database.number(leaked).await? == 0);
    ensure!(!app.notes.mention(GOOD) && !app.notes.mention("wrong horse"));
    ensure!(!app.database.holds(GOOD).await?);
    app.shutdown().await
}

async fn weak_passwords_and_old_logins_change_nothing(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    for (weak, why) in [
        ("short", "8 characters or more"),
        ("password123", "Everybody tries"),
        ("ada.l is great", "must not hold the name"),
    ] {
        let got = set_password(&mut ada, weak).await?;
        ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
        ensure!(got.text.contains(why), "{weak}: {got:?}");
    }
    let long_ago = "UPDATE web_sessions SET created_at = created_at - 960000000";
    app.database.change(long_ago).await?;
    let got = set_password(&mut ada, GOOD).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(got.text.contains("within the last 15 minutes"), "{got:?}");
    ensure!(
        app.database
            .number("SELECT count(*) AS number FROM web_passwords")
            .await?
            == 0
    );
    app.shutdown().await
}

async fn a_new_password_ends_all_other_sessions(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let (mut ada, mut elsewhere) = (web.browser_of(ADA).await?, web.browser_of(ADA).await?);
    set_password(&mut ada, GOOD).await?;
    ensure!(ada.get("/sessions").await?.status == StatusCode::OK);
    ensure!(elsewhere.get("/sessions").await?.status == StatusCode::SEE_OTHER);
    app.shutdown().await
}

async fn nobody_is_locked_out_of_where_they_have_been(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let app = stage
        .with("VAHTA_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    set_password(&mut ada, GOOD).await?;
    let mut home = web.stranger()?;
    home.from = Some("192.0.2.1".into());
    log_in(&mut home, "ada.l", GOOD).await?;
    ensure!(home.cookie.is_some());

    // From many addresses, until even a fresh one is turned away.
    let mut turned_away = None;
    for n in 0..80 {
        let mut attacker = web.stranger()?;
        attacker.from = Some(format!("198.51.100.{n}"));
        let got = log_in(&mut attacker, "ada.l", "wrong horse battery").await?;
        if got.status == StatusCode::TOO_MANY_REQUESTS {
            turned_away = Some(got);
            break;
        }
    }
    turned_away.context("the account is slow for strangers")?;
    let hold = "UPDATE login_attempts SET open_at = open_at + 600000000 WHERE open_at > 0";
    app.database.change(hold).await?;
    let mut fresh = web.stranger()?;
    fresh.from = Some("203.0.113.5".into());
    let got = log_in(&mut fresh, "ada.l", GOOD).await?;
    ensure!(got.status == StatusCode::TOO_MANY_REQUESTS, "{got:?}");

    let mut again = web.stranger()?;
    again.from = Some("192.0.2.1".into());
    let got = log_in(&mut again, "ada.l", GOOD).await?;
    ensure!(again.cookie.is_some(), "{got:?}");
    app.shutdown().await
}
