//! Files that people send in Telegram and a plugin takes into the store.

use anyhow::{Context as _, Result, ensure};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, TestApp, stories};

use super::{fetch, stored, with_shelf};
use crate::programs::Program;

stories![
    a_file_of_a_chat_becomes_one_of_the_plugins,
    a_file_of_a_chat_that_cannot_be_had_leaves_nothing,
];

const API: &str = "/api/v1/p/pages/zips/fetch";

/// Ada sends a document; its `file_id`.
async fn sent(app: &TestApp, content: Vec<u8>) -> Result<String> {
    let form = Form::new()
        .text("from", ADA.to_string())
        .text("chat", ADA.to_string())
        .part("document", Part::bytes(content).file_name("data.bin"));
    let message = app.control.post_form("messages", form).await?;
    let id = message["document"]["file_id"].as_str();
    Ok(id.with_context(|| message.to_string())?.to_owned())
}

async fn a_file_of_a_chat_becomes_one_of_the_plugins(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let program = Program::of(&app, &web, ADA, &["pages.view", "pages.write"]).await?;
    let content = b"0123456789abcdef".repeat(200_000);
    let file_id = sent(&app, content.clone()).await?;
    let got = program.post(API, json!({ "file_id": file_id })).await?.json;
    ensure!(got["size"] == 3_200_000, "{got}");
    let path = format!(
        "/api/v1/p/pages/files/{}",
        got["id"].as_str().context("an id")?
    );
    let bearer = format!("Bearer {}", program.key);
    let client = web.stranger()?;
    let read = fetch(
        &client,
        reqwest::Method::GET,
        &path,
        &[("authorization", &bearer)],
    )
    .await?;
    ensure!(read.bytes == content);
    ensure!(
        read.header("content-disposition")
            .contains("from the chat.bin")
    );
    app.idle().await?;
    app.shutdown().await
}

async fn a_file_of_a_chat_that_cannot_be_had_leaves_nothing(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let program = Program::of(&app, &web, ADA, &["pages.view", "pages.write"]).await?;
    let small = sent(&app, vec![7; 2_000]).await?;
    let large = sent(&app, vec![7; 21 << 20]).await?;
    let error = async |wanted: Value| -> Result<Value> {
        Ok(program.post(API, wanted).await?.json["error"].clone())
    };
    ensure!(error(json!({ "file_id": large })).await? == "too_big");
    ensure!(error(json!({ "file_id": small, "max_bytes": 1_999 })).await? == "too_big");
    ensure!(error(json!({ "file_id": "BQACAgIAAxkB" })).await? == "gone");
    ensure!(stored(&app).await? == (0, 0));
    app.idle().await?;
    app.shutdown().await
}
