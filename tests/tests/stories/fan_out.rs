//! Instances wake each other through Redis, and do without it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::config::Secret;
use bot_core::events::Events;
use bot_core::events::fanout::FanOut;
use bot_core::health::Health;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use vahta_rows::InstanceId;
use vahta_tests::proxy::Proxy;
use vahta_tests::{Ground, Stage, stories};

stories![
    instances_wake_each_other_without_an_echo,
    without_redis_the_bot_works_and_says_what_is_missing,
];

/// Far more than a hint takes.
const SOON: Duration = Duration::from_secs(10);
/// Bots of other stories share the server.
fn own_bot() -> i64 {
    i64::from(std::process::id()) * 1_000 + 1
}

struct Instance {
    events: Events,
    health: Health,
    task: AbortHandle,
    reader: watch::Receiver<u64>,
}

impl Instance {
    fn new(stage: &Stage, url: &str, bot: i64, id: i64) -> Result<Self> {
        let (events, health) = (Events::new(stage.database.db().clone()), Health::default());
        let reader = events.subscribe();
        let fan_out = FanOut::new(&Secret::new(url), bot, InstanceId(id))?;
        let task = tokio::spawn(fan_out.run(events.clone(), health.clone())).abort_handle();
        Ok(Self {
            events,
            health,
            task,
            reader,
        })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn redis() -> Result<String> {
    xtask::environment::var("VAHTA_TEST_REDIS_URL")
        .context("VAHTA_TEST_REDIS_URL is not set: run this through `cargo xtask pg -- …`")
}

async fn woken(reader: &mut watch::Receiver<u64>) -> Result<()> {
    timeout(SOON, reader.changed())
        .await
        .context("nobody was woken")??;
    reader.mark_unchanged();
    Ok(())
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
    let waits = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, waits)
        .await
        .with_context(|| format!("never came: {what}"))
}

async fn instances_wake_each_other_without_an_echo(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    let (proxy, cut_off) = Proxy::before(&redis()?).await?;
    let bot = own_bot() + ground as i64;
    let near = Instance::new(&stage, &redis()?, bot, 1)?;
    let far = Instance::new(&stage, &cut_off, bot, 2)?;
    let stranger = Instance::new(&stage, &redis()?, bot + 500, 3)?;
    // Each reads once when it is connected.
    let (mut here, mut there) = (near.reader.clone(), far.reader.clone());
    let mut elsewhere = stranger.reader.clone();
    for reader in [&mut here, &mut there, &mut elsewhere] {
        woken(reader).await?;
    }

    near.events.wake();
    woken(&mut here).await?;
    woken(&mut there).await?;
    far.events.wake();
    woken(&mut there).await?;
    woken(&mut here).await?;
    // What was heard is not passed on, and nobody hears himself: a last hint comes alone.
    near.events.wake();
    woken(&mut here).await?;
    woken(&mut there).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    ensure!(!here.has_changed()? && !there.has_changed()?, "an echo");
    ensure!(!elsewhere.has_changed()?, "another bot was woken");

    proxy.cut();
    until("the fault", || far.health.redis_fault().is_some()).await?;
    ensure!(near.health.redis_fault().is_none(), "its connection stands");
    near.events.wake();
    woken(&mut here).await?;
    proxy.mend();
    // It may have missed something, so it looks as soon as it is back.
    woken(&mut there).await?;
    until("the end of the fault", || {
        far.health.redis_fault().is_none()
    })
    .await?;
    far.events.wake();
    woken(&mut here).await
}

async fn without_redis_the_bot_works_and_says_what_is_missing(ground: Ground) -> Result<()> {
    let (proxy, url) = Proxy::before(&redis()?).await?;
    proxy.cut();
    let app = Stage::on(ground)
        .await?
        .with("REDIS_URL", url.clone())
        .start()
        .await?;
    app.ada().asks("/task Without hints").await?;
    until("the fault", || app.app.health.redis_fault().is_some()).await?;
    let said = app.ada().asks("/status").await?;
    ensure!(said.text.contains("Redis is away"), "{}", said.text);
    let password = url.split([':', '@']).nth(2).context("a password")?;
    ensure!(!said.text.contains(password), "the password is said");
    proxy.mend();
    until("Redis", || app.app.health.redis_fault().is_none()).await?;
    let said = app.ada().asks("/status").await?;
    ensure!(!said.text.contains("Redis is away"), "{}", said.text);
    Ok(())
}
