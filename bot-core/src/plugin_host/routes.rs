//! Which plugin a command, a button or a watched message belongs to: one immutable snapshot.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::manifest::{CommandSpec, Manifest, Observed, PermissionSpec, Surface, WebRoute};
use super::web_routes::{WebFound, WebRoutes};

/// A snapshot of all routes; a change makes a new one.
///
/// It also knows what belongs to plugins that are not running, so that the user can be told
/// "tasks are switched off" instead of "unknown command".
#[derive(Debug, Default)]
pub struct Routes {
    commands: HashMap<String, CommandRoute>,
    callbacks: HashMap<String, Arc<str>>,
    observers: Vec<Arc<str>>,
    document_observers: Vec<Arc<str>>,
    migration_observers: Vec<Arc<str>>,
    permissions: Vec<(Arc<str>, PermissionSpec)>,
    order: Vec<String>,
    web: HashMap<Arc<str>, WebRoutes>,
    off_in_groups: HashSet<Arc<str>>,
}

/// Where a command goes.
#[derive(Clone, Debug)]
pub struct CommandRoute {
    pub plugin: Arc<str>,
    /// The plugin's title, for messages about it.
    pub title: Arc<str>,
    pub spec: Arc<CommandSpec>,
    /// False while the plugin is stopped, failed or not yet started.
    pub running: bool,
}

impl Routes {
    /// `plugins` in the order in which commands are listed; claims were checked before.
    pub(super) fn build<'a>(
        plugins: impl Iterator<Item = (&'a Arc<str>, &'a Manifest, bool)>,
    ) -> Self {
        let mut routes = Self::default();
        for (name, manifest, running) in plugins {
            let title: Arc<str> = manifest.title.as_str().into();
            for spec in &manifest.commands {
                let route = CommandRoute {
                    plugin: Arc::clone(name),
                    title: Arc::clone(&title),
                    spec: Arc::new(spec.clone()),
                    running,
                };
                routes.order.push(spec.name.clone());
                routes.commands.insert(spec.name.clone(), route);
            }
            if let Some(prefix) = &manifest.prefix {
                routes.callbacks.insert(prefix.clone(), Arc::clone(name));
            }
            if running && manifest.observes.contains(&Observed::GroupMessages) {
                routes.observers.push(Arc::clone(name));
            }
            if running && manifest.observes.contains(&Observed::Documents) {
                routes.document_observers.push(Arc::clone(name));
            }
            if running && manifest.observes.contains(&Observed::ChatMigrations) {
                routes.migration_observers.push(Arc::clone(name));
            }
            if manifest.off_in_groups {
                routes.off_in_groups.insert(Arc::clone(name));
            }
            if !manifest.web.is_empty() {
                routes
                    .web
                    .insert(Arc::clone(name), WebRoutes::new(&manifest.web, running));
            }
            let permissions = manifest.permissions.iter();
            routes
                .permissions
                .extend(permissions.map(|p| (Arc::clone(name), p.clone())));
        }
        routes
    }

    /// The plugin behind a command (without slash).
    pub fn command(&self, name: &str) -> Option<CommandRoute> {
        self.commands.get(name).cloned()
    }

    /// The plugin behind a button's prefix (what stands before the colon).
    pub fn callback(&self, prefix: &str) -> Option<Arc<str>> {
        self.callbacks.get(prefix).cloned()
    }

    /// Running plugins that watch group messages.
    pub fn observers(&self) -> &[Arc<str>] {
        &self.observers
    }

    /// Running plugins that watch files.
    pub fn document_observers(&self) -> &[Arc<str>] {
        &self.document_observers
    }

    /// Running plugins that keep chat ids.
    pub fn migration_observers(&self) -> &[Arc<str>] {
        &self.migration_observers
    }

    /// Must somebody switch the plugin on in a group before it hears anything from there?
    pub fn is_off_in_groups(&self, plugin: &str) -> bool {
        self.off_in_groups.contains(plugin)
    }

    /// All commands, in the order of the plugins' names and then of their manifests.
    pub fn commands(&self) -> impl Iterator<Item = &CommandRoute> {
        self.order.iter().filter_map(|name| self.commands.get(name))
    }

    /// All permissions that manifests define, with their plugin.
    pub fn permissions(&self) -> impl Iterator<Item = (&Arc<str>, &PermissionSpec)> {
        self.permissions.iter().map(|(plugin, spec)| (plugin, spec))
    }

    /// Who answers `path` below a plugin's prefix on the admin site.
    pub fn web(&self, plugin: &str, surface: Surface, method: &str, path: &str) -> WebFound {
        let Some(routes) = self.web.get(plugin) else {
            return WebFound::Nothing;
        };
        routes.find(surface, method, path)
    }

    /// Every address of every plugin, with its plugin.
    pub fn web_routes(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<WebRoute>)> {
        let mut plugins: Vec<_> = self.web.iter().collect();
        plugins.sort_by_key(|(name, _)| Arc::clone(name));
        plugins
            .into_iter()
            .flat_map(|(name, routes)| routes.all().iter().map(move |route| (name, route)))
    }
}
