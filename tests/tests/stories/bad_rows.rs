//! Rows that nobody can read stop nobody else's.

use anyhow::{Result, ensure};
use vahta_rows::Micros;
use vahta_rows::outbox::Lane;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, stories};

stories![
    an_outbox_row_that_cannot_be_read_stops_no_other,
    a_job_that_cannot_be_read_stops_no_other,
];

async fn an_outbox_row_that_cannot_be_read_stops_no_other(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("cannot be read");
    app.expect("failed: ");
    for number in 0..3 {
        let row = format!(
            "INSERT INTO outbox (dedup_key, plugin, chat_id, method, payload, lane, state, due_at, \
             attempts, epoch, created_at) \
             VALUES ('bad:{number}', 'core', {ADA}, 'SendMessage', '{{no json', 0, 0, {number}, 0, 0, 0)"
        );
        app.database.change(&row).await?;
    }
    // Due a moment later, so that the same poll that finds the bad ones has to send it.
    let due = Micros::now().plus(std::time::Duration::from_millis(200));
    app.leaves(ADA, "a good one", Lane::Notice, Some(due))
        .await?;
    app.ada().sees("a good one").await?;
    let failed = "SELECT count(*) AS number FROM outbox WHERE state = 2 AND last_error IS NOT NULL";
    app.database.becomes(failed, 3).await?;
    app.shutdown().await
}

async fn a_job_that_cannot_be_read_stops_no_other(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("job");
    for (number, payload) in ["{no json", "null"].into_iter().enumerate() {
        let row = format!(
            "INSERT INTO jobs (plugin, kind, payload, priority, state, due_at, attempts, \
             max_attempts, epoch, created_at) \
             VALUES ('task', 'task.none', '{payload}', 0, 0, {number}, 0, 1, 0, 0)"
        );
        app.database.change(&row).await?;
    }
    // The good one reaches its plugin, which knows no such job and says so.
    let open =
        "SELECT count(*) AS number FROM jobs WHERE kind = 'task.none' AND state IN (0, 1, 5)";
    app.database.becomes(open, 0).await?;
    let faults = app
        .database
        .texts("SELECT COALESCE(last_error, '') AS text FROM jobs WHERE kind = 'task.none' ORDER BY id")
        .await?;
    ensure!(faults[0] != faults[1], "{faults:?}");
    app.ada().says("/task Still works").await?;
    app.ada().sees("#1 Still works").await?;
    app.shutdown().await
}
