//! Archives that the core builds for a plugin.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::blobs::{Blob, NewBlob};
use bot_core::housekeeping;
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, TestApp, Web, stories};

use super::{stored, with_shelf};
use crate::programs::Program;

stories![
    a_plugin_gets_an_archive_of_its_files,
    a_locked_archive_opens_with_its_password,
    a_missing_file_is_named_and_nothing_is_left,
    a_build_has_one_name_shows_its_progress_and_is_cancelled,
    a_build_ends_with_its_plugin,
];

const API: &str = "/api/v1/p/pages/zips";

async fn program(app: &TestApp, web: &Web) -> Result<Program> {
    Program::of(app, web, ADA, &["pages.view", "pages.write"]).await
}

/// One of the plugin's files, kept.
async fn file(app: &TestApp, content: Vec<u8>) -> Result<String> {
    let blobs = &app.app.blobs;
    let new = NewBlob {
        plugin: "pages".into(),
        name: "x".into(),
        media_type: String::new(),
        created_by: None,
    };
    let mut upload = blobs.begin(new).await?;
    upload.write(content.into()).await?;
    let blob = upload.finish().await?;
    ensure!(blobs.keep("pages", &blob.id, None).await?);
    Ok(blob.id)
}

/// What the archive's blob holds, on the disk, for other programs.
async fn on_disk(app: &TestApp, built: &Value) -> Result<std::path::PathBuf> {
    let id = built["blob"].as_str().with_context(|| built.to_string())?;
    let found = app.app.blobs.find("pages", id).await?;
    let blob: Blob = found.context("the archive is there")?;
    ensure!(blob.name == "archive.zip" && blob.media_type == "application/zip");
    ensure!(built["size"] == blob.size && built["sha256"] == blob.sha256);
    let parts = app.app.blobs.read(&blob, 0..blob.size).await?;
    let parts: Vec<_> = parts.try_collect().await?;
    let path = app.folder().join("archive.zip");
    std::fs::write(&path, parts.concat())?;
    Ok(path)
}

fn run(program: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let said = Command::new(program).args(arguments).output();
    let said = said.with_context(|| format!("{program}: cargo xtask deps"))?;
    ensure!(said.status.success(), "{program}: {said:?}");
    Ok(said.stdout)
}

async fn a_plugin_gets_an_archive_of_its_files(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let program = program(&app, &web).await?;
    let text = file(&app, b"hello, ".repeat(10_000)).await?;
    let empty = file(&app, Vec::new()).await?;
    let names = ["notes/a.txt", "../notes/A.txt", "отчёт.txt", "con"];
    let entries: Vec<_> = names
        .iter()
        .map(|name| (&text, *name))
        .chain([(&empty, "e")])
        .collect();
    let wanted = json!({ "id": "1", "entries": entries });
    let built = program.post(API, wanted).await?.json;
    let safe = ["notes/a.txt", "notes/A (2).txt", "отчёт.txt", "_con", "e"];
    ensure!(built["names"] == json!(safe), "{built}");
    ensure!(
        built["entries"] == 5 && built["input"] == 280_000,
        "{built}"
    );
    let path = on_disk(&app, &built).await?;
    let path = path.to_str().context("a path")?;
    run("unzip", &["-tqq", path])?;
    ensure!(run("unzip", &["-p", path, "notes/A (2).txt"])? == b"hello, ".repeat(10_000));
    ensure!(stored(&app).await? == (3, 3));
    app.shutdown().await
}

async fn a_locked_archive_opens_with_its_password(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let program = program(&app, &web).await?;
    let secret = file(&app, b"the secret".to_vec()).await?;
    let wanted = json!({ "id": "1", "entries": [(&secret, "s.txt")], "password": "correct horse" });
    let built = program.post(API, wanted).await?.json;
    let path = on_disk(&app, &built).await?;
    let path = path.to_str().context("a path")?;
    ensure!(run("7zz", &["x", "-so", "-pcorrect horse", path])? == b"the secret");
    ensure!(run("7zz", &["t", "-pwrong", path]).is_err());
    let open = json!({ "id": "1", "entries": [(&secret, "s.txt")], "password": "" });
    let refused = program.post(API, open).await?.json;
    ensure!(refused["error"] == "bad_request", "{refused}");
    app.shutdown().await
}

async fn a_missing_file_is_named_and_nothing_is_left(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let program = program(&app, &web).await?;
    let there = file(&app, b"x".repeat(3_000_000)).await?;
    let others = file(&app, b"x".to_vec()).await?;
    app.database
        .change(&format!(
            "UPDATE blobs SET plugin = 'task' WHERE id = '{others}'"
        ))
        .await?;
    let lost = file(&app, b"lost".to_vec()).await?;
    std::fs::remove_file(find_file(&app, &lost)?)?;
    for missing in ["0123", &others, &lost] {
        let wanted = json!({ "id": "1", "entries": [(&there, "a"), (missing, "b")] });
        let refused = program.post(API, wanted).await?.json;
        ensure!(refused["error"] == "gone", "{refused}");
        let detail = json!({ "entry": 1, "blob": missing });
        ensure!(refused["detail"] == detail, "{refused}");
        ensure!(stored(&app).await? == (3, 2), "{:?}", stored(&app).await?);
    }
    app.shutdown().await
}

/// Where a blob's bytes are.
fn find_file(app: &TestApp, id: &str) -> Result<std::path::PathBuf> {
    for shelf in std::fs::read_dir(app.folder().join("blobs"))? {
        for file in std::fs::read_dir(shelf?.path())? {
            let path = file?.path();
            if path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().contains(id))
            {
                return Ok(path);
            }
        }
    }
    anyhow::bail!("no file of {id}")
}

/// One file again and again: an archive that takes long, and little room.
async fn begin_long(app: &TestApp, web: &Web) -> Result<tokio::task::JoinHandle<Result<Value>>> {
    let program = program(app, web).await?;
    let file = file(app, vec![b'x'; 8 << 20]).await?;
    let wanted = json!({ "id": "long", "entries": [(&file, "x")], "times": 20_000 });
    let path = format!("{API}/long");
    let watcher = self::program(app, web).await?;
    let building = tokio::spawn(async move { Ok(program.post(API, wanted).await?.json) });
    for _ in 0..1_000 {
        let now = watcher.get(&path).await?.json;
        if now[0].as_u64().is_some_and(|done| done > 0) {
            ensure!(now[1] == 20_000_u64 * (8 << 20), "{now}");
            return Ok(building);
        }
        ensure!(!building.is_finished(), "{:?}", building.await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("the build does not begin")
}

/// The file itself; no row and no file of the archive.
async fn only_the_file_is_stored(app: &TestApp) -> Result<()> {
    for _ in 0..500 {
        if stored(app).await? == (1, 1) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("still stored: {:?}", stored(app).await?)
}

async fn a_build_has_one_name_shows_its_progress_and_is_cancelled(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let program = program(&app, &web).await?;
    let building = begin_long(&app, &web).await?;
    let again = json!({ "id": "long", "entries": [] });
    let refused = program.post(API, again).await?.json;
    ensure!(refused["error"] == "busy", "{refused}");
    let cancelled = program
        .post(&format!("{API}/long/cancel"), json!(null))
        .await?;
    ensure!(cancelled.json == true, "{}", cancelled.json);
    let ended = building.await??;
    ensure!(ended["error"] == "cancelled", "{ended}");
    ensure!(stored(&app).await? == (1, 1), "{:?}", stored(&app).await?);
    ensure!(program.get(&format!("{API}/long")).await?.json.is_null());
    let nothing = program
        .post(&format!("{API}/long/cancel"), json!(null))
        .await?;
    ensure!(nothing.json == false, "{}", nothing.json);
    // The name is free again, and an archive of nothing is one.
    let built = program
        .post(API, json!({ "id": "long", "entries": [] }))
        .await?
        .json;
    ensure!(built["entries"] == 0, "{built}");
    app.shutdown().await
}

async fn a_build_ends_with_its_plugin(ground: Ground) -> Result<()> {
    let mut app = with_shelf(ground).await?;
    let web = app.web().await?;
    let building = begin_long(&app, &web).await?;
    app.ada().says("/plugin pages disable").await?;
    app.ada().sees("switched off").await?;
    building.await??;
    only_the_file_is_stored(&app).await?;
    housekeeping::once(&app.app).await;
    ensure!(stored(&app).await? == (1, 1));
    app.expect("pages");
    app.shutdown().await
}
