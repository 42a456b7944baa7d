//! The real program as a child: for what only a process can show.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::{Stage, artifacts, figures};

/// How long a start, or an end, may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `vahta`; killed when it is dropped.
pub struct Process {
    child: Child,
    output: PathBuf,
    errors: PathBuf,
}

impl Stage {
    /// Starts `vahta run` and waits until it is ready.
    pub async fn run(&self) -> Result<Process> {
        let mut process = self.spawn()?;
        process
            .logs_line(|line| line["message"] == "on duty")
            .await
            .context("vahta is not on duty")?;
        Ok(process)
    }

    /// Starts `vahta run`; its output goes into files of the story's folder.
    pub fn spawn(&self) -> Result<Process> {
        let number = self.next_process();
        let output = self.folder().join(format!("stdout-{number}"));
        let errors = self.folder().join(format!("stderr-{number}"));
        let (stdout, stderr) = (File::create(&output)?, File::create(&errors)?);
        let child = self
            .command(&["run"])?
            .stdout(stdout)
            .stderr(stderr)
            .spawn()?;
        Ok(Process {
            child,
            output,
            errors,
        })
    }

    /// Runs `vahta` with these arguments to its end.
    pub async fn vahta(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = async_process::Command::from(self.command(arguments)?);
        let ended = tokio::time::timeout(PATIENCE, command.kill_on_drop(true).output());
        Ok(ended
            .await
            .with_context(|| format!("vahta {} does not end", arguments.join(" ")))??)
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(artifacts::program()?);
        // Only what this stage sets, and no `.env` of a developer.
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables())
            .current_dir(self.folder());
        command.stdin(Stdio::null());
        if let Some(profile) = xtask::environment::var("LLVM_PROFILE_FILE") {
            command.env("LLVM_PROFILE_FILE", profile);
        }
        Ok(command)
    }
}

impl Process {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and not a moment to prepare.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop, as systemd does.
    pub async fn stop(mut self) -> Result<()> {
        self.is_asked_to_stop()?;
        let status = self.ends().await?;
        if status.success() {
            return Ok(());
        }
        bail!(
            "vahta ended with {status} (signal {:?}): {}",
            status.signal(),
            self.said()?
        )
    }

    /// Asks it to stop, and does not wait.
    ///
    /// # Errors
    /// It has ended already.
    pub fn is_asked_to_stop(&self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid())?), Signal::SIGTERM)?;
        Ok(())
    }

    /// Waits for its own end.
    pub async fn ends(&mut self) -> Result<ExitStatus> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > until {
                bail!(
                    "vahta does not end within {} s: {}",
                    PATIENCE.as_secs(),
                    self.said()?
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Its log so far, line by line.
    pub fn logs(&self) -> Result<Vec<Value>> {
        let text = std::fs::read_to_string(&self.output)?;
        Ok(text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect())
    }

    /// Everything it wrote.
    pub fn said(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.output)? + &std::fs::read_to_string(&self.errors)?)
    }

    /// Waits until it has written this text, on whichever stream; answers everything it wrote.
    pub async fn says(&self, text: &str) -> Result<String> {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said()?;
            if said.contains(text) {
                return Ok(said);
            }
            if Instant::now() > until {
                bail!(
                    "vahta does not say “{text}” within {} s, but: {said}",
                    PATIENCE.as_secs()
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a line of the log.
    pub async fn logs_line(&mut self, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        self.logs_line_again(0, fits).await
    }

    /// Waits for such a line that has so many before it.
    pub async fn logs_line_again(
        &mut self,
        before: usize,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self
                .logs()?
                .into_iter()
                .filter(|line| fits(line))
                .nth(before);
            if let Some(line) = found {
                return Ok(line);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("vahta has ended with {status}: {}", self.said()?);
            }
            if Instant::now() > until {
                bail!(
                    "no such line within {} s: {}",
                    PATIENCE.as_secs(),
                    self.said()?
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Messages of earlier runs that this one sent again, as it counted them itself.
    pub fn counted_in_doubt(&self) -> Result<u64> {
        let logs = self.logs()?;
        let counted = logs.iter().filter(|line| {
            line["message"]
                .as_str()
                .is_some_and(|message| message.contains("may arrive twice"))
        });
        Ok(counted.filter_map(|line| line["rows"].as_u64()).sum())
    }

    /// Names of the threads of plugins.
    pub fn plugin_threads(&self, plugin: &str) -> Result<Vec<String>> {
        let mut names = figures::threads(self.pid())?;
        let (worker, gate) = (format!("plugin-{plugin}"), format!("gate-{plugin}"));
        names.retain(|name| name.starts_with(&worker) || name.starts_with(&gate));
        Ok(names)
    }

    /// How many files, sockets and the like it has open.
    pub fn descriptors(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.pid()))?.count())
    }

    pub fn resident_kib(&self) -> Result<i64> {
        figures::resident_kib(self.pid())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone: fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port for a server that has to come back at the same address. Below the range from which the
/// system takes ports for outgoing connections, so that nobody gets it while the server is away.
///
/// # Errors
/// If none is free.
pub fn free_port() -> Result<u16> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let start = u64::from(std::process::id()) * 7 + u64::from(since.subsec_micros());
    (0..1_000)
        .map(|step| u16::try_from(20_000 + (start + step) % 10_000).unwrap_or(20_000))
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no port of 20000 to 30000 is free")
}
