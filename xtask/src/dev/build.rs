//! Builds programs and plugins with cargo and says what came out.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use serde_json::Value;

use super::settings::Settings;
use super::{DEV, Event};
use crate::process::{self, Label};
use crate::workspace::{Workspace, array, cargo};

const CARGO: Label = Label {
    name: "cargo",
    colour: 33,
};

/// The programs that run.
pub(super) const BOT: &str = "vahta";
pub(super) const SANDBOX: &str = "telegram-sandbox";

/// What a build left behind; parts that failed are missing.
#[derive(Default)]
pub(super) struct Build {
    pub(super) bot: Option<PathBuf>,
    pub(super) sandbox: Option<PathBuf>,
    /// Plugin name and library.
    pub(super) plugins: Vec<(String, PathBuf)>,
}

/// One build at a time; a request during a build means another one after it.
pub(super) struct Builder {
    events: Sender<Event>,
    with_sandbox: bool,
    running: bool,
    again: bool,
    /// The process group of the running cargo.
    group: Arc<Mutex<Option<u32>>>,
}

impl Builder {
    pub(super) fn new(settings: &Settings, events: Sender<Event>) -> Builder {
        let group = Arc::default();
        let with_sandbox = settings.sandbox.is_some();
        Builder {
            events,
            with_sandbox,
            running: false,
            again: false,
            group,
        }
    }

    pub(super) fn request(&mut self) {
        if self.running {
            self.again = true;
            return;
        }
        self.running = true;
        let (events, group, with_sandbox) = (
            self.events.clone(),
            Arc::clone(&self.group),
            self.with_sandbox,
        );
        std::thread::spawn(move || {
            let build = build(with_sandbox, &group).unwrap_or_else(|error| {
                DEV.say(&format!("cannot build: {error:#}"));
                Build::default()
            });
            let _ = events.send(Event::Built(build));
        });
    }

    pub(super) fn finished(&mut self) {
        self.running = false;
        if std::mem::take(&mut self.again) {
            self.request();
        }
    }

    pub(super) fn kill(&mut self) {
        if let Some(group) = *self.group.lock().unwrap_or_else(PoisonError::into_inner) {
            process::signal(group, Signal::SIGKILL);
        }
    }
}

fn build(with_sandbox: bool, group: &Mutex<Option<u32>>) -> Result<Build> {
    // Read again each time: a new plugin may have appeared.
    let workspace = Workspace::load()?;
    let mut command = cargo();
    // Always the same packages together: cargo unifies features over what is asked for, so
    // building one plugin alone would build its dependencies a second time.
    command.args([
        "build",
        "--keep-going",
        "--message-format=json-render-diagnostics",
    ]);
    command.args(["-p", BOT]);
    if with_sandbox {
        command.args(["-p", SANDBOX]);
    }
    for plugin in workspace.plugins() {
        command.args(["-p", &plugin.name]);
    }
    command.current_dir(&workspace.root).stdout(Stdio::piped());

    let set = |value| *group.lock().unwrap_or_else(PoisonError::into_inner) = value;
    let mut child = process::spawn_keeping_stdout(CARGO, &mut command)?;
    set(Some(child.id()));
    let messages = BufReader::new(child.stdout.take().context("cargo has no output")?);
    let mut build = Build::default();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(&line?).unwrap_or_default();
        if message["reason"] == "compiler-artifact" {
            build.note(&workspace, &message);
        }
    }
    let status = child.wait()?;
    set(None);
    if !status.success() {
        DEV.say("the build has errors: what did not compile stays as it was until the next save");
    }
    Ok(build)
}

impl Build {
    fn note(&mut self, workspace: &Workspace, artifact: &Value) {
        let name = artifact["target"]["name"].as_str();
        if let Some(program) = artifact["executable"].as_str() {
            match name {
                Some(BOT) => self.bot = Some(program.into()),
                Some(SANDBOX) => self.sandbox = Some(program.into()),
                _ => {}
            }
        }
        let folder = artifact["manifest_path"]
            .as_str()
            .and_then(|path| Path::new(path).parent());
        let Some(plugin) = workspace
            .plugins()
            .find(|p| Some(p.folder.as_path()) == folder)
        else {
            return;
        };
        let library = array(&artifact["filenames"])
            .iter()
            .filter_map(Value::as_str)
            .find(|file| file.ends_with(std::env::consts::DLL_SUFFIX));
        if let Some(library) = library {
            self.plugins.push((plugin.plugin_name(), library.into()));
        }
    }
}
