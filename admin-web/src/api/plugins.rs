//! Plugins: how they are, and switching them.

use bot_core::plugin_host::{PluginInfo, PluginState};
use bot_core::plugins_admin::PluginsError;
use schemars::JsonSchema;
use serde::Serialize;

use super::reply::List;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct Plugin {
    name: String,
    version: String,
    /// "found", "refused", "loaded", "started", "degraded", "stopped" or "failed".
    state: String,
    /// Why it was refused or failed.
    reason: Option<String>,
    sha256: Option<String>,
    delivered: u64,
    failed: u64,
    crashed: u64,
    timeouts: u64,
    p50_us: u64,
    p99_us: u64,
    /// Deliveries under way.
    in_flight: usize,
}

impl From<PluginInfo> for Plugin {
    fn from(info: PluginInfo) -> Self {
        let (state, reason) = match info.state {
            PluginState::Found => ("found", None),
            PluginState::Refused(reason) => ("refused", Some(reason)),
            PluginState::Loaded => ("loaded", None),
            PluginState::Started => ("started", None),
            PluginState::Degraded => ("degraded", None),
            PluginState::Stopped => ("stopped", None),
            PluginState::Failed(reason) => ("failed", Some(reason)),
        };
        Self {
            name: info.name.to_string(),
            version: info.version,
            state: state.into(),
            reason,
            sha256: info.sha256,
            delivered: info.stats.delivered,
            failed: info.stats.failed,
            crashed: info.stats.crashed,
            timeouts: info.stats.timeouts,
            p50_us: info.stats.p50_us,
            p99_us: info.stats.p99_us,
            in_flight: info.in_flight,
        }
    }
}

pub(crate) const LIST: Doc = Doc::new::<List<Plugin>>("Plugins with their state and figures");

pub(crate) async fn list(cx: Cx) -> Outcome {
    let infos = cx.app()?.plugins.list();
    Reply::all(infos.into_iter().map(Plugin::from).collect())
}

fn found(cx: &Cx) -> Result<PluginInfo, Problem> {
    let name: String = cx.param("name")?;
    cx.app()?.plugins.info(&name).ok_or(Problem::NotFound)
}

pub(crate) const ONE: Doc = Doc::new::<Plugin>("One plugin");

pub(crate) async fn one(cx: Cx) -> Outcome {
    Reply::ok(&Plugin::from(found(&cx)?))
}

pub(crate) const SCHEMA: Doc =
    Doc::new::<serde_json::Value>("The JSON Schema of a plugin's settings; null: it has none");

pub(crate) async fn schema(cx: Cx) -> Outcome {
    let manifest = found(&cx)?.manifest;
    Reply::ok(&manifest.map(|manifest| manifest.settings_schema.clone()))
}

pub(crate) const ENABLE: Doc = Doc::new::<Plugin>("Start a plugin here and in every process");
pub(crate) const DISABLE: Doc = Doc::new::<Plugin>("Stop a plugin here and in every process");
pub(crate) const RELOAD: Doc =
    Doc::new::<Plugin>("Load the file as it is now beside the running version, and switch over");

pub(crate) async fn enable(cx: Cx) -> Outcome {
    switch(cx, true).await
}

pub(crate) async fn disable(cx: Cx) -> Outcome {
    switch(cx, false).await
}

async fn switch(cx: Cx, enabled: bool) -> Outcome {
    let (info, by) = (found(&cx)?, cx.by()?);
    let admin = &cx.app()?.plugins_admin;
    let info = admin.set_enabled(&info.name, enabled, &by).await;
    Reply::ok(&Plugin::from(info.map_err(problem)?))
}

pub(crate) async fn reload(cx: Cx) -> Outcome {
    let (info, by) = (found(&cx)?, cx.by()?);
    let info = cx.app()?.plugins_admin.reload(&info.name, &by).await;
    Reply::ok(&Plugin::from(info.map_err(problem)?))
}

fn problem(error: PluginsError) -> Problem {
    match error {
        PluginsError::Db(error) => error.into(),
        PluginsError::Host(error) => Problem::Refused(error.to_string()),
    }
}
