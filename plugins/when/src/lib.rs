//! Time phrases, recurrence and zones: one parser for tasks and reminders.
//!
//! [`parse`] reads a phrase at the beginning or the end of a text, [`find`] one anywhere in a line
//! (quick-add), [`relative`] the due date of a template. What they mean is a [`When`], whose times
//! [`next_after`] and [`occurrences`] tell. The grammar is written down in `docs/TIME.md`.
//!
//! Nothing here knows a database, a chat or a language file: reasons are enums that the caller
//! translates, and every error brings an example that parses.

mod cron;
mod cursor;
mod distance;
mod error;
mod find;
mod lex;
mod next;
mod parse;
mod print;
mod relative;
mod when;
mod words;
mod zone;

pub use error::{Error, Reason};
pub use find::{Found, find, find_with};
pub use next::{Occurrences, next_after, occurrences};
pub use parse::{Defaults, Parsed, parse, parse_with};
pub use print::{Language, print};
pub use relative::{Relative, relative};
pub use when::{
    Cron, Dates, Day, Days, Every, Malformed, MonthDay, Rule, Slot, Step, Times, Weekdays, When,
    YearDay,
};
pub use zone::{UnknownZone, Zone, zone};
