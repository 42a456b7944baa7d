//! Waits until `/healthz` answers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::Event;

/// Asks ten times a second for a minute; reports the first good answer.
pub(super) fn watch(address: SocketAddr, pid: u32, events: Sender<Event>) {
    std::thread::spawn(move || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            if healthy(address).unwrap_or(false) {
                let elapsed_ms = start.elapsed().as_millis();
                let _ = events.send(Event::Healthy { pid, elapsed_ms });
                return;
            }
            crate::process::pause(Duration::from_millis(100));
        }
    });
}

fn healthy(address: SocketAddr) -> std::io::Result<bool> {
    let wait = Duration::from_millis(500);
    let mut stream = TcpStream::connect_timeout(&address, wait)?;
    stream.set_read_timeout(Some(wait))?;
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(&status == b"HTTP/1.1 200")
}
