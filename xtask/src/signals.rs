//! Ctrl-C, SIGTERM and a closed terminal, delivered to a channel.

use std::sync::mpsc::Sender;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// From now on each of these signals becomes an event instead of ending the process.
pub(crate) fn forward<E, F>(events: Sender<E>, event: F) -> Result<()>
where
    E: Send + 'static,
    F: Fn(Signal) -> E + Send + 'static,
{
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot watch signals")?;
    std::thread::spawn(move || {
        for number in signals.forever() {
            let Ok(signal) = Signal::try_from(number) else {
                continue;
            };
            if events.send(event(signal)).is_err() {
                return;
            }
        }
    });
    Ok(())
}
