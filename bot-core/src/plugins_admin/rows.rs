//! The table `plugins`.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;
use vahta_rows::{Db, DbError, Micros, transaction, with_db};

use crate::access::{Act, By, RecordAct as _};
use crate::storage::schema::plugins;

/// What should be, as one row says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub enabled: bool,
    pub generation: i64,
}

pub(super) async fn wanted(db: &Db) -> Result<HashMap<String, Wanted>, DbError> {
    let rows: Vec<(String, bool, i64)> = with_db!(db, c => plugins::table
        .select((plugins::name, plugins::enabled, plugins::generation))
        .load(c)
        .await)?;
    Ok(rows
        .into_iter()
        .map(|(name, enabled, generation)| {
            (
                name,
                Wanted {
                    enabled,
                    generation,
                },
            )
        })
        .collect())
}

pub(super) async fn set_enabled(
    db: &Db,
    name: &str,
    enabled: bool,
    by: &By,
) -> Result<Wanted, DbError> {
    let action = if enabled {
        "plugin.enable"
    } else {
        "plugin.disable"
    };
    write(db, name, Some(enabled), 0, action, by).await
}

pub(super) async fn raise_generation(db: &Db, name: &str, by: &By) -> Result<Wanted, DbError> {
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
    write(
        db,
        name,
        Some(enabled.unwrap_or(true)),
        i64::from(enabled.is_none()),
        action,
        by,
    )
    .await
}

async fn write(
    db: &Db,
    name: &str,
    enabled: Option<bool>,
    raise: i64,
    action: &'static str,
    by: &By,
) -> Result<Wanted, DbError> {
    let act = Act {
        action,
        object: format!("plugin:{name}"),
        detail: json!({}),
    };
    let enabled = enabled.unwrap_or(true);
    let (enabled, generation) = transaction!(db, c => {
        let row: (bool, i64) = diesel::insert_into(plugins::table)
            .values((
                plugins::name.eq(name),
                plugins::enabled.eq(enabled),
                plugins::generation.eq(raise),
                plugins::settings.eq("{}"),
                plugins::updated_at.eq(Micros::now().0),
            ))
            .on_conflict(plugins::name)
            .do_update()
            .set((
                plugins::enabled.eq(enabled),
                plugins::generation.eq(plugins::generation + raise),
                plugins::updated_at.eq(Micros::now().0),
            ))
            .returning((plugins::enabled, plugins::generation))
            .get_result(c)
            .await?;
        c.audit(by, &act).await?;
        Ok(row)
    })?;
    Ok(Wanted {
        enabled,
        generation,
    })
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
            ))
            .on_conflict(plugins::name)
            .do_update()
            .set((plugins::sha256.eq(Some(sha256)), plugins::updated_at.eq(Micros::now().0)))
            .execute(c)
            .await?;
        c.audit(by, &act).await
    })
}
