//! What a button says; a press that comes twice does what it does once.
//!
//! | `callback_data` | What |
//! |---|---|
//! | `z:12:finish` | archive 12: one of [`Act`] |
//! | `z:0:list:40` | the archives before number 40; 0 is the newest |
//!
//! It holds 64 bytes at most (Bot API, InlineKeyboardButton). It is input: whoever presses may have
//! forged it.

use crate::archive::ArchiveId;

/// The prefix of the manifest; the host takes it off before the plugin gets the data.
pub(crate) const PREFIX: &str = "z";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    Do(ArchiveId, Act),
    /// Archives before this number.
    List(i64),
}

macro_rules! acts {
    ($($(#[$doc:meta])* $act:ident = $name:literal,)*) => {
        /// What a button does with an archive.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Act { $($(#[$doc])* $act,)* }

        impl Act {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$act,)*];

            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$act => $name,)* }
            }
        }
    };
}
acts! {
    Show = "show",
    Finish = "finish",
    Cancel = "cancel",
    /// Asks for it.
    Name = "name",
    Password = "password",
    NoPassword = "nopass",
    Encrypt = "encrypt",
    Lifetime = "lifetime",
    Limit = "limit",
    NoLimit = "nolimit",
    Contents = "contents",
    Statistics = "stats",
    /// Its lifetime begins anew.
    Extend = "extend",
    /// Asks whether it shall.
    Revoke = "revoke",
    Revoked = "revoked",
}

impl Act {
    pub(crate) fn of(self, archive: ArchiveId) -> Press {
        Press::Do(archive, self)
    }
}

impl Press {
    /// The `callback_data`, prefix included.
    pub(crate) fn data(self) -> String {
        format!("{PREFIX}:{}", self.rest())
    }

    fn rest(self) -> String {
        match self {
            Self::Do(archive, act) => format!("{archive}:{}", act.as_str()),
            Self::List(before) => format!("0:list:{before}"),
        }
    }

    /// Reads what [`Self::data`] wrote, without the prefix; none when it is anything else.
    pub(crate) fn parse(rest: &str) -> Option<Self> {
        let (archive, act) = rest.split_once(':')?;
        let press = match act.split_once(':') {
            Some(("list", before)) => Self::List(before.parse().ok()?),
            Some(_) => return None,
            None => {
                let act = Act::ALL.iter().find(|known| known.as_str() == act)?;
                Self::Do(ArchiveId(archive.parse().ok()?), *act)
            }
        };
        // One way to write it: `+1` and `01` are somebody else's.
        (press.rest() == rest).then_some(press)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_says_is_read_back_and_fits() {
        let acts = Act::ALL.iter().map(|act| act.of(ArchiveId(i64::MAX)));
        for press in acts.chain([Press::List(i64::MAX)]) {
            let data = press.data();
            assert!(data.len() <= 64, "{data}");
            assert_eq!(Press::parse(&data[2..]), Some(press));
        }
        for forged in ["", "12", "12:", "x:show", "01:show", "12:show:1", "12:drop"] {
            assert_eq!(Press::parse(forged), None, "{forged}");
        }
    }
}
