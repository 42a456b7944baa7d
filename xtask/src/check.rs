//! `cargo xtask check`: what must hold of the dependency graph, in a second.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::arrows;
use crate::workspace::{array, graph};

/// # Errors
/// Lists every fault.
pub fn run() -> Result<ExitCode> {
    let metadata = graph()?;
    let mut faults = arrows::faults(&metadata);
    faults.extend(bundled_sqlite(&metadata));
    if !faults.is_empty() {
        bail!(
            "the dependency graph is not as it must be:\n  {}",
            faults.join("\n  ")
        );
    }
    println!("check: dependency arrows hold, SQLite is the system's");
    Ok(ExitCode::SUCCESS)
}

/// A second SQLite in the process corrupts the database file, and cargo unifies features: one
/// `bundled` anywhere gives every plugin a copy of its own.
fn bundled_sqlite(metadata: &Value) -> Vec<String> {
    array(&metadata["resolve"]["nodes"])
        .iter()
        .filter(|node| {
            node["id"]
                .as_str()
                .is_some_and(|id| id.contains("libsqlite3-sys"))
        })
        .flat_map(|node| array(&node["features"]))
        .filter_map(Value::as_str)
        // `bundled_bindings` is no copy: ready-made declarations instead of bindgen at build time.
        .filter(|feature| feature.starts_with("bundled") && *feature != "bundled_bindings")
        .map(|feature| format!("libsqlite3-sys is built with `{feature}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_bundled_sqlite_is_found() {
        let node = |features: &[&str]| {
            let id = "registry+https://example.invalid#libsqlite3-sys@0.38.0";
            json!({"resolve": {"nodes": [{"id": id, "features": features}]}})
        };
        assert!(super::bundled_sqlite(&node(&["default", "bundled_bindings"])).is_empty());
        assert_eq!(
            super::bundled_sqlite(&node(&["bundled", "bundled-windows"])).len(),
            2
        );
    }
}
