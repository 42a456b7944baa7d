//! What people choose for themselves: in Telegram, on the web, over the API; refused with the same
//! words, and what was typed is kept.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_tests::stage::LIM;
use vahta_tests::web::{Got, WebClient};
use vahta_tests::{Ground, Stage, TestApp, stories};

use crate::programs::Program;

stories![
    a_form_keeps_what_was_typed_and_says_what_is_wrong,
    typed_in_telegram_a_slip_keeps_the_question_open,
    programs_of_a_browser_choose_all_of_it,
];

async fn stage(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.idle().await?;
    Ok(app)
}

async fn save(client: &mut WebClient, own: [&str; 5]) -> Result<Got> {
    let [language, zone, from, to, notices] = own;
    let fields = [
        ("language", language),
        ("time_zone", zone),
        ("quiet_from", from),
        ("quiet_to", to),
        ("notices", notices),
    ];
    client.post("/account/settings", &fields).await
}

const PREFERRED: &str = "SELECT count(*) AS number FROM audit_log WHERE action = 'access.prefer'";

async fn a_form_keeps_what_was_typed_and_says_what_is_wrong(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    let mut stream = lim.listen("access.prefer", None).await?;
    let zone = "Europe/Berlin";
    for (own, told, kept) in [
        (
            ["", "Europe/Berln", "", "", "web"],
            "Did you mean Europe/Berlin?",
            "Europe/Berln",
        ),
        (
            ["", "<Mars>", "", "", "web"],
            "no time zone “&lt;Mars&gt;”",
            "&lt;Mars&gt;",
        ),
        (["tlh", zone, "", "", "web"], "no texts in “tlh”", zone),
        (
            ["", zone, "25:00", "07:00", "web"],
            "“25:00” is no time of day",
            "25:00",
        ),
        (
            ["", zone, "22:00", "", "web"],
            "have a beginning and an end",
            "22:00",
        ),
        (
            ["", zone, "07:00", "07:00", "web"],
            "cannot end at 07:00",
            "07:00",
        ),
        (
            ["", zone, "07:00", "22:00", "web"],
            "Did you mean 22:00–07:00?",
            "07:00",
        ),
        (["", zone, "", "", "pigeon"], "not to pigeon", zone),
    ] {
        let got = save(&mut lim, own).await?;
        ensure!(
            got.status == StatusCode::UNPROCESSABLE_ENTITY,
            "{own:?}: {got:?}"
        );
        ensure!(got.text.contains(told), "{own:?} lacks {told}: {got:?}");
        ensure!(
            got.text.contains(&format!("value=\"{kept}\"")),
            "{own:?}: {got:?}"
        );
    }
    ensure!(
        app.database.number(PREFERRED).await? == 0,
        "nothing was changed"
    );
    let own = ["en", "bangkok", "22:00", "7", "both"];
    let done = save(&mut lim, own).await?;
    ensure!(done.location() == Some("/account"), "{done:?}");
    let page = lim.get("/account").await?;
    for kept in ["Asia/Bangkok", "22:00", "07:00"] {
        ensure!(
            page.text.contains(&format!("value=\"{kept}\"")),
            "{kept}: {page:?}"
        );
    }
    ensure!(stream.hears().await?.topic() == "access.prefer");
    app.lim().says("/settings").await?;
    let card = app.lim().sees("Your settings").await?;
    for told in [
        "English",
        "Asia/Bangkok",
        "22:00–07:00",
        "here and to the web",
    ] {
        ensure!(card.text.contains(told), "{told}: {}", card.text);
    }
    app.shutdown().await
}

async fn typed_in_telegram_a_slip_keeps_the_question_open(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    app.lim().says("/settings").await?;
    app.lim().presses("Time zone").await?;
    app.lim().sees("In which time zone").await?;
    app.lim().presses("Another").await?;
    app.lim().sees("Write your time zone").await?;
    app.lim().says("Asia/Bangkik <b>").await?;
    app.lim()
        .sees("There is no time zone “Asia/Bangkik <b>”")
        .await?;
    app.lim().says("Asia/Bangkik").await?;
    app.lim().sees("Did you mean Asia/Bangkok?").await?;
    app.lim().says("Bangkok").await?;
    let card = app.lim().sees("Your settings").await?;
    ensure!(card.text.contains("Asia/Bangkok"), "{}", card.text);
    // The dialog is over.
    app.lim().says("hello").await?;
    app.lim().sees("I answer to commands").await?;

    app.lim().says("/settings").await?;
    app.lim().presses("Quiet hours").await?;
    let choices = app.lim().sees("When shall I be quiet").await?;
    app.lim().presses_on(&choices, "Another").await?;
    for (typed, told) in [
        ("at night", "“at night” cannot be read"),
        ("22:00-", "have a beginning and an end"),
        ("07:00-22:00", "Did you mean 22:00–07:00?"),
        ("8-8", "cannot end at 08:00"),
    ] {
        app.lim().says(typed).await?;
        app.lim().sees(told).await?;
    }
    app.lim().says("22:30 – 6:45").await?;
    app.lim().sees("22:30–06:45").await?;
    ensure!(app.database.number(PREFERRED).await? == 2);
    // Forged presses change nothing.
    let card = app.lim().last_message().await?;
    for data in [
        "c:own:zone:Mars",
        "c:own:where:pigeon",
        "c:own:language:tlh",
    ] {
        let told = app.lim().presses_data(&card, data).await?;
        ensure!(
            told.contains("no ") || told.contains("not to"),
            "{data}: {told}"
        );
    }
    let told = app.lim().presses_data(&card, "c:own:nonsense:1").await?;
    ensure!(told.contains("out of date"), "{told}");
    ensure!(app.database.number(PREFERRED).await? == 2);
    app.shutdown().await
}

async fn programs_of_a_browser_choose_all_of_it(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    let path = "/api/v1/me/settings";
    let got = lim.get(path).await?;
    let own: Value = serde_json::from_str(&got.text)?;
    ensure!(
        own["time_zone"] == "UTC" && own["notices"] == "web",
        "{own}"
    );
    ensure!(
        own["quiet_hours"] == Value::Null && own["language"] == Value::Null,
        "{own}"
    );
    let csrf = lim.csrf.clone().unwrap_or_default();
    let headers = [
        ("content-type", "application/json"),
        ("x-csrf-token", csrf.as_str()),
    ];
    let bad = json!({
        "language": "tlh", "time_zone": "Mars", "notices": "pigeon",
        "quiet_hours": { "from": "07:00", "to": "07:00" },
    });
    let got = lim
        .send(Method::PUT, path, &headers, Some(bad.to_string()))
        .await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let problem: Value = serde_json::from_str(&got.text)?;
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|fault| fault["pointer"].as_str())
        .collect();
    ensure!(
        places == ["/language", "/time_zone", "/quiet_hours", "/notices"],
        "{problem}"
    );
    let good = json!({
        "language": "en", "time_zone": "Asia/Tokyo", "notices": "telegram",
        "quiet_hours": { "from": "23:00", "to": "06:30" },
    });
    let got = lim
        .send(Method::PUT, path, &headers, Some(good.to_string()))
        .await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    let got = lim.get(path).await?;
    ensure!(serde_json::from_str::<Value>(&got.text)? == good, "{got:?}");
    // A key that was lost must not redirect what its owner is told.
    let program = Program::of(&app, &web, LIM, &["core.status.view"]).await?;
    let got = program.get(path).await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        got.json
    );
    app.shutdown().await
}
