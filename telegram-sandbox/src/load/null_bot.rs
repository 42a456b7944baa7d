//! A bot that does nothing but answer, with as little HTTP as possible: it shows what the sandbox
//! itself can do on a machine, and so how far the figures of a real bot are the bot's.

use std::io;
use std::net::SocketAddr;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    result: Vec<Update<'a>>,
}

#[derive(Deserialize)]
struct Update<'a> {
    update_id: i64,
    #[serde(borrow)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    chat: Chat,
    #[serde(borrow)]
    text: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
}

/// Polls, and answers `/echo n` with `n` on so many connections; with 0 it only polls. A chat
/// keeps its connection and so its order. Runs until it is dropped or the server ends.
///
/// # Errors
/// What goes wrong with a connection.
pub async fn null_bot(addr: SocketAddr, token: &str, connections: usize) -> io::Result<()> {
    let mut writers = JoinSet::new();
    let mut lines = Vec::new();
    for _ in 0..connections {
        let (line, messages) = mpsc::channel(1_024);
        lines.push(line);
        writers.spawn(answer(addr, format!("/bot{token}/sendMessage"), messages));
    }
    let mut poll = Connection::open(addr).await?;
    let path = format!("/bot{token}/getUpdates");
    let mut offset = 0;
    loop {
        let body = format!("{{\"offset\":{offset},\"limit\":100,\"timeout\":20}}");
        let answer = poll.ask(&path, body.as_bytes()).await?;
        let batch: Batch<'_> = serde_json::from_slice(answer)
            .map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
        for update in batch.result {
            offset = update.update_id + 1;
            let Some(message) = update.message.filter(|_| connections > 0) else {
                continue;
            };
            let text = message.text.unwrap_or_default();
            let text = text.strip_prefix("/echo ").unwrap_or(&text);
            let reply = serde_json::json!({"chat_id": message.chat.id, "text": text}).to_string();
            let line = usize::try_from(message.chat.id).unwrap_or(0) % connections;
            if lines[line].send(reply).await.is_err() {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
    }
}

async fn answer(
    addr: SocketAddr,
    path: String,
    mut messages: mpsc::Receiver<String>,
) -> io::Result<()> {
    let mut connection = Connection::open(addr).await?;
    while let Some(reply) = messages.recv().await {
        connection.ask(&path, reply.as_bytes()).await?;
    }
    Ok(())
}

struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            out: Vec::new(),
            buffer: Vec::new(),
        })
    }

    /// Posts JSON and gives the answer's body.
    async fn ask(&mut self, path: &str, body: &[u8]) -> io::Result<&[u8]> {
        self.out.clear();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: sandbox\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        self.out.extend_from_slice(head.as_bytes());
        self.out.extend_from_slice(body);
        self.stream.write_all(&self.out).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((start, length)) = body_of(&self.buffer)
                && self.buffer.len() >= start + length
            {
                return Ok(&self.buffer[start..start + length]);
            }
        }
    }
}

/// Where the body begins, and how long it is.
fn body_of(answer: &[u8]) -> Option<(usize, usize)> {
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&answer[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    })?;
    Some((head + 4, length))
}
