//! Whoever has the link: limits, expiry, revoking, statistics.

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use serde_json::json;
use vahta_tests::stage::LIM;
use vahta_tests::{Ground, stories};

use super::{bytes, finished, granted, sends, takes, with_archives};

/// The core tells of downloads by jobs.
const DOWNLOADS: &str = "SELECT count(*) AS number FROM archive_downloads";

stories![
    a_limit_is_exact_and_the_owner_sees_who_came,
    a_link_that_was_revoked_is_as_one_that_never_was,
    an_archive_that_expired_says_so_and_loses_its_bytes,
];

async fn a_limit_is_exact_and_the_owner_sees_who_came(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    app.lim().asks("/zip Once").await?;
    sends(&app, "a.txt", b"a").await?;
    app.lim().presses("Limit").await?;
    app.lim().sees("How often").await?;
    let answer = app.lim().asks("0").await?;
    ensure!(answer.text.contains("whole number"), "{answer:?}");
    let card = app.lim().asks("1").await?;
    ensure!(card.text.contains("1 download"), "{card:?}");
    let path = finished(&app).await?;

    let mut first = web.stranger()?;
    first.get(&path).await?;
    let grant = granted(&mut first, &path, "").await?;
    // It is reserved: somebody else comes too late, though nothing was taken yet.
    let mut second = web.stranger()?;
    let got = second.post(&path, &[]).await?;
    ensure!(
        got.status == StatusCode::GONE && got.text.contains("as often as"),
        "{got:?}"
    );
    bytes(&first, &grant).await?;
    app.database.becomes(DOWNLOADS, 1).await?;
    let page = second.get(&path).await?;
    ensure!(page.status == StatusCode::GONE, "{page:?}");

    let mut lim = web.browser_of(LIM).await?;
    let page = lim.get("/p/archive/1").await?;
    ensure!(
        page.text.contains("1 / 1") && page.text.contains("127.0.0.1"),
        "{page:?}"
    );
    let csv = lim.get("/p/archive/1/downloads.csv").await?;
    ensure!(
        csv.text.starts_with("started,") && csv.text.contains(",whole\r\n"),
        "{csv:?}"
    );
    let card = app.lim().asks("/archive_1").await?;
    ensure!(card.text.contains("1 of 1 downloads taken"), "{card:?}");
    app.lim().presses("Statistics").await?;
    app.lim().sees("127.0.0.1").await?;
    app.shutdown().await
}

async fn a_link_that_was_revoked_is_as_one_that_never_was(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    app.lim().asks("/zip Gone").await?;
    sends(&app, "a.txt", b"a").await?;
    let path = finished(&app).await?;
    let mut stranger = web.stranger()?;
    takes(&mut stranger, &path, "").await?;
    app.lim().presses("Revoke").await?;
    app.lim().sees("downloads under way end").await?;
    app.lim().presses("Yes, revoke it").await?;
    app.lim().sees("was revoked").await?;
    app.idle().await?;
    let revoked = stranger.get(&path).await?;
    let unknown = stranger
        .get("/pub/archive/a/AAAAAAAAAAAAAAAAAAAAAA")
        .await?;
    ensure!(revoked.status == StatusCode::NOT_FOUND && unknown.status == revoked.status);
    ensure!(revoked.text == unknown.text, "{revoked:?} {unknown:?}");
    let left = "SELECT count(*) AS number FROM blobs WHERE expires_at IS NULL";
    app.database.becomes(left, 0).await?;
    app.shutdown().await
}

async fn an_archive_that_expired_says_so_and_loses_its_bytes(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    app.lim().asks("/zip Old").await?;
    sends(&app, "a.txt", b"a").await?;
    let path = finished(&app).await?;
    app.idle().await?;
    let long_ago = "UPDATE archive_archives SET expires_at = 1000";
    app.database.change(long_ago).await?;
    app.database
        .change("UPDATE download_rules SET expires_at = 1000")
        .await?;
    let mut stranger = web.stranger()?;
    let page = stranger.get(&path).await?;
    ensure!(
        page.status == StatusCode::GONE && page.text.contains("is over"),
        "{page:?}"
    );
    let got = stranger.post(&path, &[]).await?;
    ensure!(got.status == StatusCode::GONE, "{got:?}");
    let now = "UPDATE jobs SET state = 0, due_at = 1000 WHERE kind = 'archive.expire'";
    app.database.change(now).await?;
    let over = "SELECT count(*) AS number FROM archive_archives WHERE state = 6 AND blob IS NULL";
    app.database.becomes(over, 1).await?;
    app.lim().sees("has expired").await?;
    let _ = json!({});
    app.shutdown().await
}
