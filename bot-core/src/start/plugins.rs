//! The plugin host, told what it needs to know.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use vahta_rows::{Db, DbError, InstanceId};

use crate::commands;
use crate::config::{Config, Environment};
use crate::plugin_host::{Approve, HostConfig, PluginHost, UnloadPolicy, WriterDesk};
use crate::plugins_admin;
use crate::services::Services;

pub(super) async fn host(
    config: &Config,
    db: &Db,
    desk: WriterDesk,
    instance: InstanceId,
    services: Services,
) -> Result<PluginHost, DbError> {
    let approve = match config.environment {
        Environment::Dev => Approve::AllInDev,
        Environment::Prod => approved(plugins_admin::approved(db).await?),
    };
    Ok(PluginHost::new(
        HostConfig {
            dir: config.plugins.dir.clone(),
            run_dir: config.plugins.run_dir.clone(),
            approve,
            default_deadline: config.plugins.deadline,
            start_config: json!({
                "instance_id": instance,
                "database_url": db.url(),
                "settings": {},
                "workers": 1,
                "public_url": config.web.public_url,
                "environment": match config.environment {
                    Environment::Dev => "dev",
                    Environment::Prod => "prod",
                },
            }),
            unload: UnloadPolicy::FirstPartyUnload,
            reserved_commands: commands::ALL
                .iter()
                .map(|spec| spec.name.to_string())
                .collect(),
            desk,
        },
        Arc::new(services),
    ))
}

/// An approval given while the process runs counts from its next start.
fn approved(known: HashMap<String, String>) -> Approve {
    Approve::Sha256(Arc::new(move |name, sha256| {
        known.get(name).is_some_and(|approved| approved == sha256)
    }))
}
