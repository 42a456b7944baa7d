//! A plugin is changed while messages flow.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use vahta_tests::{Ground, Stage, count, stories};

stories![no_message_is_lost_while_a_plugin_is_reloaded_and_switched];

/// Messages while one change is carried out.
const MEANWHILE: usize = 8;

async fn no_message_is_lost_while_a_plugin_is_reloaded_and_switched(ground: Ground) -> Result<()> {
    let rounds = count(5, 100);
    let (stage, mut crowd) = Stage::on(ground).await?.with_crowd(4).await?;
    let process = stage.run().await?;
    crowd.writes(&stage, MEANWHILE, Duration::ZERO).await?;
    stage.idle().await?;
    let mut resident = vec![process.resident_kib()?];
    for round in 0..rounds {
        for (act, state) in [
            ("reload", "running"),
            ("disable", "switched off"),
            ("enable", "running"),
        ] {
            let changes = async {
                stage.ada().says(&format!("/plugin task {act}")).await?;
                stage
                    .ada()
                    .sees(&format!("task 0.1.0: {}", mark(state)))
                    .await
            };
            let writes = crowd.writes(&stage, MEANWHILE, Duration::from_millis(10));
            tokio::try_join!(writes, changes).with_context(|| format!("round {round}: {act}"))?;
        }
        resident.push(process.resident_kib()?);
    }
    stage.idle().await?;
    let outcome = crowd.check(&stage).await?;
    ensure!(
        outcome.tasks + outcome.turned_away == crowd.count(),
        "{} messages, {} tasks, {} turned away",
        crowd.count(),
        outcome.tasks,
        outcome.turned_away
    );
    ensure!(
        outcome.repeats == 0,
        "{} answers came twice",
        outcome.repeats
    );
    // Each version counts its threads from 0: a name that is there twice is of an earlier one. How
    // many there are differs, for those that block come and go.
    let left = process.plugin_threads("task")?;
    ensure!(
        left.iter()
            .all(|name| left.iter().filter(|other| *other == name).count() == 1),
        "threads of earlier versions go on: {left:?}"
    );
    let loads = i64::try_from(rounds * 2)?;
    // The first quarter warms allocators and caches up.
    let warm = rounds / 4;
    let since_warm = i64::try_from((rounds - warm) * 2)?;
    println!(
        "{loads} loads of the task plugin on {ground:?}: {} messages, {} turned away; resident {} KiB \
         at first, {} KiB at last, {} KiB a load, {} KiB a load after the first quarter",
        crowd.count(),
        outcome.turned_away,
        resident[0],
        resident[rounds],
        (resident[rounds] - resident[0]) / loads,
        (resident[rounds] - resident[warm]) / since_warm,
    );
    process.stop().await
}

fn mark(state: &str) -> String {
    let dot = if state == "running" { "🟢" } else { "⚪" };
    format!("{dot} {state}")
}
