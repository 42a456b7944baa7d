//! What a plugin sets, and what follows from it.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vahta_rows::Micros;
use vahta_tests::{Ground, stories};

use super::{BIG, Scene, call, fetch, opens, reads};

stories![
    a_rule_says_why_nothing_is_granted,
    what_expires_lets_downloads_under_way_end,
    what_is_taken_away_ends_downloads_under_way,
    a_file_stays_as_long_as_somebody_downloads_it,
    a_file_that_is_deleted_gives_its_download_back,
];

/// What the landing page says to somebody who asks now.
async fn refusal(scene: &Scene, key: &str) -> Result<String> {
    let mut lim = scene.visitor("192.0.2.9")?;
    let got = lim.post(&format!("/pub/gives/{key}"), &[]).await?;
    ensure!(got.status.is_client_error(), "{got:?}");
    let why = ["exhausted", "expired", "closed", "gone"];
    let why = why
        .into_iter()
        .find(|why| got.text.contains(&format!("<p>{why}</p>")));
    Ok(why.unwrap_or(&got.text).to_owned())
}

async fn a_rule_says_why_nothing_is_granted(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(10, Some(1)).await?;
    let path = scene.link(&key).await?;
    ensure!(
        refusal(&scene, &key).await? == "exhausted",
        "the one is reserved"
    );
    let gus = scene.visitor("192.0.2.3")?;
    fetch(&gus, Method::GET, &path, &[]).await?;
    ensure!(
        refusal(&scene, &key).await? == "exhausted",
        "the one is taken"
    );
    // What was taken stays counted when the rule changes.
    scene
        .sets(
            &key,
            json!({ "most": 2, "expires_at": null, "open": false }),
        )
        .await?;
    ensure!(refusal(&scene, &key).await? == "closed");
    scene
        .sets(&key, json!({ "most": 2, "expires_at": 1, "open": true }))
        .await?;
    ensure!(refusal(&scene, &key).await? == "expired");
    let later = Micros::now().0 + 3_600_000_000;
    scene
        .sets(
            &key,
            json!({ "most": 2, "expires_at": later, "open": true }),
        )
        .await?;
    let path = scene.link(&key).await?;
    fetch(&gus, Method::GET, &path, &[]).await?;
    ensure!(scene.counted(&key).await? == (2, 0));
    ensure!(refusal(&scene, &key).await? == "exhausted");
    scene
        .sets(
            &key,
            json!({ "most": null, "expires_at": null, "open": true }),
        )
        .await?;
    scene.link(&key).await?;
    ensure!(refusal(&scene, "0123456789abcdef0123456789abcdef").await? == "gone");
    scene.hears(2).await?;
    scene.ends().await
}

async fn what_expires_lets_downloads_under_way_end(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(BIG, None).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let mut running = opens(&gus, Method::GET, &path, &[]).await?;
    let mut read = reads(&mut running, 1_000).await?;
    scene
        .sets(&key, json!({ "most": null, "expires_at": 1, "open": true }))
        .await?;
    ensure!(refusal(&scene, &key).await? == "expired");
    while let Some(piece) = running.chunk().await? {
        read += piece.len();
    }
    ensure!(read as u64 == BIG);
    ensure!(scene.counted(&key).await? == (1, 0));
    scene.hears(1).await?;
    scene.ends().await
}

async fn what_is_taken_away_ends_downloads_under_way(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(BIG, Some(2)).await?;
    let (path, unused) = (scene.link(&key).await?, scene.link(&key).await?);
    let gus = scene.visitor("192.0.2.3")?;
    let mut running = opens(&gus, Method::GET, &path, &[]).await?;
    let mut read = reads(&mut running, 1_000).await?;
    let taken = call(
        &mut scene.ada,
        Method::DELETE,
        &format!("/things/{key}"),
        None,
    )
    .await?;
    ensure!(taken["dropped"] == true, "{taken}");
    let cut = loop {
        match running.chunk().await {
            Ok(Some(piece)) => read += piece.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    ensure!(
        cut && (read as u64) < BIG,
        "{read} bytes came of a file that was taken away"
    );
    let heard = scene.hears(2).await?;
    ensure!(
        heard.iter().all(|told| told["outcome"] == "aborted"),
        "{heard:?}"
    );
    for path in [path, unused] {
        let got = fetch(&gus, Method::GET, &path, &[]).await?;
        ensure!(got.status == StatusCode::GONE, "{}", got.status);
    }
    // Under the same key it begins again from nothing.
    scene
        .sets(&key, json!({ "most": 1, "expires_at": null, "open": true }))
        .await?;
    ensure!(scene.counted(&key).await? == (0, 0));
    ensure!(
        refusal(&scene, &key).await? == "gone",
        "its file was let go"
    );
    scene.ends().await
}

async fn a_file_stays_as_long_as_somebody_downloads_it(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(BIG, Some(2)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let mut running = opens(&gus, Method::GET, &path, &[]).await?;
    let read = reads(&mut running, 1_000).await?;
    drop(running);
    // The plugin lets it go, and housekeeping looks.
    let blobs = scene.app.app.blobs.clone();
    ensure!(blobs.keep("gives", &key, Some(Micros(1))).await?);
    ensure!(blobs.sweep().await? == 0, "deleted under a download");
    ensure!(
        refusal(&scene, &key).await? == "gone",
        "nobody else gets it"
    );
    let range = format!("bytes={read}-");
    let rest = fetch(&gus, Method::GET, &path, &[("range", &range)]).await?;
    ensure!((rest.bytes.len() + read) as u64 == BIG, "{}", rest.status);
    ensure!(scene.counted(&key).await? == (1, 0));
    ensure!(blobs.sweep().await? == 1, "and then it goes");
    scene.hears(1).await?;
    scene.ends().await
}

async fn a_file_that_is_deleted_gives_its_download_back(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let part = fetch(&gus, Method::GET, &path, &[("range", "bytes=0-99")]).await?;
    ensure!(part.bytes.len() == 100);
    ensure!(scene.app.app.blobs.delete("gives", &key).await?);
    let rest = fetch(&gus, Method::GET, &path, &[("range", "bytes=100-")]).await?;
    ensure!(rest.status == StatusCode::GONE, "{rest:?}");
    ensure!(scene.counted(&key).await? == (0, 0));
    let heard = scene.hears(1).await?;
    ensure!(
        heard[0]["outcome"] == "aborted" && heard[0]["bytes"] == 100,
        "{heard:?}"
    );
    scene.ends().await
}
