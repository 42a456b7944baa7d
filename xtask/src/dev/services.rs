//! The children that must keep running: the bot and, without a token, the sandbox.

use std::process::{Child, Command};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::build::{BOT, Build, SANDBOX};
use super::install::Changes;
use super::settings::Settings;
use super::{DEV, Event, health};
use crate::process::{self, Label};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Name {
    Bot,
    Sandbox,
}

/// A process that dies earlier than this after its start "died at once".
const AT_ONCE: Duration = Duration::from_secs(3);
/// How long a replaced process may take to end by itself.
const GRACE: Duration = Duration::from_secs(4);

enum State {
    /// Nothing to run yet, or stopped on purpose.
    Idle,
    Running {
        pid: u32,
        since: Instant,
    },
    /// Told to end so that a newer build can start; killed at the deadline.
    Replaced {
        pid: u32,
        deadline: Instant,
    },
    /// Dead; to be started at that time.
    Waiting(Instant),
}

struct Service {
    name: Name,
    label: Label,
    state: State,
    /// Deaths at once, in a row.
    deaths: u32,
}

pub(super) struct Services<'a> {
    settings: &'a Settings,
    events: Sender<Event>,
    all: Vec<Service>,
    stopping: bool,
}

impl<'a> Services<'a> {
    pub(super) fn new(settings: &'a Settings, events: Sender<Event>) -> Self {
        let service = |name, label| Service {
            name,
            label,
            state: State::Idle,
            deaths: 0,
        };
        let mut all = Vec::new();
        if settings.sandbox.is_some() {
            all.push(service(
                Name::Sandbox,
                Label {
                    name: "sandbox",
                    colour: 35,
                },
            ));
        }
        all.push(service(
            Name::Bot,
            Label {
                name: "bot",
                colour: 32,
            },
        ));
        Services {
            settings,
            events,
            all,
            stopping: false,
        }
    }

    /// Brings what runs up to what was built: starts, replaces, asks for reloads.
    pub(super) fn apply(&mut self, build: &Build, changes: Changes) {
        let settings = self.settings;
        let bot_was_running = self
            .all
            .iter()
            .any(|s| s.name == Name::Bot && s.pid().is_some());
        for service in &mut self.all {
            let (built, changed) = match service.name {
                Name::Bot => (build.bot.is_some(), changes.bot),
                Name::Sandbox => (build.sandbox.is_some(), changes.sandbox),
            };
            match service.state {
                State::Running { pid, .. } if changed => {
                    DEV.say(&format!("{}: a new build, restarting", service.label.name));
                    process::signal(pid, Signal::SIGTERM);
                    service.state = State::Replaced {
                        pid,
                        deadline: Instant::now() + GRACE,
                    };
                }
                State::Idle if built => service.start(settings, &self.events),
                State::Waiting(_) if changed => service.start(settings, &self.events),
                _ => {}
            }
        }
        // A bot that starts now loads the new libraries by itself.
        if bot_was_running && !changes.bot && !changes.plugins.is_empty() {
            reload(settings, changes.plugins);
        }
    }

    pub(super) fn exited(&mut self, name: Name, pid: u32, status: &str) {
        let (settings, stopping) = (self.settings, self.stopping);
        let Some(service) = self
            .all
            .iter_mut()
            .find(|s| s.name == name && s.pid() == Some(pid))
        else {
            return;
        };
        // Whatever it started itself goes with it.
        process::signal(pid, Signal::SIGKILL);
        let was = std::mem::replace(&mut service.state, State::Idle);
        match was {
            _ if stopping => {}
            State::Running { since, .. } => {
                let at_once = since.elapsed() < AT_ONCE;
                service.deaths = if at_once { service.deaths + 1 } else { 0 };
                let pause = pause(service.deaths);
                DEV.say(&format!(
                    "{} ended ({status}); starting it again in {} ms",
                    service.label.name,
                    pause.as_millis()
                ));
                service.state = State::Waiting(Instant::now() + pause);
            }
            _ => service.start(settings, &self.events),
        }
    }

    /// How long the loop may sleep before [`Services::act_on_time`] has something to do.
    pub(super) fn next_due(&self, now: Instant) -> Duration {
        self.all
            .iter()
            .filter_map(|service| match service.state {
                State::Waiting(at) | State::Replaced { deadline: at, .. } => Some(at),
                _ => None,
            })
            .map(|at| at.saturating_duration_since(now))
            .min()
            .unwrap_or(Duration::from_secs(3600))
    }

    pub(super) fn act_on_time(&mut self, now: Instant) {
        for service in &mut self.all {
            match &mut service.state {
                State::Waiting(at) if *at <= now => service.start(self.settings, &self.events),
                State::Replaced { pid, deadline } if *deadline <= now => {
                    process::signal(*pid, Signal::SIGKILL);
                    *deadline = now + GRACE;
                }
                _ => {}
            }
        }
    }

    pub(super) fn is_bot(&self, pid: u32) -> bool {
        self.all
            .iter()
            .any(|s| s.name == Name::Bot && s.pid() == Some(pid))
    }

    pub(super) fn any_running(&self) -> bool {
        self.all.iter().any(|service| service.pid().is_some())
    }

    pub(super) fn stop(&mut self) {
        self.stopping = true;
        for pid in self.all.iter().filter_map(Service::pid) {
            process::signal(pid, Signal::SIGTERM);
        }
    }

    /// Kills what is left; says whether there was anything.
    pub(super) fn kill(&mut self) -> bool {
        for pid in self.all.iter().filter_map(Service::pid) {
            process::signal(pid, Signal::SIGKILL);
        }
        self.any_running()
    }
}

impl Service {
    fn pid(&self) -> Option<u32> {
        match self.state {
            State::Running { pid, .. } | State::Replaced { pid, .. } => Some(pid),
            State::Idle | State::Waiting(_) => None,
        }
    }

    fn start(&mut self, settings: &Settings, events: &Sender<Event>) {
        let mut command = match self.name {
            Name::Bot => program(settings, BOT, &["run"]),
            Name::Sandbox => program(settings, SANDBOX, &[]),
        };
        match process::spawn(self.label, &mut command) {
            Ok(child) => {
                let pid = child.id();
                self.state = State::Running {
                    pid,
                    since: Instant::now(),
                };
                report_end(self.name, child, events.clone());
                if self.name == Name::Bot {
                    health::watch(settings.web, pid, events.clone());
                }
            }
            Err(error) => {
                self.deaths += 1;
                DEV.say(&format!("{}: {error:#}", self.label.name));
                self.state = State::Waiting(Instant::now() + pause(self.deaths));
            }
        }
    }
}

/// Short at first: a bot that dies is back within a second. One that dies at once, again and
/// again, is not started more than every five seconds.
fn pause(deaths: u32) -> Duration {
    Duration::from_millis(match deaths {
        0..=3 => 100,
        4..=9 => 1000,
        _ => 5000,
    })
}

fn program(settings: &Settings, name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(settings.programs.join(name));
    command
        .args(args)
        .current_dir(&settings.root)
        .envs(&settings.variables);
    crate::environment::without_cargo(&mut command);
    command
}

fn report_end(service: Name, mut child: Child, events: Sender<Event>) {
    std::thread::spawn(move || {
        let pid = child.id();
        let status = child
            .wait()
            .map_or_else(|e| e.to_string(), |status| status.to_string());
        let _ = events.send(Event::Exited {
            service,
            pid,
            status,
        });
    });
}

/// Asks the running bot, through its command line, to take the new libraries.
fn reload(settings: &Settings, plugins: Vec<String>) {
    let commands: Vec<_> = plugins
        .into_iter()
        .map(|plugin| {
            let command = program(settings, BOT, &["plugin", "reload", &plugin]);
            (plugin, command)
        })
        .collect();
    std::thread::spawn(move || {
        for (plugin, mut command) in commands {
            let label = Label {
                name: "reload",
                colour: 34,
            };
            let outcome = process::spawn(label, &mut command).and_then(|mut c| Ok(c.wait()?));
            match outcome {
                Ok(status) if status.success() => label.say(&format!("{plugin}: asked for")),
                Ok(status) => label.say(&format!("{plugin}: failed ({status})")),
                Err(error) => label.say(&format!("{plugin}: {error:#}")),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_restarts_come_within_a_second() {
        assert!((0..=9).all(|deaths| pause(deaths) <= Duration::from_secs(1)));
        assert!(pause(10) > Duration::from_secs(1));
    }
}
