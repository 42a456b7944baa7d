//! The second factor.

use anyhow::{Context as _, Result, ensure};
use bot_core::accounts::{telegram, totp};
use reqwest::StatusCode;
use vahta_rows::Micros;
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::web::WebClient;
use vahta_tests::{Ground, Stage, TestApp, stories};

use crate::login;
use crate::passwords::{GOOD, log_in, set_password};

stories![
    a_password_alone_opens_no_session,
    no_code_works_twice,
    a_secret_in_the_table_is_of_no_use_without_the_key,
    turning_it_off_takes_a_fresh_login,
    the_bots_link_asks_for_the_second_factor_too,
    the_login_widget_asks_for_the_second_factor_too,
    an_admin_helps_who_lost_it,
    a_stolen_password_does_not_stand_in_the_owners_way,
];

/// Ada with a password and a second factor: secret and recovery codes.
async fn enrolled(ada: &mut WebClient) -> Result<(String, Vec<String>)> {
    set_password(ada, GOOD).await?;
    ada.post("/account/totp/begin", &[]).await?;
    let page = ada.get("/account").await?.text;
    ensure!(page.contains("<svg"), "{page}");
    let (_, rest) = page.split_once("<code>").context("the secret")?;
    let secret = rest.split('<').next().unwrap_or_default().to_owned();
    let got = ada
        .post("/account/totp/confirm", &[("code", "000000")])
        .await?;
    // One in 300,000 that this is the code.
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let code = totp::code_at(&secret, Micros::now(), 0).context("base32")?;
    let got = ada
        .post("/account/totp/confirm", &[("code", &code)])
        .await?;
    let codes: Vec<String> = got
        .text
        .split("<code>")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('<')?.0.to_owned()))
        .collect();
    ensure!(codes.len() == 8, "{got:?}");
    let got = ada.post("/account/totp/begin", &[]).await?;
    ensure!(got.status == StatusCode::CONFLICT, "{got:?}");
    // Shown once.
    ensure!(!ada.get("/account").await?.text.contains(&codes[0]));
    Ok((secret, codes))
}

async fn open_sessions(app: &TestApp) -> Result<i64> {
    let open = "SELECT count(*) AS number FROM web_sessions WHERE ended_at IS NULL";
    app.database.number(open).await
}

async fn a_password_alone_opens_no_session(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let (_, codes) = enrolled(&mut ada).await?;
    let before = open_sessions(&app).await?;
    let mut browser = web.stranger()?;
    let got = log_in(&mut browser, "ada.l", GOOD).await?;
    ensure!(got.location() == Some("/login/second?back=%2F"), "{got:?}");
    ensure!(browser.cookie.is_none());
    ensure!(open_sessions(&app).await? == before);
    let got = browser.post("/login/second", &[("code", "12345")]).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    // Another browser cannot take the second step.
    let mut other = web.stranger()?;
    let got = other.post("/login/second", &[("code", &codes[0])]).await?;
    ensure!(other.cookie.is_none(), "{got:?}");
    let got = browser
        .post("/login/second", &[("code", &codes[0])])
        .await?;
    ensure!(
        got.location() == Some("/") && browser.cookie.is_some(),
        "{got:?}"
    );
    // Five wrong codes, and even a right one waits.
    let mut guesser = web.stranger()?;
    log_in(&mut guesser, "ada.l", GOOD).await?;
    let mut last = StatusCode::OK;
    for _ in 0..40 {
        last = guesser
            .post("/login/second", &[("code", "0000000")])
            .await?
            .status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    ensure!(last == StatusCode::TOO_MANY_REQUESTS, "{last}");
    app.shutdown().await
}

async fn no_code_works_twice(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let (secret, codes) = enrolled(&mut ada).await?;
    // The code of now was taken by the confirmation; the next one counts already.
    let next = totp::code_at(&secret, Micros::now(), 1).context("base32")?;
    for code in [&next, &codes[3]] {
        let mut browser = web.stranger()?;
        log_in(&mut browser, "ada.l", GOOD).await?;
        let got = browser.post("/login/second", &[("code", code)]).await?;
        ensure!(browser.cookie.is_some(), "{got:?}");
        let mut again = web.stranger()?;
        log_in(&mut again, "ada.l", GOOD).await?;
        let got = again.post("/login/second", &[("code", code)]).await?;
        ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
        ensure!(again.cookie.is_none());
    }
    ensure!(ada.get("/account").await?.text.contains("left: 7"));
    app.shutdown().await
}

async fn a_secret_in_the_table_is_of_no_use_without_the_key(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_SECRET", "k".repeat(40));
    let app = stage.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    enrolled(&mut ada).await?;
    let clear = "SELECT count(*) AS number FROM web_totp WHERE secret NOT LIKE 'v1:%'";
    ensure!(app.database.number(clear).await? == 0);
    app.shutdown().await
}

async fn turning_it_off_takes_a_fresh_login(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    enrolled(&mut ada).await?;
    let long_ago = "UPDATE web_sessions SET created_at = created_at - 960000000";
    app.database.change(long_ago).await?;
    let got = ada.post("/account/totp/off", &[]).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let mut fresh = web.browser_of(ADA).await?;
    let got = fresh.post("/account/totp/off", &[]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    let mut browser = web.stranger()?;
    log_in(&mut browser, "ada.l", GOOD).await?;
    ensure!(browser.cookie.is_some());
    app.shutdown().await
}

async fn the_bots_link_asks_for_the_second_factor_too(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let (secret, codes) = enrolled(&mut ada).await?;
    let before = open_sessions(&app).await?;
    let code = login::code(app.ada()).await?;
    let mut browser = web.stranger()?;
    let fields = [("code", code.as_str()), ("back", "/users")];
    browser.post("/login/link", &fields).await?;
    let got = browser
        .post("/login/confirm", &[("back", "/users")])
        .await?;
    let second = "/login/second?back=%2Fusers";
    ensure!(got.location() == Some(second), "{got:?}");
    ensure!(browser.cookie.is_none() && open_sessions(&app).await? == before);
    // The link is used up: it leads nobody past the question.
    let got = browser.post("/login/confirm", &[]).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let mut other = web.stranger()?;
    let got = other.post("/login/link", &fields).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(browser.get(second).await?.text.contains("Second step"));
    let got = browser.post("/login/second", &[("code", "12345")]).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let right = [("code", codes[1].as_str()), ("back", "/users")];
    let got = other.post("/login/second", &right).await?;
    ensure!(other.cookie.is_none(), "another browser: {got:?}");
    let got = browser.post("/login/second", &right).await?;
    ensure!(
        got.location() == Some("/users") && browser.cookie.is_some(),
        "{got:?}"
    );
    let links =
        "SELECT count(*) AS number FROM web_sessions WHERE login = 'link' AND ended_at IS NULL";
    ensure!(app.database.number(links).await? == before + 1);

    // With the authenticator's code as well; the code of now was taken by the confirmation.
    let next = totp::code_at(&secret, Micros::now(), 1).context("base32")?;
    let mut browser = web.stranger()?;
    let got = login::log_in(&mut browser, app.ada()).await?;
    ensure!(got.location() == Some("/login/second?back=%2F"), "{got:?}");
    let got = browser.post("/login/second", &[("code", &next)]).await?;
    ensure!(browser.cookie.is_some(), "{got:?}");
    app.shutdown().await
}

async fn the_login_widget_asks_for_the_second_factor_too(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    let (_, codes) = enrolled(&mut ada).await?;
    let (id, at) = (ADA.to_string(), (Micros::now().0 / 1_000_000).to_string());
    let fields = [("id", id.as_str()), ("auth_date", at.as_str())];
    let proof = telegram::sign_widget(&fields, &app.app.config.telegram.token);
    let mut browser = web.stranger()?;
    let got = browser
        .post("/login/telegram", &[("proof", &proof)])
        .await?;
    ensure!(got.location() == Some("/login/second?back=%2F"), "{got:?}");
    ensure!(browser.cookie.is_none());
    let got = browser
        .post("/login/second", &[("code", &codes[0])])
        .await?;
    ensure!(browser.cookie.is_some(), "{got:?}");
    app.shutdown().await
}

async fn an_admin_helps_who_lost_it(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/whoami").await?;
    let mut lim = web.browser_of(LIM).await?;
    enrolled(&mut lim).await?;
    let id = format!("SELECT id AS number FROM bot_users WHERE telegram_id = {LIM}");
    let page = format!("/users/{}/sessions", app.database.number(&id).await?);
    let off = page.replace("sessions", "totp/off");
    // Not for themselves by this way, however they ask.
    let got = lim.post(&off, &[]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    let mut ada = web.browser_of(ADA).await?;
    ensure!(ada.get(&page).await?.text.contains(&off));
    let got = ada.post(&off, &[]).await?;
    ensure!(got.location() == Some(page.as_str()), "{got:?}");
    ensure!(!ada.get(&page).await?.text.contains(&off));
    let mut browser = web.stranger()?;
    log_in(&mut browser, "ada.l", GOOD).await?;
    ensure!(
        browser.cookie.is_some(),
        "the password alone is enough again"
    );
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action = 'totp.drop'";
    ensure!(app.database.number(acts).await? == 1);
    app.shutdown().await
}

async fn a_stolen_password_does_not_stand_in_the_owners_way(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let (_, codes) = enrolled(&mut web.browser_of(ADA).await?).await?;
    // The owner has made the first step, and looks for a code.
    let mut owner = web.stranger()?;
    login::log_in(&mut owner, app.ada()).await?;
    let mut thief = web.stranger()?;
    let mut last = StatusCode::OK;
    for _ in 0..40 {
        log_in(&mut thief, "ada.l", GOOD).await?;
        let got = thief.post("/login/second", &[("code", "0000000")]).await?;
        last = got.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    ensure!(last == StatusCode::TOO_MANY_REQUESTS, "{last}");
    let got = owner.post("/login/second", &[("code", &codes[0])]).await?;
    ensure!(owner.cookie.is_some(), "{got:?}");
    app.shutdown().await
}
