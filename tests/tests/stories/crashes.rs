//! `kill -9` while messages arrive: every message has exactly one task, in order within its chat,
//! no reply is missing, and repeats are only those that the bot counted as in doubt.

use std::time::Duration;

use anyhow::{Result, ensure};
use vahta_tests::load::in_doubt;
use vahta_tests::process::free_port;
use vahta_tests::{Ground, Stage, count, stories};

stories![
    nothing_is_lost_by_kill_9_while_polling,
    nothing_is_lost_by_kill_9_behind_a_webhook,
];

async fn nothing_is_lost_by_kill_9_while_polling(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    nothing_is_lost(stage, "polling").await
}

async fn nothing_is_lost_by_kill_9_behind_a_webhook(ground: Ground) -> Result<()> {
    let port = free_port()?;
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_WEB_ADDR", format!("127.0.0.1:{port}"))
        .with(
            "VAHTA_WEBHOOK_URL",
            format!("http://127.0.0.1:{port}/telegram/webhook"),
        )
        .with("VAHTA_WEBHOOK_SECRET", "only-for-this-story");
    nothing_is_lost(stage, "webhook").await
}

async fn nothing_is_lost(stage: Stage, intake: &str) -> Result<()> {
    let (kills, messages, chats) = (count(5, 50), count(200, 2_000), count(10, 40));
    let (stage, mut crowd) = stage.with_crowd(chats).await?;
    let mut counted = 0;
    for kill in 0..kills {
        let share = messages / kills;
        let process = stage.run().await?;
        let alive = moment(kill);
        let rounds = u32::try_from(share.div_ceil(chats))?;
        // The messages are spread over a little more than the life of this run.
        let pause = (alive + Duration::from_millis(50)) / rounds;
        let dies = async {
            tokio::time::sleep(alive).await;
            counted += process.counted_in_doubt()?;
            process.kill()
        };
        tokio::try_join!(crowd.writes(&stage, share, pause), dies)?;
    }
    let process = stage.run().await?;
    stage.idle().await?;
    counted += process.counted_in_doubt()?;
    let outcome = crowd.check(&stage).await?;
    let doubtful = in_doubt(&stage).await?;
    println!(
        "kill -9 on {:?}, {intake}: {kills} kills, {} messages from {chats} chats, {} tasks, \
         {} repeats, {doubtful} in doubt ({counted} as logged), {} answers overtaken",
        stage.database.ground,
        crowd.count(),
        outcome.tasks,
        outcome.repeats,
        outcome.overtaken,
    );
    ensure!(
        outcome.tasks == crowd.count(),
        "{} tasks of {} messages",
        outcome.tasks,
        crowd.count()
    );
    ensure!(
        i64::try_from(outcome.repeats)? <= doubtful,
        "{} answers came twice, and only {doubtful} were in doubt",
        outcome.repeats
    );
    process.stop().await
}

/// Some moment of the first half second, another for each kill and each run of the story.
fn moment(kill: usize) -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let noise = now.map_or(0, |since| u64::from(since.subsec_micros()));
    Duration::from_millis((noise + 131 * kill as u64) % 500)
}
