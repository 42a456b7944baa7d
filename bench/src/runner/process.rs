//! Processes under test and what the system says about them.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_process::Command;
use futures::StreamExt as _;
use futures::io::{AsyncBufReadExt as _, BufReader};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process of ours; killed when dropped.
pub(crate) struct Child {
    child: async_process::Child,
    pid: u32,
}

/// What a process has used so far.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu_seconds: f64,
    /// The most memory it ever held.
    pub(crate) rss_peak_mib: f64,
}

impl Child {
    /// Standard output and error are left as the caller set them.
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let pid = child.id();
        Ok(Self { child, pid })
    }

    /// The first line of its standard output, if that is a pipe; what comes after is not read.
    pub(crate) async fn first_line(&mut self) -> Result<String> {
        let output = self.child.stdout.take().context("read once already")?;
        let line = BufReader::new(output).lines().next().await;
        Ok(line.context("it ended without a word")??)
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        Ok(Usage {
            cpu_seconds: cpu_seconds(self.pid)?,
            rss_peak_mib: rss_peak_mib(self.pid)?,
        })
    }

    /// The memory that it holds now.
    pub(crate) fn resident_kib(&self) -> Result<f64> {
        status_kib(self.pid, "VmRSS:")
    }

    /// The same with its children's.
    pub(crate) fn family_resident_kib(&self) -> Result<f64> {
        let mut sum = self.resident_kib()?;
        for (pid, _) in children(self.pid)? {
            sum += status_kib(pid, "VmRSS:").unwrap_or(0.0);
        }
        Ok(sum)
    }

    pub(crate) fn family_cpu_seconds(&self) -> Result<f64> {
        cpu_seconds_of_family(self.pid)
    }

    /// An error once the process has ended.
    pub(crate) fn is_alive(&mut self) -> Result<()> {
        match self.child.try_status()? {
            None => Ok(()),
            Some(status) => anyhow::bail!("the bot has ended: {status}"),
        }
    }

    /// SIGTERM, and SIGKILL after `grace`; true when it ended by itself.
    pub(crate) async fn end(mut self, grace: Duration) -> Result<bool> {
        // The process is not reaped before `wait`, so the id is still its own.
        let _ = kill(Pid::from_raw(i32::try_from(self.pid)?), Signal::SIGTERM);
        let ended = tokio::time::timeout(grace, self.child.status())
            .await
            .is_ok();
        if !ended {
            self.child.kill()?;
            self.child.status().await?;
        }
        Ok(ended)
    }
}

/// This program again, for one of its other parts.
pub(crate) fn own() -> Result<Command> {
    Ok(Command::new(std::env::current_exe()?))
}

/// User and system time of one process; proc(5), `/proc/pid/stat`, fields 14 and 15.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let fields = stat(pid)?;
    Ok(seconds(fields.utime + fields.stime))
}

/// The same of a server with a process for each connection, ended ones included.
pub(crate) fn cpu_seconds_of_family(parent: u32) -> Result<f64> {
    let own = stat(parent)?;
    let mut ticks = own.utime + own.stime + own.children;
    for (_, stat) in children(parent)? {
        ticks += stat.utime + stat.stime;
    }
    Ok(seconds(ticks))
}

/// Time that all cores together were busy since the start of the machine; proc(5), `/proc/stat`.
pub(crate) fn machine_cpu_seconds() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|t| t.parse().ok())
        .collect();
    // user nice system idle iowait irq softirq: all but idle and waiting.
    Ok(seconds(
        [0, 1, 2, 5, 6].iter().filter_map(|i| ticks.get(*i)).sum(),
    ))
}

fn children(parent: u32) -> Result<Vec<(u32, Stat)>> {
    let ids = Path::new("/proc").read_dir()?.flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    // Others come and go while we look.
    let all = ids.filter_map(|pid| Some((pid, stat(pid).ok()?)));
    Ok(all.filter(|(_, stat)| stat.parent == parent).collect())
}

pub(crate) fn parent(pid: u32) -> Result<u32> {
    Ok(stat(pid)?.parent)
}

struct Stat {
    parent: u32,
    utime: u64,
    stime: u64,
    /// Of children that have ended.
    children: u64,
}

fn stat(pid: u32) -> Result<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold spaces; field 3 follows it.
    let (_, rest) = text.rsplit_once(") ").context("no name")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let field = |number: usize| -> Result<u64> {
        Ok(fields.get(number - 3).context("too few fields")?.parse()?)
    };
    Ok(Stat {
        parent: u32::try_from(field(4)?)?,
        utime: field(14)?,
        stime: field(15)?,
        children: field(16)? + field(17)?,
    })
}

fn seconds(ticks: u64) -> f64 {
    let per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK);
    ticks as f64 / per_second.ok().flatten().unwrap_or(100) as f64
}

fn rss_peak_mib(pid: u32) -> Result<f64> {
    Ok(status_kib(pid, "VmHWM:")? / 1024.0)
}

/// A line of proc(5), `/proc/pid/status`.
fn status_kib(pid: u32, name: &str) -> Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line
        .and_then(|line| line.split_whitespace().next())
        .with_context(|| format!("no {name}"))?;
    Ok(kib.parse()?)
}
