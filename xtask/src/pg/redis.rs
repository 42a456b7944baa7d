//! A private Redis, without persistence.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use super::scratch::{Scratch, free_port};
use crate::deps::find_program;
use crate::{process, secret};

pub(super) struct Redis {
    pub(super) url: String,
    server: Child,
    _folder: Scratch,
}

impl Redis {
    /// `None` where Redis is not installed: what needs it says so itself.
    pub(super) fn start() -> Result<Option<Redis>> {
        let Some(program) = find_program("redis-server") else {
            return Ok(None);
        };
        let folder = Scratch::new("redis", None)?;
        let password = secret::hex(16)?;
        let port = free_port()?;
        let mut server = Command::new(program)
            .arg("-") // the configuration comes by standard input: no password in `ps`
            .current_dir(folder.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("redis-server did not start")?;
        if let Some(mut to) = server.stdin.take() {
            write!(
                to,
                "bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave \"\"\nappendonly no\n"
            )?;
        }
        // From here on dropping it ends the server.
        let url = format!("redis://default:{password}@127.0.0.1:{port}/");
        let mut redis = Redis {
            url,
            server,
            _folder: folder,
        };
        redis.wait_for(port)?;
        Ok(Some(redis))
    }

    fn wait_for(&mut self, port: u16) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.server.try_wait()? {
                bail!("redis-server ended at once ({status})");
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(());
            }
            process::pause(Duration::from_millis(20));
        }
        bail!("redis-server does not answer on port {port}")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        process::end(&mut self.server, Signal::SIGTERM, Duration::from_secs(3));
    }
}
