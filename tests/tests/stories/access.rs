//! Who may do what, and when that changes.

use anyhow::{Context as _, Result, ensure};
use vahta_tests::stage::{ADA, GUS, LIM, OPS};
use vahta_tests::{Ground, Person, Stage, stories};

stories![
    a_stranger_is_refused_once_then_silently_then_blocked,
    ada_lifts_a_block_by_command,
    grant_and_revoke_act_on_the_very_next_message,
    why_explains_each_case,
    a_grant_ends_by_itself,
    a_grant_in_one_chat_counts_there_only,
    ordinary_talk_in_a_group_is_never_refused,
    the_first_claim_makes_the_admin,
    an_invitation_lets_one_person_in,
    a_custom_role_holds_exactly_its_keys,
    a_blocked_person_meets_silence_and_keeps_the_grants,
    a_grant_waits_for_somebody_never_seen,
];

const REFUSAL: &str = "this bot only talks to people who were let in";

async fn is_refused(person: Person<'_>, text: &str) -> Result<()> {
    person.says(text).await?;
    person.sees(REFUSAL).await.map(drop)
}

async fn meets_silence(person: Person<'_>, text: &str) -> Result<()> {
    person.says(text).await?;
    person
        .sees_nothing()
        .await
        .with_context(|| format!("after {text}"))
}

async fn a_stranger_is_refused_once_then_silently_then_blocked(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    is_refused(app.gus(), "/start").await?;
    for text in ["/help", "/tasks", "hello?"] {
        meets_silence(app.gus(), text).await?;
    }
    app.ada().reads_on().await?;
    meets_silence(app.gus(), "/whoami").await?;
    app.ada()
        .sees("I blocked Gus after 5 refused tries")
        .await?;
    app.ada().presses("Unblock").await?;
    app.idle().await?;
    is_refused(app.gus(), "/start").await?;
    app.shutdown().await
}

async fn ada_lifts_a_block_by_command(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with("VAHTA_REFUSALS_BEFORE_BLOCK", 1)
        .start()
        .await?;
    is_refused(app.gus(), "/start").await?;
    app.ada().says("/users").await?;
    app.ada().presses("Blocked").await?;
    app.ada().sees("Gus").await?;
    app.ada().says("/unblock @gus").await?;
    app.ada().sees("is not blocked any more").await?;
    is_refused(app.gus(), "/start").await?;
    app.shutdown().await
}

async fn grant_and_revoke_act_on_the_very_next_message(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    is_refused(app.gus(), "/status").await?;
    for _ in 0..3 {
        app.ada().says("/grant @gus operator").await?;
        app.ada().sees("has the role operator").await?;
        app.gus().says("/whoami").await?;
        app.gus().sees("operator").await?;
        app.ada().says("/revoke @gus operator").await?;
        app.ada().sees("no longer has").await?;
        // Refused before, so in silence now.
        meets_silence(app.gus(), "/whoami").await?;
    }
    app.shutdown().await
}

async fn why_explains_each_case(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with("VAHTA_REFUSALS_BEFORE_BLOCK", 9)
        .start()
        .await?;
    is_refused(app.gus(), "/start").await?;
    let why = async |question: &str, answer: &str, rule: &str| {
        app.ada().says(question).await?;
        let said = app.ada().sees(answer).await?.text;
        ensure!(
            said.contains(rule),
            "{question} should name the rule “{rule}”:\n{said}"
        );
        Ok(())
    };
    why(
        "/why task.create",
        "may task.create",
        "has every permission",
    )
    .await?;
    why(
        "/why @gus task.create",
        "may not task.create",
        "No grant allows it",
    )
    .await?;
    app.ada()
        .says(&format!("/grant @gus operator {OPS}"))
        .await?;
    app.ada().sees("has the role operator").await?;
    why(
        "/why @gus task.create",
        "may not task.create",
        "holds in the chat -1001 only",
    )
    .await?;
    why(
        &format!("/why @gus task.create {OPS}"),
        "may task.create",
        "has it",
    )
    .await?;
    why(
        "/why @gus /grant",
        "may not core.users.manage",
        "No grant allows it",
    )
    .await?;
    app.ada().says("/grant @gus operator").await?;
    app.ada().sees("has the role operator everywhere").await?;
    why(
        "/why @gus task",
        "may task.create",
        "operator, everywhere, for ever, has it",
    )
    .await?;
    why(
        "/why @gus core.users.manage",
        "may not core.users.manage",
        "does not have it",
    )
    .await?;
    app.ada().says("/block @gus too loud").await?;
    app.ada().sees("is blocked").await?;
    why(
        "/why @gus task.create",
        "may not task.create",
        "(too loud): a block wins",
    )
    .await?;
    why(
        "/why @gus task.craete",
        "may not task.craete",
        "Did you mean task.create?",
    )
    .await?;
    // About oneself anybody may ask, about others not.
    app.lim_is_operator().await?;
    app.lim().says("/why task.create").await?;
    app.lim().sees("may task.create").await?;
    app.lim().says("/why @gus task.create").await?;
    app.lim()
        .sees("it takes the permission core.users.view")
        .await?;
    app.shutdown().await
}

async fn a_grant_ends_by_itself(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says(&format!("/grant {LIM} operator 6s")).await?;
    app.ada()
        .sees("has the role operator everywhere, until")
        .await?;
    app.lim().says("/whoami").await?;
    app.lim().sees("operator").await?;
    let sql = format!(
        "SELECT expires_at AS number FROM grants g JOIN bot_users u ON u.id = g.user_id \
         WHERE u.telegram_id = {LIM}"
    );
    let ends = app.database.number(&sql).await?;
    while vahta_rows::Micros::now().0 <= ends {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    is_refused(app.lim(), "/whoami").await?;
    app.ada().says(&format!("/why {LIM} task.create")).await?;
    app.ada().sees("has ended").await?;
    app.shutdown().await
}

async fn a_grant_in_one_chat_counts_there_only(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada()
        .says(&format!("/grant {LIM} operator {OPS}"))
        .await?;
    app.ada()
        .sees("has the role operator in the chat -1001")
        .await?;
    let in_group = app.lim().in_chat(OPS);
    in_group.says("/task Check the pumps").await?;
    in_group.sees("Check the pumps").await?;
    app.lim().says("/task Somewhere else").await?;
    app.lim()
        .sees("it takes the permission task.create")
        .await?;
    // "here" is the group where it is said.
    app.ada()
        .in_chat(OPS)
        .says(&format!("/revoke {LIM} operator here"))
        .await?;
    app.ada()
        .in_chat(OPS)
        .sees("no longer has: operator (in this chat)")
        .await?;
    is_refused(in_group, "/task Again").await?;
    app.shutdown().await
}

async fn ordinary_talk_in_a_group_is_never_refused(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with("VAHTA_REFUSALS_BEFORE_BLOCK", 2)
        .start()
        .await?;
    let gus = app.gus().in_chat(OPS);
    for text in [
        "hello all",
        "who is on duty?",
        "/start@another_bot",
        "/unknown_to_us",
        "/start@another_bot now",
    ] {
        meets_silence(gus, text).await?;
    }
    let tries = format!(
        "SELECT count(*) AS number FROM bot_users WHERE telegram_id = {GUS} AND refusals > 0"
    );
    ensure!(
        app.database.number(&tries).await? == 0,
        "talk counted as a try"
    );
    // A command that is meant for this bot is a try: one refusal, then silence.
    gus.says("/start@vahta_sandbox_bot").await?;
    gus.sees(REFUSAL).await?;
    // The second try blocks, and still talk stays talk.
    app.ada().reads_on().await?;
    meets_silence(gus, "/help@vahta_sandbox_bot").await?;
    app.ada().sees("I blocked Gus").await?;
    meets_silence(gus, "good night").await?;
    app.shutdown().await
}

async fn the_first_claim_makes_the_admin(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with("VAHTA_ADMINS", "");
    let process = stage.run().await?;
    let banner = process.says("The first person who does").await?;
    let (_, code) = banner
        .split_once("/claim ")
        .context("the console shows no code")?;
    let code = code.split_whitespace().next().context("a code is a word")?;
    stage.gus().says("/help").await?;
    stage.gus().sees("This bot has no admin yet").await?;
    // Both at once: one of them wins.
    let claim = format!("/claim {code}");
    let (lim, gus) = (stage.lim(), stage.gus());
    tokio::try_join!(lim.says(&claim), gus.says(&claim))?;
    stage.idle().await?;
    let mut admins = Vec::new();
    for person in [lim, gus] {
        let said = person.answers().await?;
        ensure!(!said.is_empty(), "{} got no answer to the claim", person.id);
        if said
            .iter()
            .any(|message| message.text.contains("You are the first admin"))
        {
            admins.push(person);
        }
    }
    ensure!(
        admins.len() == 1,
        "{} people became the first admin",
        admins.len()
    );
    admins[0].says("/invite").await?;
    admins[0].sees("This link gives the role operator").await?;
    process.stop().await
}

async fn an_invitation_lets_one_person_in(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.control.add_person(1004, "Eve").await?;
    let invite = app.ada().asks("/invite operator 2d").await?.text;
    let (_, rest) = invite
        .split_once("?start=")
        .with_context(|| format!("no link in: {invite}"))?;
    let token = rest
        .split_whitespace()
        .next()
        .context("a token is a word")?;
    app.ada().reads_on().await?;
    app.gus().says(&format!("/start {token}")).await?;
    app.gus()
        .sees("Welcome! You have the role operator now")
        .await?;
    app.ada().sees("used your invitation").await?;
    app.gus().says("/task Read the handbook").await?;
    app.gus().sees("Read the handbook").await?;
    let eve = app.person(1004);
    eve.says(&format!("/start {token}")).await?;
    eve.sees("This link or code is unknown, used or expired")
        .await?;
    app.idle().await?;
    ensure!(
        !app.database.holds(token).await?,
        "the token rests in clear in the database"
    );
    // One that was withdrawn is worth nothing either.
    let invite = app.ada().asks("/invite").await?.text;
    let (_, rest) = invite.split_once("?start=").context("no link")?;
    let token = rest
        .split_whitespace()
        .next()
        .context("a token is a word")?;
    app.ada().presses("Withdraw").await?;
    app.ada().sees("This invitation was withdrawn").await?;
    meets_silence(eve, &format!("/start {token}")).await?;
    app.shutdown().await
}

async fn a_custom_role_holds_exactly_its_keys(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada()
        .says("/role create night core.status.view")
        .await?;
    app.ada().sees("The role night is there now").await?;
    app.ada().says(&format!("/grant {LIM} night")).await?;
    app.ada().sees("has the role night").await?;
    app.lim().says("/status").await?;
    app.lim().sees("Updates").await?;
    app.lim().says("/plugins").await?;
    app.lim()
        .sees("it takes the permission core.plugins.view")
        .await?;
    app.ada().says("/role night +core.plugins.view").await?;
    app.ada().sees("The role night is now").await?;
    app.lim().says("/plugins").await?;
    app.lim().sees("running").await?;
    app.ada().says("/role delete night").await?;
    app.ada()
        .sees("The role night is gone, and with it one grant")
        .await?;
    is_refused(app.lim(), "/status").await?;
    app.shutdown().await
}

async fn a_blocked_person_meets_silence_and_keeps_the_grants(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with_tasks_open_at_once()
        .await?
        .start()
        .await?;
    app.lim_is_operator().await?;
    app.lim().says("/task Before").await?;
    app.lim().sees("Before").await?;
    app.ada().says(&format!("/block {LIM} holidays")).await?;
    app.ada().sees("is blocked").await?;
    meets_silence(app.lim(), "/task Meanwhile").await?;
    let card = app.lim().finds_button("Done").await?;
    let shown = app.lim().presses_on(&card, "Done").await?;
    ensure!(shown.is_empty(), "a blocked person was told: {shown}");
    app.ada().says(&format!("/unblock {LIM}")).await?;
    app.ada().sees("is not blocked any more").await?;
    app.lim().says("/task After").await?;
    app.lim().sees("After").await?;
    let titles = app
        .database
        .texts("SELECT title AS text FROM task_tasks ORDER BY id")
        .await?;
    ensure!(titles == ["Before", "After"], "{titles:?}");
    app.ada().says(&format!("/block {ADA}")).await?;
    app.ada().sees("You cannot do this to yourself").await?;
    app.shutdown().await
}

async fn a_grant_waits_for_somebody_never_seen(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/grant @gus operator").await?;
    app.ada().sees("I have not seen @gus yet").await?;
    app.gus().says("/whoami").await?;
    app.gus().sees("operator").await?;
    app.shutdown().await
}
