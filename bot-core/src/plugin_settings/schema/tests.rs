#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn schema(properties: Value) -> Schema {
    read(json!({ "type": "object", "properties": properties })).unwrap()
}

fn read(root: Value) -> Result<Schema, SchemaFault> {
    Schema::read(&root).map(Option::unwrap)
}

fn document(value: Value) -> Document {
    value.as_object().unwrap().clone()
}

#[test]
fn a_bad_schema_is_refused_with_its_field() {
    let refused = |properties: Value, said: &str| {
        let root = json!({ "type": "object", "properties": properties, "$defs": {
            "tree": { "type": "object", "properties": { "child": { "$ref": "#/$defs/tree" } } },
        } });
        let fault = read(root).unwrap_err().to_string();
        assert!(fault.contains(said), "{fault}");
    };
    refused(
        json!({ "n": 7 }),
        "settings_schema.properties.n: must be a schema",
    );
    refused(
        json!({ "n": { "type": "whole" } }),
        "settings_schema.properties.n.type",
    );
    refused(
        json!({ "n": { "type": "integer", "default": "x" } }),
        "settings_schema.properties.n: its default does not fit: n (type: integer)",
    );
    refused(
        json!({ "n": { "$ref": "https://example.org/schema" } }),
        "settings_schema.properties.n.$ref: \"https://example.org/schema\" leads nowhere",
    );
    refused(json!({ "n": { "$ref": "#/$defs/none" } }), "leads nowhere");
    refused(
        json!({ "n": { "$ref": "#/$defs/tree" } }),
        "contains itself",
    );
    refused(json!({ "n": { "$id": "x" } }), "$id is not supported");
    refused(
        json!({ "n": { "items": { "type": "string", "writeOnly": true } } }),
        "settings_schema.properties.n.items: a secret must be a property",
    );
    refused(
        json!({ "n": { "type": "string", "format": "password", "default": "x" } }),
        "a secret cannot have \"default\"",
    );
    refused(
        json!({ "n": { "writeOnly": true } }),
        "\"type\": \"string\"",
    );
    for (root, said) in [
        (json!([]), "settings_schema: must be an object"),
        (json!({}), "settings_schema.type: must be \"object\""),
    ] {
        let fault = read(root).unwrap_err().to_string();
        assert!(fault.contains(said), "{fault}");
    }
    assert!(Schema::read(&Value::Null).unwrap().is_none());
}

#[test]
fn defaults_fill_what_is_left_out_and_a_group_only_when_it_is_whole() {
    let schema = schema(json!({
        "n": { "type": "integer", "default": 8 },
        "quiet": { "type": "object", "properties": { "from": { "type": "string", "default": "22:00" } } },
        "proxy": { "type": "object", "required": ["host"], "properties": {
            "host": { "type": "string" }, "port": { "type": "integer", "default": 80 } } },
        "free": { "type": "string" },
    }));
    let of = |own: Value| Value::Object(schema.effective(&document(own)));
    assert_eq!(
        of(json!({})),
        json!({ "n": 8, "quiet": { "from": "22:00" } })
    );
    let own = json!({ "n": 3, "quiet": { "from": "21:00" }, "proxy": { "host": "h" } });
    assert_eq!(
        of(own),
        json!({ "n": 3, "quiet": { "from": "21:00" }, "proxy": { "host": "h", "port": 80 } })
    );
}

#[test]
fn every_fault_names_its_field_and_none_holds_the_value() {
    let schema = read(json!({
        "type": "object", "additionalProperties": false, "required": ["must"],
        "properties": {
            "must": { "type": "string" },
            "n": { "type": "integer", "minimum": 1, "maximum": 20 },
            "token": { "type": "string", "writeOnly": true, "minLength": 12, "pattern": "^[a-z]+$" },
            "mail": { "type": "string", "format": "email" },
            "at": { "type": "string", "format": "time" },
            "pick": { "enum": ["a", "b"] },
            "deep": { "type": "object", "properties": { "x/y": { "type": "boolean" } } },
        },
    }))
    .unwrap();
    let own = document(json!({
        "n": 21, "token": "hunter2", "mail": "nobody", "at": "25:00", "pick": "c",
        "deep": { "x/y": "hunter2" }, "odd": "hunter2",
    }));
    let faults = schema.faults(&schema.effective(&own));
    let said: Vec<(&str, &str)> = faults.iter().map(|f| (&*f.pointer, f.id)).collect();
    assert_eq!(
        said,
        [
            ("/at", "setting-format"),
            ("/deep/x~1y", "setting-type"),
            ("/mail", "setting-format"),
            ("/must", "setting-missing"),
            ("/n", "setting-max"),
            ("/odd", "setting-unknown"),
            ("/pick", "setting-choice"),
            ("/token", "setting-pattern"),
            ("/token", "setting-short"),
        ]
    );
    let texts = crate::texts::core();
    for fault in &faults {
        let reason = fault.reason(&texts, "en");
        assert!(!reason.contains('⟨'), "{reason}");
        assert!(!format!("{fault} {reason}").contains("hunter2"), "{fault}");
    }
    for good in ["22:00", "07:30:15"] {
        let own = document(json!({ "must": "x", "at": good }));
        assert_eq!(schema.faults(&own), []);
    }
}

#[test]
fn secrets_are_found_through_references_taken_out_and_kept() {
    let schema = read(json!({
        "type": "object",
        "$defs": { "key": { "type": "string", "format": "password" } },
        "properties": {
            "a": { "$ref": "#/$defs/key" },
            "b": { "anyOf": [{ "$ref": "#/$defs/key" }, { "type": "null" }] },
            "smtp": { "type": "object", "properties": {
                "host": { "type": "string" }, "password": { "type": "string", "writeOnly": true } } },
        },
    }))
    .unwrap();
    assert_eq!(schema.secrets(), ["/a", "/b", "/smtp/password"]);
    let old = document(json!({ "a": "1", "b": "2", "smtp": { "host": "h", "password": "3" } }));
    let public = Value::Object(schema.public(&old));
    assert_eq!(public, json!({ "smtp": { "host": "h" } }));
    assert_eq!(schema.secrets_in(&old), ["/a", "/b", "/smtp/password"]);
    let mut new = document(json!({ "b": null, "smtp": { "host": "other" } }));
    schema.keep_secrets(&old, &mut new);
    assert_eq!(
        Value::Object(new),
        json!({ "a": "1", "smtp": { "host": "other", "password": "3" } })
    );
    // Whoever drops the group drops its secret with it.
    let mut new = document(json!({ "a": "4" }));
    schema.keep_secrets(&old, &mut new);
    assert_eq!(Value::Object(new), json!({ "a": "4", "b": "2" }));
}
