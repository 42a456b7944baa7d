//! Reading the objects inside parameters, with the words of Telegram's own JSON reader.

use serde_json::{Map, Value};

/// What is wrong with an object; the caller says which object it was.
pub(crate) type Fault = String;

/// An object's fields. A field that is `null` counts as missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// A string, or a number by its digits.
    pub(crate) fn text(self, name: &str) -> Result<Option<String>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(must_be(name, "String")),
        }
    }

    pub(crate) fn required_text(self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    /// A text; missing is empty.
    pub(crate) fn any_text(self, name: &str) -> Result<String, Fault> {
        Ok(self.text(name)?.unwrap_or_default())
    }

    pub(crate) fn flag(self, name: &str) -> Result<bool, Fault> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(must_be(name, "Boolean")),
        }
    }

    pub(crate) fn integer(self, name: &str) -> Result<Option<i64>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => match number.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(format!("Can't parse \"{number}\" as an integer")),
            },
            Some(Value::String(text)) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(format!("Can't parse \"{text}\" as an integer")),
            },
            Some(_) => Err(must_be(name, "Number")),
        }
    }

    pub(crate) fn required_integer(self, name: &str) -> Result<i64, Fault> {
        self.integer(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn number(self, name: &str) -> Result<Option<f64>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(must_be(name, "Number")),
        }
    }

    pub(crate) fn required_number(self, name: &str) -> Result<f64, Fault> {
        self.number(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn object(self, name: &str) -> Result<Option<Fields<'a>>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(inner)) => Ok(Some(Fields(inner))),
            Some(_) => Err(must_be(name, "Object")),
        }
    }

    pub(crate) fn required_object(self, name: &str) -> Result<Fields<'a>, Fault> {
        self.object(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn array(self, name: &str) -> Result<Option<&'a Vec<Value>>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(must_be(name, "Array")),
        }
    }
}

fn missing(name: &str) -> Fault {
    format!("Can't find field \"{name}\"")
}

fn must_be(name: &str, kind: &str) -> Fault {
    format!("Field \"{name}\" must be of type {kind}")
}
