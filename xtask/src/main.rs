//! `cargo xtask <task>`: see the library for what each task does.

#![allow(clippy::print_stderr, reason = "a command line talks to a terminal")]

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>

  dev                        bot, sandbox and plugins in the foreground, rebuilt when saved
  pg [--fast] -- <command>   the command beside a private PostgreSQL (and Redis, if installed)
  deps                       install missing system packages (as root, by apt) or name them
  check                      dependency arrows and features that must stay off
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match args.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("", &[][..]),
    };
    let outcome = match task {
        "dev" => xtask::dev::run(),
        "pg" => xtask::pg::run(rest),
        "deps" => xtask::deps::run(),
        "check" => xtask::check::run(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("xtask {task}: {error:#}");
        ExitCode::FAILURE
    })
}
