//! Downloads that nobody goes on with come back.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use vahta_tests::{Ground, stories};

use super::{BIG, Scene, fetch, opens, reads, stage};

stories![
    a_link_that_nobody_uses_comes_back,
    a_cancelled_download_is_not_counted,
    a_slow_reader_keeps_the_download,
    what_a_crash_leaves_in_doubt_counts_and_nothing_else,
    nothing_is_given_back_twice,
];

const LEASE_MS: i64 = 3_000;

/// Leases that end while a story waits; long enough for what has to happen within.
async fn brief(ground: Ground) -> Result<Scene> {
    let stage = stage(ground).await?;
    Scene::of(stage.with("VAHTA_DOWNLOAD_LEASE_MS", LEASE_MS)).await
}

async fn a_link_that_nobody_uses_comes_back(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(1)).await?;
    let path = scene.link(&key).await?;
    scene.leases_end().await?;
    scene.comes_to(&key, 0, 0).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let late = fetch(&gus, Method::GET, &path, &[]).await?;
    ensure!(late.status == StatusCode::GONE, "{late:?}");
    let heard = scene.hears(1).await?;
    ensure!(
        heard[0]["outcome"] == "aborted" && heard[0]["bytes"] == 0,
        "{heard:?}"
    );
    ensure!(
        heard[0]["address"].is_null() && heard[0]["started_at"].is_null(),
        "{heard:?}"
    );
    // And can be had again.
    let path = scene.link(&key).await?;
    let got = fetch(&gus, Method::GET, &path, &[]).await?;
    ensure!(
        got.status == StatusCode::OK && got.bytes.len() == 1_000,
        "{got:?}"
    );
    scene.comes_to(&key, 1, 0).await?;
    scene.hears(2).await?;
    scene.ends().await
}

async fn a_cancelled_download_is_not_counted(ground: Ground) -> Result<()> {
    let mut scene = brief(ground).await?;
    let key = scene.gives(BIG, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let mut broken = opens(&gus, Method::GET, &path, &[]).await?;
    reads(&mut broken, 100_000).await?;
    drop(broken);
    scene.comes_to(&key, 0, 0).await?;
    let heard = scene.hears(1).await?;
    ensure!(heard[0]["outcome"] == "aborted", "{heard:?}");
    let bytes = heard[0]["bytes"].as_u64().unwrap_or_default();
    ensure!((100_000..BIG).contains(&bytes), "{heard:?}");
    ensure!(heard[0]["address"] == "192.0.2.3", "{heard:?}");
    let late = fetch(&gus, Method::GET, &path, &[("range", "bytes=100000-")]).await?;
    ensure!(late.status == StatusCode::GONE, "{}", late.status);
    scene.ends().await
}

async fn a_slow_reader_keeps_the_download(ground: Ground) -> Result<()> {
    let mut scene = brief(ground).await?;
    let key = scene.gives(BIG, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let mut slow = opens(&gus, Method::GET, &path, &[]).await?;
    let mut read = reads(&mut slow, 1_000).await?;
    // Nothing is taken, and the lease is longer than one all the same.
    let lease = "SELECT lease_until AS number FROM downloads";
    let later = scene.app.database.number(lease).await? + LEASE_MS * 1_000;
    let renewed = format!(
        "SELECT count(*) AS number FROM downloads WHERE state = 1 AND lease_until > {later}"
    );
    scene.app.database.becomes(&renewed, 1).await?;
    while let Some(piece) = slow.chunk().await? {
        read += piece.len();
    }
    ensure!(read as u64 == BIG);
    ensure!(scene.counted(&key).await? == (1, 0));
    ensure!(scene.hears(1).await?[0]["outcome"] == "completed");
    scene.ends().await
}

async fn what_a_crash_leaves_in_doubt_counts_and_nothing_else(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(2)).await?;
    // As a process leaves them that died while it sent the middle of the file: one client has come
    // back for the rest, so that it may have all of it; the other has not.
    for (covered, counted) in [("[[0,300],[700,1000]]", true), ("[[0,300]]", false)] {
        scene.link(&key).await?;
        let crash = format!(
            "UPDATE downloads SET state = 1, epoch = 2, covered = '{covered}', \
             claimed = '[[1,300,700]]', lease_until = 1 WHERE state = 0"
        );
        scene.app.database.change(&crash).await?;
        scene.comes_to(&key, 1, 0).await?;
        let heard = scene.hears(if counted { 1 } else { 2 }).await?;
        let outcome = if counted { "completed" } else { "aborted" };
        ensure!(
            heard.last().is_some_and(|told| told["outcome"] == outcome),
            "{heard:?}"
        );
    }
    scene.ends().await
}

async fn nothing_is_given_back_twice(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(20)).await?;
    for _ in 0..20 {
        scene.link(&key).await?;
    }
    ensure!(scene.counted(&key).await? == (0, 20));
    // Three that look after leases at once.
    let others: Vec<_> = (0..2)
        .map(|_| {
            tokio::spawn(bot_core::downloads::keep::keep(
                scene.app.app.downloads.clone(),
            ))
        })
        .collect();
    scene.leases_end().await?;
    scene.comes_to(&key, 0, 0).await?;
    let heard = scene.hears(20).await?;
    ensure!(
        heard.iter().all(|told| told["outcome"] == "aborted"),
        "{heard:?}"
    );
    for other in others {
        other.abort();
    }
    scene.ends().await
}
