//! Uploads that end in their middle, and files that nobody wants any more.

use std::time::Duration;

use admin_web::Limits;
use anyhow::{Context as _, Result, ensure};
use bot_core::blobs::NewBlob;
use bot_core::housekeeping;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, TestApp, Web, stories};

use super::{form, nothing_is_stored, send, site, stored, text, with_shelf};

stories![
    an_upload_that_is_cut_off_leaves_nothing,
    an_upload_that_stalls_is_cut_off_and_leaves_nothing,
    what_a_crash_leaves_is_found_and_deleted,
    a_file_that_nobody_keeps_goes_away,
    a_file_that_is_kept_until_a_date_outlives_a_refusal,
    who_loses_the_right_during_an_upload_does_nothing_with_it,
];

/// Of the whole form.
const LENGTH: usize = 10 * 1024 * 1024;

/// Sends the head and the first megabyte of an upload of ten; waits until it arrives. Answers how
/// many bytes its body still wants, too.
async fn half_an_upload(app: &TestApp, web: &Web) -> Result<(TcpStream, usize)> {
    let ada = web.browser_of(ADA).await?;
    let (cookie, token) = (
        ada.cookie.context("a cookie")?,
        ada.csrf.context("a token")?,
    );
    let host = web.url("").replace("http://", "");
    let mut stream = TcpStream::connect(&host).await?;
    let head = format!(
        "POST /p/pages/files HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {LENGTH}\r\n\r\n"
    );
    let begun = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"half.bin\"\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(begun.as_bytes()).await?;
    let megabyte = vec![7; 1024 * 1024];
    stream.write_all(&megabyte).await?;
    let left = LENGTH - begun.len() - megabyte.len();
    for _ in 0..500 {
        if stored(app).await? == (1, 1) {
            return Ok((stream, left));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("nothing arrives: {:?}", stored(app).await?)
}

async fn an_upload_that_is_cut_off_leaves_nothing(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    drop(half_an_upload(&app, &web).await?);
    nothing_is_stored(&app).await?;
    app.shutdown().await
}

async fn an_upload_that_stalls_is_cut_off_and_leaves_nothing(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let limits = Limits {
        body: Duration::from_millis(500),
        ..Limits::default()
    };
    let web = app.web_within(limits).await?;
    let (mut stream, _) = half_an_upload(&app, &web).await?;
    nothing_is_stored(&app).await?;
    let mut answer = vec![0; 64];
    let read = stream.read(&mut answer).await?;
    let said = String::from_utf8_lossy(&answer[..read]).into_owned();
    ensure!(
        said.starts_with("HTTP/1.1 400") || said.is_empty(),
        "{said}"
    );
    app.shutdown().await
}

async fn what_a_crash_leaves_is_found_and_deleted(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let new = || NewBlob {
        plugin: "pages".into(),
        name: "x".into(),
        media_type: String::new(),
        created_by: None,
    };
    let blobs = &app.app.blobs;
    // A process that dies drops nothing.
    let mut died = blobs.begin(new()).await?;
    died.write(vec![7; 1024 * 1024].into()).await?;
    std::mem::forget(died);
    let whole = blobs.begin(new()).await?.finish().await?;
    // Died while it was deleted: the bytes are still there.
    let half = format!("UPDATE blobs SET state = 2 WHERE id = '{}'", whole.id);
    app.database.change(&half).await?;
    let mut living = blobs.begin(new()).await?;
    living.write("x".into()).await?;
    ensure!(blobs.sweep().await? == 0, "all of them may still be at it");
    let old = format!(
        "UPDATE blobs SET touched_at = 1 WHERE id <> '{}'",
        living.id()
    );
    app.database.change(&old).await?;
    ensure!(blobs.sweep().await? == 2);
    ensure!(stored(&app).await? == (1, 1), "{:?}", stored(&app).await?);
    // One that was taken for dead does not come back.
    app.database
        .change("UPDATE blobs SET touched_at = 1")
        .await?;
    ensure!(blobs.sweep().await? == 1);
    ensure!(living.finish().await.is_err());
    nothing_is_stored(&app).await?;
    app.shutdown().await
}

async fn a_file_that_nobody_keeps_goes_away(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let kept = form(&ada).part("file", text("kept.txt", "x")?);
    send(&mut ada, "/p/pages/files", kept).await?;
    let lost = form(&ada)
        .text("note", "lose")
        .part("file", text("lost.txt", "x")?);
    send(&mut ada, "/p/pages/files", lost).await?;
    housekeeping::once(&app.app).await;
    ensure!(stored(&app).await? == (2, 2), "an hour is not over");
    let later = "UPDATE blobs SET expires_at = 1 WHERE expires_at IS NOT NULL";
    app.database.change(later).await?;
    housekeeping::once(&app.app).await;
    ensure!(stored(&app).await? == (1, 1));
    let left = "SELECT name AS text FROM blobs";
    ensure!(app.database.texts(left).await? == ["kept.txt"]);
    app.shutdown().await
}

async fn a_file_that_is_kept_until_a_date_outlives_a_refusal(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let refused = form(&ada)
        .text("note", "keep a day and refuse")
        .part("file", text("kept.txt", "x")?);
    let got = send(&mut ada, "/p/pages/files", refused).await?;
    ensure!(got.status == 422, "{got:?}");
    ensure!(stored(&app).await? == (1, 1), "its row may name it already");
    app.shutdown().await
}

async fn who_loses_the_right_during_an_upload_does_nothing_with_it(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let web = app.web().await?;
    let (mut stream, left) = half_an_upload(&app, &web).await?;
    app.database
        .change("UPDATE web_sessions SET ended_at = 1")
        .await?;
    let end = b"\r\n--b--\r\n";
    stream.write_all(&vec![7; left - end.len()]).await?;
    stream.write_all(end).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    ensure!(answer.to_lowercase().contains("/login"), "{answer}");
    nothing_is_stored(&app).await?;
    app.shutdown().await
}
