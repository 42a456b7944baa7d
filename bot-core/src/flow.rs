//! The rooms that an update walks through, in this order:
//! identify ▶ authorise ▶ limit ▶ route ▶ (core command or plugin) ▶ record.
//!
//! Errors: a room returns [`FlowError`] when the update must be run again or shown as failed;
//! what the user did wrong is no error but an answer.

mod incoming;

pub use incoming::{Incoming, Place, PlaceKind, Sender};
