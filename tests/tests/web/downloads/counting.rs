//! What counts, and what does not.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vahta_tests::{Ground, stories};

use super::{Fetched, Scene, call, digits, fetch};

const NOTHING: &[(&str, &str)] = &[];

stories![
    a_whole_download_counts_once_and_its_link_is_used,
    heads_previews_and_bots_never_count,
    what_cannot_be_sent_does_not_count,
    an_empty_file_is_a_download,
    whoever_guesses_links_is_slowed_down,
    nobody_reads_a_link_in_the_log_or_the_database,
];

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

    let path_of_rule = format!("/things/{key}");
    let rule = call(&mut scene.ada, Method::GET, &path_of_rule, None).await?;
    let expected = json!({
        "most": 2, "expires_at": null, "open": true, "taken": 1, "reserved": 0,
    });
    ensure!(rule == expected, "what a plugin sees of it: {rule}");

    let again = fetch(&lim, Method::GET, &path, &agent).await?;
    ensure!(again.status == StatusCode::GONE, "{again:?}");
    ensure!(scene.counted(&key).await? == (1, 0));
    let heard = scene.hears(1).await?;
    let told = &heard[0];
    ensure!(
        told["key"] == key.as_str() && told["outcome"] == "completed",
        "{told}"
    );
    ensure!(told["bytes"] == 1_000 && told["size"] == 1_000, "{told}");
    ensure!(
        told["address"] == "192.0.2.7" && told["agent"] == "curl/8.5.0",
        "{told}"
    );
    ensure!(told["meta"] == json!({ "said": "hello" }), "{told}");
    let (began, ended) = (told["started_at"].as_i64(), told["ended_at"].as_i64());
    ensure!(began.is_some() && began <= ended, "{told}");
    scene.ends().await
}

async fn heads_previews_and_bots_never_count(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let row = "SELECT state || ' ' || epoch || ' ' || lease_until AS text FROM downloads";
    let before = scene.app.database.texts(row).await?;

    let head = fetch(&gus, Method::HEAD, &path, &[("range", "bytes=0-9")]).await?;
    ensure!(
        head.status == StatusCode::OK && head.bytes.is_empty(),
        "{head:?}"
    );
    ensure!(head.header("content-length") == "1000");
    let bot = ("user-agent", "TelegramBot (like TwitterBot)");
    for method in [Method::GET, Method::HEAD] {
        let got = fetch(&gus, method, &path, &[bot]).await?;
        ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    }
    ensure!(scene.app.database.texts(row).await? == before);
    ensure!(scene.counted(&key).await? == (0, 1));

    // A landing page can tell them apart.
    let from = ("referer", "https://chat.example/rooms/7");
    for (agent, is_bot) in [(bot, true), (("user-agent", "curl/8.5.0"), false)] {
        let landing = format!("/pub/gives/{key}");
        let page = fetch(&gus, Method::GET, &landing, &[agent, from]).await?;
        let seen: serde_json::Value = serde_json::from_slice(&page.bytes)?;
        let expected = json!({
            "address": "192.0.2.3", "agent": agent.1, "referer": from.1, "bot": is_bot,
        });
        ensure!(seen == expected, "{seen}");
    }
    let whole = fetch(&gus, Method::GET, &path, NOTHING).await?;
    ensure!(whole.bytes.len() == 1_000, "{whole:?}");
    ensure!(scene.counted(&key).await? == (1, 0));
    let head = fetch(&gus, Method::HEAD, &path, NOTHING).await?;
    ensure!(head.status == StatusCode::GONE, "{head:?}");
    scene.hears(1).await?;
    scene.ends().await
}

async fn what_cannot_be_sent_does_not_count(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let beyond = fetch(&gus, Method::GET, &path, &[("range", "bytes=1000-")]).await?;
    ensure!(
        beyond.status == StatusCode::RANGE_NOT_SATISFIABLE,
        "{beyond:?}"
    );
    ensure!(beyond.header("content-range") == "bytes */1000");
    for unknown in ["/d/AAAAAAAAAAAAAAAAAAAAAA", "/d/short", "/d/"] {
        let got = fetch(&gus, Method::GET, unknown, NOTHING).await?;
        ensure!(got.status == StatusCode::NOT_FOUND, "{unknown}: {got:?}");
    }
    let wrong = fetch(&gus, Method::POST, &path, NOTHING).await?;
    ensure!(wrong.status == StatusCode::METHOD_NOT_ALLOWED, "{wrong:?}");
    ensure!(scene.counted(&key).await? == (0, 1));
    // What is not understood is ignored: the whole, once.
    let whole = fetch(&gus, Method::GET, &path, &[("range", "bytes=5-2")]).await?;
    ensure!(whole.status == StatusCode::OK && whole.bytes.len() == 1_000);
    ensure!(scene.counted(&key).await? == (1, 0));
    scene.hears(1).await?;
    scene.ends().await
}

async fn an_empty_file_is_a_download(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(0, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let part = fetch(&gus, Method::GET, &path, &[("range", "bytes=0-")]).await?;
    ensure!(part.status == StatusCode::RANGE_NOT_SATISFIABLE, "{part:?}");
    ensure!(scene.counted(&key).await? == (0, 1));
    let whole = fetch(&gus, Method::GET, &path, NOTHING).await?;
    ensure!(
        whole.status == StatusCode::OK && whole.bytes.is_empty(),
        "{whole:?}"
    );
    ensure!(whole.header("content-length") == "0");
    // There is no last byte that could wait for the count.
    scene.comes_to(&key, 1, 0).await?;
    ensure!(scene.hears(1).await?[0]["outcome"] == "completed");
    scene.ends().await
}

async fn whoever_guesses_links_is_slowed_down(ground: Ground) -> Result<()> {
    let scene = Scene::on(ground).await?;
    let guesser = scene.visitor("192.0.2.66")?;
    let guess = "/d/AAAAAAAAAAAAAAAAAAAAAA";
    let mut slowed = None;
    for _ in 0..1_000 {
        let tries = (0..32).map(|_| fetch(&guesser, Method::GET, guess, NOTHING));
        let got = futures::future::try_join_all(tries).await?;
        let is_slowed = |got: &Fetched| got.status == StatusCode::TOO_MANY_REQUESTS;
        slowed = got.into_iter().find(is_slowed);
        if slowed.is_some() {
            break;
        }
    }
    let slowed = slowed.context("nobody is slowed down")?;
    ensure!(!slowed.header("retry-after").is_empty(), "{slowed:?}");
    // Nobody else is.
    let other = scene.visitor("192.0.2.67")?;
    let got = fetch(&other, Method::GET, guess, NOTHING).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    scene.ends().await
}

async fn nobody_reads_a_link_in_the_log_or_the_database(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, None).await?;
    let path = scene.link(&key).await?;
    let token = path.trim_start_matches("/d/");
    let gus = scene.visitor("192.0.2.3")?;
    fetch(&gus, Method::GET, &path, NOTHING).await?;
    fetch(&gus, Method::GET, &path, NOTHING).await?;
    scene.hears(1).await?;
    ensure!(
        scene.app.notes.mention("/d/***"),
        "the request itself is logged"
    );
    ensure!(!scene.app.notes.mention(token), "the log has the link");
    ensure!(!scene.app.database.holds(token).await?);
    scene.ends().await
}
