//! A browser that listens to `/live`.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::COOKIE;
use serde_json::Value;

use super::WebClient;
use crate::people::PATIENCE;

/// An open stream; closed when it is dropped.
pub struct Listener {
    response: reqwest::Response,
    buffer: String,
    /// Of the last event that had one.
    pub id: Option<String>,
}

/// One event. Comments are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Empty for the usual ones.
    pub event: String,
    pub data: Value,
}

impl Heard {
    pub fn topic(&self) -> &str {
        self.data["topic"].as_str().unwrap_or_default()
    }

    pub fn object(&self) -> &str {
        self.data["object"].as_str().unwrap_or_default()
    }
}

impl WebClient {
    /// Opens `/live` and waits until it is open.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn listen(&self, topics: &str, after: Option<&str>) -> Result<Listener> {
        let mut request = self.http.get(format!("{}/live?topics={topics}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(from) = &self.from {
            request = request.header("x-forwarded-for", from);
        }
        if let Some(id) = after {
            request = request.header("last-event-id", id);
        }
        #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
        let response = request.send().await?;
        ensure!(response.status() == 200, "{response:?}");
        let mut listener = Listener {
            response,
            buffer: String::new(),
            id: after.map(str::to_owned),
        };
        let hello = listener.next().await?.context("the stream ended at once")?;
        ensure!(hello.event == "hello", "{hello:?}");
        Ok(listener)
    }
}

impl Listener {
    /// The next event; `None` when the stream has ended.
    ///
    /// # Errors
    /// When nothing comes.
    pub async fn next(&mut self) -> Result<Option<Heard>> {
        let waited = tokio::time::timeout(PATIENCE, self.read()).await;
        waited.context("nothing comes")?
    }

    /// The next event of the events table: ticks are passed over.
    ///
    /// # Errors
    /// When the stream ends or nothing comes.
    pub async fn hears(&mut self) -> Result<Heard> {
        let until = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < until {
            let heard = self.next().await?.context("the stream ended")?;
            if heard.topic() != "tick" && heard.topic() != "log.written" {
                return Ok(heard);
            }
        }
        bail!("only ticks came within {} s", PATIENCE.as_secs())
    }

    /// Waits until the server ends it; what comes before is passed over.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn ends(mut self) -> Result<()> {
        let ended = async {
            while self.read().await?.is_some() {}
            anyhow::Ok(())
        };
        let limit = Duration::from_secs(10);
        tokio::time::timeout(limit, ended)
            .await
            .context("the stream does not end")?
    }

    async fn read(&mut self) -> Result<Option<Heard>> {
        loop {
            if let Some((frame, rest)) = self.buffer.split_once("\n\n") {
                let heard = parse(frame, &mut self.id)?;
                self.buffer = rest.to_owned();
                match heard {
                    Some(heard) => return Ok(Some(heard)),
                    None => continue,
                }
            }
            match self.response.chunk().await? {
                Some(part) => self.buffer.push_str(std::str::from_utf8(&part)?),
                None => return Ok(None),
            }
        }
    }
}

fn parse(frame: &str, last: &mut Option<String>) -> Result<Option<Heard>> {
    let mut heard = Heard::default();
    let mut any = false;
    for line in frame.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        match name {
            "event" => heard.event = value.to_owned(),
            "id" => *last = Some(value.to_owned()),
            "data" => {
                heard.data = serde_json::from_str(value)?;
                any = true;
            }
            _ => {}
        }
    }
    Ok(any.then_some(heard))
}
