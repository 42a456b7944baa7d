//! What one of many must not take from the others: memory, places, turns.

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use reqwest::{Body, Method, StatusCode};
use vahta_tests::figures::resident_kib;
use vahta_tests::{Ground, stories};

use super::resuming::begins_to_send;
use super::{any_link, begins, heard, link, offset, sends, with_links};

stories![
    a_big_file_passes_through_little_memory,
    one_address_has_few_places_and_leaves_some_to_others,
    whoever_asks_too_often_is_told_to_wait,
];

const PIECE: usize = 64 * 1024;
const PIECES: usize = 3_200;
/// What the process may grow by meanwhile: the file has 200 MiB.
const GROWTH_KIB: i64 = 64 * 1024;

async fn a_big_file_passes_through_little_memory(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let length = PIECE * PIECES;
    let grant = serde_json::json!({ "key": "k", "max_bytes": length, "max_files": 1 });
    let link = link(&app, grant).await?;
    let file = begins(&mut client, &link, "big.bin", length).await?;
    let before = resident_kib(std::process::id())?;
    let most = move || -> Result<()> {
        let grown = resident_kib(std::process::id())? - before;
        ensure!(grown < GROWTH_KIB, "grown by {grown} KiB");
        Ok(())
    };
    let pieces = futures::stream::iter(0..PIECES).map(move |n| {
        if n % 400 == 399 {
            most().map_err(std::io::Error::other)?;
        }
        Ok::<_, std::io::Error>(vec![u8::try_from(n % 251).unwrap_or_default(); PIECE])
    });
    let got = sends(&mut client, &file, 0, Body::wrap_stream(pieces)).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    most()?;
    ensure!(heard(&app).await?[0]["size"] == length);
    app.shutdown().await
}

async fn one_address_has_few_places_and_leaves_some_to_others(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let mut open = Vec::new();
    for n in 0..4 {
        let file = begins(&mut client, &link, &format!("{n}"), 10).await?;
        open.push(begins_to_send(&web.url(""), &file, 0, 10, b"12345").await?);
    }
    let writing = "SELECT count(*) AS number FROM uploads WHERE epoch = 1";
    app.database.becomes(writing, 4).await?;
    let fifth = begins(&mut client, &link, "5", 3).await?;
    let got = sends(&mut client, &fifth, 0, "123").await?;
    ensure!(got.status == StatusCode::TOO_MANY_REQUESTS, "{got:?}");
    ensure!(got.headers.contains_key("retry-after"), "{got:?}");
    // Another link has places of its own.
    let other = any_link(&app).await?;
    let file = begins(&mut client, &other, "a", 3).await?;
    let got = sends(&mut client, &file, 0, "123").await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    drop(open);
    let came = "SELECT count(*) AS number FROM uploads WHERE size = 5";
    app.database.becomes(came, 4).await?;
    loop {
        // A place is free a moment after its bytes are written down.
        let got = sends(&mut client, &fifth, 0, "123").await?;
        if got.status == StatusCode::NO_CONTENT {
            break;
        }
        ensure!(got.status == StatusCode::TOO_MANY_REQUESTS, "{got:?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    ensure!(offset(&mut client, &fifth).await? == 3);
    ensure!(heard(&app).await?.len() == 2);
    app.shutdown().await
}

async fn whoever_asks_too_often_is_told_to_wait(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    for _ in 0..5_000 {
        let got = client.send(Method::HEAD, "/u/nobody", &[], None).await?;
        if got.status == StatusCode::TOO_MANY_REQUESTS {
            ensure!(got.headers.contains_key("retry-after"), "{got:?}");
            return app.shutdown().await;
        }
        ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    }
    Err(anyhow::anyhow!("5,000 tries")).context("nobody was told to wait")
}
