//! The desks: jobs, outbox and kept updates, by whoever may and with clicks that come too late.

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use serde_json::json;
use vahta_rows::outbox::Lane;
use vahta_rows::{JobId, Micros};
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::web::{Got, WebClient};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_job_is_run_now_or_cancelled,
    a_message_that_failed_is_sent_again,
    a_kept_update_is_run_once_more,
    who_only_looks_on_changes_nothing,
];

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// A job that waits until tomorrow, for a plugin whose file is not there: what runs it puts it off.
async fn job(app: &TestApp, key: &str) -> Result<JobId> {
    let (now, due) = (Micros::now().0, Micros::now().plus(DAY).0);
    let row = format!(
        "INSERT INTO jobs (plugin, kind, payload, unique_key, priority, state, due_at, attempts, \
         max_attempts, epoch, created_at) \
         VALUES ('away', 'away.{key}', '{{}}', '{key}', 0, 5, {due}, 0, 3, 0, {now})"
    );
    app.database.change(&row).await?;
    let id = format!("SELECT id AS number FROM jobs WHERE kind = 'away.{key}'");
    Ok(JobId(app.database.number(&id).await?))
}

async fn acts(app: &TestApp, action: &str) -> Result<i64> {
    let count = format!("SELECT count(*) AS number FROM audit_log WHERE action = '{action}'");
    app.database.number(&count).await
}

fn stale(got: &Got) -> Result<()> {
    ensure!(got.status == StatusCode::CONFLICT, "{got:?}");
    Ok(())
}

/// The page offers this act.
fn offers(page: &Got, path: &str) -> bool {
    page.text.contains(&format!("action=\"{path}\""))
}

async fn a_job_is_run_now_or_cancelled(ground: Ground) -> Result<()> {
    // A plugin that is there has jobs of its own.
    let app = Stage::on(ground).await?.without_plugins()?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    ensure!(ada.get("/jobs").await?.text.contains("class=\"empty\""));
    let (early, never) = (job(&app, "early").await?, job(&app, "never").await?);
    let (run, cancel) = (
        format!("/jobs/{early}/run"),
        format!("/jobs/{never}/cancel"),
    );
    let page = ada.get("/jobs").await?;
    ensure!(offers(&page, &run) && offers(&page, &cancel), "{page:?}");

    let got = ada.post(&run, &[]).await?;
    ensure!(got.location() == Some("/jobs"), "{got:?}");
    // It was claimed, found its plugin away, and waits without having lost a try.
    let ran = format!(
        "SELECT count(*) AS number FROM jobs WHERE id = {early} AND epoch > 0 AND state = 5 \
         AND attempts = 0"
    );
    app.database.becomes(&ran, 1).await?;

    let got = ada.post(&cancel, &[]).await?;
    ensure!(got.location() == Some("/jobs"), "{got:?}");
    let state = format!("SELECT count(*) AS number FROM jobs WHERE id = {never} AND state = 4");
    ensure!(app.database.number(&state).await? == 1);
    // The page of somebody who looked before: neither works any more, and nothing is written.
    stale(&ada.post(&cancel, &[]).await?)?;
    stale(&ada.post(&format!("/jobs/{never}/run"), &[]).await?)?;
    stale(&ada.post("/jobs/999999/run", &[]).await?)?;
    ensure!(ada.post("/jobs/x/run", &[]).await?.status == StatusCode::NOT_FOUND);
    ensure!(app.database.number(&state).await? == 1);
    ensure!(acts(&app, "job.run").await? == 1 && acts(&app, "job.cancel").await? == 1);

    let page = ada.get("/jobs?state=finished").await?;
    ensure!(
        page.text.contains("away.never") && !offers(&page, &cancel),
        "{page:?}"
    );
    // Of two clicks at once one is an act.
    let once = format!("/jobs/{early}/cancel");
    let mut second = web.browser_of(ADA).await?;
    let (one, two) = tokio::join!(ada.post(&once, &[]), second.post(&once, &[]));
    let mut statuses = [one?.status.as_u16(), two?.status.as_u16()];
    statuses.sort_unstable();
    ensure!(statuses == [303, 409], "{statuses:?}");
    ensure!(acts(&app, "job.cancel").await? == 2);
    app.shutdown().await
}

async fn a_message_that_failed_is_sent_again(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("cannot be sent");
    app.expect("failed");
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    ensure!(ada.get("/outbox").await?.text.contains("class=\"empty\""));
    let failed = "SELECT count(*) AS number FROM outbox WHERE state = 2";
    // A text that Telegram refuses.
    let empty = app.leaves(ADA, "", Lane::Notice, None).await?;
    app.database.becomes(failed, 1).await?;
    let retry = format!("/outbox/{empty}/retry");
    let page = ada.get("/outbox?state=failed").await?;
    ensure!(
        offers(&page, &retry) && offers(&page, "/outbox/retry"),
        "{page:?}"
    );

    // Refused again as long as it is what it was; then mended, and sent.
    let got = ada.post(&retry, &[]).await?;
    ensure!(got.location() == Some("/outbox?state=failed"), "{got:?}");
    app.database.becomes(failed, 1).await?;
    let payload = json!({"chat_id": ADA, "text": "at last"});
    let mend = format!("UPDATE outbox SET payload = '{payload}' WHERE id = {empty}");
    app.database.change(&mend).await?;
    app.ada().reads_on().await?;
    let got = ada.post("/outbox/retry", &[]).await?;
    ensure!(got.location() == Some("/outbox"), "{got:?}");
    app.ada().sees("at last").await?;
    app.idle().await?;

    stale(&ada.post(&retry, &[]).await?)?;
    stale(&ada.post("/outbox/999999/retry", &[]).await?)?;
    let page = ada.get("/outbox?state=sent").await?;
    ensure!(
        page.text.contains(&format!("#{empty}")) && !offers(&page, &retry),
        "{page:?}"
    );
    let sent = app.calls("SendMessage").await?;
    let sent = sent.iter().filter(|call| call.request["text"] == "at last");
    ensure!(sent.count() == 1, "sent once");
    ensure!(acts(&app, "outbox.resend").await? == 2);
    app.shutdown().await
}

async fn a_kept_update_is_run_once_more(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    ensure!(ada.get("/updates").await?.text.contains("class=\"empty\""));
    let text = "<b>canary-7</b>";
    let broken = json!({"message": {"message_id": "seven", "chat": {"id": ADA}, "text": text}});
    let id = app.control.raw(broken).await?;
    app.idle().await?;
    let (one, retry) = (format!("/updates/{id}"), format!("/updates/{id}/retry"));
    let page = ada.get("/updates").await?;
    ensure!(
        page.text.contains(&one) && offers(&page, &retry),
        "{page:?}"
    );
    let page = ada.get(&one).await?;
    ensure!(
        page.text.contains("&lt;b&gt;canary-7") && !page.text.contains(text),
        "{page:?}"
    );

    // What is still broken is kept again.
    let got = ada.post(&retry, &[]).await?;
    ensure!(got.location() == Some("/updates"), "{got:?}");
    let kept = format!("SELECT count(*) AS number FROM updates WHERE id = {id} AND state = 2");
    app.database.becomes(&kept, 1).await?;
    // Mended, it is answered; then there is nothing left to click on.
    let message = json!({
        "message_id": 7_000, "date": Micros::now().0 / 1_000_000, "text": "/whoami",
        "entities": [{"type": "bot_command", "offset": 0, "length": 7}],
        "from": {"id": ADA, "is_bot": false, "first_name": "Ada"},
        "chat": {"id": ADA, "type": "private", "first_name": "Ada"},
    });
    let raw = json!({"update_id": id, "message": message}).to_string();
    let bytes = match ground {
        Ground::Sqlite => format!("CAST('{raw}' AS BLOB)"),
        Ground::Postgres => format!("convert_to('{raw}', 'UTF8')"),
    };
    let mend = format!("UPDATE updates SET raw = {bytes} WHERE id = {id}");
    app.database.change(&mend).await?;
    app.ada().reads_on().await?;
    ada.post(&retry, &[]).await?;
    app.ada().sees("1001").await?;
    app.idle().await?;
    stale(&ada.post(&retry, &[]).await?)?;
    ensure!(ada.get(&one).await?.status == StatusCode::NOT_FOUND);
    stale(&ada.post("/updates/999999999/retry", &[]).await?)?;
    ensure!(acts(&app, "update.retry").await? == 2);
    app.shutdown().await
}

async fn who_only_looks_on_changes_nothing(ground: Ground) -> Result<()> {
    let mut app = Stage::on(ground).await?.start().await?;
    app.expect("cannot be sent");
    app.expect("failed");
    let web = app.web().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/whoami").await?;
    let waiting = job(&app, "waiting").await?;
    let failed = app.leaves(ADA, "", Lane::Notice, None).await?;
    let count = "SELECT count(*) AS number FROM outbox WHERE state = 2";
    app.database.becomes(count, 1).await?;
    let mut lim = web.browser_of(LIM).await?;
    for path in ["/jobs", "/outbox?state=failed"] {
        let page = lim.get(path).await?;
        ensure!(page.status == StatusCode::OK, "{page:?}");
        let main = page.text.split_once("<main").context("a main part")?.1;
        ensure!(!main.contains("<form"), "no act is offered: {main}");
    }
    for path in [
        format!("/jobs/{waiting}/run"),
        format!("/jobs/{waiting}/cancel"),
        format!("/outbox/{failed}/retry"),
        "/outbox/retry".to_owned(),
        "/updates/1/retry".to_owned(),
    ] {
        refused(&mut lim, &path).await?;
    }
    ensure!(lim.get("/updates").await?.status == StatusCode::FORBIDDEN);
    let untouched = format!(
        "SELECT count(*) AS number FROM jobs WHERE id = {waiting} AND state = 5 AND epoch = 0"
    );
    ensure!(app.database.number(&untouched).await? == 1);
    ensure!(app.database.number(count).await? == 1);
    app.shutdown().await
}

async fn refused(client: &mut WebClient, path: &str) -> Result<()> {
    let got = client.post(path, &[]).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{path}: {got:?}");
    Ok(())
}
