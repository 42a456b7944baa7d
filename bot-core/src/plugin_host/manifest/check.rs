//! What serde cannot see: names, lengths, references between fields.

use std::collections::HashSet;

use super::{Localised, Manifest, ManifestError, Surface, WebRoute};
use crate::plugin_host::capability::CAPABILITIES;
use crate::plugin_host::web_routes;
use crate::plugin_settings::Schema;

type Checked = Result<(), ManifestError>;

pub(super) fn check(manifest: &Manifest) -> Checked {
    let name = manifest.name.as_str();
    let starts_with_letter = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts_with_letter || !is_word(name, 32, "_") {
        return fault(
            "name",
            format!("{name:?} is not a letter and then up to 31 of [a-z0-9_]"),
        );
    }
    for (field, text) in [
        ("version", &manifest.version),
        ("title", &manifest.title),
        ("publisher", &manifest.publisher),
    ] {
        if text.trim().is_empty() || text.chars().count() > 64 {
            return fault(field, "must have 1 to 64 characters");
        }
    }
    if let Some(prefix) = &manifest.prefix
        && !is_word(prefix, 8, "")
    {
        return fault("prefix", format!("{prefix:?} is not 1 to 8 of [a-z0-9]"));
    }
    permissions(manifest)?;
    commands(manifest)?;
    for (i, capability) in manifest.capabilities.iter().enumerate() {
        if !CAPABILITIES.iter().any(|(known, _)| known == capability) {
            let known: Vec<_> = CAPABILITIES.iter().map(|(known, _)| *known).collect();
            let known = known.join(", ");
            let text = format!("{capability:?} is unknown; there are {known}");
            return fault(format!("capabilities[{i}]"), text);
        }
    }
    for (i, kind) in manifest.jobs.iter().enumerate() {
        own_key(name, kind).or_else(|text| fault(format!("jobs[{i}]"), text))?;
    }
    for (i, topic) in manifest.events.iter().enumerate() {
        own_key(name, topic).or_else(|text| fault(format!("events[{i}]"), text))?;
    }
    web(manifest)?;
    if let Err(refused) = Schema::read(&manifest.settings_schema) {
        return fault(refused.at, refused.fault);
    }
    if let Some(deadline) = manifest.budget.deadline_ms
        && !(1..=600_000).contains(&deadline)
    {
        return fault(
            "budget.deadline_ms",
            format!("{deadline} is not within 1 and 600000"),
        );
    }
    if !(1..=65_536).contains(&manifest.budget.queue) {
        let text = format!("{} is not within 1 and 65536", manifest.budget.queue);
        return fault("budget.queue", text);
    }
    Ok(())
}

fn permissions(manifest: &Manifest) -> Checked {
    let mut seen = HashSet::new();
    for (i, permission) in manifest.permissions.iter().enumerate() {
        let field = format!("permissions[{i}].key");
        own_key(&manifest.name, &permission.key).or_else(|text| fault(&field, text))?;
        if !seen.insert(&permission.key) {
            return fault(field, format!("{:?} stands here twice", permission.key));
        }
        localised(&format!("permissions[{i}].title"), &permission.title)?;
    }
    Ok(())
}

fn commands(manifest: &Manifest) -> Checked {
    let mut seen = HashSet::new();
    for (i, command) in manifest.commands.iter().enumerate() {
        let field = format!("commands[{i}].name");
        if !is_word(&command.name, 32, "_") {
            return fault(
                field,
                format!("{:?} is not 1 to 32 of [a-z0-9_]", command.name),
            );
        }
        if !seen.insert(&command.name) {
            return fault(field, format!("/{} stands here twice", command.name));
        }
        if let Some(key) = &command.permission
            && !key.starts_with("core.")
            && !manifest.permissions.iter().any(|p| p.key == *key)
        {
            let text = format!("{key:?} is not among this manifest's permissions");
            return fault(format!("commands[{i}].permission"), text);
        }
        localised(&format!("commands[{i}].description"), &command.description)?;
    }
    Ok(())
}

fn web(manifest: &Manifest) -> Checked {
    for (i, route) in manifest.web.iter().enumerate() {
        let methods: &[&str] = match route.surface {
            Surface::Api => &["GET", "POST", "PUT", "PATCH", "DELETE"],
            Surface::Page | Surface::Public => &["GET", "POST"],
        };
        if !methods.contains(&route.method.as_str()) {
            let text = format!("{:?} is none of {}", route.method, methods.join(", "));
            return fault(format!("web[{i}].method"), text);
        }
        if !route.path.starts_with('/') || route.path.contains("//") {
            return fault(format!("web[{i}].path"), "must begin with one /");
        }
        web_permission(manifest, route)
            .or_else(|text| fault(format!("web[{i}].permission"), text))?;
        if !route.nav.is_empty() {
            localised(&format!("web[{i}].nav"), &route.nav)?;
        }
        upload(route).or_else(|text| fault(format!("web[{i}].upload"), text))?;
    }
    match web_routes::conflict(&manifest.web) {
        Some((i, text)) => fault(format!("web[{i}].path"), text),
        None => Ok(()),
    }
}

fn web_permission(manifest: &Manifest, route: &WebRoute) -> Result<(), String> {
    match (&route.permission, route.surface) {
        (None, Surface::Public) => Ok(()),
        (None, _) => Err("is missing: only what is public has none".into()),
        (Some(_), Surface::Public) => Err("what is public is for everybody".into()),
        (Some(key), _) if manifest.permissions.iter().any(|p| p.key == *key) => Ok(()),
        (Some(key), _) => Err(format!("{key:?} is not among this manifest's permissions")),
    }
}

/// More than a store takes in one piece: 64 GiB.
const MOST_BYTES: u64 = 64 * 1024 * 1024 * 1024;
const MOST_FILES: usize = 100;

fn upload(route: &WebRoute) -> Result<(), String> {
    let Some(upload) = &route.upload else {
        return Ok(());
    };
    if route.surface == Surface::Public {
        return Err("what is public takes no files from strangers".into());
    }
    if !matches!(route.method.as_str(), "POST" | "PUT") {
        return Err("files come with POST or PUT".into());
    }
    if !(1..=MOST_BYTES).contains(&upload.max_bytes) {
        return Err(format!("max_bytes is not within 1 and {MOST_BYTES}"));
    }
    if !(1..=MOST_FILES).contains(&upload.max_files) {
        return Err(format!("max_files is not within 1 and {MOST_FILES}"));
    }
    let is_kind = |kind: &String| {
        kind.split_once('/').is_some_and(|(family, name)| {
            is_word(family, 64, "-.+") && (name == "*" || is_word(name, 64, "-.+"))
        })
    };
    match upload.media_types.iter().find(|kind| !is_kind(kind)) {
        Some(kind) => Err(format!("{kind:?} is no media type such as image/*")),
        None => Ok(()),
    }
}

fn localised(field: &str, texts: &Localised) -> Checked {
    if !texts.contains_key("en") {
        return fault(field, "has no \"en\"");
    }
    for (language, text) in texts {
        if text.is_empty() || text.chars().count() > 256 {
            return fault(
                format!("{field}.{language}"),
                "must have 1 to 256 characters",
            );
        }
    }
    Ok(())
}

/// `<plugin>.<something>`.
fn own_key(plugin: &str, key: &str) -> Result<(), String> {
    let rest = key
        .strip_prefix(plugin)
        .and_then(|rest| rest.strip_prefix('.'));
    match rest {
        Some(rest) if is_word(rest, 64, "_.*") => Ok(()),
        _ => Err(format!(
            "{key:?} must begin with \"{plugin}.\" and go on in [a-z0-9_.]"
        )),
    }
}

fn is_word(text: &str, max: usize, also: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || also.contains(c);
    !text.is_empty() && text.len() <= max && text.chars().all(allowed)
}

fn fault(field: impl Into<String>, fault: impl Into<String>) -> Checked {
    Err(ManifestError {
        field: field.into(),
        fault: fault.into(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn whole() -> serde_json::Value {
        json!({
            "name": "task", "version": "0.1.0", "title": "Tasks", "publisher": "vahta",
            "prefix": "t",
            "commands": [{"name": "task", "permission": "task.create", "usage": "<title>",
                          "description": {"en": "Create a task"}}],
            "permissions": [{"key": "task.create", "title": {"en": "Create tasks"},
                             "roles": ["operator"]}],
            "capabilities": ["telegram.send", "sessions", "events", "outbox"],
            "observes": ["group_messages"], "jobs": ["task.remind"], "events": ["task.*"],
            "web": [{"method": "POST", "path": "/", "permission": "task.create",
                     "upload": {"max_bytes": 1024, "media_types": ["text/csv", "image/*"]}}],
            "settings_schema": {"type": "object"},
            "budget": {"deadline_ms": 10000, "queue": 1024}
        })
    }

    fn fault_of(pointer: &str, value: serde_json::Value) -> String {
        let mut manifest = whole();
        match pointer.rsplit_once('/') {
            Some((parent, key)) => {
                let parent = manifest.pointer_mut(parent).expect("the parent is there");
                match parent.as_array_mut() {
                    Some(items) => items[key.parse::<usize>().expect("an index")] = value,
                    None => parent[key] = value,
                }
            }
            None => manifest = value,
        }
        let json = serde_json::to_vec(&manifest).expect("serialises");
        Manifest::parse(&json).expect_err("has a fault").to_string()
    }

    #[test]
    fn the_documented_manifest_is_accepted() {
        let json = serde_json::to_vec(&whole()).expect("serialises");
        let manifest = Manifest::parse(&json).expect("no fault");
        assert_eq!(
            manifest.commands[0].permission.as_deref(),
            Some("task.create")
        );
    }

    #[test]
    fn every_fault_names_its_field() {
        for (pointer, value, said) in [
            ("/name", json!("Task"), "manifest: name: \"Task\""),
            ("/prefix", json!("a:b"), "manifest: prefix:"),
            (
                "/commands/0/name",
                json!("Task!"),
                "manifest: commands[0].name:",
            ),
            (
                "/commands/0/permission",
                json!("task.other"),
                "manifest: commands[0].permission:",
            ),
            (
                "/commands/0/description",
                json!({"de": "x"}),
                "has no \"en\"",
            ),
            (
                "/commands/0/usage",
                json!(7),
                "manifest: commands[0].usage: invalid type",
            ),
            (
                "/permissions/0/key",
                json!("core.users"),
                "manifest: permissions[0].key:",
            ),
            (
                "/capabilities/1",
                json!("root"),
                "manifest: capabilities[1]: \"root\" is unknown",
            ),
            (
                "/observes/0",
                json!("everything"),
                "manifest: observes[0]: unknown variant",
            ),
            ("/jobs/0", json!("other.job"), "manifest: jobs[0]:"),
            (
                "/web/0/upload/max_bytes",
                json!(0),
                "manifest: web[0].upload: max_bytes",
            ),
            (
                "/web/0/upload/max_files",
                json!(0),
                "manifest: web[0].upload: max_files",
            ),
            (
                "/web/0/upload/media_types",
                json!(["image"]),
                "manifest: web[0].upload: \"image\"",
            ),
            (
                "/web/0/method",
                json!("GET"),
                "manifest: web[0].upload: files come",
            ),
            ("/budget/queue", json!(0), "manifest: budget.queue:"),
            (
                "/budget/deadline_ms",
                json!(0),
                "manifest: budget.deadline_ms:",
            ),
            (
                "/settings_schema",
                json!({"type": "object", "properties": {"n": {"type": "whole"}}}),
                "manifest: settings_schema.properties.n.type:",
            ),
            ("/off_in_groups", json!("yes"), "manifest: off_in_groups:"),
            ("/comands", json!([]), "unknown field `comands`"),
        ] {
            let fault = fault_of(pointer, value);
            assert!(fault.contains(said), "{pointer}: {fault}");
        }
    }
}
