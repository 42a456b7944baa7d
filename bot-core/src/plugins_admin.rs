//! Which plugins should run, and the way from there to which do.
//!
//! The table `plugins` holds what is wanted: enabled or not, the settings, and a generation that
//! each reload and each change of settings raises. Telegram, web and command line write there; every process converges to it.

mod rows;
pub mod settings;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use vahta_rows::{Db, DbError};

use crate::access::{Access, By};
use crate::plugin_host::{HostError, PluginHost, PluginInfo};

pub use settings::{Settings, SettingsError};

pub use rows::{Wanted, approved, request, set_approved};

const POLL: Duration = Duration::from_millis(500);

#[derive(Debug, thiserror::Error)]
pub enum PluginsError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Host(#[from] HostError),
}

/// Changes what should run; cheap to clone.
#[derive(Clone)]
pub struct PluginsAdmin(Arc<Inner>);

struct Inner {
    db: Db,
    host: PluginHost,
    access: Access,
    /// What this process has carried out, by plugin; the lock keeps changes one after another.
    applied: Mutex<HashMap<String, Wanted>>,
}

impl PluginsAdmin {
    pub fn new(db: Db, host: PluginHost, access: Access) -> Self {
        Self(Arc::new(Inner {
            db,
            host,
            access,
            applied: Mutex::default(),
        }))
    }

    /// Starts what should run; a plugin that was never seen before should.
    pub async fn load(&self) -> Result<Vec<PluginInfo>, PluginsError> {
        let mut applied = self.0.applied.lock().await;
        for (name, (wanted, settings)) in rows::wanted(&self.0.db).await? {
            self.0.host.set_settings(&name, settings);
            applied.insert(name, wanted);
        }
        let infos = self
            .0
            .host
            .load_where(|name| applied.get(name).is_none_or(|wanted| wanted.enabled))
            .await;
        drop(applied);
        self.announce().await?;
        Ok(infos)
    }

    /// Enables or disables a plugin here and in every process. The wish and its audit row are
    /// written first, so nothing is switched without one; a plugin that does not start stays wanted
    /// and is shown with its reason.
    pub async fn set_enabled(
        &self,
        name: &str,
        enabled: bool,
        by: &By,
    ) -> Result<PluginInfo, PluginsError> {
        self.0.host.known(name).await?;
        let mut applied = self.0.applied.lock().await;
        let (wanted, settings) = rows::set_enabled(&self.0.db, name, enabled, by).await?;
        self.0.host.set_settings(name, settings);
        applied.insert(name.to_string(), wanted);
        let switched = self.switch(name, enabled).await;
        drop(applied);
        self.announce().await?;
        Ok(switched?)
    }

    /// Loads the file as it is now, beside the running version, and switches over. As with
    /// [`Self::set_enabled`], the wish comes first; a version that runs goes on when the new one
    /// does not start.
    pub async fn reload(&self, name: &str, by: &By) -> Result<PluginInfo, PluginsError> {
        self.0.host.known(name).await?;
        let mut applied = self.0.applied.lock().await;
        let (wanted, settings) = rows::raise_generation(&self.0.db, name, by).await?;
        self.0.host.set_settings(name, settings);
        applied.insert(name.to_string(), wanted);
        let reloaded = self.0.host.reload(name).await;
        drop(applied);
        self.announce().await?;
        Ok(reloaded?)
    }

    /// Carries out what other processes and the command line wrote, until the future is dropped.
    pub async fn converge(self) {
        loop {
            tokio::time::sleep(POLL).await;
            if let Err(error) = self.converge_once().await {
                tracing::warn!(%error, "the wanted plugins cannot be read");
            }
        }
    }

    async fn converge_once(&self) -> Result<(), DbError> {
        let mut applied = self.0.applied.lock().await;
        let mut changed = false;
        for (name, (wanted, settings)) in rows::wanted(&self.0.db).await? {
            if applied.get(&name) == Some(&wanted) {
                continue;
            }
            changed = true;
            self.0.host.set_settings(&name, settings);
            let was_enabled = applied.get(&name).is_none_or(|before| before.enabled);
            let done = if wanted.enabled && was_enabled {
                self.0.host.reload(&name).await
            } else {
                self.switch(&name, wanted.enabled).await
            };
            match done {
                Ok(info) => {
                    tracing::info!(plugin = name, state = %info.state, version = info.version, "plugin converged")
                }
                Err(error) => tracing::error!(plugin = name, %error, "plugin could not converge"),
            }
            // Not tried again by itself: the next change, or the Re-enable button, does.
            applied.insert(name, wanted);
        }
        drop(applied);
        if changed {
            self.announce().await?;
        }
        Ok(())
    }

    async fn switch(&self, name: &str, enabled: bool) -> Result<PluginInfo, HostError> {
        if enabled {
            self.0.host.enable(name).await
        } else {
            self.0.host.disable(name).await
        }
    }

    /// Tells access which permissions there are; a new one gives its default roles.
    async fn announce(&self) -> Result<(), DbError> {
        let mut by_plugin: HashMap<Arc<str>, Vec<(String, Vec<String>)>> = HashMap::new();
        for (plugin, spec) in self.0.host.routes().permissions() {
            by_plugin
                .entry(plugin.clone())
                .or_default()
                .push((spec.key.clone(), spec.roles.clone()));
        }
        for (plugin, permissions) in by_plugin {
            self.0.access.announce(&plugin, &permissions).await?;
        }
        Ok(())
    }
}
