//! The program: the sandbox with its chat page, stories and load, for people and for bots that run
//! as processes of their own.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the banner, a diff and a refusal are for whoever started the program"
)]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("telegram-sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}
