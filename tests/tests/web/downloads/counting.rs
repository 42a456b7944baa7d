//! What counts, and what does not.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vahta_tests::{Ground, stories};

use super::{Scene, digits, fetch};

stories![a_whole_download_counts_once_and_its_link_is_used];

async fn a_whole_download_counts_once_and_its_link_is_used(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(2)).await?;
    let mut lim = scene.visitor("192.0.2.7")?;
    let got = lim
        .post(
            &format!("/pub/gives/{key}"),
            &[("say", "hello"), ("as", "от\"чёт\r\n.txt")],
        )
        .await?;
    let path = got.location().unwrap_or_default().to_owned();
    ensure!(scene.counted(&key).await? == (0, 1), "reserved");

    let agent = [("user-agent", "curl/8.5.0")];
    let whole = fetch(&lim, Method::GET, &path, &agent).await?;
    ensure!(whole.status == StatusCode::OK && whole.bytes == digits(0, 1_000));
    ensure!(whole.header("content-length") == "1000");
    ensure!(whole.header("accept-ranges") == "bytes");
    ensure!(whole.header("cache-control") == "no-store");
    ensure!(whole.header("x-content-type-options") == "nosniff");
    let policy = whole.header("content-security-policy");
    ensure!(policy.contains("default-src 'none'; sandbox"), "{policy}");
    let said = whole.header("content-disposition");
    let expected = "attachment; filename=\"______.txt\"; \
                    filename*=UTF-8''%D0%BE%D1%82%22%D1%87%D1%91%D1%82.txt";
    ensure!(said == expected, "{said}");
    // Whoever has the last byte has been counted.
    ensure!(scene.counted(&key).await? == (1, 0));

    let again = fetch(&lim, Method::GET, &path, &agent).await?;
    ensure!(again.status == StatusCode::GONE, "{again:?}");
    ensure!(scene.counted(&key).await? == (1, 0));
    let heard = scene.hears(1).await?;
    let told = &heard[0];
    ensure!(told["key"] == key.as_str() && told["outcome"] == "completed", "{told}");
    ensure!(told["bytes"] == 1_000 && told["size"] == 1_000, "{told}");
    ensure!(told["address"] == "192.0.2.7" && told["agent"] == "curl/8.5.0", "{told}");
    ensure!(told["meta"] == json!({ "said": "hello" }), "{told}");
    let (began, ended) = (told["started_at"].as_i64(), told["ended_at"].as_i64());
    ensure!(began.is_some() && began <= ended, "{told}");
    scene.ends().await
}
