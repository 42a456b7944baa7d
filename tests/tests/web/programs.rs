//! Programs with API keys, for the stories of this suite.

use anyhow::{Context as _, Result};
use bot_core::access::{By, Who};
use bot_core::accounts::api_keys::{Made, NewKey};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::Duration;
use vahta_tests::{TestApp, Web};

/// A program with a key.
pub(crate) struct Program {
    http: reqwest::Client,
    base: String,
    pub(crate) key: String,
}

pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

/// Makes a key for a person, as their page would.
pub(crate) async fn key_of(app: &TestApp, telegram_id: i64, scopes: &[&str]) -> Result<Made> {
    let access = &app.app.access;
    let person = access.find(&Who::Telegram(telegram_id)).await?;
    let user = person.context("the bot knows this person")?.id;
    let snapshot = access.snapshot();
    let known = snapshot.user(user).context("the person has a grant")?;
    let held = snapshot.keys(known, None, vahta_rows::Micros::now());
    let by = By {
        user: Some(user),
        source: "web",
        correlation: "story".into(),
        instance: app.app.instance,
    };
    let new = NewKey {
        name: "a story".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        lifetime: Duration::from_secs(3_600),
    };
    Ok(app.app.accounts.make_key(user, &held, new, &by).await?)
}

impl Program {
    pub(crate) fn new(web: &Web, key: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: web.url(""),
            key: key.to_owned(),
        }
    }

    pub(crate) async fn of(
        app: &TestApp,
        web: &Web,
        telegram_id: i64,
        scopes: &[&str],
    ) -> Result<Self> {
        let made = key_of(app, telegram_id, scopes).await?;
        Ok(Self::new(web, made.secret.expose()))
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Got> {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Got> {
        self.send(Method::POST, path, &[], Some(body.to_string()))
            .await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Got> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.key)
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        #[expect(clippy::disallowed_methods, reason = "a program, not the bot")]
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Got {
            status,
            headers,
            json,
        })
    }
}
