//! Changes of a plugin's life: found, enabled, disabled, reloaded. One at a time for each plugin.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;

use super::info::{PluginInfo, PluginState};
use super::inspect::{Inspected, Refusal, inspect};
use super::instance::{Ended, Instance, Plan};
use super::manifest::Manifest;
use super::registry::Registry;
use super::slot::Slot;
use super::starts::{self, Mark};
use super::{Approve, HostError, UnloadPolicy, catalogue};
use crate::plugin_settings::Schema;

/// How long deliveries under way may take to end when their instance is replaced or stopped.
const GRACE: Duration = Duration::from_secs(5);

impl Registry {
    pub(super) async fn load_where(&self, wanted: impl Fn(&str) -> bool) {
        let found = self.find().await;
        self.publish();
        let (mut suspects, others): (Vec<_>, Vec<_>) = found
            .into_iter()
            .filter(|(slot, _)| wanted(&slot.name))
            .map(|(slot, found)| {
                let ended = starts::ended(&self.config.run_dir, &slot.name, &found.sha256);
                (ended, slot, found)
            })
            .partition(|(ended, ..)| *ended > 0);
        let starting = others
            .into_iter()
            .map(|(_, slot, found)| self.start_unasked(slot, found));
        join_all(starting).await;
        // One after the other, the likeliest last: whoever only stood beside is cleared before.
        suspects.sort_by_key(|(ended, ..)| *ended);
        for (ended, slot, found) in suspects {
            match starts::refused(&slot.name, ended) {
                Ok(()) => self.start_unasked(slot, found).await,
                Err(error) => {
                    self.services.log(
                        &slot.name,
                        tracing::Level::ERROR,
                        "plugin_host",
                        &error.to_string(),
                    );
                    slot.change(|about| about.state = PluginState::Failed(error.to_string()));
                    self.publish();
                }
            }
        }
    }

    /// With the others at the start of the process; the reason of a failure stays in the slot.
    async fn start_unasked(&self, slot: Arc<Slot>, found: Inspected) {
        let _changing = slot.changing.lock().await;
        if slot.current.load().is_none() {
            let _ = self.start(&slot, found).await;
        }
    }

    /// Inspects every library in the folder; remembers those that are refused.
    async fn find(&self) -> Vec<(Arc<Slot>, Inspected)> {
        let files = catalogue::scan(&self.config.dir);
        let inspections = files.into_iter().map(|file| async move {
            let inspected = inspected(file.clone()).await;
            (file, inspected)
        });
        // Claims are made in the order of the files, so that the same one wins each time.
        let mut found = Vec::new();
        for (file, inspected) in join_all(inspections).await {
            let claimed = inspected.and_then(|inspected| Ok((self.claim(&inspected)?, inspected)));
            match claimed {
                Ok(pair) => {
                    self.remember(&file, None);
                    found.push(pair);
                }
                Err(refusal) => self.remember(&file, Some(refusal)),
            }
        }
        found
    }

    pub(super) async fn enable(&self, name: &str) -> Result<PluginInfo, HostError> {
        let slot = self.known_or_found(name).await?;
        let _changing = slot.changing.lock().await;
        if slot.current.load().is_none() {
            self.start_file(&slot).await?;
        }
        Ok(slot.info())
    }

    pub(super) async fn disable(&self, name: &str) -> Result<PluginInfo, HostError> {
        let slot = self.known_or_found(name).await?;
        let _changing = slot.changing.lock().await;
        self.end(&slot, GRACE).await;
        Ok(slot.info())
    }

    pub(super) async fn reload(&self, name: &str) -> Result<PluginInfo, HostError> {
        let slot = self.known_or_found(name).await?;
        let _changing = slot.changing.lock().await;
        if slot.current.load().is_some() {
            self.replace(&slot).await?;
        } else {
            self.start_file(&slot).await?;
        }
        Ok(slot.info())
    }

    pub(super) async fn stop_all(&self, grace: Duration) {
        self.shut_down.store(true, Ordering::SeqCst);
        let slots = self.slots();
        join_all(slots.iter().map(|slot| async {
            let _changing = slot.changing.lock().await;
            self.end(slot, grace).await;
        }))
        .await;
    }

    /// A plugin by name; looks through the folder for one that is not known yet.
    pub(super) async fn known_or_found(&self, name: &str) -> Result<Arc<Slot>, HostError> {
        if let Some(slot) = self.slot(name) {
            return Ok(slot);
        }
        self.find().await;
        self.publish();
        self.slot(name).ok_or_else(|| HostError::Unknown {
            name: name.to_owned(),
            dir: self.config.dir.display().to_string(),
        })
    }

    async fn start_file(&self, slot: &Slot) -> Result<(), HostError> {
        match self.inspect_again(slot).await {
            Ok(found) => self.start(slot, found).await,
            Err(refusal) => {
                slot.change(|about| about.state = PluginState::Refused(refusal.to_string()));
                self.publish();
                Err(refusal.into())
            }
        }
    }

    /// Starts a plugin that does not run.
    async fn start(&self, slot: &Slot, found: Inspected) -> Result<(), HostError> {
        slot.change(|about| {
            about.manifest = Arc::new(found.manifest.clone());
            about.sha256.clone_from(&found.sha256);
            about.state = PluginState::Loaded;
        });
        let started = self.instance(slot, found).await;
        let state = match &started {
            Ok(instance) => {
                slot.breaker.reset();
                slot.current.store(Some(Arc::clone(instance)));
                PluginState::Started
            }
            Err(HostError::Refused(refusal)) => PluginState::Refused(refusal.to_string()),
            Err(HostError::Start { reason, .. }) => PluginState::Failed(reason.clone()),
            Err(error) => PluginState::Failed(error.to_string()),
        };
        slot.change(|about| about.state = state);
        self.publish();
        started.map(drop)
    }

    /// Blue/green: the running instance goes on until the new one has proved itself.
    async fn replace(&self, slot: &Slot) -> Result<(), HostError> {
        let found = self.inspect_again(slot).await?;
        let new = self
            .instance(slot, found)
            .await
            .map_err(|error| match error {
                HostError::Start { name, reason } => HostError::Probe { name, reason },
                other => other,
            })?;
        let old = slot.current.swap(Some(Arc::clone(&new)));
        slot.breaker.reset();
        slot.change(|about| {
            about.manifest = Arc::clone(&new.manifest);
            about.sha256.clone_from(&new.sha256);
            about.state = PluginState::Started;
        });
        self.publish();
        if let Some(old) = old {
            self.dispose(slot, &old, GRACE).await;
        }
        Ok(())
    }

    async fn end(&self, slot: &Slot, grace: Duration) {
        let old = slot.current.swap(None);
        slot.change(|about| about.state = PluginState::Stopped);
        self.publish();
        if let Some(old) = old {
            self.dispose(slot, &old, grace).await;
        }
    }

    async fn dispose(&self, slot: &Slot, instance: &Arc<Instance>, grace: Duration) {
        let unload = match self.config.unload {
            UnloadPolicy::Always => true,
            UnloadPolicy::Never => false,
            UnloadPolicy::FirstPartyUnload => instance.manifest.publisher == "vahta",
        };
        if let Ended::Leaked(reason) = instance.stop(grace, unload).await {
            slot.leaked.fetch_add(1, Ordering::Relaxed);
            let text = format!("an instance stays in memory: {reason}");
            self.services
                .log(&slot.name, tracing::Level::WARN, "plugin_host", &text);
        }
    }

    async fn inspect_again(&self, slot: &Slot) -> Result<Inspected, Refusal> {
        let found = inspected(slot.about().file).await?;
        // The name is the slot's: a file that was replaced by another plugin is not this one.
        if *found.manifest.name != *slot.name {
            let text = format!("the file now holds plugin {:?}", found.manifest.name);
            return Err(Refusal::Unreadable(text));
        }
        self.claim(&found)?;
        Ok(found)
    }

    /// Loads and starts an instance of checked bytes; returns when it says that it is well.
    async fn instance(&self, slot: &Slot, found: Inspected) -> Result<Arc<Instance>, HostError> {
        if self.is_shut_down() {
            return Err(HostError::ShuttingDown);
        }
        if let Approve::Sha256(approved) = &self.config.approve
            && !approved(&slot.name, &found.sha256)
        {
            return Err(Refusal::NotApproved {
                sha256: found.sha256,
            }
            .into());
        }
        let start = |reason: String| HostError::Start {
            name: slot.name.to_string(),
            reason,
        };
        let manifest = Arc::new(found.manifest);
        let own = self.settings(&slot.name);
        let config = plugin_config(&self.config.start_config, &manifest, own).map_err(start)?;
        let run_dir = &self.config.run_dir;
        let _mark = Mark::leave(run_dir, &slot.name, &found.sha256, &self.config.desk)
            .map_err(|error| start(format!("cannot mark its start: {error}")))?;
        let copy = copied(run_dir, &slot.name, found.bytes).await;
        let plan = Plan {
            name: Arc::clone(&slot.name),
            deadline: match manifest.budget.deadline_ms {
                Some(ms) => Duration::from_millis(ms),
                None => self.config.default_deadline,
            },
            manifest,
            sha256: found.sha256,
            copy: copy.map_err(|error| start(format!("cannot copy it: {error}")))?,
            config: serde_json::to_vec(&config).unwrap_or_default(),
            services: Arc::clone(&self.services),
            desk: self.config.desk.clone(),
            stats: Arc::clone(&slot.stats),
        };
        let instance = Instance::start(plan).await.map_err(|fault| {
            slot.leaked
                .fetch_add(u64::from(fault.leaked), Ordering::Relaxed);
            start(fault.reason)
        })?;
        if let Err(reason) = instance.is_well().await {
            self.dispose(slot, &instance, GRACE).await;
            return Err(start(reason));
        }
        Ok(instance)
    }
}

/// Reading, hashing and searching tens of megabytes is no work for a runtime's thread.
async fn inspected(file: PathBuf) -> Result<Inspected, Refusal> {
    let inspection = tokio::task::spawn_blocking(move || inspect(&file)).await;
    inspection.unwrap_or_else(|error| Err(Refusal::Unreadable(error.to_string())))
}

async fn copied(run_dir: &Path, plugin: &str, bytes: Vec<u8>) -> std::io::Result<PathBuf> {
    let (run_dir, plugin) = (run_dir.to_path_buf(), plugin.to_owned());
    tokio::task::spawn_blocking(move || catalogue::copy(&run_dir, &plugin, &bytes)).await?
}

/// Cuts the common configuration to what this plugin shall see: its own settings over the common
/// ones over the schema's defaults.
fn plugin_config(common: &Value, manifest: &Manifest, own: Option<Value>) -> Result<Value, String> {
    let mut config = common.clone();
    if let Some(fields) = config.as_object_mut() {
        let base = fields
            .get("settings")
            .and_then(|all| all.get(&manifest.name));
        let mut settings = base.and_then(Value::as_object).cloned().unwrap_or_default();
        match own {
            None => {}
            Some(Value::Object(own)) => settings.extend(own),
            Some(_) => return Err("settings: what is stored cannot be read".into()),
        }
        let schema = Schema::read(&manifest.settings_schema).map_err(|fault| fault.to_string())?;
        if let Some(schema) = schema {
            settings = schema.effective(&settings);
            let faults = schema.faults(&settings);
            if !faults.is_empty() {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                return Err(format!("settings: {}", faults.join(", ")));
            }
        }
        fields.insert("settings".into(), Value::Object(settings));
        if !manifest.has_capability("database") {
            fields.remove("database_url");
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(name: &str, capabilities: &[&str], schema: Value) -> Manifest {
        let manifest = json!({"name": name, "version": "1", "title": "A", "publisher": "p",
                              "capabilities": capabilities, "settings_schema": schema});
        let manifest = serde_json::to_vec(&manifest).expect("serialises");
        Manifest::parse(&manifest).expect("no fault")
    }

    #[test]
    fn a_plugin_sees_its_own_settings_and_no_database_that_it_did_not_ask_for() {
        let common =
            json!({"database_url": "sqlite:x", "settings": {"a": {"n": 1}, "b": {"n": 2}}});
        let of = |name: &str, capabilities: &[&str]| {
            let manifest = manifest(name, capabilities, Value::Null);
            plugin_config(&common, &manifest, None).expect("it fits")
        };
        assert_eq!(of("a", &[]), json!({"settings": {"n": 1}}));
        let with = of("c", &["database"]);
        assert_eq!(with, json!({"database_url": "sqlite:x", "settings": {}}));
    }

    #[test]
    fn stored_settings_lie_over_common_ones_and_defaults_and_must_fit() {
        let schema = json!({"type": "object", "properties": {
            "n": {"type": "integer", "default": 8, "maximum": 20}, "m": {"type": "integer", "default": 1}}});
        let manifest = manifest("a", &[], schema);
        let common = json!({"settings": {"a": {"n": 2}}});
        let of = |own: Value| plugin_config(&common, &manifest, Some(own));
        assert_eq!(of(json!({})), Ok(json!({"settings": {"n": 2, "m": 1}})));
        assert_eq!(
            of(json!({"n": 5})),
            Ok(json!({"settings": {"n": 5, "m": 1}}))
        );
        assert_eq!(of(json!({"n": 21})), Err("settings: n (max: 20)".into()));
        assert_eq!(
            of(Value::Null),
            Err("settings: what is stored cannot be read".into())
        );
    }
}
