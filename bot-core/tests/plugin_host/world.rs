//! A host with a folder of its own, and services that record what plugins ask of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bot_core::plugin_host::{
    Actor, Approve, CallError, Caller, Chat, DeliverError, Envelope, HostConfig, HostServices,
    Kind, PluginHost, Route, RouteKind, UnloadPolicy, WriterDesk,
};
use bytes::Bytes;
use serde_json::{Value, json};
use tracing::Level;

use crate::fixtures;

/// One call that a plugin made.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) plugin: String,
    pub(crate) method: String,
    pub(crate) body: Value,
    pub(crate) update_id: Option<i64>,
}

/// Answers like Telegram would, and remembers.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) calls: Mutex<Vec<Call>>,
    pub(crate) lines: Mutex<Vec<String>>,
    pub(crate) refused: Mutex<Vec<String>>,
    /// For load tests: count instead of remembering.
    pub(crate) only_count: bool,
    pub(crate) count: AtomicU64,
    /// How long Telegram takes.
    pub(crate) slow_sends: Option<Duration>,
}

#[async_trait]
impl HostServices for Recorder {
    async fn call(&self, caller: Caller, method: &str, body: Bytes) -> Result<Bytes, CallError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(time) = self.slow_sends {
            tokio::time::sleep(time).await;
        }
        let answer = match method {
            "telegram.SendMessage" => sent(&body),
            _ => json!(null),
        };
        if !self.only_count {
            self.calls.lock().unwrap().push(Call {
                plugin: caller.plugin.to_string(),
                method: method.to_owned(),
                body,
                update_id: caller.envelope.and_then(|envelope| envelope.update_id),
            });
        }
        Ok(answer.to_string().into())
    }

    fn log(&self, plugin: &str, level: Level, target: &str, message: &str) {
        let line = format!("{level} {plugin} {target}: {message}");
        self.lines.lock().unwrap().push(line);
    }

    fn refused(&self, plugin: &str, method: &str) {
        // As the core does: what it spawns must find a runtime.
        drop(tokio::spawn(async {}));
        self.refused
            .lock()
            .unwrap()
            .push(format!("{plugin} {method}"));
    }
}

fn sent(body: &Value) -> Value {
    json!({
        "message_id": 7, "date": 1_700_000_000,
        "chat": {"id": body["chat_id"], "type": "private", "first_name": "Ada"},
        "from": {"id": 1, "is_bot": true, "first_name": "Vahta", "username": "vahta_bot"},
        "text": body["text"],
    })
}

/// One world at a time in this process: the tests look at its threads, its memory and its maps.
static ALONE: LazyLock<Arc<tokio::sync::Mutex<()>>> = LazyLock::new(Arc::default);

/// A host, its services and its folder; the folder goes with it.
pub(crate) struct World {
    _alone: tokio::sync::OwnedMutexGuard<()>,
    pub(crate) host: PluginHost,
    pub(crate) services: Arc<Recorder>,
    pub(crate) dir: PathBuf,
}

pub(crate) struct Setup {
    pub(crate) approve: Approve,
    pub(crate) unload: UnloadPolicy,
    pub(crate) deadline: Duration,
    pub(crate) settings: Value,
    pub(crate) reserved: Vec<String>,
    pub(crate) recorder: Recorder,
    pub(crate) desk: WriterDesk,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            approve: Approve::AllInDev,
            unload: UnloadPolicy::default(),
            deadline: Duration::from_secs(30),
            settings: json!({}),
            reserved: Vec::new(),
            recorder: Recorder::default(),
            desk: WriterDesk::default(),
        }
    }
}

impl World {
    /// A host whose folder holds these fixtures; nothing is loaded yet.
    pub(crate) fn new(fixtures: &[&str]) -> Self {
        Self::with(fixtures, Setup::default())
    }

    pub(crate) fn with(fixtures: &[&str], setup: Setup) -> Self {
        static WORLDS: AtomicU64 = AtomicU64::new(0);
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let name = format!("border-{}-{number}", std::process::id());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&dir).unwrap();
        for fixture in fixtures {
            let library = fixtures::library(fixture);
            std::fs::copy(&library, dir.join(library.file_name().unwrap())).unwrap();
        }
        let alone = Arc::clone(&ALONE);
        let alone = tokio::task::block_in_place(|| alone.blocking_lock_owned());
        let services = Arc::new(setup.recorder);
        let config = HostConfig {
            dir: dir.clone(),
            run_dir: dir.join("run"),
            approve: setup.approve,
            default_deadline: setup.deadline,
            start_config: json!({"instance_id": 1, "environment": "dev", "settings": setup.settings}),
            unload: setup.unload,
            reserved_commands: setup.reserved,
            desk: setup.desk,
        };
        Self {
            host: PluginHost::new(config, services.clone()),
            services,
            dir,
            _alone: alone,
        }
    }

    /// A host that has loaded these fixtures, all well.
    pub(crate) async fn started(fixtures: &[&str]) -> Self {
        let world = Self::new(fixtures);
        world.load().await;
        world
    }

    pub(crate) async fn load(&self) {
        for info in self.host.load_all().await {
            assert!(info.state.is_running(), "{}: {}", info.name, info.state);
        }
    }

    /// Somebody writes a command.
    pub(crate) async fn command(&self, plugin: &str, line: &str) -> Result<Bytes, DeliverError> {
        static UPDATES: AtomicU64 = AtomicU64::new(1);
        let id = UPDATES.fetch_add(1, Ordering::Relaxed);
        let (envelope, body) = command(id, line);
        self.host
            .deliver(plugin, Kind::Update, envelope, body)
            .await
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.services.calls.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> String {
        self.services.lines.lock().unwrap().join("\n")
    }

    pub(crate) fn state(&self, plugin: &str) -> String {
        let info = self.host.info(plugin);
        info.map_or_else(|| "not listed".into(), |info| info.state.to_string())
    }

    /// Files of this world that are part of the process now.
    pub(crate) fn mapped(&self) -> Vec<String> {
        let dir = self.dir.canonicalize().unwrap();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mut files: Vec<_> = maps
            .lines()
            .filter_map(|line| line.split_once(dir.to_str().unwrap()))
            .map(|(_, file)| file.to_owned())
            .collect();
        files.sort();
        files.dedup();
        files
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What it started ends before the next world begins.
        let stop = self.host.stop_all(Duration::from_millis(500));
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(stop));
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// An update with a command, as Telegram sends it, and its envelope, as the core makes it.
pub(crate) fn command(id: u64, line: &str) -> (Envelope, Bytes) {
    let (name, args) = line.split_once(' ').unwrap_or((line, ""));
    let envelope = Envelope {
        now: 1_700_000_000_000_000,
        correlation: format!("u{id}"),
        route: Some(Route {
            kind: RouteKind::Command,
            command: Some(name.trim_start_matches('/').to_owned()),
            args: Some(args.to_owned()),
            data: None,
        }),
        actor: Some(Actor {
            user_id: Some(7),
            telegram_id: Some(1001),
            name: "Ada".into(),
            language: Some("en".into()),
            ..Actor::default()
        }),
        chat: Some(Chat {
            id: 1001,
            kind: "private".into(),
            thread_id: None,
        }),
        update_id: Some(i64::try_from(id).unwrap()),
        ..Envelope::default()
    };
    let body = json!({
        "update_id": id,
        "message": {
            "message_id": id, "date": 1_700_000_000, "text": line,
            "chat": {"id": 1001, "type": "private", "first_name": "Ada"},
            "from": {"id": 1001, "is_bot": false, "first_name": "Ada", "username": "ada"},
            "entities": [{"type": "bot_command", "offset": 0, "length": name.len()}],
        }
    });
    (envelope, body.to_string().into())
}
