//! The table `plugins`.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use vahta_rows::{Db, DbError, Micros, transaction, with_db};

use crate::access::{Act, By, RecordAct as _};
use crate::plugin_settings::Document;
use crate::storage::schema::plugins;

/// What should be, as one row says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub enabled: bool,
    pub generation: i64,
}

/// What should be, with the settings; null is what cannot be read, and keeps its plugin from
/// starting.
pub(super) async fn wanted(db: &Db) -> Result<HashMap<String, (Wanted, Value)>, DbError> {
    let rows: Vec<(String, bool, i64, String)> = with_db!(db, c => plugins::table
        .select((plugins::name, plugins::enabled, plugins::generation, plugins::settings))
        .load(c)
        .await)?;
    Ok(rows
        .into_iter()
        .map(|(name, enabled, generation, settings)| {
            let wanted = Wanted {
                enabled,
                generation,
            };
            (name, (wanted, read(&settings)))
        })
        .collect())
}

fn read(settings: &str) -> Value {
    serde_json::from_str(settings).unwrap_or_default()
}

/// The settings of a plugin and their version; nothing was ever saved: none, version 0.
pub(super) async fn settings(db: &Db, name: &str) -> Result<(Document, i64), DbError> {
    let row: Option<(String, i64)> = with_db!(db, c => plugins::table
        .find(name)
        .select((plugins::settings, plugins::settings_version))
        .first(c)
        .await
        .optional())?;
    Ok(match row {
        // One that cannot be read is mended by saving another.
        Some((settings, version)) => match read(&settings) {
            Value::Object(settings) => (settings, version),
            _ => (Document::new(), version),
        },
        None => (Document::new(), 0),
    })
}

/// Saves settings if nobody was faster since `version`, and has every process take them up.
pub(super) async fn set_settings(
    db: &Db,
    name: &str,
    settings: &Document,
    version: i64,
    detail: Value,
    by: &By,
) -> Result<Option<Wanted>, DbError> {
    let act = Act {
        action: "plugin.settings",
        object: format!("plugin:{name}"),
        detail,
    };
    let text = Value::Object(settings.clone()).to_string();
    let saved: Option<(bool, i64)> = transaction!(db, c => {
        let now = Micros::now().0;
        diesel::insert_into(plugins::table)
            .values((
                plugins::name.eq(name),
                plugins::enabled.eq(true),
                plugins::generation.eq(0),
                plugins::settings.eq("{}"),
                plugins::updated_at.eq(now),
                plugins::settings_version.eq(0),
            ))
            .on_conflict(plugins::name)
            .do_nothing()
            .execute(c)
            .await?;
        let seen = plugins::table
            .find(name)
            .filter(plugins::settings_version.eq(version));
        let saved = diesel::update(seen)
            .set((
                plugins::settings.eq(&text),
                plugins::settings_version.eq(version + 1),
                plugins::generation.eq(plugins::generation + 1),
                plugins::updated_at.eq(now),
            ))
            .returning((plugins::enabled, plugins::generation))
            .get_result(c)
            .await
            .optional()?;
        if saved.is_some() {
            c.audit(by, &act).await?;
        }
        Ok(saved)
    })?;
    Ok(saved.map(|(enabled, generation)| Wanted {
        enabled,
        generation,
    }))
}

pub(super) async fn set_enabled(
    db: &Db,
    name: &str,
    enabled: bool,
    by: &By,
) -> Result<(Wanted, Value), DbError> {
    let action = if enabled {
        "plugin.enable"
    } else {
        "plugin.disable"
    };
    write(db, name, Some(enabled), 0, action, by).await
}

pub(super) async fn raise_generation(
    db: &Db,
    name: &str,
    by: &By,
) -> Result<(Wanted, Value), DbError> {
    write(db, name, Some(true), 1, "plugin.reload", by).await
}

/// Asks every process to do something, without doing it here: for the command line.
pub async fn request(
    db: &Db,
    name: &str,
    enabled: Option<bool>,
    by: &By,
) -> Result<Wanted, DbError> {
    let action = match enabled {
        Some(true) => "plugin.enable",
        Some(false) => "plugin.disable",
        None => "plugin.reload",
    };
    let raise = i64::from(enabled.is_none());
    let written = write(db, name, Some(enabled.unwrap_or(true)), raise, action, by).await?;
    Ok(written.0)
}

/// What should be now, with the settings that stand: another process may have saved them meanwhile.
async fn write(
    db: &Db,
    name: &str,
    enabled: Option<bool>,
    raise: i64,
    action: &'static str,
    by: &By,
) -> Result<(Wanted, Value), DbError> {
    let act = Act {
        action,
        object: format!("plugin:{name}"),
        detail: json!({}),
    };
    let enabled = enabled.unwrap_or(true);
    let (enabled, generation, settings) = transaction!(db, c => {
        let row: (bool, i64, String) = diesel::insert_into(plugins::table)
            .values((
                plugins::name.eq(name),
                plugins::enabled.eq(enabled),
                plugins::generation.eq(raise),
                plugins::settings.eq("{}"),
                plugins::updated_at.eq(Micros::now().0),
                plugins::settings_version.eq(0),
            ))
            .on_conflict(plugins::name)
            .do_update()
            .set((
                plugins::enabled.eq(enabled),
                plugins::generation.eq(plugins::generation + raise),
                plugins::updated_at.eq(Micros::now().0),
            ))
            .returning((plugins::enabled, plugins::generation, plugins::settings))
            .get_result(c)
            .await?;
        c.audit(by, &act).await?;
        Ok(row)
    })?;
    let wanted = Wanted {
        enabled,
        generation,
    };
    Ok((wanted, read(&settings)))
}

/// The approved SHA-256 of each plugin, lower-case hex.
pub async fn approved(db: &Db) -> Result<HashMap<String, String>, DbError> {
    let rows: Vec<(String, Option<String>)> =
        with_db!(db, c => plugins::table.select((plugins::name, plugins::sha256)).load(c).await)?;
    Ok(rows
        .into_iter()
        .filter_map(|(name, sha256)| Some((name, sha256?)))
        .collect())
}

/// Approves one file of a plugin, by its SHA-256.
pub async fn set_approved(db: &Db, name: &str, sha256: &str, by: &By) -> Result<(), DbError> {
    let act = Act {
        action: "plugin.approve",
        object: format!("plugin:{name}"),
        detail: json!({ "sha256": sha256 }),
    };
    transaction!(db, c => {
        diesel::insert_into(plugins::table)
            .values((
                plugins::name.eq(name),
                plugins::enabled.eq(true),
                plugins::generation.eq(0),
                plugins::sha256.eq(Some(sha256)),
                plugins::settings.eq("{}"),
                plugins::updated_at.eq(Micros::now().0),
                plugins::settings_version.eq(0),
            ))
            .on_conflict(plugins::name)
            .do_update()
            .set((plugins::sha256.eq(Some(sha256)), plugins::updated_at.eq(Micros::now().0)))
            .execute(c)
            .await?;
        c.audit(by, &act).await
    })
}
