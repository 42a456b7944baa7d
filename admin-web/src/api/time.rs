//! Instants as the API writes them: RFC 3339, in UTC.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vahta_rows::Micros;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Micros);

impl Time {
    pub(crate) fn of(micros: i64) -> Self {
        Self(Micros(micros))
    }

    /// What jiff cannot say (years beyond 9999) is its nearest end.
    pub(crate) fn text(self) -> String {
        let fits = jiff::Timestamp::from_microsecond(self.0.0);
        fits.unwrap_or(if self.0.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
        .to_string()
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(Self(Micros(time.as_microsecond())))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no time; write it as 2030-01-31T12:00:00Z"
            ))
        })
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_it_is_read() {
        let time = Time::of(1_900_000_000_123_456);
        assert_eq!(time.text(), "2030-03-17T17:46:40.123456Z");
        assert_eq!(Time::parse(&time.text()), Some(time));
        assert_eq!(Time::parse("tomorrow"), None);
        assert!(!Time::of(i64::MAX).text().is_empty());
        assert!(!Time::of(i64::MIN).text().is_empty());
    }
}
