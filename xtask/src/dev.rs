//! `cargo xtask dev` (`make dev`): the whole thing in the foreground.
//!
//! One loop receives everything that happens (signals, ends of children, saved files, finished
//! builds) and acts on it; threads only wait and report. Start-up, in order: prerequisites,
//! settings, ports, build, children, banner.

use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Label;
use crate::workspace::Workspace;
use crate::{deps, signals};
use build::{Build, Builder};
use services::Services;
use settings::Settings;

mod banner;
mod build;
mod health;
mod install;
mod ports;
mod services;
mod settings;
mod watch;

const DEV: Label = Label {
    name: "dev",
    colour: 36,
};

/// Everything that the loop hears of.
enum Event {
    Stop,
    Exited {
        service: services::Name,
        pid: u32,
        status: String,
    },
    SourcesChanged(Vec<String>),
    Built(Build),
    /// `/healthz` answered, so many milliseconds after the bot's start.
    Healthy {
        pid: u32,
        elapsed_ms: u128,
    },
}

/// # Errors
/// If a prerequisite is missing, a port is taken, or the settings cannot be read.
pub fn run() -> Result<ExitCode> {
    deps::ensure(deps::DEV)?;
    let workspace = Workspace::load()?;
    let settings = Settings::load(&workspace)?;
    ports::check(&settings)?;

    let (events, inbox) = mpsc::channel();
    signals::forward(events.clone(), |_| Event::Stop)?;
    let mut builder = Builder::new(&settings, events.clone());
    let mut services = Services::new(&settings, events.clone());
    watch::start(&workspace, events);
    DEV.say("building; the first time takes a few minutes");
    builder.request();

    let mut banner_shown = false;
    loop {
        let event = match inbox.recv_timeout(services.next_due(Instant::now())) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => {
                services.act_on_time(Instant::now());
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match event {
            Event::Stop => break,
            Event::Exited {
                service,
                pid,
                status,
            } => services.exited(service, pid, &status),
            Event::SourcesChanged(files) => {
                DEV.say(&format!("saved: {}", watch::summary(&files)));
                builder.request();
            }
            Event::Built(build) => {
                let changes = install::install(&settings, &build);
                builder.finished();
                services.apply(&build, changes);
            }
            Event::Healthy { pid, elapsed_ms } if services.is_bot(pid) => {
                if banner_shown {
                    DEV.say(&format!("the bot is up again ({elapsed_ms} ms)"));
                } else {
                    banner::show(&settings);
                    banner_shown = true;
                }
            }
            Event::Healthy { .. } => {}
        }
    }
    stop(&mut builder, &mut services, &inbox);
    Ok(ExitCode::SUCCESS)
}

/// SIGTERM to everything, four seconds of grace (none after a second Ctrl-C), then SIGKILL.
fn stop(builder: &mut Builder, services: &mut Services<'_>, inbox: &mpsc::Receiver<Event>) {
    const GRACE: Duration = Duration::from_secs(4);
    DEV.say("stopping");
    let deadline = Instant::now() + GRACE;
    builder.kill();
    services.stop();
    while services.any_running() {
        match inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Event::Exited {
                service,
                pid,
                status,
            }) => services.exited(service, pid, &status),
            Ok(Event::Stop) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let killed = services.kill();
    DEV.say(if killed {
        "stopped (something had to be killed)"
    } else {
        "stopped"
    });
}
