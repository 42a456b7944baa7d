//! Story files: a conversation as readable text, recorded from a world and played against a bot.
//!
//! A story names the people and groups it needs and then says, line by line, who does what and
//! what the bot does then; docs/stories.md is its grammar. Ids never stand in it: people, groups
//! and, where it matters, messages have names. [`Story::parse`] reads one, [`Player`] plays it,
//! `GET /sandbox/api/story` writes one of what has happened.

mod attachment;
mod cast;
mod client;
mod diff;
mod event;
mod import;
mod journal;
mod key;
mod markup;
mod pattern;
mod play;
mod read;
mod read_line;
mod scene;
mod stage;
mod write;

pub use event::{Body, Event, FileNote, Group, Person, Place, Shown, Story, Target, Verb};
pub use import::{Imported, import};
pub use key::{Key, Keyboard};
pub use play::{Outcome, PlayError, Player};
pub use read::ReadError;

pub(crate) use journal::record;
