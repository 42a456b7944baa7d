//! What a button says: the state it wants, never "the other one", so that a press that arrives
//! twice does what it does once.
//!
//! | `callback_data` | Where | What |
//! |---|---|---|
//! | `t:set:12:done` | a task's card | task 12 shall be done |
//! | `t:set:12:done:3` | a list, on page 3 | the same |
//! | `t:list:2` | a list | show page 2 |
//!
//! It holds 64 bytes at most (Bot API, InlineKeyboardButton). It is input: whoever presses may have
//! forged it.

use crate::state::State;
use crate::task::TaskId;

/// The prefix of the manifest; the host takes it off before the plugin gets the data.
pub(crate) const PREFIX: &str = "t";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    Set {
        task: TaskId,
        state: State,
        on: On,
    },
    /// Pages count from 1.
    List {
        page: u32,
    },
}

/// The message that the button hangs on, to be brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Card,
    List { page: u32 },
}

impl Press {
    /// The `callback_data`, prefix included.
    pub(crate) fn data(self) -> String {
        format!("{PREFIX}:{}", self.rest())
    }

    fn rest(self) -> String {
        match self {
            Self::List { page } => format!("list:{page}"),
            Self::Set { task, state, on } => {
                let state = state.as_str();
                match on {
                    On::Card => format!("set:{task}:{state}"),
                    On::List { page } => format!("set:{task}:{state}:{page}"),
                }
            }
        }
    }

    /// Reads what [`Self::data`] wrote, without the prefix; none when it is anything else.
    pub(crate) fn parse(rest: &str) -> Option<Self> {
        let mut parts = rest.split(':');
        let press = match (parts.next()?, parts.next()?) {
            ("list", page) => Self::List {
                page: page.parse().ok()?,
            },
            ("set", task) => Self::Set {
                task: TaskId(task.parse().ok()?),
                state: State::from_name(parts.next()?)?,
                on: match parts.next() {
                    Some(page) => On::List {
                        page: page.parse().ok()?,
                    },
                    None => On::Card,
                },
            },
            _ => return None,
        };
        // One way to write it: what is left over, `+1` and `01` are somebody else's.
        (press.rest() == rest).then_some(press)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_reads_back_as_itself_within_64_bytes() {
        let mut longest = 0;
        for id in [1, 12, -1, i64::MAX, i64::MIN] {
            for state in State::ALL {
                for on in [On::Card, On::List { page: 1 }, On::List { page: u32::MAX }] {
                    let press = Press::Set {
                        task: TaskId(id),
                        state,
                        on,
                    };
                    let data = press.data();
                    assert_eq!(Press::parse(&data["t:".len()..]), Some(press), "{data}");
                    longest = longest.max(data.len());
                }
            }
        }
        let list = Press::List { page: u32::MAX };
        assert_eq!(Press::parse(&list.rest()), Some(list));
        assert!(longest.max(list.data().len()) <= 64, "{longest}");
    }

    #[test]
    fn buttons_are_written_as_the_documentation_says() {
        let on = On::Card;
        let card = Press::Set {
            task: TaskId(12),
            state: State::Done,
            on,
        };
        assert_eq!(card.data(), "t:set:12:done");
        let on = On::List { page: 3 };
        let row = Press::Set {
            task: TaskId(12),
            state: State::Open,
            on,
        };
        assert_eq!(row.data(), "t:set:12:open:3");
        assert_eq!(Press::List { page: 2 }.data(), "t:list:2");
    }

    #[test]
    fn forged_data_is_no_press() {
        for data in [
            "",
            "set",
            "set:",
            "set:12",
            "set:12:",
            "set:12:gone",
            "set:x:done",
            "set:12:done:",
            "set:12:done:x",
            "set:12:done:1:2",
            "set:+12:done",
            "set:012:done",
            "set: 12:done",
            "set:9223372036854775808:done",
            "list",
            "list:",
            "list:-1",
            "list:4294967296",
            "list:1:1",
            "drop:12",
            "t:set:12:done",
            "set:12:done\0",
            "\u{202e}",
        ] {
            assert_eq!(Press::parse(data), None, "{data:?}");
        }
    }
}
