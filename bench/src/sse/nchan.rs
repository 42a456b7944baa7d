//! nginx with nchan, as Debian has them.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, ensure};
use async_process::Command;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::listener::{answer, micros};
use crate::runner::free_address;
use crate::runner::process::Child;

const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

pub(super) struct Nchan {
    pub(super) address: SocketAddr,
    pub(super) process: Child,
    publisher: TcpStream,
}

/// Its name and version.
pub(super) async fn find() -> Result<String> {
    ensure!(
        Path::new(MODULE).exists(),
        "no {MODULE} (apt-get install nginx libnginx-mod-nchan)"
    );
    let package = Command::new("dpkg-query")
        .args(["-W", "-f", "${Version}", "libnginx-mod-nchan"])
        .output()
        .await?;
    Ok(format!(
        "nginx + nchan {}",
        String::from_utf8_lossy(&package.stdout)
    ))
}

pub(super) async fn start(folder: &Path) -> Result<Nchan> {
    let address = free_address()?;
    let place = folder.display();
    let config = format!(
        "load_module {MODULE};
         daemon off;
         worker_processes auto;
         worker_rlimit_nofile 20000;
         pid {place}/nginx.pid;
         error_log {place}/error.log warn;
         events {{ worker_connections 16384; }}
         http {{
           access_log off;
           client_body_temp_path {place}/body;
           proxy_temp_path {place}/proxy;
           fastcgi_temp_path {place}/fastcgi;
           uwsgi_temp_path {place}/uwsgi;
           scgi_temp_path {place}/scgi;
           keepalive_requests 1000000;
           server {{
             listen {address};
             location = /sub {{
               nchan_subscriber eventsource;
               nchan_channel_id all;
               nchan_subscriber_first_message newest;
             }}
             location = /pub {{
               nchan_publisher;
               nchan_channel_id all;
               nchan_message_buffer_length 2000;
               nchan_message_timeout 10m;
             }}
           }}
         }}"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config)?;
    let mut command = Command::new("nginx");
    command
        .arg("-c")
        .arg(&file)
        .arg("-p")
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let process = Child::spawn(&mut command)?;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Ok(publisher) = TcpStream::connect(address).await {
            publisher.set_nodelay(true)?;
            return Ok(Nchan {
                address,
                process,
                publisher,
            });
        }
    }
    let said = std::fs::read_to_string(folder.join("error.log")).unwrap_or_default();
    anyhow::bail!("nginx does not start: {said}")
}

impl Nchan {
    pub(super) fn stream(&self) -> String {
        let address = self.address;
        format!("GET /sub HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\n")
    }

    /// Pipelined: no round trip between them.
    pub(super) async fn publish(&mut self, first: usize, count: usize) -> Result<()> {
        let mut requests = String::new();
        for number in first..first + count {
            let body = format!(
                "{{\"at\":{},\"object\":\"limit:/c{number}\",\"topic\":\"limits.changed\"}}",
                micros()
            );
            requests += &format!(
                "POST /pub HTTP/1.1\r\nhost: {}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}",
                self.address,
                body.len()
            );
        }
        self.publisher.write_all(requests.as_bytes()).await?;
        let mut buf = Vec::new();
        let mut answered = 0;
        while answered < count {
            let read = self.publisher.read_buf(&mut buf).await?;
            ensure!(read > 0, "nginx hung up");
            while let Some((status, end)) = answer(&buf)? {
                ensure!((200..300).contains(&status), "nchan answered {status}");
                buf.drain(..end);
                answered += 1;
            }
        }
        Ok(())
    }

    pub(super) async fn end(self) -> Result<()> {
        let ended = self.process.end(Duration::from_secs(10)).await?;
        ensure!(ended, "nginx did not end");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_module_is_named_when_it_is_missing() {
        assert!(super::MODULE.ends_with("nchan_module.so"));
    }
}
