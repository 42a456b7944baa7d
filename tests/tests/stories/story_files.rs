//! Stories that are files: recorded in the sandbox, readable, played against the real bot.

use anyhow::Result;
use vahta_tests::{Ground, Stage, stories};

stories![a_task_from_beginning_to_end, roles_and_who_may_do_what];

async fn a_task_from_beginning_to_end(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_tasks_open_at_once().await?;
    let app = stage.start().await?;
    app.plays(include_str!("files/task.txt")).await?;
    app.shutdown().await
}

async fn roles_and_who_may_do_what(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.plays(include_str!("files/roles.txt")).await?;
    app.shutdown().await
}
