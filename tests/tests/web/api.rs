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
    no_input_of_the_document_makes_a_fault_of_ours,
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

/// A small generator with a seed: what fails, fails again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn text(&mut self) -> String {
        let texts = [
            "",
            "a",
            "night",
            "%",
            "_",
            "'",
            "\"; DROP TABLE roles; --",
            "../../etc/passwd",
            "*",
            "🦀",
            "\u{202e}abc",
            "core.users.view",
            "admin",
            "guest",
            "0",
            "-1",
            "NaN",
            "null",
            "2030-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "\u{0}",
            "\\",
            "user",
            "/help",
        ];
        match self.roll(texts.len() + 1) {
            n if n < texts.len() => texts[n].to_owned(),
            _ => "x".repeat(self.roll(3_000)),
        }
    }

    fn number(&mut self) -> Value {
        let numbers = [
            json!(0),
            json!(1),
            json!(2),
            json!(-1),
            json!(7),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1_i64 << 53),
            json!(0.5),
            json!(1e300),
            json!(u32::MAX),
        ];
        numbers[self.roll(numbers.len())].clone()
    }

    /// A value of the schema's kind, mostly.
    fn value(&mut self, schema: &Value) -> Value {
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds[0].as_str().unwrap_or("string"),
            kind => kind.as_str().unwrap_or("string"),
        };
        match (self.roll(8), kind) {
            (0, _) => [json!(null), json!([]), json!({}), json!(true)][self.roll(4)].clone(),
            (1, _) => Value::String(self.text()),
            (2, _) => self.number(),
            (_, "integer" | "number") => self.number(),
            (_, "boolean") => json!(self.roll(2) == 0),
            (_, "array") => (0..self.roll(4))
                .map(|_| Value::String(self.text()))
                .collect(),
            _ => Value::String(self.text()),
        }
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn no_input_of_the_document_makes_a_fault_of_ours(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    app.gus().asks("/start").await?;
    let document = admin_web::openapi();
    let scopes: Vec<&str> = bot_core::access::keys::CORE
        .iter()
        .map(|(key, _)| *key)
        .collect();
    let (mut dice, mut answers) = (Dice(0x5641_4854), std::collections::BTreeMap::new());
    for round in 0..vahta_tests::count(4, 200) {
        // Fresh callers: nobody is slowed down.
        let program = Program::of(&app, &web, ADA, &scopes).await?;
        let mut ada = web.browser_of(ADA).await?;
        let paths = document["paths"].as_object().context("paths")?;
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().context("methods")? {
                let (mut path, mut query) = (path.clone(), Vec::new());
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let name = parameter["name"].as_str().unwrap_or_default();
                    let value = match dice.value(&parameter["schema"]) {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    if parameter["in"] == "path" {
                        path = path.replace(&format!("{{{name}}}"), &escaped(&value));
                        if dice.roll(3) > 0 && name == "id" {
                            path = path.replace(&escaped(&value), "2");
                        }
                    } else if dice.roll(3) > 0 {
                        query.push(format!("{name}={}", escaped(&value)));
                    }
                }
                if !query.is_empty() {
                    path = format!("{path}?{}", query.join("&"));
                }
                let schema = operation.pointer("/requestBody/content/application~1json/schema");
                let body = schema.map(|schema| {
                    let pointer = schema["$ref"].as_str().unwrap_or_default();
                    let schema = document.pointer(pointer.trim_start_matches('#'));
                    let fields = schema.and_then(|schema| schema["properties"].as_object());
                    let mut body = serde_json::Map::new();
                    for (name, schema) in fields.into_iter().flatten() {
                        if dice.roll(6) > 0 {
                            body.insert(name.clone(), dice.value(schema));
                        }
                    }
                    let text = Value::Object(body).to_string();
                    match dice.roll(10) {
                        0 => text[..text.len() / 2].chars().collect(),
                        _ => text,
                    }
                });
                let method: Method = method.to_uppercase().parse()?;
                let status = if dice.roll(4) > 0 {
                    program
                        .send(method.clone(), &path, &[], body.clone())
                        .await?
                        .status
                } else {
                    let csrf = ada.csrf.clone().unwrap_or_default();
                    let headers = [
                        ("content-type", "application/json"),
                        ("x-csrf-token", &*csrf),
                    ];
                    ada.send(method.clone(), &path, &headers, body.clone())
                        .await?
                        .status
                };
                ensure!(
                    status.as_u16() < 500,
                    "round {round}: {method} {path} {body:?}: {status}"
                );
                *answers.entry(status.as_u16()).or_insert(0_u32) += 1;
            }
        }
    }
    ensure!(
        answers.contains_key(&200) && answers.contains_key(&400),
        "{answers:?}"
    );
    app.shutdown().await
}
