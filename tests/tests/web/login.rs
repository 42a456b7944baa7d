//! In by the bot's link, and only so far.

use anyhow::{Context as _, Result, ensure};
use reqwest::header::SET_COOKIE;
use reqwest::{Method, StatusCode};
use vahta_tests::web::{Got, WebClient};
use vahta_tests::{Ground, Person, Stage, stories};

stories![
    a_link_from_the_bot_logs_in_once,
    a_link_belongs_to_the_browser_that_opened_it_first,
    opening_a_link_logs_nobody_in,
    an_expired_link_is_like_an_unknown_one,
    a_stranger_gets_no_link,
    a_link_that_was_asked_for_in_a_group_comes_in_private,
    guessing_is_slowed_down_and_a_restart_forgives_nothing,
    another_site_cannot_log_anybody_in,
];

const BAD: &str = "unknown, used, expired or open in another browser";

/// Asks the bot; the code behind the `#` of its link.
pub(crate) async fn code(person: Person<'_>) -> Result<String> {
    let said = person.asks("/login").await?.text;
    let (_, rest) = said.split_once("/login#").context("a link with a #")?;
    let code: String = rest.chars().take(22).collect();
    ensure!(code.len() == 22, "{said}");
    Ok(code)
}

/// All the way in.
pub(crate) async fn log_in(client: &mut WebClient, person: Person<'_>) -> Result<Got> {
    let code = code(person).await?;
    let got = client.post("/login/link", &[("code", &code)]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    client.post("/login/confirm", &[]).await
}

async fn a_link_from_the_bot_logs_in_once(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let code = code(app.ada()).await?;
    ensure!(!app.database.holds(&code).await?, "only its hash is kept");
    let mut ada = web.stranger()?;
    let fields = [("code", code.as_str()), ("back", "/users?page=0")];
    let got = ada.post("/login/link", &fields).await?;
    let confirm = "/login/confirm?back=%2Fusers%3Fpage%3D0";
    ensure!(got.location() == Some(confirm), "{got:?}");
    // Who somebody is called is written after the answer.
    app.idle().await?;
    let got = ada.get(confirm).await?;
    ensure!(got.text.contains("Log in as Ada"), "{got:?}");
    ensure!(ada.cookie.is_none());
    let got = ada
        .post("/login/confirm", &[("back", "/users?page=0")])
        .await?;
    ensure!(got.location() == Some("/users?page=0"), "{got:?}");
    let cookies: Vec<&str> = got
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    let session = cookies
        .iter()
        .find(|line| line.starts_with("__Host-vahta="));
    let session = session.context("a cookie")?;
    ensure!(
        session.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{session}"
    );
    ensure!(ada.get("/users").await?.status == StatusCode::OK);

    ensure!(app.notes.mention("a login") && !app.notes.mention(&code));

    // Used, and unknown: the same words.
    let mut other = web.stranger()?;
    for code in [code.as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "", "not a code"] {
        let got = other.post("/login/link", &[("code", code)]).await?;
        ensure!(
            got.status == StatusCode::UNPROCESSABLE_ENTITY,
            "{code}: {got:?}"
        );
        ensure!(got.text.contains(BAD), "{got:?}");
    }

    // A new login: a new session, and the old one is dead.
    let old = ada.cookie.clone();
    log_in(&mut ada, app.ada()).await?;
    ensure!(ada.cookie.is_some() && ada.cookie != old);
    other.cookie = old;
    ensure!(other.get("/sessions").await?.status == StatusCode::SEE_OTHER);
    ensure!(ada.get("/sessions").await?.status == StatusCode::OK);
    let count = "SELECT count(*) AS number FROM audit_log WHERE action =";
    for (action, number) in [("login.done", 2), ("login.failed", 4)] {
        let found = app.database.number(&format!("{count} '{action}'")).await?;
        ensure!(found == number, "{action}: {found}");
    }
    app.shutdown().await
}

async fn a_link_belongs_to_the_browser_that_opened_it_first(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let code = code(app.ada()).await?;
    let (mut first, mut second) = (web.stranger()?, web.stranger()?);
    // Twice by the first: a reload is no theft.
    for _ in 0..2 {
        let got = first.post("/login/link", &[("code", &code)]).await?;
        ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    }
    let got = second.post("/login/link", &[("code", &code)]).await?;
    ensure!(got.text.contains(BAD), "{got:?}");
    let got = second.post("/login/confirm", &[]).await?;
    ensure!(got.text.contains(BAD) && second.cookie.is_none(), "{got:?}");
    let got = first
        .post("/login/confirm", &[("back", "//evil.example")])
        .await?;
    ensure!(
        got.location() == Some("/") && first.cookie.is_some(),
        "{got:?}"
    );
    app.shutdown().await
}

async fn opening_a_link_logs_nobody_in(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let code = code(app.ada()).await?;
    let mut preview = web.stranger()?;
    // Whatever fetches links sends no fragment, runs no script and presses no button.
    let got = preview.get("/login").await?;
    ensure!(
        got.status == StatusCode::OK && preview.cookie.is_none(),
        "{got:?}"
    );
    ensure!(!got.text.contains(&code));
    let got = preview.get(&format!("/login/confirm?code={code}")).await?;
    ensure!(
        got.text.contains(BAD) && preview.cookie.is_none(),
        "{got:?}"
    );
    let mut ada = web.stranger()?;
    let got = ada.post("/login/link", &[("code", &code)]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.shutdown().await
}

async fn an_expired_link_is_like_an_unknown_one(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let code = code(app.ada()).await?;
    let mut ada = web.stranger()?;
    ada.post("/login/link", &[("code", &code)]).await?;
    let late = "UPDATE link_tokens SET expires_at = 1 WHERE purpose = 'login'";
    app.database.change(late).await?;
    let got = ada.post("/login/confirm", &[]).await?;
    ensure!(got.text.contains(BAD) && ada.cookie.is_none(), "{got:?}");
    let got = ada.post("/login/link", &[("code", &code)]).await?;
    ensure!(got.text.contains(BAD), "{got:?}");
    app.shutdown().await
}

async fn a_stranger_gets_no_link(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let said = app.gus().asks("/login").await?.text;
    ensure!(!said.contains("/login#"), "{said}");
    let links = "SELECT count(*) AS number FROM link_tokens WHERE purpose = 'login'";
    ensure!(app.database.number(links).await? == 0);
    app.shutdown().await
}

async fn a_link_that_was_asked_for_in_a_group_comes_in_private(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().reads_on().await?;
    let in_group = app.ada().in_chat(vahta_tests::stage::OPS);
    in_group.says("/login").await?;
    let said = in_group.sees("in our private chat").await?.text;
    ensure!(!said.contains("/login#"), "{said}");
    app.ada().sees("/login#").await?;
    app.shutdown().await
}

async fn guessing_is_slowed_down_and_a_restart_forgives_nothing(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut stranger = web.stranger()?;
    let guess = [("code", "AAAAAAAAAAAAAAAAAAAAAA")];
    let mut turned_away = None;
    for _ in 0..60 {
        let got = stranger.post("/login/link", &guess).await?;
        if got.status == StatusCode::TOO_MANY_REQUESTS {
            turned_away = Some(got);
            break;
        }
    }
    let got = turned_away.context("somebody who guesses is turned away")?;
    ensure!(got.headers.contains_key("retry-after"), "{got:?}");
    // As long as nobody waits: the first wait that a story can rely on.
    let wait = "UPDATE login_attempts SET open_at = open_at + 600000000";
    app.database.change(wait).await?;
    drop(web);
    let app = app.stop().await?.start().await?;
    let web = app.web().await?;
    let mut stranger = web.stranger()?;
    let got = stranger.post("/login/link", &guess).await?;
    ensure!(got.status == StatusCode::TOO_MANY_REQUESTS, "{got:?}");
    let denied = "SELECT count(*) AS number FROM audit_log WHERE action = 'login.denied'";
    ensure!(app.database.number(denied).await? == 1);
    app.shutdown().await
}

async fn another_site_cannot_log_anybody_in(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let code = code(app.ada()).await?;
    let mut victim = web.stranger()?;
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let foreign = [kind, ("sec-fetch-site", "cross-site")];
    for path in [
        "/login/link",
        "/login/confirm",
        "/login/password",
        "/login/second",
    ] {
        let body = Some(format!("code={code}&username=ada&password=x"));
        let got = victim.send(Method::POST, path, &foreign, body).await?;
        ensure!(got.status == StatusCode::FORBIDDEN, "{path}: {got:?}");
    }
    ensure!(victim.jar.is_empty());
    app.shutdown().await
}
