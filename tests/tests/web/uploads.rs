//! Files that people bring by a link, in as many requests as it takes. The plugin `takes` makes
//! links with `/takes` and keeps what comes.

mod big;
mod forms;
mod links;
mod resuming;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use vahta_tests::stage::ADA;
use vahta_tests::web::Got;
use vahta_tests::{Ground, Stage, TestApp, WebClient, stories};

stories![
    a_file_comes_in_parts_and_its_plugin_hears_of_it_once,
    an_empty_file_and_one_that_comes_with_its_announcement_are_whole_at_once,
];

/// The bot with the plugin that takes files.
async fn with_links(ground: Ground) -> Result<TestApp> {
    begin(Stage::on(ground).await?).await
}

async fn begin(stage: Stage) -> Result<TestApp> {
    let app = stage.with_plugins(&["takes"])?.start().await?;
    app.ada().asks("/whoami").await?;
    app.idle().await?;
    Ok(app)
}

/// Asks the plugin for a link; answers its path.
async fn link(stage: &Stage, grant: Value) -> Result<String> {
    let said = stage.ada().asks(&format!("/takes {grant}")).await?.text;
    ensure!(said.starts_with("/u/"), "{said}");
    Ok(said)
}

/// A megabyte of ten files.
async fn any_link(stage: &Stage) -> Result<String> {
    let grant = json!({ "key": "k", "max_bytes": 64 * 1024 * 1024, "max_files": 10 });
    link(stage, grant).await
}

/// So many bytes that are nowhere the same.
fn content(size: usize) -> Vec<u8> {
    let mut seed = 7_u32;
    let next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(size).collect()
}

fn sum(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    let value = headers.get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn metadata(path: &str, kind: &str) -> String {
    let (path, kind) = (STANDARD.encode(path), STANDARD.encode(kind));
    format!("relativePath {path},filetype {kind}")
}

/// Announces a file.
async fn announce(client: &mut WebClient, link: &str, path: &str, length: usize) -> Result<Got> {
    let request = client
        .request(Method::POST, &format!("{link}/files"))
        .header("tus-resumable", "1.0.0")
        .header("upload-length", length)
        .header("upload-metadata", metadata(path, "text/plain"));
    client.finish(request).await
}

/// As [`announce`]; answers the file's address.
async fn begins(client: &mut WebClient, link: &str, path: &str, length: usize) -> Result<String> {
    let got = announce(client, link, path, length).await?;
    ensure!(got.status == StatusCode::CREATED, "{got:?}");
    Ok(got.location().context("where it is")?.to_owned())
}

/// Sends bytes that belong at `offset`.
async fn sends(
    client: &mut WebClient,
    file: &str,
    offset: usize,
    bytes: impl Into<reqwest::Body>,
) -> Result<Got> {
    let request = client
        .request(Method::PATCH, file)
        .header("tus-resumable", "1.0.0")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset)
        .body(bytes);
    client.finish(request).await
}

/// How many bytes of it have arrived.
async fn offset(client: &mut WebClient, file: &str) -> Result<usize> {
    let got = client.send(Method::HEAD, file, &[], None).await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    Ok(header(&got.headers, "upload-offset").parse()?)
}

/// What the plugin has heard of, once there is nothing more to hear.
async fn heard(app: &TestApp) -> Result<Vec<Value>> {
    let untold = "SELECT count(*) AS number FROM jobs WHERE kind = 'upload' AND state <> 2";
    app.database.becomes(untold, 0).await?;
    let said = app.ada().asks("/taken").await?.text;
    Ok(serde_json::from_str(&said)?)
}

/// Rows of files, rows of their parts, and things in the store's folder.
async fn stored(stage: &Stage) -> Result<(i64, i64, usize)> {
    let count = |table: &str| format!("SELECT count(*) AS number FROM {table}");
    let rows = stage.database.number(&count("blobs")).await?;
    let parts = stage.database.number(&count("blob_chunks")).await?;
    let mut files = 0;
    for shelf in std::fs::read_dir(stage.folder().join("blobs"))? {
        files += std::fs::read_dir(shelf?.path())?.count();
    }
    Ok((rows, parts, files))
}

/// What a link has left, as it says itself.
async fn left(client: &mut WebClient, link: &str) -> Result<Value> {
    let got = client.get(link).await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    Ok(serde_json::from_str(&got.text)?)
}

async fn a_file_comes_in_parts_and_its_plugin_hears_of_it_once(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let grant = json!({
        "key": "reports", "max_bytes": 64 * 1024 * 1024, "max_files": 10, "meta": { "box": 7 },
    });
    let link = link(&app, grant).await?;
    // Over the size of one part, and no multiple of anything.
    let bytes = content(20 * 1024 * 1024 + 77);
    let file = begins(&mut client, &link, "../q3/numbers.txt", bytes.len()).await?;
    ensure!(offset(&mut client, &file).await? == 0);
    let cuts = [0, 1, 5_000, 9 * 1024 * 1024, bytes.len()];
    for cut in cuts.windows(2) {
        let got = sends(&mut client, &file, cut[0], bytes[cut[0]..cut[1]].to_vec()).await?;
        ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
        let at = header(&got.headers, "upload-offset");
        ensure!(at == cut[1].to_string(), "{got:?}");
        ensure!(offset(&mut client, &file).await? == cut[1]);
    }
    let heard = heard(&app).await?;
    ensure!(heard.len() == 1, "{heard:?}");
    let told = &heard[0];
    ensure!(
        told["key"] == "reports" && told["meta"]["box"] == 7,
        "{told}"
    );
    ensure!(
        told["path"] == "q3/numbers.txt" && told["name"] == "numbers.txt",
        "{told}"
    );
    ensure!(told["media_type"] == "text/plain", "{told}");
    ensure!(
        told["size"] == bytes.len() && told["sha256"] == sum(&bytes),
        "{told}"
    );
    // One file, whose bytes are its parts.
    let (rows, parts, files) = stored(&app).await?;
    ensure!(
        rows == 1 && parts as usize == files,
        "{:?}",
        (rows, parts, files)
    );
    let page = format!("/p/takes/files/{}", told["blob"].as_str().context("an id")?);
    let ada = web.browser_of(ADA).await?;
    for range in [0..bytes.len(), 4_990..9 * 1024 * 1024 + 10, 1..2] {
        let asked = format!("bytes={}-{}", range.start, range.end - 1);
        let request = ada.request(Method::GET, &page).header("range", asked);
        #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
        let got = request.send().await?;
        ensure!(got.status() == StatusCode::PARTIAL_CONTENT, "{got:?}");
        ensure!(got.bytes().await? == bytes[range]);
    }
    // Whoever did not hear the last answer asks, and is told that all of it is here.
    ensure!(offset(&mut client, &file).await? == bytes.len());
    let got = sends(&mut client, &file, bytes.len() - 1, "x").await?;
    ensure!(got.status == StatusCode::CONFLICT, "{got:?}");
    app.app
        .blobs
        .delete("takes", told["blob"].as_str().context("an id")?)
        .await?;
    ensure!(stored(&app).await? == (0, 0, 0));
    app.shutdown().await
}

async fn an_empty_file_and_one_that_comes_with_its_announcement_are_whole_at_once(
    ground: Ground,
) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    begins(&mut client, &link, "empty.txt", 0).await?;
    let request = client
        .request(Method::POST, &format!("{link}/files"))
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 5)
        .header("upload-metadata", metadata("short.txt", "text/plain"))
        .header("content-type", "application/offset+octet-stream")
        .body("hello");
    let got = client.finish(request).await?;
    ensure!(got.status == StatusCode::CREATED, "{got:?}");
    ensure!(header(&got.headers, "upload-offset") == "5", "{got:?}");
    let mut heard = heard(&app).await?;
    heard.sort_by_key(|told| told["size"].as_u64());
    ensure!(heard.len() == 2, "{heard:?}");
    ensure!(heard[0]["sha256"] == sum(b""), "{heard:?}");
    ensure!(heard[1]["sha256"] == sum(b"hello"), "{heard:?}");
    ensure!(
        stored(&app).await? == (2, 1, 1),
        "nothing is stored of nothing"
    );
    app.shutdown().await
}
