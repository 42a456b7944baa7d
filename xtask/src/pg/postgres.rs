//! A private PostgreSQL.

use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use nix::unistd::{User, geteuid};

use super::scratch::{Scratch, free_port};
use crate::deps::find_postgres;
use crate::{process, secret};

pub(super) struct Postgres {
    pub(super) url: String,
    server: Child,
    /// Dropped after the server has ended.
    _folder: Scratch,
}

impl Postgres {
    pub(super) fn start(fast: bool) -> Result<Postgres> {
        let bin = find_postgres().context("no PostgreSQL here: run `cargo xtask deps`")?;
        let user = unprivileged_user()?;
        let folder = Scratch::new("pg", user.as_ref())?;
        let password = secret::hex(16)?;
        initdb(&bin, folder.path(), user.as_ref(), &password)?;

        let mut attempts = 3;
        loop {
            let port = free_port()?;
            let mut server = postgres(&bin, folder.path(), user.as_ref(), port, fast)?;
            attempts -= 1;
            match ready(&mut server, folder.path()) {
                Ok(()) => {
                    let url = format!("postgres://vahta:{password}@127.0.0.1:{port}/postgres");
                    return Ok(Postgres {
                        url,
                        server,
                        _folder: folder,
                    });
                }
                Err(error) => {
                    process::end(&mut server, Signal::SIGQUIT, Duration::from_secs(2));
                    if attempts == 0 {
                        return Err(error);
                    }
                }
            }
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // "Immediate shutdown": nothing of this server is wanted afterwards.
        process::end(&mut self.server, Signal::SIGQUIT, Duration::from_secs(5));
    }
}

/// PostgreSQL refuses to run as root; then it gets a user who owns little or nothing.
fn unprivileged_user() -> Result<Option<User>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    bail!("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
}

fn as_user(program: &Path, user: Option<&User>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::null());
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

fn initdb(bin: &Path, folder: &Path, user: Option<&User>, password: &str) -> Result<()> {
    let secret = folder.join("password");
    fs::write(&secret, password)?;
    if let Some(user) = user {
        chown(&secret, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    }
    let output = as_user(&bin.join("initdb"), user, folder)
        .args([
            "--no-sync",
            "--no-instructions",
            "--encoding=UTF8",
            "--no-locale",
        ])
        // The socket lies in the private folder. Over TCP the plain password is asked: it is
        // random, never leaves loopback, and costs a debug build no key derivation per connection.
        .args([
            "--username=vahta",
            "--auth-local=trust",
            "--auth-host=password",
        ])
        .arg("--pwfile=password")
        .args(["-D", "data"])
        .output()
        .context("initdb did not start")?;
    fs::remove_file(&secret)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "initdb failed: {}", said.trim());
    Ok(())
}

fn postgres(
    bin: &Path,
    folder: &Path,
    user: Option<&User>,
    port: u16,
    fast: bool,
) -> Result<Child> {
    let log = File::create(folder.join("log"))?;
    let mut command = as_user(&bin.join("postgres"), user, folder);
    let mut set = |setting: &str| {
        command.args(["-c", setting]);
    };
    set("listen_addresses=127.0.0.1");
    set(&format!("port={port}"));
    set(&format!("unix_socket_directories={}", folder.display()));
    set("max_connections=300");
    if fast {
        set("fsync=off");
        set("full_page_writes=off");
        set("synchronous_commit=off");
    }
    command
        .args(["-D", "data"])
        .stdout(log.try_clone()?)
        .stderr(log);
    command.spawn().context("postgres did not start")
}

/// The server writes its state into `postmaster.pid`: `ready` once it takes connections.
fn ready(server: &mut Child, folder: &Path) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let state = folder.join("data/postmaster.pid");
    while Instant::now() < deadline {
        if fs::read_to_string(&state).is_ok_and(|text| text.lines().any(|l| l.trim() == "ready")) {
            return Ok(());
        }
        if server.try_wait()?.is_some() {
            break;
        }
        process::pause(Duration::from_millis(20));
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    bail!("PostgreSQL is not ready; its log says:\n{}", log.trim())
}
