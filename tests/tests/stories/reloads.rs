//! A plugin is changed while messages flow.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use vahta_tests::{Ground, Stage, count, stories};

stories![no_message_is_lost_while_a_plugin_is_reloaded_and_switched];

/// Messages while one change is carried out.
const MEANWHILE: usize = 8;

async fn no_message_is_lost_while_a_plugin_is_reloaded_and_switched(ground: Ground) -> Result<()> {
    let rounds = count(10, 400);
    let (stage, mut crowd) = Stage::on(ground).await?.with_crowd(4).await?;
    let process = stage.run().await?;
    crowd.writes(&stage, MEANWHILE, Duration::ZERO).await?;
    stage.idle().await?;
    let mut resident = vec![process.resident_kib()?];
    let descriptors = process.descriptors()?;
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
                    .sees(&format!("task 0.2.0: {}", mark(state)))
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
    // Connections of pools come and go; what a load leaves behind adds up.
    let more = process.descriptors()?.saturating_sub(descriptors);
    ensure!(
        more < rounds * 2,
        "{more} more descriptors are open after {} loads",
        rounds * 2
    );
    let quarters = quarters(&resident);
    // The first half warms allocators and caches up.
    let grown = quarters[3] - quarters[1];
    println!(
        "{} loads of the task plugin on {ground:?}: {} messages, {} turned away; resident in the median \
         of each quarter {quarters:?} KiB, {:.1} KiB a load from the second to the last",
        rounds * 2,
        crowd.count(),
        outcome.turned_away,
        grown as f64 / rounds as f64,
    );
    process.stop().await
}

/// The median of each quarter: single readings differ by what happens to be under way.
fn quarters(readings: &[i64]) -> [i64; 4] {
    let length = readings.len().div_ceil(4);
    let mut parts = readings.chunks(length).map(|part| {
        let mut sorted = part.to_vec();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    });
    [(); 4].map(|()| parts.next().unwrap_or_default())
}

fn mark(state: &str) -> String {
    let dot = if state == "running" { "🟢" } else { "⚪" };
    format!("{dot} {state}")
}
