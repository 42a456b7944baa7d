//! Logs: readable lines on standard error, JSON lines in files that turn over daily.
//!
//! Field values are escaped by tracing-subscriber (≥ 0.3.20), so a message text cannot forge a
//! line. Secrets have a type of their own that prints `***`.

use std::io::IsTerminal as _;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::Logs;

/// Files kept in the log folder.
const KEPT: usize = 14;

#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    #[error("VAHTA_LOG `{0}` is not a filter such as info,bot_core=debug")]
    Filter(String),
    #[error("log files cannot be written: {0}")]
    Files(#[from] InitError),
    #[error("the log folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    #[error("logging was set up already")]
    Twice,
}

/// Sets logging up for the process; dropping the guard writes what still waits.
pub fn init(logs: &Logs) -> Result<WorkerGuard, LoggingError> {
    let filter =
        || EnvFilter::try_new(&logs.filter).map_err(|_| LoggingError::Filter(logs.filter.clone()));
    std::fs::create_dir_all(&logs.dir)?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("vahta")
        .filename_suffix("jsonl")
        .max_log_files(KEPT)
        .build(&logs.dir)?;
    // A full queue drops lines instead of stopping the flow.
    let (files, guard) = tracing_appender::non_blocking(files);
    let to_files = fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(files)
        .with_filter(filter()?);
    let to_stderr = if logs.stdout_json {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stdout)
            .with_filter(filter()?)
            .boxed()
    } else {
        fmt::layer()
            .with_target(false)
            // Escape codes in a file or a pipe are noise.
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .with_filter(filter()?)
            .boxed()
    };
    tracing_subscriber::registry()
        .with(to_files)
        .with(to_stderr)
        .try_init()
        .map_err(|_| LoggingError::Twice)?;
    Ok(guard)
}
