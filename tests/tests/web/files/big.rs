//! A big file goes through the process and does not stay in it.

use anyhow::{Result, ensure};
use futures::StreamExt as _;
use reqwest::multipart::Part;
use reqwest::{Body, Method, StatusCode};
use vahta_tests::figures::resident_kib;
use vahta_tests::{Ground, stories};

use super::{form, newest, send, site, with_shelf};

stories![two_hundred_mebibytes_pass_through_little_memory];

const PIECE: usize = 64 * 1024;
const PIECES: usize = 3_200;
/// What the process may grow by meanwhile: the file has 200 MiB.
const GROWTH_KIB: i64 = 64 * 1024;

fn piece(n: usize) -> Vec<u8> {
    vec![u8::try_from(n % 251).unwrap_or_default(); PIECE]
}

async fn two_hundred_mebibytes_pass_through_little_memory(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
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
        Ok::<_, std::io::Error>(piece(n))
    });
    let length = (PIECE * PIECES) as u64;
    let part = Part::stream_with_length(Body::wrap_stream(pieces), length).file_name("big.bin");
    let filled = form(&ada).part("file", part);
    let got = send(&mut ada, "/p/pages/files", filled).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");

    let path = format!("/p/pages/files/{}", newest(&app).await?);
    // Somebody who does not read holds little.
    #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
    let idle = ada.request(Method::GET, &path).send().await?;
    #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
    let response = ada.request(Method::GET, &path).send().await?;
    ensure!(response.content_length() == Some(length));
    let mut parts = response.bytes_stream();
    let mut at = 0;
    while let Some(part) = parts.next().await {
        for byte in part? {
            let expected = u8::try_from((at / PIECE) % 251)?;
            ensure!(byte == expected, "byte {at} is {byte}, not {expected}");
            at += 1;
        }
    }
    ensure!(at as u64 == length);
    let grown = resident_kib(std::process::id())? - before;
    ensure!(grown < GROWTH_KIB, "grown by {grown} KiB");
    drop(idle);
    app.shutdown().await
}
