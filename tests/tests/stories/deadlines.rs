//! Due dates, series and the morning digest: each is told once, in the hours of whoever it is for.

use anyhow::{Context as _, Result, ensure};
use vahta_rows::{Micros, migrate};
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    due_dates_are_told_once_and_follow_the_date,
    before_at_and_after_its_time_somebody_is_told_each_once,
    a_bot_that_was_away_tells_what_is_true_now_and_only_that,
    quiet_hours_keep_a_due_date_and_a_task_that_is_done_takes_it_back,
    a_due_date_in_the_hour_that_the_clock_skips_is_the_first_after_it,
    a_task_that_repeats_makes_one_next_when_it_is_done,
    a_series_keeps_its_people_labels_and_steps,
    the_morning_brings_one_list_of_what_is_due,
    a_step_with_a_date_of_its_own_is_told_of_to_whoever_has_it,
];

async fn begun(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.ada().asks("/start").await?;
    app.idle().await?;
    Ok(app)
}

const WAITING: &str = "kind = 'task.due' AND state IN (0, 5)";
const RAN: &str = "SELECT count(*) AS number FROM jobs WHERE kind = 'task.due' AND state = 2";

/// The time of the jobs that tell of something has come.
async fn comes(stage: &Stage, what: &str) -> Result<()> {
    let sql = format!("UPDATE jobs SET due_at = 1 WHERE {WAITING} AND unique_key LIKE '{what}:%'");
    stage.database.change(&sql).await?;
    Ok(())
}

/// Everything about due dates happens so much earlier.
async fn hours_pass(stage: &Stage, hours: i64) -> Result<()> {
    let by = hours * 3_600 * 1_000_000;
    let due = "SELECT due_at AS number FROM task_tasks WHERE id = 1";
    let due = stage.database.number(due).await?;
    // Their time last: a job that has come runs at once.
    for sql in [
        format!(
            "UPDATE jobs SET payload = REPLACE(payload, '{due}', '{}') WHERE {WAITING}",
            due - by
        ),
        format!("UPDATE task_tasks SET due_at = due_at - {by}"),
        format!("UPDATE jobs SET due_at = due_at - {by} WHERE {WAITING}"),
    ] {
        stage.database.change(&sql).await?;
    }
    Ok(())
}

async fn due_dates_are_told_once_and_follow_the_date(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    app.ada()
        .says("/task Water the plants @lim in 3 hours")
        .await?;
    app.ada().sees("⬜ #1 Water the plants").await?;
    app.lim().sees("Ada gave you this task").await?;
    let planned = format!("SELECT count(*) AS number FROM jobs WHERE {WAITING}");
    ensure!(
        app.database.number(&planned).await? == 3,
        "soon, due, overdue"
    );
    app.lim().reads_on().await?;
    comes(&app, "soon").await?;
    app.lim().sees("Due soon").await?;
    // The date moves: what was planned for the old one says nothing any more.
    app.ada().presses("Edit").await?;
    app.ada().presses("Due").await?;
    app.ada().says("in 5 hours").await?;
    app.ada().sees("#1 Water the plants").await?;
    app.cards_have_followed().await?;
    app.lim().reads_on().await?;
    let old = format!(
        "UPDATE jobs SET due_at = 1 WHERE id IN \
         (SELECT id FROM jobs WHERE {WAITING} ORDER BY id LIMIT 2)"
    );
    app.database.change(&old).await?;
    app.database.becomes(RAN, 3).await?;
    app.lim().sees_nothing().await?;
    app.shutdown().await
}

async fn before_at_and_after_its_time_somebody_is_told_each_once(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    app.ada().says("/task Inspect @lim in 3 hours").await?;
    app.lim().sees("Ada gave you this task").await?;
    hours_pass(&app, 2).await?;
    for (what, hours, said) in [
        ("soon", 0, "Due soon"),
        ("due", 1, "Due now"),
        ("overdue", 24, "Overdue since"),
    ] {
        app.lim().reads_on().await?;
        hours_pass(&app, hours).await?;
        comes(&app, what).await?;
        let told = app.lim().sees(said).await?;
        // The card of the task comes with it, and the one before it says so.
        ensure!(told.button("Done").is_some(), "{}", told.line());
    }
    app.database.becomes(RAN, 3).await?;
    app.idle().await?;
    let told = "SELECT count(*) AS number FROM notices WHERE kind = 'task.due'";
    ensure!(app.database.number(told).await? == 3);
    // The cards that it replaces are cards no more.
    let cards = "SELECT count(*) AS number FROM task_cards WHERE chat_id = 1002";
    app.database.becomes(cards, 1).await?;
    app.shutdown().await
}

async fn a_bot_that_was_away_tells_what_is_true_now_and_only_that(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    app.ada().says("/task Inspect @lim in 3 hours").await?;
    app.lim().sees("Ada gave you this task").await?;
    app.idle().await?;
    let stage = app.stop().await?;
    // Six hours: it was due three hours ago, and "soon" an hour before that.
    hours_pass(&stage, 6).await?;
    stage.lim().reads_on().await?;
    let app = stage.start().await?;
    app.lim().sees("Overdue since").await?;
    app.database.becomes(RAN, 2).await?;
    app.idle().await?;
    let told = "SELECT count(*) AS number FROM notices WHERE kind = 'task.due'";
    ensure!(
        app.database.number(told).await? == 1,
        "not also that it was due soon"
    );
    app.shutdown().await
}

async fn quiet_hours_keep_a_due_date_and_a_task_that_is_done_takes_it_back(
    ground: Ground,
) -> Result<()> {
    let app = begun(ground).await?;
    app.ada().says("/task Inspect @lim in 3 hours").await?;
    app.lim().sees("Ada gave you this task").await?;
    app.ada().says("/task Refuel @lim in 3 hours").await?;
    app.lim().sees("#2 Refuel").await?;
    app.ada()
        .says("/task Evacuate @lim in 3 hours !urgent")
        .await?;
    app.lim().sees("#3 Evacuate").await?;
    app.idle().await?;
    // Lim sleeps, whenever this runs.
    let minute = Micros::now().0 / 60_000_000 % 1440;
    let (from, to) = ((minute + 1380) % 1440, (minute + 60) % 1440);
    let asleep = format!(
        "INSERT INTO notice_settings (user_id, whither, quiet_from, quiet_to) \
         SELECT id, 0, {from}, {to} FROM bot_users WHERE telegram_id = 1002"
    );
    app.database.change(&asleep).await?;
    app.lim().reads_on().await?;
    comes(&app, "soon").await?;
    app.database.becomes(RAN, 3).await?;
    // What is urgent wakes; the others wait.
    app.lim().sees("#3 Evacuate").await?;
    let waits = "SELECT count(*) AS number FROM notices WHERE kind = 'task.due' AND state = 2";
    app.database.becomes(waits, 2).await?;
    app.ada().says("/task_1").await?;
    let card = app.ada().sees("#1 Inspect").await?;
    app.ada().presses_on(&card, "Done").await?;
    app.ada().sees("Done by Ada").await?;
    app.database.becomes(waits, 1).await?;
    // The morning comes.
    app.lim().reads_on().await?;
    let awake = "DELETE FROM notice_settings";
    app.database.change(awake).await?;
    let morning = "UPDATE notices SET due_at = 1 WHERE state = 2";
    app.database.change(morning).await?;
    app.lim().sees("#2 Refuel").await?;
    app.idle().await?;
    let all = app.lim().messages().await?;
    let of_first = all
        .iter()
        .filter(|m| m.text.contains("Due soon") && m.text.contains("#1"));
    ensure!(of_first.count() == 0, "what is done is not due");
    app.shutdown().await
}

async fn a_due_date_in_the_hour_that_the_clock_skips_is_the_first_after_it(
    ground: Ground,
) -> Result<()> {
    let app = begun(ground).await?;
    // Between two starts: what it knows of people it knows.
    let stage = app.stop().await?;
    let berlin = "UPDATE bot_users SET time_zone = 'Europe/Berlin' WHERE telegram_id = 1001";
    stage.database.change(berlin).await?;
    let app = stage.start().await?;
    app.ada().says("/task Night shift 28.03.2027 02:30").await?;
    let card = app.ada().sees("#1 Night shift").await?;
    ensure!(card.text.contains("28 Mar 2027, 03:00"), "{}", card.line());
    app.idle().await?;
    // 01:00 in UTC; the reminder comes an hour of real time before it.
    let due: jiff::Timestamp = "2027-03-28T01:00:00Z".parse()?;
    let jobs = |what: &str| {
        format!("SELECT due_at AS number FROM jobs WHERE {WAITING} AND unique_key LIKE '{what}:%'")
    };
    let hour = 3_600 * 1_000_000;
    for (what, at) in [("soon", -hour), ("due", 0), ("overdue", 24 * hour)] {
        let planned = app.database.number(&jobs(what)).await?;
        ensure!(planned == due.as_microsecond() + at, "{what}: {planned}");
    }
    // The clocks go back: half past two is there twice, and the first one counts.
    app.ada()
        .says("/task Second shift 31.10.2027 02:30")
        .await?;
    app.ada().sees("31 Oct 2027, 02:30").await?;
    let due: jiff::Timestamp = "2027-10-31T00:30:00Z".parse()?;
    let second = "SELECT due_at AS number FROM task_tasks WHERE id = 2";
    ensure!(app.database.number(second).await? == due.as_microsecond());
    app.shutdown().await
}

const TASKS: &str = "SELECT count(*) AS number FROM task_tasks";

async fn a_task_that_repeats_makes_one_next_when_it_is_done(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let ada = app.ada();
    ada.says("/task Water the plants @me every day 9:00")
        .await?;
    let card = ada.sees("#1 Water the plants").await?;
    ensure!(card.text.contains("🔁 every day 09:00"), "{}", card.line());
    ada.presses_on(&card, "Done").await?;
    app.database.becomes(TASKS, 2).await?;
    let next = "SELECT (SELECT due_at FROM task_tasks WHERE id = 2) - due_at AS number \
         FROM task_tasks WHERE id = 1";
    ensure!(
        app.database.number(next).await? == 24 * 3_600 * 1_000_000,
        "UTC has no summer"
    );
    // Reopened and done once more: there is a next one already.
    app.idle().await?;
    ada.presses_on(&ada.sees("Done by Ada").await?, "Reopen")
        .await?;
    app.idle().await?;
    ada.presses("Done").await?;
    let jobs = "SELECT count(*) AS number FROM jobs WHERE kind = 'task.again' AND state = 2";
    app.database.becomes(jobs, 2).await?;
    ensure!(app.database.number(TASKS).await? == 2);
    // The rule is changed by a button and taken away by another.
    ada.says("/task_2").await?;
    ada.presses("Edit").await?;
    ada.presses("Repeat").await?;
    ada.presses("Every week").await?;
    let card = ada.sees("🔁 every").await?;
    ensure!(!card.text.contains("every day"), "{}", card.line());
    ada.presses("Repeat").await?;
    ada.says("tomorrow 9:00").await?;
    ada.sees("does not repeat").await?;
    ada.says("every 3 days after done").await?;
    ada.sees("🔁 every 3 days after done").await?;
    ada.presses("Repeat").await?;
    ada.presses("None").await?;
    app.idle().await?;
    ada.says("/task_2").await?;
    let card = ada.sees("#2 Water the plants").await?;
    ensure!(!card.text.contains("🔁"), "{}", card.line());
    ada.presses_on(&card, "Done").await?;
    ada.sees("Done by Ada").await?;
    app.idle().await?;
    ensure!(app.database.number(TASKS).await? == 2, "the series is over");
    app.shutdown().await
}

async fn a_series_keeps_its_people_labels_and_steps(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says("/template rounds\nlook at the meters @assignee\nwrite it down @creator")
        .await?;
    ada.sees("%rounds, 2 steps").await?;
    lim.says("/task Rounds @lim every weekday 8:00 !high #site %rounds")
        .await?;
    lim.sees("⏳ #1 Rounds").await?;
    ada.presses_on(&ada.finds_button("Approve").await?, "Approve")
        .await?;
    lim.sees("0/2").await?;
    app.idle().await?;
    for step in ["1. look", "2. write"] {
        lim.presses(step).await?;
        app.idle().await?;
    }
    app.database.becomes(TASKS, 2).await?;
    let kept = "SELECT count(*) AS number FROM task_tasks a JOIN task_tasks b ON b.follows = a.id \
         WHERE b.state = 2 AND a.assignee = b.assignee AND a.priority = b.priority \
         AND a.created_by_user = b.created_by_user AND a.template_id = b.template_id \
         AND b.due_at > a.due_at";
    ensure!(
        app.database.number(kept).await? == 1,
        "open at once, with all that it had"
    );
    let steps =
        "SELECT count(*) AS number FROM task_steps WHERE task_id = 2 AND assignee IS NOT NULL";
    ensure!(app.database.number(steps).await? == 2);
    let labels = "SELECT count(*) AS number FROM task_labels WHERE task_id = 2 AND label = 'site'";
    ensure!(app.database.number(labels).await? == 1);
    // Cancelling ends it.
    lim.says("/task_2").await?;
    lim.sees("#2 Rounds").await?;
    lim.presses("Cancel task").await?;
    lim.sees("✖️ #2").await?;
    app.idle().await?;
    ensure!(app.database.number(TASKS).await? == 2);
    app.shutdown().await
}

async fn the_morning_brings_one_list_of_what_is_due(ground: Ground) -> Result<()> {
    // The hour in which this runs: morning is whenever it is.
    let hour = Micros::now().0 / 3_600_000_000 % 24;
    let stage = Stage::on(ground).await?;
    migrate::run(stage.database.db(), bot_core::storage::migrations()).await?;
    let settings = format!(
        "INSERT INTO plugins (name, enabled, generation, settings, updated_at, settings_version) \
         VALUES ('task', TRUE, 0, '{{\"approval\": \"nobody\", \"digest\": \"{hour:02}:00\"}}', 0, 1)"
    );
    stage.database.change(&settings).await?;
    let app = stage.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.idle().await?;
    app.ada()
        .says("/task Pay the rent @lim tomorrow 17:00")
        .await?;
    app.lim().sees("#1 Pay the rent").await?;
    app.ada()
        .says("/task Call the plumber @lim tomorrow 17:00")
        .await?;
    app.lim().sees("#2 Call the plumber").await?;
    app.ada().says("/task Far away @lim in 5 days").await?;
    app.lim().sees("#3 Far away").await?;
    app.idle().await?;
    // One is overdue since yesterday, one is due within this day.
    let midnight = (Micros::now().0 / 86_400_000_000 + 1) * 86_400_000_000;
    let today = format!(
        "UPDATE task_tasks SET due_at = {} WHERE id = 2",
        midnight - 1
    );
    app.database.change(&today).await?;
    let over = format!(
        "UPDATE task_tasks SET due_at = {} WHERE id = 1",
        midnight - 200_000_000_000
    );
    app.database.change(&over).await?;
    app.lim().reads_on().await?;
    let looks =
        "SELECT count(*) AS number FROM jobs WHERE kind = 'task.digest' AND state IN (0, 5)";
    ensure!(app.database.number(looks).await? == 1);
    let now = "UPDATE jobs SET due_at = 1 WHERE kind = 'task.digest' AND state IN (0, 5)";
    app.database.change(now).await?;
    let list = app
        .lim()
        .sees("☀️ One thing is due today, and one is overdue")
        .await?;
    for part in ["Pay the rent", "/task_1", "Call the plumber", "/task_2"] {
        ensure!(list.text.contains(part), "{part}: {}", list.line());
    }
    ensure!(!list.text.contains("Far away"), "{}", list.line());
    // It looks again within the hour, and has told of this day.
    app.database.becomes(looks, 1).await?;
    app.lim().reads_on().await?;
    app.database.change(now).await?;
    let ran = "SELECT count(*) AS number FROM jobs WHERE kind = 'task.digest' AND state = 2";
    app.database.becomes(ran, 2).await?;
    app.idle().await?;
    app.lim().sees_nothing().await?;
    // The button leads to what is theirs.
    app.lim().presses_on(&list, "My tasks").await?;
    app.lim().finds_button("Far away").await?;
    app.shutdown().await.context("the digest")
}

async fn a_step_with_a_date_of_its_own_is_told_of_to_whoever_has_it(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let (ada, lim) = (app.ada(), app.lim());
    ada.says("/template rounds\nlook at the meters @lim +3h\nwrite it down @ada +5h")
        .await?;
    ada.sees("%rounds, 2 steps").await?;
    ada.says("/task Rounds %rounds").await?;
    lim.sees("0/2").await?;
    app.cards_have_followed().await?;
    let planned = format!("SELECT count(*) AS number FROM jobs WHERE {WAITING}");
    ensure!(
        app.database.number(&planned).await? == 6,
        "three of each step"
    );
    lim.reads_on().await?;
    comes(&app, "soon").await?;
    let told = lim.sees("It is step 1: look at the meters").await?;
    ensure!(told.text.contains("Due soon"), "{}", told.line());
    app.cards_have_followed().await?;
    let all = lim.messages().await?;
    let of_other = all
        .iter()
        .filter(|message| message.text.contains("It is step 2"));
    ensure!(of_other.count() == 0, "the other step is Ada's");
    ada.sees("It is step 2: write it down").await?;
    // Done: nothing more is told of it.
    lim.presses_on(&told, "1. look at the meters").await?;
    lim.sees("1/2").await?;
    app.cards_have_followed().await?;
    let told = "SELECT count(*) AS number FROM notices WHERE kind = 'task.due'";
    let before = app.database.number(told).await?;
    let first =
        format!("UPDATE jobs SET due_at = 1 WHERE {WAITING} AND unique_key LIKE 'due:1.1:%'");
    app.database.change(&first).await?;
    app.database.becomes(RAN, 3).await?;
    ensure!(app.database.number(told).await? == before);
    app.shutdown().await
}
