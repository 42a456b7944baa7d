//! All plugins by name, the files that were refused, and the routes made from both.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;
use vahta_plugin_abi::Kind;

use super::info::{PluginInfo, PluginState};
use super::inspect::{Inspected, Refusal};
use super::manifest::{Budget, Manifest};
use super::routes::Routes;
use super::services::HostServices;
use super::slot::{About, Slot};
use super::stats::PluginStats;
use super::{DeliverError, Envelope, HostConfig};

type Slots = BTreeMap<Arc<str>, Arc<Slot>>;

pub(super) struct Registry {
    pub(super) config: HostConfig,
    pub(super) services: Arc<dyn HostServices>,
    /// Read on every delivery, written when a new plugin is found.
    slots: ArcSwap<Slots>,
    routes: ArcSwap<Routes>,
    refused: Mutex<HashMap<PathBuf, Refusal>>,
    /// Guards writing to `slots`: claims are checked and taken in one step.
    claiming: Mutex<()>,
    changes: watch::Sender<u64>,
    pub(super) shut_down: AtomicBool,
    /// What plugins get at their next start, by name; null is what could not be read.
    settings: Mutex<HashMap<String, Value>>,
}

impl Registry {
    pub(super) fn new(config: HostConfig, services: Arc<dyn HostServices>) -> Self {
        Self {
            config,
            services,
            slots: ArcSwap::default(),
            routes: ArcSwap::default(),
            refused: Mutex::default(),
            claiming: Mutex::default(),
            changes: watch::Sender::new(0),
            shut_down: AtomicBool::new(false),
            settings: Mutex::default(),
        }
    }

    pub(super) async fn deliver(
        &self,
        plugin: &str,
        kind: Kind,
        envelope: Envelope,
        body: Bytes,
    ) -> Result<Bytes, DeliverError> {
        let Some(slot) = self.slot(plugin) else {
            let state = PluginState::Refused(format!("there is no plugin {plugin:?}"));
            return Err(DeliverError::Unavailable { state });
        };
        slot.deliver(kind, envelope, body).await
    }

    pub(super) fn slot(&self, name: &str) -> Option<Arc<Slot>> {
        self.slots.load().get(name).cloned()
    }

    pub(super) fn slots(&self) -> Vec<Arc<Slot>> {
        self.slots.load().values().cloned().collect()
    }

    pub(super) fn routes(&self) -> Arc<Routes> {
        self.routes.load_full()
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn set_settings(&self, name: &str, settings: Value) {
        let mut all = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), settings);
    }

    pub(super) fn settings(&self, name: &str) -> Option<Value> {
        let all = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(name).cloned()
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.shut_down.load(Ordering::SeqCst)
    }

    /// Makes the routes anew and tells everyone who watches.
    pub(super) fn publish(&self) {
        let abouts: Vec<_> = self
            .slots()
            .into_iter()
            .map(|slot| (Arc::clone(&slot.name), slot.about()))
            .collect();
        let plugins = abouts
            .iter()
            .map(|(name, about)| (name, &*about.manifest, about.state.is_running()));
        self.routes.store(Arc::new(Routes::build(plugins)));
        self.changes.send_modify(|count| *count += 1);
    }

    /// The slot of an inspected file; a plugin seen for the first time gets one, if nobody owns
    /// what it claims.
    pub(super) fn claim(&self, found: &Inspected) -> Result<Arc<Slot>, Refusal> {
        let _claiming = self.claiming.lock().unwrap_or_else(PoisonError::into_inner);
        let slots = self.slots();
        let name = found.manifest.name.as_str();
        if let Some(slot) = slots.iter().find(|slot| &*slot.name == name) {
            let about = slot.about();
            // A file that is gone has given its name up.
            if about.file != found.file && about.file.exists() {
                return Err(taken(
                    format!("the name {name:?}"),
                    name,
                    &about.file,
                    &found.file,
                ));
            }
            self.check_claims(&slots, &found.manifest, &found.file)?;
            slot.change(|about| about.file.clone_from(&found.file));
            return Ok(Arc::clone(slot));
        }
        self.check_claims(&slots, &found.manifest, &found.file)?;
        let about = About {
            file: found.file.clone(),
            manifest: Arc::new(found.manifest.clone()),
            sha256: found.sha256.clone(),
            state: PluginState::Found,
        };
        let name: Arc<str> = name.into();
        let slot = Arc::new(Slot::new(Arc::clone(&name), about));
        let mut grown = Slots::clone(&self.slots.load());
        grown.insert(name, Arc::clone(&slot));
        self.slots.store(Arc::new(grown));
        Ok(slot)
    }

    /// Does somebody else own one of the commands or the prefix?
    fn check_claims(
        &self,
        slots: &[Arc<Slot>],
        wanted: &Manifest,
        file: &Path,
    ) -> Result<(), Refusal> {
        for command in &wanted.commands {
            if self.config.reserved_commands.contains(&command.name) {
                let what = format!("the command /{}", command.name);
                return Err(taken(what, "core", Path::new("built in"), file));
            }
        }
        for slot in slots.iter().filter(|slot| *slot.name != wanted.name) {
            let About {
                manifest,
                file: owner_file,
                ..
            } = slot.about();
            let owns = |name: &str| manifest.commands.iter().any(|c| c.name == name);
            if let Some(command) = wanted.commands.iter().find(|c| owns(&c.name)) {
                let what = format!("the command /{}", command.name);
                return Err(taken(what, &slot.name, &owner_file, file));
            }
            if wanted.prefix.is_some() && wanted.prefix == manifest.prefix {
                let prefix = wanted.prefix.as_deref().unwrap_or_default();
                let what = format!("the button prefix {prefix:?}");
                return Err(taken(what, &slot.name, &owner_file, file));
            }
        }
        Ok(())
    }

    /// Remembers why a file without a slot of its own is not loaded; none: forget it.
    pub(super) fn remember(&self, file: &Path, refusal: Option<Refusal>) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match refusal {
            Some(refusal) => refused.insert(file.to_path_buf(), refusal),
            None => refused.remove(file),
        };
    }

    pub(super) fn info(&self, name: &str) -> Option<PluginInfo> {
        match self.slot(name) {
            Some(slot) => Some(slot.info()),
            None => self.list().into_iter().find(|info| *info.name == *name),
        }
    }

    pub(super) fn list(&self) -> Vec<PluginInfo> {
        let mut list: Vec<_> = self.slots().iter().map(|slot| slot.info()).collect();
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        list.extend(
            refused
                .iter()
                .map(|(file, refusal)| refused_info(file, refusal)),
        );
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    }
}

fn taken(what: String, owner: &str, owner_file: &Path, file: &Path) -> Refusal {
    let name = |file: &Path| {
        file.file_name()
            .unwrap_or(file.as_os_str())
            .display()
            .to_string()
    };
    Refusal::Taken {
        what,
        owner: owner.to_owned(),
        owner_file: name(owner_file),
        file: name(file),
    }
}

fn refused_info(file: &Path, refusal: &Refusal) -> PluginInfo {
    let name = file
        .file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy();
    PluginInfo {
        name: name.into(),
        version: String::new(),
        state: PluginState::Refused(refusal.to_string()),
        sha256: None,
        path: file.to_path_buf(),
        manifest: None,
        budget: Budget::default(),
        stats: PluginStats::default(),
        in_flight: 0,
        leaked: 0,
        threads: 0,
    }
}
