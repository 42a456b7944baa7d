//! Settings of plugins on the site and through the API.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::{Ground, Stage, TestApp, stories};

use crate::programs::Program;

stories![
    a_saved_setting_counts_from_the_next_message_and_none_is_lost,
    a_form_has_a_field_for_each_setting_and_keeps_what_was_typed,
    whoever_saves_an_old_version_is_told_what_is_true_now,
    a_plugin_that_refuses_its_settings_goes_on_with_the_old_ones,
    a_secret_goes_to_the_plugin_and_nowhere_else,
    programs_set_settings_by_version_and_learn_each_fault,
];

const PATH: &str = "/plugins/tunable/settings";
const API: &str = "/api/v1/plugins/tunable/settings";
const MANAGE: &str = "core.plugins.manage";

async fn tunable(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground)
        .await?
        .with_plugins(&["tunable"])?
        .start()
        .await?;
    app.ada().asks("/whoami").await?;
    Ok(app)
}

/// The number that the page's form carries.
fn version(page: &str) -> Result<String> {
    let (_, rest) = page
        .split_once("name=\"version\" value=\"")
        .with_context(|| format!("no version in {page}"))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

async fn a_saved_setting_counts_from_the_next_message_and_none_is_lost(
    ground: Ground,
) -> Result<()> {
    const TASKS: usize = 24;
    let app = Stage::on(ground)
        .await?
        .without_inbound_limits()
        .start()
        .await?;
    app.ada().asks("/whoami").await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let writes = async {
        for n in 0..TASKS {
            app.ada().says(&format!("/task number {n}")).await?;
        }
        anyhow::Ok(())
    };
    let saves = async {
        for length in ["5", "6", "7", "3"] {
            let page = ada.get("/plugins/task").await?;
            let fields = [
                ("version", &*version(&page.text)?),
                ("/page_length", length),
            ];
            let got = ada.post("/plugins/task/settings", &fields).await?;
            ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
        }
        // Saved is taken up: the very next message.
        anyhow::Ok(())
    };
    tokio::try_join!(writes, saves)?;
    app.idle().await?;
    let tasks = app
        .database
        .number("SELECT count(*) AS number FROM task_tasks")
        .await?;
    ensure!(tasks == TASKS as i64, "{tasks} of {TASKS} tasks");
    app.ada().says("/tasks").await?;
    app.ada().sees("Page 1 of 8").await?;
    let page = ada.get("/plugins/task").await?;
    let fields = [("version", &*version(&page.text)?), ("/page_length", "12")];
    ada.post("/plugins/task/settings", &fields).await?;
    app.ada().says("/tasks").await?;
    app.ada().sees("Page 1 of 2").await?;
    let fields = [("version", &*version(&page.text)?), ("reset", "1")];
    let got = ada.post("/plugins/task/settings", &fields).await?;
    ensure!(got.status == StatusCode::CONFLICT, "an old page: {got:?}");
    let page = ada.get("/plugins/task").await?;
    let fields = [("version", &*version(&page.text)?), ("reset", "1")];
    ada.post("/plugins/task/settings", &fields).await?;
    app.ada().says("/tasks").await?;
    app.ada().sees("Page 1 of 3").await?;
    let acts = "SELECT count(*) AS number FROM audit_log WHERE action = 'plugin.settings'";
    ensure!(app.database.number(acts).await? == 6);
    // They are there after a start.
    ada.post(
        "/plugins/task/settings",
        &[("version", "6"), ("/page_length", "4")],
    )
    .await?;
    drop(web);
    let app = app.stop().await?.start().await?;
    app.ada().says("/tasks").await?;
    app.ada().sees("Page 1 of 6").await?;
    app.shutdown().await
}

async fn a_form_has_a_field_for_each_setting_and_keeps_what_was_typed(
    ground: Ground,
) -> Result<()> {
    let app = tunable(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let page = ada.get("/plugins/tunable").await?.text;
    for part in [
        "name=\"/greeting\" type=\"text\" minlength=\"1\" maxlength=\"20\"",
        "name=\"/repeats\" type=\"number\" step=\"1\" min=\"1\" max=\"5\"",
        "name=\"/ratio\" type=\"number\" step=\"any\"",
        "name=\"/listens\" type=\"checkbox\"",
        "<select id=\"setting-tone\"",
        "name=\"/token\" type=\"password\"",
        "name=\"/since\" type=\"date\"",
        "name=\"/mail\" type=\"email\"",
        "name=\"/site\" type=\"url\"",
        "<legend>Quiet hours</legend>",
        "name=\"/quiet/from\" type=\"time\"",
        "<textarea id=\"setting-words\"",
        "<textarea class=\"mono\" id=\"setting-weights\"",
        "What every answer begins with.",
        "default: Hello",
    ] {
        ensure!(page.contains(part), "{part} is not in {page}");
    }
    let all = [
        ("version", "0"),
        ("/greeting", "Moin <b>"),
        ("/repeats", "9"),
        ("/ratio", "much"),
        ("/tone", "shrill"),
        ("/words", "a\r\nb\r\nc\r\nd"),
        ("/token", "short"),
        ("/since", "yesterday"),
        ("/mail", "nobody"),
        ("/site", "no address"),
        ("/weights", "[1, "),
        ("/quiet/from", "25:00"),
    ];
    let got = ada.post(PATH, &all).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    for fault in [
        "id=\"setting-greeting-fault\">must fit the pattern",
        "id=\"setting-repeats-fault\">must be 5 or less",
        "id=\"setting-ratio-fault\">must be of the type number",
        "id=\"setting-tone-fault\">must be one of: plain, loud",
        "id=\"setting-words-fault\">must have 3 entries or fewer",
        "id=\"setting-token-fault\">must have 8 characters or more",
        "id=\"setting-since-fault\">must be written as: date",
        "id=\"setting-mail-fault\">must be written as: email",
        "id=\"setting-site-fault\">must be written as: uri",
        "id=\"setting-weights-fault\">is no JSON",
        "id=\"setting-quiet-from-fault\">must be written as: time",
        "value=\"Moin &lt;b&gt;\"",
        "value=\"9\"",
        "[1, </textarea>",
    ] {
        ensure!(got.text.contains(fault), "{fault} is not in {}", got.text);
    }
    ensure!(!got.text.contains("short\""), "a secret came back");
    let nothing = "SELECT count(*) AS number FROM audit_log WHERE action = 'plugin.settings'";
    ensure!(app.database.number(nothing).await? == 0);
    // Without the page's token nothing happens.
    let token = ada.csrf.take();
    let got = ada.post(PATH, &[("version", "0")]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    ada.csrf = token;
    let good = [
        ("version", "0"),
        ("/greeting", "Moin"),
        ("/repeats", "2"),
        ("/ratio", "0.5"),
        ("/listens", "true"),
        ("/tone", "plain"),
        ("/words", "a\r\n\r\nb"),
        ("/token", "long enough"),
        ("/since", "2026-01-31"),
        ("/mail", "ops@example.org"),
        ("/site", "https://example.org/x"),
        ("/weights", "[1, 2]"),
        ("/quiet/from", "22:00"),
        ("/quiet/until", "07:00"),
    ];
    let got = ada.post(PATH, &good).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.ada().says("/tuned").await?;
    app.ada()
        .sees(
            "Moin Moin, ratio Some(0.5), words [\"a\", \"b\"], since Some(\"2026-01-31\"), \
             mail Some(\"ops@example.org\"), site Some(\"https://example.org/x\"), weights [1, 2], \
             quiet Some(\"22:00\") to Some(\"07:00\"), token Some(11), pin None",
        )
        .await?;
    // What equals a default is not kept as somebody's choice.
    let kept = "SELECT settings AS text FROM plugins WHERE name = 'tunable'";
    let kept = app.database.texts(kept).await?.concat();
    ensure!(!kept.contains("tone"), "{kept}");
    // Operators see neither form nor values.
    app.lim_is_operator().await?;
    let mut lim = web.browser_of(LIM).await?;
    let page = lim.get("/plugins/tunable").await?;
    ensure!(
        page.status == StatusCode::OK && !page.text.contains("/greeting"),
        "{page:?}"
    );
    app.shutdown().await
}

async fn whoever_saves_an_old_version_is_told_what_is_true_now(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let mut other = web.browser_of(ADA).await?;
    ada.get("/plugins/tunable").await?;
    let got = other
        .post(PATH, &[("version", "0"), ("/greeting", "Theirs")])
        .await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    let mine = [("version", "0"), ("/greeting", "Mine"), ("/repeats", "2")];
    let got = ada.post(PATH, &mine).await?;
    ensure!(got.status == StatusCode::CONFLICT, "{got:?}");
    for part in [
        "value=\"Mine\"",
        "now: Theirs",
        "name=\"version\" value=\"1\"",
    ] {
        ensure!(got.text.contains(part), "{part} is not in {}", got.text);
    }
    app.ada().says("/tuned").await?;
    app.ada().sees("Theirs, ").await?;
    let mine = [("version", "1"), ("/greeting", "Mine"), ("/repeats", "2")];
    let got = ada.post(PATH, &mine).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.ada().says("/tuned").await?;
    app.ada().sees("Mine Mine, ").await?;
    app.shutdown().await
}

async fn a_plugin_that_refuses_its_settings_goes_on_with_the_old_ones(
    ground: Ground,
) -> Result<()> {
    let app = tunable(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let never = [
        ("version", "0"),
        ("/greeting", "New"),
        ("/quiet/from", "22:00"),
        ("/quiet/until", "22:00"),
    ];
    let got = ada.post(PATH, &never).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(
        got.text.contains("quiet hours end when they begin") && got.text.contains("value=\"New\""),
        "{got:?}"
    );
    app.ada().says("/tuned").await?;
    app.ada().sees("Hello, ").await?;
    let rows = "SELECT count(*) AS number FROM plugins WHERE settings <> '{}'";
    ensure!(app.database.number(rows).await? == 0, "they were saved");
    // What somebody wrote into the table by hand keeps it from starting, and saving mends it.
    ada.post(PATH, &[("version", "0"), ("/greeting", "Saved")])
        .await?;
    app.database
        .change(
            "UPDATE plugins SET settings = '{\"repeats\":77}', enabled = TRUE WHERE name = 'tunable'",
        )
        .await?;
    let mut app = app.stop().await?.start().await?;
    app.expect("tunable");
    app.ada().says("/plugins").await?;
    app.ada().sees("settings: repeats (max: 5)").await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let got = ada
        .post(PATH, &[("version", "1"), ("/repeats", "3")])
        .await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.ada().says("/tuned").await?;
    app.ada().sees("Hello Hello Hello, ").await?;
    app.shutdown().await
}

async fn a_secret_goes_to_the_plugin_and_nowhere_else(ground: Ground) -> Result<()> {
    const SECRET: &str = "c4n4ry-of-the-form";
    const PIN: &str = "c4n4ry-of-a-program";
    let app = tunable(ground).await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    let program = Program::of(&app, &web, ADA, &[MANAGE, "core.audit.view"]).await?;
    let mut shown = Vec::new();
    let fields = [("version", "0"), ("/token", SECRET), ("/mail", "nobody")];
    shown.push(ada.post(PATH, &fields).await?.text);
    let fields = [("version", "0"), ("/token", SECRET)];
    let got = ada.post(PATH, &fields).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    let body = json!({ "settings": { "quiet": { "pin": PIN, "from": "x" } } });
    let put = async |body: Value| {
        program
            .send(Method::PUT, API, &[], Some(body.to_string()))
            .await
    };
    shown.push(put(body).await?.json.to_string());
    let got = put(json!({ "settings": { "quiet": { "pin": PIN } } })).await?;
    ensure!(got.status == StatusCode::OK, "{}", got.json);
    ensure!(
        got.json["secrets"]
            == json!([{ "pointer": "/quiet/pin", "set": true }, { "pointer": "/token", "set": true }]),
        "{}",
        got.json
    );
    shown.push(got.json.to_string());
    app.ada().says("/tuned").await?;
    let lengths = format!("token Some({}), pin Some({})", SECRET.len(), PIN.len());
    app.ada().sees(&lengths).await?;
    let page = ada.get("/plugins/tunable").await?.text;
    ensure!(page.contains("set; leave empty to keep"), "{page}");
    shown.push(page);
    shown.push(ada.get("/audit").await?.text);
    shown.push(program.get(API).await?.json.to_string());
    shown.push(program.get("/api/v1/audit").await?.json.to_string());
    shown.push(
        program
            .get("/api/v1/plugins/tunable")
            .await?
            .json
            .to_string(),
    );
    app.ada().says("/plugin tunable settings").await?;
    shown.push(app.ada().sees("••• (set)").await?.text);
    // Leaving the field empty keeps it, ticking the box takes it away.
    let page = ada.get("/plugins/tunable").await?.text;
    let version = version(&page)?;
    let fields = [
        ("version", &*version),
        ("/greeting", "Moin"),
        ("/token", ""),
        ("clear:/quiet/pin", "1"),
    ];
    let got = ada.post(PATH, &fields).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.ada().says("/tuned").await?;
    let lengths = format!("token Some({}), pin None", SECRET.len());
    app.ada().sees(&lengths).await?;
    app.idle().await?;
    for table in [
        "audit_log.detail",
        "events.payload",
        "message_logs.text",
        "outbox.payload",
        "idempotency_keys.answer",
        "plugins.name",
    ] {
        let (table, column) = table.split_once('.').context("a column")?;
        let sql = format!("SELECT COALESCE({column}, '') AS text FROM {table}");
        shown.extend(app.database.texts(&sql).await?);
    }
    for text in &shown {
        ensure!(!text.contains("c4n4ry"), "a secret is in {text}");
    }
    ensure!(!app.notes.mention("c4n4ry"), "a secret is in the log");
    app.shutdown().await
}

async fn programs_set_settings_by_version_and_learn_each_fault(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let web = app.web().await?;
    let program = Program::of(&app, &web, ADA, &[MANAGE]).await?;
    let put = async |headers: &[(&str, &str)], settings: Value| {
        let body = json!({ "settings": settings }).to_string();
        program.send(Method::PUT, API, headers, Some(body)).await
    };
    let got = program.get(API).await?;
    ensure!(got.headers["etag"] == "\"0\"", "{:?}", got.headers);
    ensure!(
        got.json["settings"] == json!({}) && got.json["effective"]["greeting"] == "Hello",
        "{}",
        got.json
    );
    let got = put(&[("if-match", "\"0\"")], json!({ "repeats": 2 })).await?;
    ensure!(
        got.status == StatusCode::OK && got.headers["etag"] == "\"1\"",
        "{}",
        got.json
    );
    let got = put(&[("if-match", "\"0\"")], json!({ "repeats": 3 })).await?;
    ensure!(
        got.status == StatusCode::PRECONDITION_FAILED,
        "{}",
        got.json
    );
    ensure!(
        got.json["type"] == "urn:vahta:problem:stale",
        "{}",
        got.json
    );
    let bad = json!({ "repeats": 0, "odd": 1, "quiet": { "from": 7 } });
    let got = put(&[("if-match", "\"1\"")], bad).await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        got.json
    );
    ensure!(
        got.json["errors"]
            == json!([
                { "pointer": "/odd", "detail": "is no setting of this plugin" },
                { "pointer": "/quiet/from", "detail": "must be of the type string" },
                { "pointer": "/repeats", "detail": "must be 1 or more" },
            ]),
        "{}",
        got.json
    );
    app.ada().says("/tuned").await?;
    app.ada().sees("Hello Hello, ").await?;
    let got = program
        .send(
            Method::PUT,
            "/api/v1/plugins/nobody/settings",
            &[],
            Some("{\"settings\":{}}".into()),
        )
        .await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{}", got.json);
    let other = Program::of(&app, &web, ADA, &["core.plugins.view"]).await?;
    ensure!(other.get(API).await?.status == StatusCode::FORBIDDEN);
    app.shutdown().await
}
