//! A switch for the checks: the way to the database is cut and mended by a request.

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use vahta_tests::proxy::Proxy;

/// Ends when it is dropped.
pub(crate) struct Switch {
    /// `/cut` and `/mend` are behind it.
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn switch(proxy: Proxy) -> Result<Switch> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A check that hung up has failed already, and says so itself.
            let _ = answer(stream, &proxy).await;
        }
    });
    Ok(Switch { url, task })
}

async fn answer(mut stream: TcpStream, proxy: &Proxy) -> std::io::Result<()> {
    let mut head = [0_u8; 2_048];
    let read = stream.read(&mut head).await?;
    match String::from_utf8_lossy(&head[..read]).split(' ').nth(1) {
        Some("/cut") => proxy.cut(),
        Some("/mend") => proxy.mend(),
        _ => return Ok(()),
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .await
}
