//! `vahta run`: the bot and its web site, until a signal.

use std::future::Future;
use std::time::Duration;

use admin_web::{Limits, Site, Tls};
use anyhow::Context as _;
use bot_core::access::claim;
use bot_core::app::App;
use bot_core::config::Config;
use bot_core::health::Health;
use bot_core::{logging, start};
use futures::StreamExt as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_tokio::Signals;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long a claim code is good for.
const CLAIM: Duration = Duration::from_secs(24 * 3600);
/// How long the web site may take to end its requests: a little more than it gives them.
const WEB_GRACE: Duration = Duration::from_secs(4);
/// How long a stop may take in all: more than its parts do. What is left then, the next start finds.
const STOP: Duration = Duration::from_secs(20);

/// How often the process was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    No,
    Once,
    Twice,
}

pub(super) async fn run() -> anyhow::Result<()> {
    let config = Config::load()?;
    let _logs = logging::init(&config.logs)?;
    let (stop, stopped) = watch::channel(Asked::No);
    tokio::spawn(on_signal(stop)?);

    let health = Health::default();
    let site = Site::new(health.clone(), config.web.clone());
    let tls = config.web.tls.as_ref().map(Tls::load).transpose()?;
    let listener = TcpListener::bind(config.web.addr)
        .await
        .with_context(|| format!("VAHTA_WEB_ADDR {} cannot be used", config.web.addr))?;
    tracing::info!(address = %listener.local_addr()?, "web site");
    let web = tokio::spawn(Box::pin(admin_web::run(
        listener,
        tls,
        site.clone(),
        Limits::default(),
        until(stopped.clone()),
    )));

    let bot = tokio::select! {
        bot = start::start(config, health) => bot?,
        () = until(stopped.clone()) => return Ok(()),
    };
    site.attach(bot.app.clone(), bot.webhook.clone());
    tokio::spawn(offer_claim(bot.app.clone()));
    tracing::info!(bot = %bot.app.me.username, database = bot.app.db.kind(), "on duty");
    let in_order = async {
        bot.run(until(stopped.clone())).await?;
        let _ = tokio::time::timeout(WEB_GRACE, web).await;
        tracing::info!("stopped");
        Ok(())
    };
    tokio::select! {
        ended = in_order => ended,
        why = at_once(stopped.clone()) => {
            tracing::warn!("{why}: ended at once; the next start finds what was under way");
            Err(anyhow::anyhow!(why))
        }
    }
}

/// As long as there is no admin: a code with which the first person becomes one, daily a new one.
async fn offer_claim(app: App) {
    loop {
        match app.access.claim_code(app.instance).await {
            Ok(Some(code)) => println!("{}", claim::banner(&code, &app.me.username)),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no claim code could be made"),
        }
        tokio::time::sleep(CLAIM).await;
    }
}

/// Ends when the process is asked to.
async fn until(mut stopped: watch::Receiver<Asked>) {
    // The sender lives in the signal task for as long as the process does.
    let _ = stopped.wait_for(|asked| *asked >= Asked::Once).await;
}

/// Why an end in order is not waited for any longer.
async fn at_once(mut stopped: watch::Receiver<Asked>) -> &'static str {
    until(stopped.clone()).await;
    let twice = stopped.wait_for(|asked| *asked == Asked::Twice);
    match tokio::time::timeout(STOP, twice).await {
        Ok(_) => "asked to end a second time",
        Err(_) => "it did not end in order in 20 s",
    }
}

fn on_signal(stop: watch::Sender<Asked>) -> anyhow::Result<impl Future<Output = ()>> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("signals cannot be watched")?;
    Ok(async move {
        signals.next().await;
        stop.send_replace(Asked::Once);
        signals.next().await;
        stop.send_replace(Asked::Twice);
        // Keep the channel open: its end would look like a stop that nobody asked for.
        std::future::pending::<()>().await;
    })
}
