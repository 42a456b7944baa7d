//! Telegram's flood limits, enforced by the sandbox and kept by the outbound scheduler.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use vahta_tests::figures::Times;
use vahta_tests::stage::OPS;
use vahta_tests::{Ground, Stage, TestApp, count, stories};

stories![
    nobody_is_told_to_slow_down_at_the_allowed_rate,
    one_flooded_chat_does_not_hold_the_others_up,
    who_writes_too_much_gets_one_notice_then_silence,
];

async fn limited(ground: Ground, people: usize) -> Result<(TestApp, Vec<i64>)> {
    let (stage, crowd) = Stage::on(ground).await?.with_crowd(people).await?;
    let app = stage.with("VAHTA_OUTBOUND", "telegram").start().await?;
    app.control.enforce_flood_limits(true).await?;
    Ok((app, crowd.chats().to_vec()))
}

async fn nobody_is_told_to_slow_down_at_the_allowed_rate(ground: Ground) -> Result<()> {
    let seconds = count(20, 600);
    let (app, chats) = limited(ground, 20).await?;
    let mut written = 0;
    for second in 0..seconds {
        let tick = tokio::time::sleep(Duration::from_secs(1));
        // Twelve private chats in turn, each at most once a second; the group every five seconds.
        let mut batch: Vec<_> = (0..12)
            .map(|place| chats[(second * 12 + place) % chats.len()])
            .map(|chat| {
                let text = if second % 7 == 3 {
                    "/tasks".to_owned()
                } else {
                    format!("/task At {second}")
                };
                json!({"from": chat, "chat": chat, "text": text})
            })
            .collect();
        if second % 5 == 0 {
            batch.push(json!({"from": 1001, "chat": OPS, "text": format!("/task Group {second}")}));
        }
        written += batch.len();
        app.control.post("messages", json!(batch)).await?;
        if second % 3 == 0 {
            let chat = app.person(chats[second % chats.len()]);
            if let Some(card) = chat
                .messages()
                .await?
                .iter()
                .rev()
                .find(|card| card.button("Done").is_some())
            {
                chat.presses_on(card, "Done").await?;
            }
        }
        tick.await;
    }
    app.idle_within(Duration::from_secs(120)).await?;
    let stats = app.control.get("stats").await?;
    let told = stats["too_many_requests"]
        .as_u64()
        .context("stats count 429")?;
    println!(
        "{seconds} s of mixed load on {ground:?}: {written} messages, {} calls, {told} answers of 429",
        stats["calls"]
    );
    ensure!(told == 0, "Telegram said 429 {told} times");
    app.shutdown().await
}

/// One question in each chat at a time, a little slower than a chat may be written to.
async fn answers(app: &TestApp, chats: &[i64], rounds: usize) -> Result<Times> {
    let mut times = Times::default();
    for round in 0..rounds {
        let tick = tokio::time::sleep(Duration::from_millis(1_200));
        for chat in chats {
            let person = app.person(*chat);
            let begun = Instant::now();
            person.says(&format!("/task Quiet {round}")).await?;
            person.sees(&format!("Quiet {round}")).await?;
            times.add(begun.elapsed());
        }
        tick.await;
    }
    Ok(times)
}

async fn one_flooded_chat_does_not_hold_the_others_up(ground: Ground) -> Result<()> {
    let (rounds, flood) = (count(4, 60), count(14, 150));
    let (app, chats) = limited(ground, 5).await?;
    let (flooded, others) = chats.split_first().context("a crowd has people")?;
    let without = answers(&app, others, rounds).await?;
    let messages: Vec<_> = (0..flood)
        .map(|number| json!({"from": flooded, "chat": flooded, "text": format!("/task Flood {number}")}))
        .collect();
    app.control.post("messages", json!(messages)).await?;
    let with = answers(&app, others, rounds).await?;
    let answered = app.person(*flooded).answers().await?.len();
    println!(
        "answers of other chats on {ground:?}: {} alone; {} beside a chat with {flood} messages, of which \
         {answered} were answered by then",
        without.summary(),
        with.summary(),
    );
    ensure!(
        answered < flood,
        "the flood was over before the others had been asked: it proves nothing"
    );
    app.idle_within(Duration::from_secs(300)).await?;
    ensure!(
        app.person(*flooded).answers().await?.len() == flood,
        "answers of the flooded chat are missing"
    );
    let stats = app.control.get("stats").await?;
    ensure!(
        stats["too_many_requests"] == 0,
        "Telegram said 429: {stats}"
    );
    app.shutdown().await
}

async fn who_writes_too_much_gets_one_notice_then_silence(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_LIMIT_BURST", 5)
        .with("VAHTA_LIMIT_PER_SECOND", 1);
    let app = stage.start().await?;
    let messages: Vec<_> = (0..40)
        .map(|_| json!({"from": 1001, "chat": 1001, "text": "/whoami"}))
        .collect();
    app.control.post("messages", json!(messages)).await?;
    app.idle().await?;
    let said = app.ada().answers().await?;
    let notices = said
        .iter()
        .filter(|message| message.text.contains("That was too much at once"))
        .count();
    ensure!(notices == 1, "{notices} notices");
    ensure!(said.len() < 40, "nothing was dropped");
    app.shutdown().await
}
