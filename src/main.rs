//! Vahta: command line and wiring, nothing else.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line speaks to people"
)]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;

/// Many small things are made on one thread and freed on another here. Plugins, which bring no
/// allocator of their own, and SQLite get the same one through `malloc`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match cli::execute(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vahta: {error:#}");
            ExitCode::FAILURE
        }
    }
}
