//! Archives, from the chat and the browser to whoever has the link.

mod collecting;
mod links;
mod pages;

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_tests::sandbox::Message;
use vahta_tests::web::Got;
use vahta_tests::{Ground, Stage, TestApp, WebClient};

/// Where the links of these stories begin; a story's site has a port of its own.
const SITE: &str = "https://vahta.example";

/// The bot with archives; Lim is an operator.
async fn with_archives(ground: Ground) -> Result<TestApp> {
    begin(Stage::on(ground).await?).await
}

async fn begin(stage: Stage) -> Result<TestApp> {
    let stage = stage.with("VAHTA_PUBLIC_URL", SITE);
    let app = stage.with_plugins(&["archive"])?.start().await?;
    app.lim_is_operator().await?;
    Ok(app)
}

/// Lim sends a document.
async fn sends(app: &TestApp, name: &str, bytes: &[u8]) -> Result<()> {
    let lim = app.lim();
    lim.sends("document", name, bytes, json!({})).await?;
    Ok(())
}

/// Lim presses [Finish] and waits for the link; answers its path.
async fn finished(app: &TestApp) -> Result<String> {
    app.lim().presses("Finish").await?;
    let ready = |message: &Message| message.raw["photo"].is_array();
    let card = app.lim().sees_where("the link's picture", ready).await?;
    path_of(&card.text)
}

/// The path of the link in a card.
fn path_of(text: &str) -> Result<String> {
    let start = text.find(SITE).context("a link")? + SITE.len();
    let path = text[start..].split_whitespace().next();
    Ok(path.unwrap_or_default().to_owned())
}

/// Downloads as somebody with the link does: the page, its form, the bytes.
async fn takes(client: &mut WebClient, path: &str, password: &str) -> Result<Vec<u8>> {
    let page = client.get(path).await?;
    ensure!(page.status == StatusCode::OK, "{page:?}");
    let grant = granted(client, path, password).await?;
    bytes(client, &grant).await
}

/// Where the bytes are.
async fn granted(client: &mut WebClient, path: &str, password: &str) -> Result<String> {
    let got = client.post(path, &[("password", password)]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    let to = got.headers["location"].to_str()?;
    Ok(to.to_owned())
}

async fn bytes(client: &WebClient, path: &str) -> Result<Vec<u8>> {
    let request = client.request(Method::GET, path);
    #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
    let response = request.send().await?;
    ensure!(response.status() == StatusCode::OK, "{response:?}");
    Ok(response.bytes().await?.to_vec())
}

/// What Python's zipfile finds in a ZIP: names and contents; every checksum is checked.
fn unpacked(zip: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    const READ: &str = "import sys, json, zipfile\n\
        z = zipfile.ZipFile(sys.argv[1])\n\
        assert z.testzip() is None\n\
        json.dump([[i.filename, list(z.read(i))] for i in z.infolist()], sys.stdout)";
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), zip)?;
    let read = Command::new("python3")
        .args(["-c", READ])
        .arg(file.path())
        .output()?;
    ensure!(
        read.status.success(),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );
    Ok(serde_json::from_slice(&read.stdout)?)
}

fn entry(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), bytes.to_vec())
}

/// The API, as whoever is logged in with this browser.
async fn api(
    browser: &mut WebClient,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<(StatusCode, Value)> {
    let token = browser.csrf.clone().context("a token")?;
    let headers = [
        ("content-type", "application/json"),
        ("x-csrf-token", token.as_str()),
    ];
    let path = format!("/api/v1/p/archive{path}");
    let body = body.map(|body| body.to_string());
    let got: Got = browser.send(method, &path, &headers, body).await?;
    let json = serde_json::from_str(&got.text).unwrap_or(Value::Null);
    Ok((got.status, json))
}
