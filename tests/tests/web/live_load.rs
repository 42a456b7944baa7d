//! Many streams at once, on the real program; `make soak` for the full thousand. Prints its figures
//! and asserts none of them: only that nothing is lost.

#![allow(
    clippy::print_stdout,
    reason = "what was seen and measured is worth reading"
)]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::accounts::Accounts;
use bot_core::accounts::sessions::{Browser, Login};
use futures::future::try_join_all;
use vahta_rows::{Micros, UserId};
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, WebClient, count, stories};

stories![many_streams_lose_nothing];

/// Streams that share a session; the server allows 16.
const A_SESSION: usize = 16;
/// As nchan is measured.
const A_SECOND: u32 = 20;

async fn many_streams_lose_nothing(ground: Ground) -> Result<()> {
    let (streams, messages) = (count(64, 1_000), count(40, 400));
    let stage = Stage::on(ground).await?;
    let mut process = stage.run().await?;
    let started = process
        .logs_line(|line| line["message"] == "web site")
        .await?;
    let base = format!(
        "http://{}",
        started["address"].as_str().context("an address")?
    );
    let accounts = Accounts::new(stage.database.db().clone(), None);
    let sql = format!("SELECT id AS number FROM bot_users WHERE telegram_id = {ADA}");
    let user = UserId(stage.database.number(&sql).await?);
    let mut browsers = Vec::new();
    for _ in 0..=streams.div_ceil(A_SESSION) {
        let token = accounts
            .open_session(user, Login::Link, &Browser::default())
            .await?;
        let cookie = format!("__Host-vahta={}", token.expose());
        browsers.push(WebClient::at(&base, Some(cookie))?);
    }
    let mut admin = browsers.pop().context("one that writes")?;
    admin.get("/settings").await?;
    let before = process.resident_kib()?;
    let mut listeners = Vec::new();
    for number in 0..streams {
        let browser = &browsers[number / A_SESSION];
        listeners.push(browser.listen("limits.", None).await?);
    }
    let open = process.resident_kib()?;
    let heard = listeners.into_iter().map(|mut listener| {
        tokio::spawn(async move {
            let mut took = Vec::with_capacity(messages);
            for number in 0..messages {
                let heard = listener.hears().await?;
                let now = Micros::now().0;
                let name = format!("limit:/c{number}");
                ensure!(heard.object() == name, "{name} was lost: {heard:?}");
                let at = heard.data["at"].as_i64().context("a time")?;
                took.push(now - at);
            }
            anyhow::Ok(took)
        })
    });
    let heard: Vec<_> = heard.collect();
    let mut beat = tokio::time::interval(Duration::from_secs(1) / A_SECOND);
    for number in 0..messages {
        beat.tick().await;
        let scope = format!("/c{number}");
        let fields = [
            ("scope", scope.as_str()),
            ("burst", "5"),
            ("per_second", "5"),
        ];
        let got = admin.post("/settings/limits", &fields).await?;
        ensure!(got.status == 303, "{got:?}");
    }
    let mut took = Vec::new();
    for task in try_join_all(heard).await? {
        took.extend(task?);
    }
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)] as f64 / 1e3;
    println!(
        "{ground:?}: {streams} streams, {messages} events at {A_SECOND}/s, {} heard, lost 0; \
         from event to client p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms; {:.1} KiB a stream",
        took.len(),
        at(50),
        at(99),
        at(100),
        (open - before) as f64 / streams as f64,
    );
    process.stop().await?;
    Ok(())
}
