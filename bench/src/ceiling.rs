//! How fast the load source can be: a client that does nothing but what HTTP asks for.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::sync::{Mutex, mpsc};

use crate::http::{self, Client};
use crate::runner::process::{Child, own};
use crate::source::Report;

const UPDATES: usize = 200_000;
const CHATS: usize = 10_000;

/// Polls and replies to each update over `connections` connections, until the source goes away.
pub(crate) async fn null_bot(port: u16, connections: usize) -> Result<()> {
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (send, receive) = mpsc::channel::<(i64, usize)>(1000);
    let receive = Rc::new(Mutex::new(receive));
    for _ in 0..connections {
        let mut client = Client::connect(addr).await?;
        let receive = receive.clone();
        tokio::task::spawn_local(async move {
            loop {
                let Some((chat, number)) = receive.lock().await.recv().await else {
                    return;
                };
                let body = format!("{{\"chat_id\":{chat},\"text\":\"{number}\"}}");
                if client.send(&post("sendMessage", &body)).await.is_err() {
                    return;
                }
            }
        });
    }
    let mut client = Client::connect(addr).await?;
    let mut offset = 0;
    loop {
        let body = format!("{{\"offset\":{offset},\"timeout\":10}}");
        let answer = client.send(&post("getUpdates", &body)).await?;
        // Only the numbers are looked for: parsing is the bots' work.
        let mut replies = Vec::new();
        for update in std::str::from_utf8(answer)?.split("\"update_id\":").skip(1) {
            offset = 1 + number_after(update, "")?;
            replies.push((
                number_after(update, "\"from\":{\"id\":")?,
                number_after(update, "/echo ")?,
            ));
        }
        for (chat, number) in replies {
            send.send((chat, usize::try_from(number)?)).await?;
        }
    }
}

fn number_after(text: &str, mark: &str) -> Result<i64> {
    let (_, rest) = text.split_once(mark).context("an update of the source")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Ok(rest[..end].parse()?)
}

fn post(method: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST /bot1:bench/{method} HTTP/1.1\r\nhost: 127.0.0.1\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Prints updates a second of the source with the null bot, each in a process of its own.
pub(crate) async fn measure() -> Result<()> {
    let report = once().await?;
    println!(
        "source with a null bot: {:.0} updates/s, one reply each ({} updates, {} chats)",
        report.updates_per_second, report.updates, CHATS
    );
    Ok(())
}

async fn once() -> Result<Report> {
    let mut source = Child::spawn(own()?.args(["source"]).stdout(Stdio::piped()))?;
    let addr: SocketAddr = source.first_line().await?.trim().parse()?;
    let _bot = Child::spawn(own()?.args(["null", "--port", &addr.port().to_string()]))?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let start = format!("/bench/start?mode=blast&updates={UPDATES}&chats={CHATS}");
    http::get(addr, &start).await?;
    for _ in 0..300 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let report: Report = serde_json::from_slice(&http::get(addr, "/bench/report").await?)?;
        if report.missing == 0 {
            ensure!(
                report.strange + report.duplicates == 0,
                "not clean: {report:?}"
            );
            return Ok(report);
        }
    }
    anyhow::bail!("not done after 30 s")
}
