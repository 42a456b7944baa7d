//! Where the figures come from.

use std::process::Command;

use serde::Serialize;

use super::build::locked_version;

#[derive(Serialize)]
pub(crate) struct Machine {
    cores: usize,
    rustc: String,
    teloxide: &'static str,
    kernel: String,
}

impl Machine {
    pub(crate) fn look() -> Self {
        let rustc = Command::new("rustc").arg("--version").output();
        let text = |path| {
            std::fs::read_to_string(path)
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            rustc: rustc.map_or_else(
                |_| "an unknown rustc".into(),
                |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            ),
            teloxide: locked_version("teloxide"),
            kernel: text("/proc/sys/kernel/osrelease"),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            cores,
            rustc,
            teloxide,
            kernel,
        } = self;
        write!(
            f,
            "{cores} cores, Linux {kernel}, {rustc}, teloxide {teloxide}"
        )
    }
}
