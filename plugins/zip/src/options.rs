use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How an archive is written.
#[derive(Debug, Clone)]
pub struct Options {
    pub level: Level,
    pub threads: NonZeroUsize,
    /// Encrypts the contents of all entries, not their names.
    pub password: Option<Password>,
}

/// How hard deflate tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    pub const FASTEST: Self = Self(1);

    /// From 1, the fastest, to 9.
    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (1..=9).contains(&level).then_some(Self(level))
    }

    pub(crate) fn get(self) -> u8 {
        self.0
    }
}

/// What opens an archive; printed by nobody.
#[derive(Clone)]
pub struct Password(Arc<str>);

impl Password {
    /// `None` when it is empty: an archive that looks closed and is not.
    #[must_use]
    pub fn new(password: &str) -> Option<Self> {
        (!password.is_empty()).then(|| Self(password.into()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed_and_never_empty() {
        let options = Options {
            level: Level::FASTEST,
            threads: NonZeroUsize::MIN,
            password: Password::new("hunter2"),
        };
        assert!(!format!("{options:?}").contains("hunter2"));
        assert!(Password::new("").is_none());
    }
}
