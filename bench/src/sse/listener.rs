//! A browser's side of a stream, as little of it as counts and times events.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What all streams heard.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) heard: usize,
    /// Out of order, twice, or with one missing before it.
    pub(super) wrong: usize,
    pub(super) resumed: usize,
    pub(super) last: Option<Instant>,
    /// From the event's own time to its arrival, in microseconds; not of what was resumed.
    took: Vec<u32>,
}

impl Tally {
    /// Of what was heard since the last call.
    pub(super) fn percentiles_ms(&mut self) -> (f64, f64) {
        let mut took = std::mem::take(&mut self.took);
        took.sort_unstable();
        let at = |percent: usize| match took.len().checked_sub(1) {
            Some(last) => f64::from(took[(took.len() * percent / 100).min(last)]) / 1e3,
            None => 0.0,
        };
        (at(50), at(99))
    }
}

/// A stream whose first bytes have come.
pub(super) struct Stream {
    socket: TcpStream,
    buf: Vec<u8>,
}

pub(super) async fn open(
    address: SocketAddr,
    request: &str,
    after: Option<&str>,
) -> Result<Stream> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let after = after.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
    let request = format!("{request}{after}\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut buf = Vec::with_capacity(1 << 10);
    loop {
        let read = socket.read_buf(&mut buf).await?;
        ensure!(read > 0, "a stream was refused");
        if let Some(end) = find(&buf, b"\r\n\r\n") {
            ensure!(
                buf.starts_with(b"HTTP/1.1 200"),
                "{}",
                String::from_utf8_lossy(&buf)
            );
            buf.drain(..end + 4);
            return Ok(Stream { socket, buf });
        }
    }
}

/// Listens until the server ends; with `cut`, hangs up after each so many events and comes back.
pub(super) async fn listen(
    mut stream: Stream,
    (address, request): (SocketAddr, String),
    cut: Option<usize>,
    tally: Rc<RefCell<Tally>>,
) {
    let (mut next, mut id) = (0, Id::default());
    let (mut since, mut catching_up) = (0, false);
    loop {
        let (heard, mut caught_up) = (take(&mut stream.buf, &mut id), false);
        let now = Instant::now();
        {
            let mut tally = tally.borrow_mut();
            for (number, took) in heard {
                tally.wrong += usize::from(number != next);
                next = number + 1;
                tally.heard += 1;
                tally.last = Some(now);
                if !catching_up {
                    tally.took.push(took);
                }
                since += 1;
                caught_up = true;
            }
            catching_up &= !caught_up;
        }
        if cut.is_some_and(|cut| cut > 0 && since >= cut) && !id.heard.is_empty() {
            since = 0;
            drop(stream);
            // Long enough that something happens meanwhile.
            tokio::time::sleep(std::time::Duration::from_millis(120)).await;
            match open(address, &request, Some(&id.heard)).await {
                Ok(again) => stream = again,
                Err(error) => return eprintln!("a cut stream does not come back: {error:#}"),
            }
            tally.borrow_mut().resumed += 1;
            catching_up = true;
            continue;
        }
        match stream.socket.read_buf(&mut stream.buf).await {
            Ok(read) if read > 0 => {}
            // The end of the run.
            _ => return,
        }
    }
}

/// An event's id comes before the event: it counts when that has come, too.
#[derive(Default)]
struct Id {
    coming: String,
    heard: String,
}

/// Takes whole lines; the numbers of the events in them and how long each was under way.
fn take(buf: &mut Vec<u8>, id: &mut Id) -> Vec<(usize, u32)> {
    let mut heard = Vec::new();
    let mut start = 0;
    let mut now = None;
    while let Some(length) = buf[start..].iter().position(|byte| *byte == b'\n') {
        let line = &buf[start..start + length];
        start += length + 1;
        if let Some(found) = line.strip_prefix(b"id: ") {
            id.coming = String::from_utf8_lossy(found).trim().to_owned();
        } else if line.starts_with(b"data: ")
            && let Some((number, at)) = event(line)
        {
            id.heard.clone_from(&id.coming);
            let now = *now.get_or_insert_with(micros);
            heard.push((number, u32::try_from(now - at).unwrap_or(0)));
        }
    }
    buf.drain(..start);
    heard
}

/// Number and time of one of our events; other lines are of other events.
fn event(line: &[u8]) -> Option<(usize, i64)> {
    let number = after(line, b"\"limit:/c")?;
    let at = after(line, b"\"at\":")?;
    Some((usize::try_from(number).ok()?, at))
}

fn after(line: &[u8], what: &[u8]) -> Option<i64> {
    let rest = &line[find(line, what)? + what.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|part| part == what)
}

/// Microseconds since 1970.
pub(super) fn micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .unwrap_or_default()
}

/// The status of the answer that begins a buffer, and where the next begins; `None` while it is not
/// whole. Redirects have no body, pages have a length.
pub(super) fn answer(buf: &[u8]) -> Result<Option<(u16, usize)>> {
    let message = crate::http::response(buf).context("an answer")?;
    Ok(message.map(|message| (message.status, message.body.end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_in_chunks_and_other_lines_are_not() {
        let mut id = Id::default();
        let mut buf =
            b"5f\r\nid: 7-9\ndata: {\"at\":5,\"object\":\"limit:/c12\"}\n\n\r\n:\n\nid: 7-10\ndata: {"
                .to_vec();
        let heard = take(&mut buf, &mut id);
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].0, 12);
        assert_eq!(
            (id.heard.as_str(), buf.as_slice()),
            ("7-9", b"data: {".as_slice())
        );
    }
}
