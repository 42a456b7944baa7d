//! A taken port is the commonest reason why nothing starts: say so before the build, and by whom.

use std::fs;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Result, bail};

use super::settings::Settings;

pub(super) fn check(settings: &Settings) -> Result<()> {
    let web = ("VAHTA_WEB_ADDR", Some(settings.web));
    let sandbox = ("VAHTA_SANDBOX_ADDR", settings.sandbox);
    let mut faults = Vec::new();
    for (variable, address) in [web, sandbox] {
        let Some(address) = address else { continue };
        if let Err(error) = TcpListener::bind(address) {
            let why = match owner(address) {
                Some(who) => format!("is taken by {who}"),
                None => format!("cannot be used ({error})"),
            };
            faults.push(format!("{address} {why}; {variable} chooses another"));
        }
    }
    if !faults.is_empty() {
        bail!("cannot listen:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// Who listens there, as `name (pid N)`; Linux only, and only processes that we may look at.
fn owner(address: SocketAddr) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| listening_inode(&table, address.port()))?;
    let socket = format!("socket:[{inode}]");
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let pid = process.file_name().to_string_lossy().into_owned();
        let Ok(files) = fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        if pid.parse::<u32>().is_err() {
            continue; // `self` and `thread-self`
        }
        let links = files
            .flatten()
            .filter_map(|file| fs::read_link(file.path()).ok());
        if links
            .into_iter()
            .any(|target| target.as_os_str() == socket.as_str())
        {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", name.trim()));
        }
    }
    None
}

/// The socket of `/proc/net/tcp` that listens (state 0A) on a port.
fn listening_inode(table: &str, port: u16) -> Option<String> {
    let suffix = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields.get(1)?.ends_with(&suffix) && *fields.get(3)? == "0A";
        listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_process_behind_a_taken_port_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let who = owner(taken.local_addr().unwrap()).unwrap();
        assert!(
            who.ends_with(&format!("(pid {})", std::process::id())),
            "{who}"
        );
    }
}
