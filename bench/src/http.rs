//! As much HTTP/1.1 as a benchmark on loopback needs: requests with a length, keep-alive, no TLS.

use std::net::SocketAddr;
use std::ops::Range;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Where the parts of a message lie in the buffer it was read into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Path and query of a request; empty for a response.
    pub(crate) path: Range<usize>,
    /// Status of a response; 0 for a request.
    pub(crate) status: u16,
    pub(crate) body: Range<usize>,
}

/// `None` until the whole request is there.
pub(crate) fn request(buf: &[u8]) -> Result<Option<Message>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(start) = head.parse(buf)? else {
        return Ok(None);
    };
    let path = head.path.unwrap_or_default();
    let at = path.as_ptr() as usize - buf.as_ptr() as usize;
    let path = at..at + path.len();
    whole(buf, start, path, 0, head.headers)
}

/// `None` until the whole response is there.
pub(crate) fn response(buf: &[u8]) -> Result<Option<Message>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = head.parse(buf)? else {
        return Ok(None);
    };
    let status = head.code.unwrap_or_default();
    whole(buf, start, 0..0, status, head.headers)
}

fn whole(
    buf: &[u8],
    start: usize,
    path: Range<usize>,
    status: u16,
    headers: &[httparse::Header<'_>],
) -> Result<Option<Message>> {
    let mut length = 0;
    for header in headers {
        if header.name.eq_ignore_ascii_case("content-length") {
            length = std::str::from_utf8(header.value)?.trim().parse()?;
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            anyhow::bail!("a chunked body: the load source reads bodies with a length only");
        }
    }
    let body = start..start + length;
    Ok((buf.len() >= body.end).then_some(Message { path, status, body }))
}

/// A connection that carries one request after the other.
pub(crate) struct Client {
    stream: TcpStream,
    buf: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buf: Vec::with_capacity(64 << 10),
        })
    }

    /// Sends a finished request; returns the body, valid until the next call.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.buf.clear();
        self.stream.write_all(request).await?;
        loop {
            let read = self.stream.read_buf(&mut self.buf).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(message) = response(&self.buf)? {
                ensure!(message.status == 200, "answered {}", message.status);
                return Ok(&self.buf[message.body]);
            }
        }
    }
}

/// One GET on a connection of its own.
pub(crate) async fn get(addr: SocketAddr, path: &str) -> Result<Vec<u8>> {
    let mut client = Client::connect(addr).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\n\r\n");
    let body = client.send(request.as_bytes()).await;
    Ok(body.with_context(|| format!("GET {path}"))?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_with_its_body() -> Result<()> {
        let whole = b"POST /bot1:x/GetMe HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcdPOST";
        let message = request(whole)?.context("complete")?;
        assert_eq!(&whole[message.path], b"/bot1:x/GetMe");
        assert_eq!(&whole[message.body.clone()], b"abcd");
        assert_eq!(request(&whole[..message.body.end - 1])?, None);
        Ok(())
    }

    #[test]
    fn a_chunked_body_is_refused_instead_of_misread() {
        assert!(request(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
