//! The API asked for everything that its own document describes, with values that fit or do not.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

use crate::programs::Program;

stories![no_input_of_the_document_makes_a_fault_of_ours];

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
    for round in 0..vahta_tests::count(4, 90) {
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
                        let known = dice.roll(3) > 0 && name == "id";
                        let value = if known { "2".into() } else { escaped(&value) };
                        path = path.replace(&format!("{{{name}}}"), &value);
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
                        0 => text.chars().take(text.chars().count() / 2).collect(),
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
