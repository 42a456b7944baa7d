//! Something to look at.

use anyhow::Result;
use serde_json::json;
use vahta_rows::Micros;
use vahta_tests::Stage;
use vahta_tests::stage::{ADA, OPS};

/// Two more people, for the ways in.
pub(crate) const KIM: i64 = 1004;
pub(crate) const NIA: i64 = 1005;

/// People, roles, messages and tasks.
pub(crate) async fn set(stage: &Stage) -> Result<()> {
    stage.lim_is_operator().await?;
    stage
        .gus()
        .says("<img src=x onerror=alert(1)> & \"so on\"")
        .await?;
    stage.lim().asks("/task Replace the disk in db-7").await?;
    stage.lim().asks("/tasks").await?;
    stage.ada().asks("/grant 1002 operator 2h").await?;
    stage.ada().asks("/role create night task.view").await?;
    stage.idle().await
}

/// What goes wrong now and then, too: a long text, a job that was given up, a message that failed,
/// an update that nobody could read.
pub(crate) async fn with_something_on_every_page(stage: &Stage) -> Result<()> {
    let ops = stage.lim().in_chat(OPS);
    let long = "The disk of db-7 is nearly full again, and https://example.org/a/very/long/path/\
                that/has/no/place/to/break/0123456789012345678901234567890123456789 says why";
    ops.says(long).await?;
    stage.ada().says("/block 1003 wrote to everybody").await?;
    stage.ada().sees("locked").await?;
    stage.ada().says("/unblock 1003").await?;
    let broken = json!({"message": {"message_id": "seven", "chat": {"id": ADA}, "text": "?"}});
    stage.control.raw(broken).await?;
    stage.idle().await?;
    let now = Micros::now().0;
    let error = "the plugin is not loaded: there is no library of that name in the plugin folder";
    for (number, state) in [5, 3, 2, 4].into_iter().enumerate() {
        let due = now + 3_600_000_000 * i64::try_from(number)?;
        let row = format!(
            "INSERT INTO jobs (plugin, kind, payload, priority, state, due_at, attempts, \
             max_attempts, last_error, epoch, created_at, finished_at) \
             VALUES ('reports', 'reports.nightly', '{{}}', 0, {state}, {due}, 1, 3, '{error}', 0, {now}, {now})"
        );
        stage.database.change(&row).await?;
    }
    for number in 0..3 {
        let row = format!(
            "INSERT INTO outbox (dedup_key, plugin, chat_id, method, payload, lane, state, due_at, \
             attempts, last_error, epoch, created_at) \
             VALUES ('scene:{number}', 'task', {OPS}, 'SendMessage', '{{}}', 0, 2, {now}, 3, \
             'the bot cannot write to this chat', 0, {now})"
        );
        stage.database.change(&row).await?;
    }
    Ok(())
}
