//! Downloads by a link, counted exactly.

mod counting;
mod crowd;
mod leases;
mod processes;
mod resuming;
mod rules;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_rows::downloads::DownloadRules as _;
use vahta_rows::with_db;
use vahta_tests::stage::ADA;
use vahta_tests::{Ground, Stage, TestApp, Web, WebClient};

/// The bot with the plugin that gives files out, Ada at its site, and what she gives.
struct Scene {
    app: TestApp,
    web: Web,
    ada: WebClient,
}

/// Everybody comes from an address of their own, as behind a proxy.
async fn stage(ground: Ground) -> Result<Stage> {
    let stage = Stage::on(ground).await?.with_plugins(&["gives"])?;
    Ok(stage.with("VAHTA_TRUSTED_PROXIES", "127.0.0.1"))
}

impl Scene {
    async fn on(ground: Ground) -> Result<Self> {
        Self::of(stage(ground).await?).await
    }

    async fn of(stage: Stage) -> Result<Self> {
        let app = stage.start().await?;
        app.ada().asks("/whoami").await?;
        app.idle().await?;
        let web = app.web().await?;
        let ada = web.browser_of(ADA).await?;
        Ok(Self { app, web, ada })
    }

    /// Gives a file of so many digits out, so often.
    async fn gives(&mut self, size: u64, most: Option<i64>) -> Result<String> {
        let rule = json!({ "most": most, "expires_at": null, "open": true });
        let thing = json!({ "name": "digits.txt", "size": size, "rule": rule });
        let made = call(&mut self.ada, Method::POST, "/things", Some(&thing)).await?;
        let key = made["key"].as_str().context("what is given has a key")?;
        Ok(key.to_owned())
    }

    async fn sets(&mut self, key: &str, rule: Value) -> Result<()> {
        let path = format!("/things/{key}");
        call(&mut self.ada, Method::PUT, &path, Some(&rule)).await?;
        Ok(())
    }

    /// Complete downloads, and those that are neither complete nor given back.
    async fn counted(&self, key: &str) -> Result<(i64, i64)> {
        let db = self.app.database.db();
        let rule = with_db!(db, c => c.download_rule("gives", key).await)?;
        let rule = rule.context("a rule")?;
        Ok((rule.taken, rule.reserved))
    }

    /// Waits until the counts are these.
    async fn comes_to(&self, key: &str, taken: i64, reserved: i64) -> Result<()> {
        for _ in 0..1_000 {
            if self.counted(key).await? == (taken, reserved) {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        bail!("taken and reserved are {:?}", self.counted(key).await?)
    }

    /// Lets time pass for every lease.
    async fn leases_end(&self) -> Result<()> {
        let over = "UPDATE downloads SET lease_until = 1 WHERE state IN (0, 1)";
        self.app.database.change(over).await?;
        Ok(())
    }

    /// What the plugin was told of so many downloads.
    async fn hears(&mut self, count: usize) -> Result<Vec<Value>> {
        for _ in 0..150 {
            let heard = call(&mut self.ada, Method::GET, "/heard", None).await?;
            let heard = heard.as_array().cloned().context("a list")?;
            ensure!(heard.len() <= count, "told too often: {heard:#?}");
            if heard.len() == count {
                return Ok(heard);
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        bail!("the plugin was not told of {count} downloads")
    }

    /// Somebody at an address of their own.
    fn visitor(&self, address: &str) -> Result<WebClient> {
        let mut visitor = self.web.stranger()?;
        visitor.from = Some(address.to_owned());
        Ok(visitor)
    }

    /// Asks for a link at the landing page, with a browser of its own.
    async fn link(&self, key: &str) -> Result<String> {
        asks(&mut self.visitor("192.0.2.1")?, key).await
    }

    async fn ends(self) -> Result<()> {
        drop(self.web);
        self.app.shutdown().await
    }
}

/// A call of the plugin's API.
async fn call(
    ada: &mut WebClient,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value> {
    let mut request = ada.request(method, &format!("/api/v1/p/gives{path}"));
    request = request.header("x-csrf-token", ada.csrf.clone().unwrap_or_default());
    if let Some(body) = body {
        let kind = "application/json";
        request = request.header("content-type", kind).body(body.to_string());
    }
    let got = ada.finish(request).await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    Ok(serde_json::from_str(&got.text)?)
}

/// Asks for a link; the answer when there is none.
async fn asks(visitor: &mut WebClient, key: &str) -> Result<String> {
    let got = visitor.post(&format!("/pub/gives/{key}"), &[]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    let path = got.location().context("the way to the file")?;
    ensure!(path.starts_with("/d/") && path.len() == 25, "{path}");
    Ok(path.to_owned())
}

/// An answer with its bytes, as far as they came.
#[derive(Debug)]
struct Fetched {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Fetched {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

async fn fetch(
    visitor: &WebClient,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Fetched> {
    let response = opens(visitor, method, path, headers).await?;
    Ok(Fetched {
        status: response.status(),
        headers: response.headers().clone(),
        bytes: response.bytes().await?.into(),
    })
}

/// The head of an answer, whose bytes come as they are read.
async fn opens(
    visitor: &WebClient,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<reqwest::Response> {
    let mut request = visitor.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
    Ok(request.send().await?)
}

/// What stands in such a file from here to before there.
fn digits(from: usize, to: usize) -> Vec<u8> {
    (from..to).map(|n| b'0' + (n % 10) as u8).collect()
}

/// Reads at least so many bytes of an answer and stops reading: the connection stays.
async fn reads(response: &mut reqwest::Response, least: usize) -> Result<usize> {
    let mut read = 0;
    while read < least {
        let piece = response.chunk().await?.context("there is more")?;
        read += piece.len();
    }
    Ok(read)
}

/// More than sockets between two programs on one machine hold, so that a reader who stops is seen.
const BIG: u64 = 32 * 1024 * 1024;
