//! Uploads that are cut, whose process dies, or that two go on with at once.

use anyhow::{Context as _, Result, ensure};
use bot_core::blobs::Blobs;
use bot_core::housekeeping;
use bot_core::jobs::Jobs;
use bot_core::uploads::{UploadError, Uploads};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vahta_tests::{Ground, Stage, TestApp, WebClient, stories};

use super::{any_link, begins, content, heard, left, offset, sends, stored, sum, with_links};

stories![
    an_upload_that_is_cut_keeps_what_came,
    a_site_that_stops_keeps_what_came,
    an_upload_goes_on_after_a_kill_9,
    whoever_comes_last_goes_on_and_the_other_one_adds_nothing,
    two_instances_go_on_with_one_file_in_turns,
    what_a_dead_writer_left_is_taken_away_and_the_rest_goes_on,
    a_file_that_nobody_goes_on_with_is_given_up_and_its_bytes_are_free,
];

const MIB: usize = 1024 * 1024;

/// The head of a PATCH with so many bytes, and some of them.
pub(super) async fn begins_to_send(
    base: &str,
    file: &str,
    at: usize,
    length: usize,
    some: &[u8],
) -> Result<TcpStream> {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await?;
    let head = format!(
        "PATCH {file} HTTP/1.1\r\nHost: {host}\r\nTus-Resumable: 1.0.0\r\nConnection: close\r\n\
         Content-Type: application/offset+octet-stream\r\nUpload-Offset: {at}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(some).await?;
    Ok(stream)
}

/// Waits until so many bytes of a file are written down.
async fn arrives(stage: &Stage, least: usize) -> Result<()> {
    let sql = format!("SELECT count(*) AS number FROM uploads WHERE size >= {least}");
    stage.database.becomes(&sql, 1).await
}

async fn an_upload_that_is_cut_keeps_what_came(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let bytes = content(12 * MIB);
    let file = begins(&mut client, &any_link(&app).await?, "cut.bin", bytes.len()).await?;
    let cut = begins_to_send(&web.url(""), &file, 0, bytes.len(), &bytes[..10 * MIB]).await?;
    drop(cut);
    arrives(&app, 10 * MIB).await?;
    ensure!(offset(&mut client, &file).await? == 10 * MIB);
    let got = sends(&mut client, &file, 10 * MIB, bytes[10 * MIB..].to_vec()).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    ensure!(heard(&app).await?[0]["sha256"] == sum(&bytes));
    app.shutdown().await
}

async fn a_site_that_stops_keeps_what_came(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let bytes = content(3 * MIB);
    let file = begins(&mut client, &any_link(&app).await?, "stop.bin", bytes.len()).await?;
    let sending = begins_to_send(&web.url(""), &file, 0, bytes.len(), &bytes[..2 * MIB]).await?;
    is_in_the_store(&app, MIB as u64).await?;
    web.stop().await?;
    drop(sending);
    arrives(&app, MIB).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let at = offset(&mut client, &file).await?;
    let got = sends(&mut client, &file, at, bytes[at..].to_vec()).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    ensure!(heard(&app).await?[0]["sha256"] == sum(&bytes));
    app.shutdown().await
}

/// Waits until a thing in the store's folder, whole or not, has so many bytes.
async fn is_in_the_store(stage: &Stage, least: u64) -> Result<()> {
    for _ in 0..500 {
        for shelf in std::fs::read_dir(stage.folder().join("blobs"))? {
            for file in std::fs::read_dir(shelf?.path())? {
                if file?.metadata()?.len() >= least {
                    return Ok(());
                }
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    anyhow::bail!("nothing arrives in the store")
}

async fn an_upload_goes_on_after_a_kill_9(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_plugins(&["takes"])?;
    let mut process = stage.run().await?;
    stage.ada().asks("/whoami").await?;
    stage.idle().await?;
    let link = any_link(&stage).await?;
    let base = site_of(&mut process).await?;
    let mut client = WebClient::at(&base, None)?;
    let bytes = content(20 * MIB);
    let file = begins(&mut client, &link, "killed.bin", bytes.len()).await?;
    let sending = begins_to_send(&base, &file, 0, bytes.len(), &bytes[..12 * MIB]).await?;
    arrives(&stage, 8 * MIB).await?;
    process.kill()?;
    drop(sending);
    let mut process = stage.run().await?;
    let mut client = WebClient::at(&site_of(&mut process).await?, None)?;
    // Only the part that was open is lost.
    let at = offset(&mut client, &file).await?;
    ensure!((8 * MIB..=12 * MIB).contains(&at), "{at}");
    let got = sends(&mut client, &file, at, bytes[at..].to_vec()).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    stage
        .database
        .becomes(
            "SELECT count(*) AS number FROM blobs WHERE expires_at IS NULL",
            1,
        )
        .await?;
    let said = stage.ada().asks("/taken").await?.text;
    ensure!(said.contains(&sum(&bytes)), "{said}");
    let (rows, parts, files) = stored(&stage).await?;
    ensure!(
        (rows, files) == (1, usize::try_from(parts)?),
        "{:?}",
        (rows, parts, files)
    );
    process.stop().await
}

async fn site_of(process: &mut vahta_tests::Process) -> Result<String> {
    let started = process
        .logs_line(|line| line["message"] == "web site")
        .await?;
    let address = started["address"].as_str().context("an address")?;
    Ok(format!("http://{address}"))
}

async fn whoever_comes_last_goes_on_and_the_other_one_adds_nothing(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let (bytes, others) = (content(3 * MIB), vec![b'x'; 3 * MIB]);
    let file = begins(&mut client, &any_link(&app).await?, "two.bin", bytes.len()).await?;
    // A line that went dead without a word.
    let mut dead = begins_to_send(&web.url(""), &file, 0, others.len(), &others[..MIB]).await?;
    let first = "SELECT count(*) AS number FROM uploads WHERE epoch = 1";
    app.database.becomes(first, 1).await?;
    let got = sends(&mut client, &file, 0, bytes[..2 * MIB].to_vec()).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    dead.write_all(&others[MIB..]).await?;
    let mut said = String::new();
    dead.read_to_string(&mut said).await?;
    ensure!(said.starts_with("HTTP/1.1 409"), "{said}");
    ensure!(offset(&mut client, &file).await? == 2 * MIB);
    let got = sends(&mut client, &file, 2 * MIB, bytes[2 * MIB..].to_vec()).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    ensure!(heard(&app).await?[0]["sha256"] == sum(&bytes));
    let (rows, parts, files) = stored(&app).await?;
    ensure!(
        (rows, parts, files) == (1, 2, 2),
        "{:?}",
        (rows, parts, files)
    );
    app.shutdown().await
}

/// What another process has over the same database and store.
fn another_instance(app: &TestApp) -> Result<Uploads> {
    let blobs = Blobs::open(app.database.once_more()?, &app.app.config.blobs)?;
    Ok(Uploads::new(blobs, Jobs::default()))
}

async fn two_instances_go_on_with_one_file_in_turns(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let bytes = content(10 * MIB);
    let file = begins(&mut client, &link, "turns.bin", bytes.len()).await?;
    let (_, id) = file.rsplit_once('/').context("an id")?;
    let instances = [app.app.uploads.clone(), another_instance(&app)?];
    let token = link.trim_start_matches("/u/");
    let grant = instances[1].open(token).await?;
    let mut at = 0;
    for (turn, size) in [1, MIB, 7, 3 * MIB].into_iter().enumerate() {
        let uploads = &instances[turn % 2];
        let mut writer = uploads.go_on(&grant, id, at as u64).await?;
        writer.write(bytes[at..at + size].to_vec().into()).await?;
        at += size;
        ensure!(writer.end().await?.offset == at as u64);
    }
    // Both at once: who came first adds nothing any more.
    let mut first = instances[0].go_on(&grant, id, at as u64).await?;
    first.write(vec![b'x'; MIB].into()).await?;
    let mut second = instances[1].go_on(&grant, id, at as u64).await?;
    second.write(bytes[at..].to_vec().into()).await?;
    let refused = first.end().await;
    ensure!(
        matches!(refused, Err(UploadError::Offset(_))),
        "{refused:?}"
    );
    ensure!(second.end().await?.is_whole);
    app.app.jobs.wake();
    ensure!(heard(&app).await?[0]["sha256"] == sum(&bytes));
    let (rows, parts, files) = stored(&app).await?;
    ensure!(
        (rows, files) == (1, usize::try_from(parts)?),
        "{:?}",
        (rows, parts, files)
    );
    app.shutdown().await
}

async fn what_a_dead_writer_left_is_taken_away_and_the_rest_goes_on(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let file = begins(&mut client, &link, "died.bin", 2 * MIB).await?;
    let (_, id) = file.rsplit_once('/').context("an id")?;
    let uploads = &app.app.uploads;
    let grant = uploads.open(link.trim_start_matches("/u/")).await?;
    sends(&mut client, &file, 0, vec![7; MIB]).await?;
    // A process that dies drops nothing.
    let mut died = uploads.go_on(&grant, id, MIB as u64).await?;
    died.write(vec![7; MIB / 2].into()).await?;
    std::mem::forget(died);
    ensure!(stored(&app).await? == (1, 2, 2));
    app.app.blobs.sweep().await?;
    ensure!(stored(&app).await? == (1, 2, 2), "it may still be at it");
    let old = "UPDATE blob_chunks SET created_at = 1 WHERE state = 0";
    app.database.change(old).await?;
    app.app.blobs.sweep().await?;
    ensure!(
        stored(&app).await? == (1, 1, 1),
        "{:?}",
        stored(&app).await?
    );
    let got = sends(&mut client, &file, MIB, vec![7; MIB]).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    ensure!(heard(&app).await?[0]["sha256"] == sum(&[7; 2 * MIB]));
    app.shutdown().await
}

async fn a_file_that_nobody_goes_on_with_is_given_up_and_its_bytes_are_free(
    ground: Ground,
) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let file = begins(&mut client, &link, "left.bin", 2 * MIB).await?;
    sends(&mut client, &file, 0, vec![7; MIB]).await?;
    let before = left(&mut client, &link).await?;
    ensure!(before["left_files"] == 9, "{before}");
    ensure!(before["uploads"][0]["offset"] == MIB, "{before}");
    ensure!(before["uploads"][0]["name"] == "left.bin", "{before}");
    housekeeping::once(&app.app).await;
    ensure!(stored(&app).await?.0 == 1, "a day is not over");
    app.database
        .change("UPDATE uploads SET expires_at = 1")
        .await?;
    let got = sends(&mut client, &file, MIB, vec![7; MIB]).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    housekeeping::once(&app.app).await;
    ensure!(
        stored(&app).await? == (0, 0, 0),
        "{:?}",
        stored(&app).await?
    );
    let after = left(&mut client, &link).await?;
    ensure!(after["left_files"] == 10, "{after}");
    ensure!(after["left_bytes"] == after["max_bytes"], "{after}");
    ensure!(heard(&app).await?.is_empty());
    app.shutdown().await
}
