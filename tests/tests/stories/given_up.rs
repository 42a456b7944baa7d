//! What is given up in the middle, as a stop does it with tasks, holds nothing.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use diesel_async::RunQueryDsl as _;
use vahta_rows::{DbError, transaction, with_db};
use vahta_tests::{Ground, Stage, stories};

stories![a_transaction_that_is_given_up_holds_nothing];

async fn a_transaction_that_is_given_up_holds_nothing(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let migrated = stage.vahta(&["migrate"]).await?;
    ensure!(migrated.status.success(), "no tables");
    let row = "INSERT INTO roles (name, builtin, created_at) VALUES ('story', FALSE, 0)";
    stage.database.change(row).await?;
    let db = stage.database.db().clone();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(async move {
        let change = "UPDATE roles SET created_at = 1 WHERE name = 'story'";
        let given_up: Result<(), DbError> = transaction!(db, c => {
            diesel::sql_query(change).execute(c).await?;
            let _ = begun.send(());
            std::future::pending::<()>().await;
            Ok(())
        });
        given_up
    });
    has_begun.await?;
    task.abort();
    ensure!(task.await.is_err(), "it was aborted");
    // Somebody else would wait for its locks: on SQLite ten seconds, on PostgreSQL for ever.
    let outside = stage.database.once_more()?;
    let change = "UPDATE roles SET created_at = created_at + 2 WHERE name = 'story'";
    let changed = async { with_db!(outside, c => diesel::sql_query(change).execute(c).await) };
    tokio::time::timeout(Duration::from_secs(30), changed)
        .await
        .context("it still holds its locks")??;
    let now = "SELECT created_at AS number FROM roles WHERE name = 'story'";
    ensure!(stage.database.number(now).await? == 2, "rolled back");
    Ok(())
}
