//! Arguments of a text: strings, and numbers that choose plural forms.

use std::borrow::Cow;

use fluent_bundle::FluentValue;

/// One argument. Numbers select plural variants; ids that must not be grouped or pluralised are
/// better passed as strings.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg<'a> {
    Str(Cow<'a, str>),
    Num(f64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(value: &'a str) -> Self {
        Arg::Str(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(value: &'a String) -> Self {
        Arg::Str(Cow::Borrowed(value))
    }
}

impl From<String> for Arg<'_> {
    fn from(value: String) -> Self {
        Arg::Str(Cow::Owned(value))
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(value: Cow<'a, str>) -> Self {
        Arg::Str(value)
    }
}

impl From<f64> for Arg<'_> {
    fn from(value: f64) -> Self {
        Arg::Num(value)
    }
}

impl From<i32> for Arg<'_> {
    fn from(value: i32) -> Self {
        Arg::Num(f64::from(value))
    }
}

impl From<u32> for Arg<'_> {
    fn from(value: u32) -> Self {
        Arg::Num(f64::from(value))
    }
}

/// Integers beyond 2^53 would lose digits as a float: those are passed as text.
macro_rules! wide_integers {
    ($($int:ty),*) => {$(
        impl From<$int> for Arg<'_> {
            fn from(value: $int) -> Self {
                let float = value as f64;
                if float.abs() <= 9_007_199_254_740_992.0 {
                    Arg::Num(float)
                } else {
                    Arg::Str(Cow::Owned(value.to_string()))
                }
            }
        }
    )*};
}
wide_integers!(i64, u64, usize);

impl<'a> From<&'a Arg<'a>> for FluentValue<'a> {
    fn from(arg: &'a Arg<'a>) -> Self {
        match arg {
            Arg::Str(text) => FluentValue::from(text.as_ref()),
            Arg::Num(number) => FluentValue::from(*number),
        }
    }
}
