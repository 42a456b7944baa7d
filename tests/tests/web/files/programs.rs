//! Files and repeated requests on plugins' API routes, and what the OpenAPI document says of them.

use anyhow::{Context as _, Result, ensure};
use reqwest::multipart::Form;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, TestApp, Web, WebClient, stories};

use super::{fetch, stored, text, with_shelf};
use crate::programs::Program;

stories![
    a_program_uploads_with_its_key,
    a_repeated_upload_stores_once,
    a_repeated_request_to_a_plugin_runs_once,
    a_plugin_reads_and_writes_its_files_in_pieces,
    the_openapi_document_has_what_plugins_declare,
];

const API: &str = "/api/v1/p/pages/files";

/// A program with a key, and a client that can send anything.
async fn program(app: &TestApp, web: &Web) -> Result<(Program, WebClient)> {
    let scopes = ["pages.view", "pages.write"];
    let program = Program::of(app, web, ADA, &scopes).await?;
    Ok((program, web.stranger()?))
}

async fn upload(
    program: &Program,
    client: &mut WebClient,
    key: Option<&str>,
    content: &str,
) -> Result<(StatusCode, Value)> {
    let form = Form::new()
        .text("note", "n")
        .part("file", text("note.txt", content)?);
    let mut request = client.request(Method::POST, API).bearer_auth(&program.key);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let got = client.finish(request.multipart(form)).await?;
    let json = serde_json::from_str(&got.text).unwrap_or(Value::String(got.text));
    Ok((got.status, json))
}

async fn a_program_uploads_with_its_key(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let (program, mut client) = program(&app, &web).await?;
    // No token: no browser sends a key by itself.
    let (status, got) = upload(&program, &mut client, None, "hello").await?;
    ensure!(status == StatusCode::OK, "{got}");
    let file = &got["files"][0];
    ensure!(
        file["field"] == "file" && file["name"] == "note.txt" && file["size"] == 5,
        "{got}"
    );
    ensure!(
        file["media_type"] == "text/plain" && got["fields"] == json!({ "note": "n" }),
        "{got}"
    );
    // SHA-256 of "hello".
    let sha = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    ensure!(file["sha256"] == sha, "{got}");
    let id = file["id"].as_str().context("an id")?;
    let bearer = format!("Bearer {}", program.key);
    let got = fetch(
        &client,
        Method::GET,
        &format!("{API}/{id}"),
        &[("authorization", &bearer)],
    )
    .await?;
    ensure!(got.status == StatusCode::OK && got.bytes == b"hello");
    ensure!(got.header("ratelimit-limit") == "120");
    let reader = Program::of(&app, &web, ADA, &["pages.view"]).await?;
    let (status, got) = upload(&reader, &mut client, None, "hello").await?;
    ensure!(status == StatusCode::FORBIDDEN, "{got}");
    ensure!(stored(&app).await? == (1, 1));
    app.shutdown().await
}

async fn a_repeated_upload_stores_once(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let (program, mut client) = program(&app, &web).await?;
    let (status, first) = upload(&program, &mut client, Some("k1"), "hello").await?;
    ensure!(status == StatusCode::OK, "{first}");
    let (status, again) = upload(&program, &mut client, Some("k1"), "hello").await?;
    ensure!(status == StatusCode::OK && again == first, "{again}");
    ensure!(stored(&app).await? == (1, 1));
    let (status, got) = upload(&program, &mut client, Some("k1"), "something else").await?;
    ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{got}");
    ensure!(stored(&app).await? == (1, 1));
    let (_, second) = upload(&program, &mut client, Some("k2"), "hello").await?;
    ensure!(
        second["files"][0]["id"] != first["files"][0]["id"],
        "{second}"
    );
    ensure!(stored(&app).await? == (2, 2));
    app.shutdown().await
}

async fn a_repeated_request_to_a_plugin_runs_once(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let (program, _) = program(&app, &web).await?;
    let path = "/api/v1/p/pages/lines";
    let key = [("idempotency-key", "k1")];
    let line = |text: &str| Some(json!(text).to_string());
    for _ in 0..3 {
        let got = program.send(Method::POST, path, &key, line("once")).await?;
        ensure!(
            got.status == StatusCode::OK && got.json == 1,
            "{}",
            got.json
        );
        ensure!(got.headers.contains_key("ratelimit-remaining"));
    }
    let got = program
        .send(Method::POST, path, &key, line("other"))
        .await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        got.json
    );
    ensure!(program.get(path).await?.json == json!(["once"]));
    // What broke off may have done something: it is not run again under its key.
    let key = [("idempotency-key", "k2")];
    for _ in 0..2 {
        let got = program
            .send(Method::POST, path, &key, line("panic"))
            .await?;
        ensure!(got.status == StatusCode::BAD_GATEWAY, "{}", got.json);
    }
    let key = [("idempotency-key", "k3")];
    let got = program
        .send(Method::POST, path, &key, line("twice"))
        .await?;
    ensure!(
        got.status == StatusCode::OK && got.json == 2,
        "{}",
        got.json
    );
    let mut app = app;
    app.expect("asked for");
    app.shutdown().await
}

async fn a_plugin_reads_and_writes_its_files_in_pieces(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let (program, mut client) = program(&app, &web).await?;
    let content = "abcdefgh".repeat(131_072);
    let (_, got) = upload(&program, &mut client, None, &content).await?;
    let id = got["files"][0]["id"].as_str().context("an id")?.to_owned();
    let got = program
        .post(&format!("{API}/{id}/loud"), json!(null))
        .await?;
    ensure!(
        got.status == StatusCode::OK && got.json["size"] == 1_048_576,
        "{}",
        got.json
    );
    let made = got.json["id"].as_str().context("an id")?;
    let bearer = format!("Bearer {}", program.key);
    let got = fetch(
        &client,
        Method::GET,
        &format!("{API}/{made}"),
        &[("authorization", &bearer)],
    )
    .await?;
    ensure!(got.bytes == content.to_uppercase().as_bytes());
    ensure!(
        got.header("content-disposition")
            .contains("\"loud note.txt\"")
    );
    // It deleted the first one.
    ensure!(stored(&app).await? == (1, 1));
    let got = program
        .post(&format!("{API}/{id}/loud"), json!(null))
        .await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{}", got.json);
    app.shutdown().await
}

async fn the_openapi_document_has_what_plugins_declare(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let (program, _) = program(&app, &web).await?;
    let document = program.get("/api/v1/openapi.json").await?.json;
    let post = &document["paths"][API]["post"];
    ensure!(post["summary"] == "Store texts", "{post}");
    ensure!(
        post["responses"]["200"]["description"] == "What was stored",
        "{post}"
    );
    ensure!(
        post["x-permission"] == "pages.write" && post["tags"] == json!(["pages"]),
        "{post}"
    );
    let body = &post["requestBody"]["content"]["multipart/form-data"];
    ensure!(
        body["encoding"]["file"]["contentType"] == "text/*",
        "{post}"
    );
    let get = &document["paths"]["/api/v1/p/pages/files/{id}"]["get"];
    ensure!(
        get["parameters"][0]["name"] == "id" && get["x-permission"] == "pages.view",
        "{get}"
    );
    // The core's own are there as well, and pages are not.
    ensure!(document["paths"]["/api/v1/users"]["get"].is_object());
    let paths = document["paths"].as_object().context("paths")?;
    ensure!(!paths.keys().any(|path| path.starts_with("/p/")));
    app.shutdown().await
}
