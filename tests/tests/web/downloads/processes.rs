//! `kill -9` in the middle of downloads, on the real program.

#![allow(clippy::print_stdout, reason = "what was seen is worth reading")]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::blobs::{Blobs, NewBlob};
use bot_core::config::Config;
use reqwest::{Method, StatusCode};
use vahta_rows::downloads::{DownloadRules as _, Rule};
use vahta_rows::{Micros, transaction, with_db};
use vahta_tests::{Ground, Process, Stage, WebClient, count, stories};

use super::{BIG, asks, fetch, opens, reads, stage};

stories![a_killed_process_gives_its_downloads_back];

/// A visitor of a process's site.
async fn visitor(process: &mut Process) -> Result<WebClient> {
    let site = process.logs_line(|line| line["message"] == "web site");
    let site = site.await?;
    let address = site["address"].as_str().context("an address")?;
    let mut visitor = WebClient::at(&format!("http://{address}"), None)?;
    visitor.from = Some("192.0.2.3".into());
    Ok(visitor)
}

/// A file that the plugin gives out once, as if it had written it.
async fn given(stage: &Stage) -> Result<String> {
    let db = stage.database.db();
    let config = Config::from_variables(&stage.variables())?;
    let blobs = Blobs::open(db.clone(), &config.blobs)?;
    let new = NewBlob {
        plugin: "gives".into(),
        name: "big.bin".into(),
        media_type: String::new(),
        created_by: None,
    };
    let mut upload = blobs.begin(new).await?;
    while upload.size() < BIG {
        upload.write(vec![b'x'; 1024 * 1024].into()).await?;
    }
    let blob = upload.finish().await?;
    ensure!(blobs.keep("gives", &blob.id, None).await?);
    let rule = Rule::most(1);
    transaction!(db, c => c.set_download_rule("gives", &blob.id, &rule).await)?;
    Ok(blob.id)
}

async fn counts(stage: &Stage, key: &str) -> Result<(i64, i64)> {
    let rule = with_db!(stage.database.db(), c => c.download_rule("gives", key).await)?;
    let rule = rule.context("a rule")?;
    Ok((rule.taken, rule.reserved))
}

/// Each round a process dies while it sends the one download there is. The next one gives it back
/// and somebody else gets it as far as the next death; at last somebody gets all of it.
async fn a_killed_process_gives_its_downloads_back(ground: Ground) -> Result<()> {
    let rounds = count(3, 1_000);
    let lease_us = 60_000_000;
    let stage = stage(ground).await?;
    let stage = stage.with("VAHTA_DOWNLOAD_LEASE_MS", lease_us / 1_000);
    let mut process = stage.run().await?;
    let key = given(&stage).await?;
    let back = format!("SELECT 1 - reserved AS number FROM download_rules WHERE key = '{key}'");
    let links = "SELECT count(*) AS number FROM downloads";
    for round in 0..rounds {
        let mut gus = visitor(&mut process).await?;
        let link = asks(&mut gus, &key).await?;
        let mut cut = opens(&gus, Method::GET, &link, &[]).await?;
        // A little more each time: between none and a third of it.
        let least = 1 + round % 10 * 1024 * 1024;
        reads(&mut cut, least).await?;
        process.kill()?;
        ensure!(counts(&stage, &key).await? == (0, 1), "round {round}");
        // It holds on for a lease at most, which passes now.
        let now = Micros::now().0;
        let until = "SELECT max(lease_until) AS number FROM downloads";
        let until = stage.database.number(until).await?;
        ensure!(
            (now..=now + lease_us).contains(&until),
            "round {round}: {until} at {now}"
        );
        let over = "UPDATE downloads SET lease_until = 1 WHERE state IN (0, 1)";
        stage.database.change(over).await?;
        process = stage.run().await?;
        stage.database.becomes(&back, 1).await?;
        let gus = visitor(&mut process).await?;
        let late = fetch(&gus, Method::GET, &link, &[]).await?;
        ensure!(
            late.status == StatusCode::GONE,
            "round {round}: {}",
            late.status
        );
        ensure!(stage.database.number(links).await? == round as i64 + 1);
    }
    let mut gus = visitor(&mut process).await?;
    let link = asks(&mut gus, &key).await?;
    let whole = fetch(&gus, Method::GET, &link, &[]).await?;
    ensure!(whole.bytes.len() as u64 == BIG, "{}", whole.status);
    ensure!(counts(&stage, &key).await? == (1, 0));
    // Every end was told once.
    let told = "SELECT count(*) AS number FROM jobs WHERE kind = 'download'";
    ensure!(stage.database.number(told).await? == rounds as i64 + 1);
    println!("{rounds} deaths in downloads on {ground:?}: each came back");
    tokio::time::timeout(Duration::from_secs(60), process.stop()).await?
}
