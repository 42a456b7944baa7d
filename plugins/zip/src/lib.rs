//! ZIP archives, written as a stream and deflated on several threads.
//!
//! ```text
//! add(entry, bytes) ─ cut ─▶ blocks ─▶ workers (deflate, CRC) ─▶ scribe (records, AES) ─▶ Sink
//! ```
//!
//! | Module | What |
//! |---|---|
//! | `writer` | takes entries, cuts them into blocks, keeps few of them under way |
//! | `workers` | the threads |
//! | `press` | one block: stored where a sample shows that deflate cannot help, deflated else |
//! | `seam` | joins deflate streams that were made apart |
//! | `scribe` | writes records and blocks in their order |
//! | `lock` | AES-256, as WinZip does it |
//! | [`names`] | names that are safe on any system, and different from each other |
//!
//! Memory is bounded by the blocks under way, whatever the size of the entries; only the names and
//! sizes for the list at the end are kept. Every entry has a data descriptor: nothing is known of
//! it when its first bytes go out.
//!
//! Sources: PKWARE APPNOTE 6.3.10; Info-ZIP `proginfo/extrafld.txt` (timestamps); WinZip "AES
//! Encryption Information"; RFC 1951.

mod error;
mod lock;
pub mod names;
mod options;
mod press;
mod scribe;
mod seam;
mod sink;
mod workers;
mod writer;

pub use error::Error;
pub use names::Names;
pub use options::{Level, Options, Password};
pub use scribe::{Ended, Summary};
pub use sink::Sink;
pub use writer::{Entry, Writer};
