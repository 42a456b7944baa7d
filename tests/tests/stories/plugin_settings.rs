//! `/plugin <name> settings`, `set`, `unset`.

use anyhow::{Result, ensure};
use vahta_tests::stage::{LIM, OPS};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    an_admin_sets_one_setting_and_the_next_message_has_it,
    a_secret_that_is_typed_is_taken_out_of_the_chat_and_not_written_down,
    who_may_do_so_in_one_group_sets_nothing_for_all,
];

async fn tunable(ground: Ground) -> Result<TestApp> {
    Stage::on(ground)
        .await?
        .with_plugins(&["tunable"])?
        .start()
        .await
}

async fn an_admin_sets_one_setting_and_the_next_message_has_it(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let ada = app.ada();
    ada.says("/plugin tunable settings").await?;
    let list = ada.sees("Settings of tunable").await?.text;
    for line in [
        "greeting = Hello (default)",
        "token = (not set)",
        "quiet.from = (not set)",
    ] {
        ensure!(list.contains(line), "{line} is not in {list}");
    }
    for (line, answer) in [
        (
            "set greeting Good  morning",
            "greeting is now Good  morning",
        ),
        ("set quiet.from 22:00", "quiet.from is now 22:00"),
        ("set words one\ntwo", "words is now [\"one\",\"two\"]"),
        ("set listens yes", "listens is now true"),
        ("set weights [1, 2]", "weights is now [1,2]"),
        ("set repeats 7", "repeats must be 5 or less."),
        ("set repeats many", "repeats must be of the type integer."),
        ("set tone shrill", "tone must be one of: plain, loud."),
        ("set greting x", "Did you mean greeting?"),
        ("set quiet.until 22:00", "quiet hours end when they begin"),
        ("unset quiet.from", "quiet.from is now (not set)"),
        ("settings", "greeting = Good  morning"),
    ] {
        ada.says(&format!("/plugin tunable {line}")).await?;
        ada.sees(answer).await?;
    }
    ada.says("/tuned").await?;
    ada.sees("Good  morning, ratio None, words [\"one\", \"two\"]")
        .await?;
    ada.says("/plugin tunable unset greeting").await?;
    ada.sees("greeting is now Hello").await?;
    ada.says("/tuned").await?;
    ada.sees("Hello, ").await?;
    ada.says("/plugin task set page_length 0").await?;
    ada.sees("page_length must be 1 or more.").await?;
    app.shutdown().await
}

async fn a_secret_that_is_typed_is_taken_out_of_the_chat_and_not_written_down(
    ground: Ground,
) -> Result<()> {
    let app = tunable(ground).await?;
    let ada = app.ada();
    ada.says("/plugin tunable set token c4n4ry-one").await?;
    ada.sees("token is now ••• (set)").await?;
    ada.says("/tuned").await?;
    ada.sees("token Some(10)").await?;
    let group = ada.in_chat(OPS);
    group.says("/plugin tunable set token c4n4ry-two").await?;
    group.sees("others can read this chat").await?;
    // Too short, and mistyped.
    for line in ["set token c4n4ry", "set tokn c4n4ry-three"] {
        ada.says(&format!("/plugin tunable {line}")).await?;
        ada.sees_where("an answer", |_| true).await?;
    }
    app.idle().await?;
    for (chat, left) in [(ada, 1), (group, 0)] {
        let shown = chat.messages().await?;
        let held = shown.iter().filter(|m| m.text.contains("c4n4ry")).count();
        // Only what is no setting stays for its author to read again.
        ensure!(
            held == left,
            "{held} messages hold a secret in {}",
            chat.chat
        );
        ensure!(
            shown
                .iter()
                .all(|m| !m.is_bots || !m.text.contains("c4n4ry")),
            "the bot said it"
        );
    }
    for sql in [
        "SELECT COALESCE(text, '') AS text FROM message_logs",
        "SELECT detail AS text FROM audit_log",
        "SELECT payload AS text FROM events",
        "SELECT payload AS text FROM outbox",
    ] {
        let texts = app.database.texts(sql).await?;
        ensure!(
            texts.iter().all(|t| !t.contains("c4n4ry")),
            "{sql}: {texts:?}"
        );
    }
    ada.says("/plugin tunable unset token").await?;
    ada.sees("token is now (not set)").await?;
    app.shutdown().await
}

async fn who_may_do_so_in_one_group_sets_nothing_for_all(ground: Ground) -> Result<()> {
    let app = tunable(ground).await?;
    let ada = app.ada();
    ada.asks("/role create keeper core.plugins.manage").await?;
    let ops = ada.in_chat(OPS);
    ops.says(&format!("/grant {LIM} keeper here")).await?;
    ops.sees("has the role keeper").await?;
    let lim = app.lim().in_chat(OPS);
    for line in ["set greeting x", "settings", "disable", "groups on"] {
        lim.says(&format!("/plugin tunable {line}")).await?;
        lim.sees("You may do this in this chat only").await?;
    }
    lim.says("/plugin tunable here on").await?;
    lim.sees("tunable is on in this chat").await?;
    app.shutdown().await
}
