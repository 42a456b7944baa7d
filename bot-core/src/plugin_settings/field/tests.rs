#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn fields(properties: Value) -> Vec<Field> {
    let root = json!({ "type": "object", "required": ["must"], "properties": properties });
    Schema::read(&root).unwrap().unwrap().fields()
}

#[test]
fn each_kind_of_schema_has_its_field_and_the_rest_is_json() {
    let fields = fields(json!({
        "must": { "type": "string", "title": "A name", "minLength": 1, "maxLength": 9, "x-order": 1 },
        "whole": { "type": ["integer", "null"], "minimum": 1, "maximum": 20, "default": 8 },
        "part": { "type": "number" },
        "flag": { "type": "boolean" },
        "pick": { "enum": ["a", 2] },
        "named": { "oneOf": [{ "const": "x", "title": "The X" }] },
        "lines": { "type": "array", "items": { "type": "string" } },
        "token": { "type": "string", "format": "password" },
        "day": { "type": "string", "format": "date" },
        "quiet": { "type": "object", "properties": {
            "from": { "type": "string", "format": "time" },
            "deep": { "type": "object", "properties": {} } } },
        "free": { "type": "object", "properties": {}, "additionalProperties": true },
        "numbers": { "type": "array", "items": { "type": "integer" } },
    }));
    let kind = |pointer: &str| {
        let leaves: Vec<&Field> = fields
            .iter()
            .chain(fields.iter().flat_map(Field::leaves))
            .collect();
        leaves
            .into_iter()
            .find(|field| field.pointer == pointer)
            .unwrap()
            .kind
            .clone()
    };
    let limits = |least: &str, most: &str| Limits {
        least: Some(least.into()),
        most: Some(most.into()),
    };
    assert_eq!(fields[0].title, "A name");
    assert!(fields[0].required && !fields[1].required);
    assert!(matches!(kind("/must"), Kind::Text { limits: l, .. } if l == limits("1", "9")));
    assert_eq!(kind("/whole"), Kind::Integer(limits("1", "20")));
    assert_eq!(kind("/part"), Kind::Number(Limits::default()));
    assert_eq!(kind("/flag"), Kind::Bool);
    let choices = vec![(json!("a"), "a".into()), (json!(2), "2".into())];
    assert_eq!(kind("/pick"), Kind::Choice(choices));
    assert_eq!(
        kind("/named"),
        Kind::Choice(vec![(json!("x"), "The X".into())])
    );
    assert_eq!(kind("/lines"), Kind::Lines);
    assert_eq!(kind("/token"), Kind::Secret(Limits::default()));
    assert!(matches!(kind("/day"), Kind::Text { format, .. } if format == "date"));
    assert!(matches!(kind("/quiet"), Kind::Group(_)));
    assert!(matches!(kind("/quiet/from"), Kind::Text { .. }));
    assert_eq!(kind("/quiet/deep"), Kind::Json);
    assert_eq!((kind("/free"), kind("/numbers")), (Kind::Json, Kind::Json));
}

#[test]
fn what_is_typed_becomes_a_value_and_what_a_field_shows_is_read_back() {
    let fields = fields(json!({
        "whole": { "type": "integer" }, "part": { "type": "number" }, "flag": { "type": "boolean" },
        "pick": { "enum": ["a", 2] }, "lines": { "type": "array", "items": { "type": "string" } },
        "must": { "type": "string" }, "json": { "type": "array", "items": { "type": "integer" } },
    }));
    for (name, text, value) in [
        ("whole", " 7 ", json!(7)),
        ("part", "0.5", json!(0.5)),
        ("flag", "off", json!(false)),
        ("pick", "2", json!(2)),
        ("lines", "a\r\n\r\n b ", json!(["a", "b"])),
        ("must", "x", json!("x")),
        ("json", "[1, 2]", json!([1, 2])),
    ] {
        let pointer = format!("/{name}");
        let field = fields
            .iter()
            .find(|field| field.pointer == pointer)
            .unwrap();
        assert_eq!(field.read(text).unwrap(), value, "{name}");
        assert_eq!(field.read(&field.shown(&value)).unwrap(), value, "{name}");
    }
    for (name, text) in [
        ("whole", "7.5"),
        ("part", "NaN"),
        ("flag", "perhaps"),
        ("pick", "c"),
        ("json", "[hunter2"),
    ] {
        let pointer = format!("/{name}");
        let field = fields
            .iter()
            .find(|field| field.pointer == pointer)
            .unwrap();
        let fault = field.read(text).unwrap_err();
        assert_eq!(fault.pointer, pointer);
        assert!(!fault.wanted.contains("hunter2"));
    }
}
