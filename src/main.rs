//! Vahta: command line and wiring, nothing else.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line speaks to people"
)]

mod cli;

use std::process::ExitCode;

use bot_core::start::StartError;
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
            exit_code(&error)
        }
    }
}

/// `EX_SOFTWARE` of sysexits.h: a fault inside the process that a restart mends.
const EX_SOFTWARE: u8 = 70;

fn exit_code(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref() {
        Some(StartError::WriterHeld(_)) => ExitCode::from(EX_SOFTWARE),
        _ => ExitCode::FAILURE,
    }
}
