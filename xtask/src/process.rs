//! Child processes in groups of their own, so that a Ctrl-C in the terminal reaches only us and we
//! can end each of them with everything it started.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Starts a child in its own group; both its outputs appear line by line behind its name.
pub(crate) fn spawn(label: Label, command: &mut Command) -> Result<Child> {
    command.stdout(Stdio::piped());
    let mut child = spawn_keeping_stdout(label, command)?;
    if let Some(stdout) = child.stdout.take() {
        label.follow(stdout);
    }
    Ok(child)
}

/// Like [`spawn`], but standard output is left to the caller (set it on the command).
pub(crate) fn spawn_keeping_stdout(label: Label, command: &mut Command) -> Result<Child> {
    let mut child = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    if let Some(stderr) = child.stderr.take() {
        label.follow(stderr);
    }
    Ok(child)
}

/// Signals a child's whole group. A group that is gone already is not an error.
pub(crate) fn signal(group: u32, signal: Signal) {
    if let Ok(group) = i32::try_from(group) {
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// Ends a child: `first`, and SIGKILL when `grace` is over.
pub(crate) fn end(child: &mut Child, first: Signal, grace: Duration) {
    signal(child.id(), first);
    let deadline = Instant::now() + grace;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        pause(Duration::from_millis(20));
    }
    signal(child.id(), Signal::SIGKILL);
    let _ = child.wait();
}

/// Sleeps: every thread here waits for something outside.
#[expect(clippy::disallowed_methods, reason = "no async code in xtask")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// A name and a colour in front of each line of a child's output.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub(crate) name: &'static str,
    /// ANSI colour code.
    pub(crate) colour: u8,
}

impl Label {
    pub(crate) fn say(self, text: &str) {
        let mut out = std::io::stdout().lock();
        for line in text.lines() {
            // A closed terminal must not keep us from ending the children.
            let _ = if out.is_terminal() && crate::environment::var("NO_COLOR").is_none() {
                writeln!(out, "\x1b[{}m{:>8} │\x1b[0m {line}", self.colour, self.name)
            } else {
                writeln!(out, "{:>8} | {line}", self.name)
            };
        }
        let _ = out.flush();
    }

    fn follow(self, stream: impl Read + Send + 'static) {
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                self.say(String::from_utf8_lossy(&line).trim_end());
                line.clear();
            }
        });
    }
}
