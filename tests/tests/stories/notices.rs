//! What a person is told comes to the page that they look at, else into their private chat; once,
//! and not while they sleep. The plugin `tells` tells with `/tell <user> <key> <text>`.

use anyhow::{Context as _, Result, ensure};
use bot_core::access::Who;
use bot_core::notices::courier;
use serde_json::json;
use vahta_rows::{Micros, UserId};
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::web::WebClient;
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    a_notice_that_an_open_page_shows_does_not_go_to_telegram,
    a_notice_that_no_page_shows_goes_to_telegram_once,
    whoever_has_no_page_open_is_told_in_telegram_at_once,
    the_same_key_is_told_once,
    an_unshown_notice_survives_kill_9_and_is_told_once,
    quiet_hours_end_by_the_clock_of_the_persons_zone,
    an_alarm_wakes_and_quiet_hours_that_change_are_looked_at_again,
    both_means_both,
    whoever_blocked_the_bot_finds_it_unread_on_the_web,
    strangers_hear_and_touch_nothing,
];

/// Longer than any story.
const NEVER: u64 = 3_600_000;

async fn with_delay(ground: Ground, delay_ms: u64) -> Result<TestApp> {
    let stage = Stage::on(ground)
        .await?
        .with_plugins(&["tells"])?
        .with("VAHTA_NOTICE_DELAY_MS", delay_ms);
    let app = stage.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.idle().await?;
    Ok(app)
}

async fn id_of(app: &TestApp, telegram_id: i64) -> Result<UserId> {
    let person = app.app.access.find(&Who::Telegram(telegram_id)).await?;
    Ok(person.context("the bot knows this person")?.id)
}

async fn tell(app: &TestApp, to: i64, key: &str) -> Result<()> {
    let user = id_of(app, to).await?;
    app.ada()
        .says(&format!("/tell {user} {key} {key}!"))
        .await?;
    app.ada().sees(&format!("Told {key}.")).await?;
    Ok(())
}

/// What the page's script does with what it is told.
async fn shows(page: &mut WebClient, text: &str) -> Result<()> {
    let got = page.get("/notices/offered").await?;
    ensure!(got.text.contains(text), "{got:?}");
    let ids: Vec<&str> = got
        .text
        .split("data-notice=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let said = page
        .post("/notices/shown", &[("ids", &ids.join(","))])
        .await?;
    ensure!(said.status == 200, "{said:?}");
    Ok(())
}

/// Lim presses these, one after another, on the card of `/settings`.
async fn set(app: &TestApp, captions: &[&str]) -> Result<()> {
    for caption in captions {
        app.lim().presses(caption).await?;
    }
    app.lim().sees("Your settings").await?;
    Ok(())
}

const TOLD: &str = "SELECT count(*) AS number FROM outbox WHERE dedup_key LIKE 'notice:%'";
const OPEN: &str = "SELECT count(*) AS number FROM notices WHERE due_at IS NOT NULL";

async fn a_notice_that_an_open_page_shows_does_not_go_to_telegram(ground: Ground) -> Result<()> {
    let app = with_delay(ground, NEVER).await?;
    let web = app.web().await?;
    let mut page = web.browser_of(LIM).await?;
    let mut stream = page.listen("", None).await?;
    app.lim().reads_on().await?;
    tell(&app, LIM, "Fire").await?;
    let heard = stream.hears().await?;
    let me = id_of(&app, LIM).await?;
    ensure!(heard.topic() == "notice.new", "{heard:?}");
    ensure!(heard.object() == format!("user:{me}"), "{heard:?}");
    shows(&mut page, "Listen: Fire!").await?;
    app.database.becomes(OPEN, 0).await?;
    ensure!(app.database.number(TOLD).await? == 0);
    let list = page.get("/notices").await?;
    ensure!(
        list.text.contains("Listen: Fire!") && list.text.contains("1 unread notice"),
        "{list:?}"
    );
    let again = page.get("/notices/offered").await?;
    ensure!(!again.text.contains("Fire"), "shown twice: {again:?}");
    let read = page.post("/notices/1/read", &[("open", "1")]).await?;
    ensure!(read.location() == Some("/p/tells"), "{read:?}");
    ensure!(stream.hears().await?.topic() == "notice.read");
    let list = page.get("/notices").await?;
    ensure!(
        list.text.contains("Fire!") && !list.text.contains("Mark as read"),
        "{list:?}"
    );
    app.lim().sees_nothing().await?;
    app.shutdown().await
}

async fn a_notice_that_no_page_shows_goes_to_telegram_once(ground: Ground) -> Result<()> {
    let app = with_delay(ground, 50).await?;
    let web = app.web().await?;
    let mut page = web.browser_of(LIM).await?;
    let mut stream = page.listen("notice.", None).await?;
    tell(&app, LIM, "Flood").await?;
    ensure!(stream.hears().await?.topic() == "notice.new");
    // The page is in the background: its script keeps silent.
    let message = app.lim().sees("Listen: Flood!").await?;
    ensure!(message.text.contains("/tell"), "{}", message.line());
    ensure!(message.button("Well").is_some(), "{}", message.line());
    app.database.becomes(OPEN, 0).await?;
    let late = page.post("/notices/shown", &[("ids", "1")]).await?;
    ensure!(late.status == 200, "{late:?}");
    courier::deliver(&app.app, Micros::now()).await?;
    app.idle().await?;
    ensure!(app.database.number(TOLD).await? == 1);
    app.shutdown().await
}

async fn whoever_has_no_page_open_is_told_in_telegram_at_once(ground: Ground) -> Result<()> {
    let app = with_delay(ground, NEVER).await?;
    tell(&app, LIM, "Storm").await?;
    app.lim().sees("Listen: Storm!").await?;
    ensure!(app.database.number(OPEN).await? == 0);
    app.shutdown().await
}

async fn the_same_key_is_told_once(ground: Ground) -> Result<()> {
    let app = with_delay(ground, NEVER).await?;
    tell(&app, LIM, "Hail").await?;
    app.lim().sees("Listen: Hail!").await?;
    let user = id_of(&app, LIM).await?;
    app.ada().says(&format!("/tell {user} Hail again")).await?;
    app.ada().sees("Hail was told before.").await?;
    // Somebody else has not heard of it.
    tell(&app, ADA, "Hail").await?;
    app.ada().sees("Listen: Hail!").await?;
    app.idle().await?;
    ensure!(app.database.number(TOLD).await? == 2);
    app.shutdown().await
}

/// The page was offered it and has not shown it when the process dies.
async fn an_unshown_notice_survives_kill_9_and_is_told_once(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with_plugins(&["tells"])?
        .with("VAHTA_NOTICE_DELAY_MS", NEVER);
    let process = stage.run().await?;
    stage.lim_is_operator().await?;
    stage.lim().asks("/start").await?;
    stage.idle().await?;
    let user = stage
        .database
        .number(&format!(
            "SELECT id AS number FROM bot_users WHERE telegram_id = {LIM}"
        ))
        .await?;
    stage
        .ada()
        .says(&format!("/tell {user} Quake Quake!"))
        .await?;
    stage.lim().sees("Listen: Quake!").await?;
    stage.idle().await?;
    // As if it had been offered, and the time for it were over while nobody was there.
    process.kill()?;
    let offered = "UPDATE notices SET state = 1, due_at = 1, sent_at = NULL, key = 'Ash'";
    stage.database.change(offered).await?;
    stage.database.change("DELETE FROM outbox").await?;
    stage.lim().reads_on().await?;
    let process = stage.run().await?;
    stage.lim().sees("Listen: Quake!").await?;
    stage.idle().await?;
    process.kill()?;
    let process = stage.run().await?;
    stage.ada().asks("/status").await?;
    stage.idle().await?;
    ensure!(stage.database.number(TOLD).await? == 1);
    ensure!(stage.database.number(OPEN).await? == 0);
    process.stop().await
}

async fn quiet_hours_end_by_the_clock_of_the_persons_zone(ground: Ground) -> Result<()> {
    let app = with_delay(ground, NEVER).await?;
    app.lim().says("/settings").await?;
    set(&app, &["Time zone", "Europe/Berlin"]).await?;
    set(&app, &["Quiet hours", "22:00–07:00"]).await?;
    let at = |utc: &str| -> Result<Micros> {
        Ok(Micros(utc.parse::<jiff::Timestamp>()?.as_microsecond()))
    };
    // In that night the clocks go from 02:00 to 03:00.
    let evening = at("2027-03-27T22:30:00Z")?;
    let user = id_of(&app, LIM).await?;
    let row = format!(
        "INSERT INTO notices (user_id, plugin, key, kind, body, urgent, state, due_at, created_at) \
         VALUES ({user}, 'tells', 'Snow', 'tells.told', '{{\"text\":\"Snow!\"}}', FALSE, 0, {due}, 0)",
        due = evening.0
    );
    app.database.change(&row).await?;
    app.lim().reads_on().await?;
    ensure!(courier::deliver(&app.app, evening).await? == 1);
    let due = "SELECT due_at AS number FROM notices";
    let morning = at("2027-03-28T05:00:00Z")?;
    ensure!(app.database.number(due).await? == morning.0);
    let almost = Micros(morning.0 - 1);
    ensure!(courier::deliver(&app.app, almost).await? == 0);
    app.lim().sees_nothing().await?;
    ensure!(courier::deliver(&app.app, morning).await? == 1);
    app.lim().sees("Snow!").await?;
    app.idle().await?;
    ensure!(app.database.number(TOLD).await? == 1);
    app.shutdown().await
}

async fn an_alarm_wakes_and_quiet_hours_that_change_are_looked_at_again(
    ground: Ground,
) -> Result<()> {
    let app = with_delay(ground, NEVER).await?;
    let user = id_of(&app, LIM).await?;
    // All day long but for an hour that is not now, whatever the hour.
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let minute = i64::from(now.hour()) * 60 + i64::from(now.minute());
    let (from, to) = ((minute + 1_380) % 1_440, (minute + 1_320) % 1_440);
    let quiet = format!("INSERT INTO notice_settings VALUES ({user}, 0, {from}, {to})");
    app.database.change(&quiet).await?;
    app.lim().reads_on().await?;
    tell(&app, LIM, "Drizzle").await?;
    app.database
        .becomes("SELECT count(*) AS number FROM notices WHERE state = 2", 1)
        .await?;
    app.lim().sees_nothing().await?;
    app.ada()
        .says(&format!("/alarm {user} Thunder Thunder!"))
        .await?;
    app.lim().sees("Listen: Thunder!").await?;
    app.lim().says("/settings").await?;
    set(&app, &["Quiet hours", "none"]).await?;
    app.lim().sees("Listen: Drizzle!").await?;
    app.shutdown().await
}

async fn both_means_both(ground: Ground) -> Result<()> {
    let app = with_delay(ground, NEVER).await?;
    app.lim().says("/settings").await?;
    set(&app, &["Notices", "here and to the web"]).await?;
    let web = app.web().await?;
    let mut page = web.browser_of(LIM).await?;
    let mut stream = page.listen("notice.", None).await?;
    tell(&app, LIM, "Frost").await?;
    ensure!(stream.hears().await?.topic() == "notice.new");
    app.lim().sees("Listen: Frost!").await?;
    shows(&mut page, "Listen: Frost!").await?;
    ensure!(app.database.number(OPEN).await? == 0);
    ensure!(app.database.number(TOLD).await? == 1);
    app.shutdown().await
}

async fn whoever_blocked_the_bot_finds_it_unread_on_the_web(ground: Ground) -> Result<()> {
    let mut app = with_delay(ground, NEVER).await?;
    app.expect("to 1002 failed");
    let forbidden =
        json!({ "method": "SendMessage", "chat": LIM, "kind": "forbidden", "times": 1 });
    app.control.fault(forbidden).await?;
    tell(&app, LIM, "Fog").await?;
    app.database
        .becomes("SELECT count(*) AS number FROM outbox WHERE state = 2", 1)
        .await?;
    let closed = format!(
        "SELECT count(*) AS number FROM chats WHERE id = {LIM} AND disabled_at IS NOT NULL"
    );
    app.database.becomes(&closed, 1).await?;
    let web = app.web().await?;
    let list = web.browser_of(LIM).await?.get("/notices").await?;
    ensure!(
        list.text.contains("Listen: Fog!") && list.text.contains("1 unread"),
        "{list:?}"
    );
    app.shutdown().await
}

async fn strangers_hear_and_touch_nothing(ground: Ground) -> Result<()> {
    let app = with_delay(ground, NEVER).await?;
    let web = app.web().await?;
    let page = web.browser_of(LIM).await?;
    let mut ada = web.browser_of(ADA).await?;
    let mut stream = page.listen("notice.", None).await?;
    let mut admins = ada.listen("", None).await?;
    tell(&app, LIM, "Rain").await?;
    ensure!(stream.hears().await?.topic() == "notice.new");
    // An admin sees everybody's rights, and nobody's notices.
    let offered = ada.get("/notices/offered").await?;
    ensure!(!offered.text.contains("Rain"), "{offered:?}");
    ensure!(!ada.get("/notices").await?.text.contains("Rain"));
    let shown = ada.post("/notices/shown", &[("ids", "1")]).await?;
    ensure!(
        shown.status == 200,
        "nothing of theirs is among it: {shown:?}"
    );
    let read = ada.post("/notices/1/read", &[]).await?;
    ensure!(read.status == 404, "{read:?}");
    ensure!(
        app.database.number(OPEN).await? == 1,
        "it still waits for Lim's page"
    );
    app.ada().asks("/plugin tells reload").await?;
    let heard = admins.hears().await?;
    ensure!(heard.topic() != "notice.new", "{heard:?}");
    let mut forged = web.browser_of(LIM).await?;
    forged.csrf = Some("forged".into());
    let refused = forged.post("/notices/shown", &[("ids", "1")]).await?;
    ensure!(refused.status == 403, "{refused:?}");
    let mut nobody = web.stranger()?;
    let refused = nobody.get("/notices").await?;
    ensure!(
        refused
            .location()
            .is_some_and(|to| to.starts_with("/login")),
        "{refused:?}"
    );
    app.database.change("UPDATE notices SET due_at = 1").await?;
    app.lim().sees("Listen: Rain!").await?;
    app.shutdown().await
}
