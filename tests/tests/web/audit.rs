//! The audit log and its chain.

use anyhow::{Result, ensure};
use bot_core::access::{By, no_replies};
use bot_core::audit::{Fault, Report};
use reqwest::StatusCode;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    each_act_gets_one_link_and_verify_names_an_edited_row,
    a_removed_row_and_a_cut_tail_are_found,
    two_writers_at_once_give_each_row_one_link,
    a_row_that_commits_late_is_linked_late_or_found_where_that_cannot_be,
    what_an_act_erased_keeps_the_chain_whole,
    the_key_is_in_its_file_alone_and_nobody_else_reads_it,
    the_command_says_which_row_it_was_and_exits_with_one,
    the_page_filters_and_verifies,
    a_forged_act_excuses_nothing,
    without_the_noted_ends_nothing_passes_as_whole,
    the_command_migrates_nothing,
    a_strangers_failed_login_is_nobodys_act,
];

fn by(app: &TestApp) -> By {
    By {
        user: None,
        source: "cli",
        correlation: "story".into(),
        instance: app.app.instance,
    }
}

/// Makes roles: each is an act.
async fn acts(app: &TestApp, names: &[&str]) -> Result<()> {
    for name in names {
        let access = &app.app.access;
        access.create_role(name, &[], &by(app), &no_replies).await?;
    }
    Ok(())
}

async fn verified(app: &TestApp) -> Result<Report> {
    app.app.audit.link_all().await?;
    Ok(app.app.audit.verify().await?)
}

async fn id_of(app: &TestApp, object: &str) -> Result<i64> {
    let sql = format!("SELECT id AS number FROM audit_log WHERE object = '{object}'");
    app.database.number(&sql).await
}

async fn each_act_gets_one_link_and_verify_names_an_edited_row(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night", "day", "dusk"]).await?;
    let report = verified(&app).await?;
    ensure!(report.is_whole() && report.pending == 0, "{report:?}");
    let rows = app
        .database
        .number("SELECT count(*) AS number FROM audit_log")
        .await?;
    ensure!(report.links == rows as u64, "{rows} rows, {report:?}");
    let id = id_of(&app, "role:day").await?;
    let edit = format!("UPDATE audit_log SET detail = '{{}}', actor = 1 WHERE id = {id}");
    app.database.change(&edit).await?;
    let report = verified(&app).await?;
    let found =
        matches!(report.faults.as_slice(), [Fault::Edited { id: edited, .. }] if *edited == id);
    ensure!(found, "{report:?}");
    app.shutdown().await
}

async fn a_removed_row_and_a_cut_tail_are_found(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night", "day", "dusk"]).await?;
    let whole = verified(&app).await?;
    let id = id_of(&app, "role:night").await?;
    app.database
        .change(&format!("DELETE FROM audit_log WHERE id = {id}"))
        .await?;
    let report = verified(&app).await?;
    let found =
        matches!(report.faults.as_slice(), [Fault::Removed { id: gone, .. }] if *gone == id);
    ensure!(found, "{report:?}");
    // Row and link of the last act go: only what is noted outside the database knows of them.
    let last = id_of(&app, "role:dusk").await?;
    app.database
        .change(&format!("DELETE FROM audit_chain WHERE audit_id >= {last}"))
        .await?;
    app.database
        .change(&format!("DELETE FROM audit_log WHERE id >= {last}"))
        .await?;
    let report = app.app.audit.verify().await?;
    let seen = whole.links as i64;
    let cut = report
        .faults
        .iter()
        .any(|f| matches!(f, Fault::Truncated { seen: was, .. } if *was == seen));
    ensure!(cut, "{report:?}");
    app.shutdown().await
}

async fn two_writers_at_once_give_each_row_one_link(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let names: Vec<String> = (0..40).map(|n| format!("r{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let other = bot_core::audit::Audit::for_checks(app.app.db.clone(), &app.app.config.audit)?;
    for part in names.chunks(10) {
        acts(&app, part).await?;
        let (one, two) = tokio::join!(app.app.audit.link_all(), other.link_all());
        one?;
        two?;
    }
    let report = verified(&app).await?;
    let rows = app
        .database
        .number("SELECT count(*) AS number FROM audit_log")
        .await?;
    ensure!(
        report.is_whole() && report.links == rows as u64,
        "{rows} rows, {report:?}"
    );
    app.shutdown().await
}

async fn a_row_that_commits_late_is_linked_late_or_found_where_that_cannot_be(
    ground: Ground,
) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night"]).await?;
    // An id that is taken and whose row is not there yet.
    let late = match ground {
        Ground::Postgres => {
            let next = "SELECT nextval(pg_get_serial_sequence('audit_log', 'id')) AS number";
            app.database.number(next).await?
        }
        Ground::Sqlite => {
            let gap = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'audit_log'";
            app.database.change(gap).await?;
            app.database
                .number("SELECT seq AS number FROM sqlite_sequence WHERE name = 'audit_log'")
                .await?
        }
    };
    acts(&app, &["day"]).await?;
    app.app.audit.link_all().await?;
    let overriding = match ground {
        Ground::Postgres => "OVERRIDING SYSTEM VALUE",
        Ground::Sqlite => "",
    };
    let insert = format!(
        "INSERT INTO audit_log (id, source, action, object, detail, correlation, at) \
         {overriding} VALUES ({late}, 'cli', 'story', 'late', '{{}}', 'story', 1)"
    );
    app.database.change(&insert).await?;
    let report = verified(&app).await?;
    let links = format!("SELECT count(*) AS number FROM audit_chain WHERE audit_id = {late}");
    ensure!(app.database.number(&links).await? == 1);
    match ground {
        Ground::Postgres => ensure!(report.is_whole(), "{report:?}"),
        // One writer at a time: ids are in the order of their commits.
        Ground::Sqlite => ensure!(
            report.faults == [Fault::Inserted { id: late }],
            "{report:?}"
        ),
    }
    app.shutdown().await
}

async fn what_an_act_erased_keeps_the_chain_whole(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night", "day"]).await?;
    verified(&app).await?;
    let id = id_of(&app, "role:night").await?;
    ensure!(app.app.audit.erase(&[id], &by(&app)).await? == 1);
    let report = verified(&app).await?;
    ensure!(report.is_whole() && report.erased == 1, "{report:?}");
    app.shutdown().await
}

async fn the_key_is_in_its_file_alone_and_nobody_else_reads_it(ground: Ground) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night"]).await?;
    verified(&app).await?;
    let path = app.folder().join("audit.key");
    let mode = std::fs::metadata(&path)?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "{mode:o}");
    let key = std::fs::read_to_string(&path)?;
    ensure!(key.len() >= 32 && !app.database.holds(&key).await?);
    ensure!(
        app.notes
            .last(4_000)
            .iter()
            .all(|line| !line.contains(&key))
    );
    app.shutdown().await
}

async fn the_command_says_which_row_it_was_and_exits_with_one(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night", "day"]).await?;
    let stage = app.stop().await?;
    let output = stage.vahta(&["audit", "verify"]).await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success() && said.contains("is whole"),
        "{output:?}"
    );
    ensure!(
        said.contains("0 rows waiting"),
        "a stop links what is left: {said}"
    );
    let id = "SELECT id AS number FROM audit_log WHERE object = 'role:day'";
    let id = stage.database.number(id).await?;
    let edit = format!("UPDATE audit_log SET action = 'role.nothing' WHERE id = {id}");
    stage.database.change(&edit).await?;
    let output = stage.vahta(&["audit", "verify"]).await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.code() == Some(1), "{output:?}");
    ensure!(said.contains(&format!("row {id} was edited")), "{said}");
    Ok(())
}

async fn the_page_filters_and_verifies(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    acts(&app, &["night"]).await?;
    let mut ada = web.browser_of(ADA).await?;
    let got = ada.get("/audit?action=access&actor=1001").await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    ensure!(
        got.text.contains("access.grant") && !got.text.contains("role:night"),
        "{}",
        got.text
    );
    let got = ada.get("/audit?source=cli").await?;
    ensure!(
        got.text.contains("role:night") && !got.text.contains("access.grant"),
        "{}",
        got.text
    );
    let got = ada.get("/audit?until=2001-01-01").await?;
    ensure!(got.text.contains("Nothing fits"), "{}", got.text);
    let got = ada.get("/audit?from=yesterday").await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    app.app.audit.link_all().await?;
    let got = ada.post("/audit/verify", &[]).await?;
    ensure!(got.text.contains("Nothing was changed"), "{}", got.text);
    let id = id_of(&app, "role:night").await?;
    let edit = format!("UPDATE audit_log SET at = at + 1 WHERE id = {id}");
    app.database.change(&edit).await?;
    let got = ada.post("/audit/verify", &[]).await?;
    ensure!(
        got.text.contains(&format!("row {id} was edited")),
        "{}",
        got.text
    );
    app.shutdown().await
}

async fn a_forged_act_excuses_nothing(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night", "day"]).await?;
    verified(&app).await?;
    let id = id_of(&app, "role:night").await?;
    let forged = format!(
        "INSERT INTO audit_log (source, action, object, detail, correlation, at) \
         VALUES ('cli', 'audit.erase', 'audit', '{{\"ids\":[{id}],\"mac\":\"x\"}}', 'story', 1)"
    );
    app.database.change(&forged).await?;
    let blank = format!(
        "UPDATE audit_log SET actor = NULL, object = 'erased', detail = '{{}}' WHERE id = {id}"
    );
    app.database.change(&blank).await?;
    let report = verified(&app).await?;
    let found = matches!(report.faults.as_slice(), [Fault::Edited { id: at, .. }] if *at == id);
    ensure!(found && report.erased == 0, "{report:?}");
    app.shutdown().await
}

async fn without_the_noted_ends_nothing_passes_as_whole(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    acts(&app, &["night", "day"]).await?;
    let report = verified(&app).await?;
    ensure!(report.is_whole() && report.heads > 0, "{report:?}");
    let stage = app.stop().await?;
    let heads = stage.folder().join("audit.heads");
    let verify = async |sign: &str| {
        let output = stage.vahta(&["audit", "verify"]).await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = output.status.code() == Some(1);
        ensure!(failed && said.contains(sign), "{sign}: {output:?}");
        ensure!(said.contains("0 noted ends compared"), "{said}");
        Ok(())
    };
    std::fs::write(&heads, "")?;
    verify("holds no end of a chain").await?;
    std::fs::remove_file(&heads)?;
    verify("is not there").await?;
    std::fs::create_dir(&heads)?;
    verify("cannot be read").await?;
    Ok(())
}

async fn the_command_migrates_nothing(ground: Ground) -> Result<()> {
    // Plugins have migrations of their own, which the command does not know.
    let app = Stage::on(ground).await?.without_plugins()?;
    let app = app.start().await?;
    acts(&app, &["night"]).await?;
    let stage = app.stop().await?;
    let count = "SELECT count(*) AS number FROM __diesel_schema_migrations";
    let before = stage.database.number(count).await?;
    let newest = "DELETE FROM __diesel_schema_migrations WHERE version = \
        (SELECT max(version) FROM __diesel_schema_migrations)";
    stage.database.change(newest).await?;
    let output = stage.vahta(&["audit", "verify"]).await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success() && said.contains("without 1 pending"),
        "{output:?}"
    );
    ensure!(stage.database.number(count).await? == before - 1);
    Ok(())
}

async fn a_strangers_failed_login_is_nobodys_act(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    crate::passwords::set_password(&mut ada, crate::passwords::GOOD).await?;
    crate::passwords::log_in(&mut web.stranger()?, "ada.l", "a guess of somebody").await?;
    let row = "SELECT count(*) AS number FROM audit_log WHERE action = 'login.failed' \
               AND actor IS NULL AND object LIKE 'user:%'";
    ensure!(app.database.number(row).await? == 1);
    let page = ada.get("/audit?action=login.failed").await?;
    ensure!(page.text.contains("somebody not logged in"), "{page:?}");
    app.shutdown().await
}
