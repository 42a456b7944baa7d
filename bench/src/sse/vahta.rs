//! The real program, an administrator who changes settings, and browsers that are logged in.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::listener::{answer, micros};
use crate::runner::process::{Child, own};
use crate::runner::{Binaries, Bot, Database, STOP, Server, database_name};

/// Telegram's id of the administrator.
const ADMIN: i64 = 7;
/// Streams of one session; the site allows 16.
const A_SESSION: usize = 16;
/// More than any run needs.
const SESSIONS: usize = 520;

pub(super) struct Vahta {
    pub(super) address: SocketAddr,
    pub(super) process: Child,
    database: Database,
    /// Kept for as long as the bot polls it.
    _source: Child,
    admin: TcpStream,
    csrf: String,
}

/// The session whose number it is; as the site makes them, but known.
fn token(session: usize) -> String {
    format!("{session:022}")
}

pub(super) async fn start(binaries: &Binaries, server: &Server, folder: &Path) -> Result<Vahta> {
    let mut source = Child::spawn(own()?.args(["source"]).stdout(Stdio::piped()))?;
    let api: SocketAddr = source.first_line().await?.parse()?;
    let database = server.create(folder, &database_name(folder)).await?;
    let (bot, address) = Bot::vahta(binaries, &database, api, folder, &ADMIN.to_string()).await?;
    database.execute(&sessions()).await?;
    let mut admin = TcpStream::connect(address).await?;
    admin.set_nodelay(true)?;
    let cookie = cookie(SESSIONS);
    let request = format!("GET /settings HTTP/1.1\r\nhost: {address}\r\n{cookie}\r\n");
    let (status, page) = ask(&mut admin, &request).await?;
    ensure!(status == 200, "the settings answered {status}: {page}");
    let (_, rest) = page
        .split_once("name=\"csrf\" content=\"")
        .context("a CSRF token")?;
    let csrf = rest.split('"').next().unwrap_or_default().to_owned();
    Ok(Vahta {
        address,
        process: bot.process,
        database,
        _source: source,
        admin,
        csrf,
    })
}

fn sessions() -> String {
    let now = micros();
    let later = now + 3_600_000_000;
    let mut sql = String::new();
    for session in 0..=SESSIONS {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(token(session)));
        // Writing to a String cannot fail. A hash has no quote in it.
        let _ = write!(
            sql,
            "INSERT INTO web_sessions (hash, user_id, login, created_at, seen_at, expires_at) \
             SELECT '{hash}', id, 'link', {now}, {now}, {later} FROM bot_users \
             WHERE telegram_id = {ADMIN}; "
        );
    }
    sql
}

fn cookie(session: usize) -> String {
    format!("cookie: __Host-vahta={}\r\n", token(session))
}

/// One request on a connection that stays open.
async fn ask(connection: &mut TcpStream, request: &str) -> Result<(u16, String)> {
    connection.write_all(request.as_bytes()).await?;
    let mut buf = Vec::new();
    loop {
        let read = connection.read_buf(&mut buf).await?;
        ensure!(read > 0, "the site hung up");
        if let Some((status, _)) = answer(&buf)? {
            return Ok((status, String::from_utf8_lossy(&buf).into_owned()));
        }
    }
}

impl Vahta {
    pub(super) fn stream(&self, number: usize) -> String {
        let session = number / A_SESSION;
        let (address, cookie) = (self.address, cookie(session));
        // As behind a proxy: one address may not have all the places.
        let from = format!(
            "x-forwarded-for: 10.0.{}.{}\r\n",
            session / 250,
            session % 250 + 1
        );
        format!("GET /live?topics=limits. HTTP/1.1\r\nhost: {address}\r\n{cookie}{from}")
    }

    /// Through the page's own form.
    pub(super) async fn publish(&mut self, number: usize) -> Result<()> {
        let body = format!("scope=%2Fc{number}&burst=5&per_second=5&csrf={}", self.csrf);
        let request = format!(
            "POST /settings/limits HTTP/1.1\r\nhost: {}\r\n{}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            cookie(SESSIONS),
            body.len()
        );
        let (status, page) = ask(&mut self.admin, &request).await?;
        ensure!(status == 303, "the settings answered {status}: {page}");
        Ok(())
    }

    /// As another process does: rows, and nobody says that they are there.
    pub(super) async fn blast(&self, first: usize, count: usize) -> Result<()> {
        let (last, now) = (first + count - 1, micros());
        let sql = format!(
            "INSERT INTO events (topic, object, payload, at) \
             WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) \
             SELECT 'limits.changed', 'limit:/c' || i, '{{}}', {now} FROM n ORDER BY i"
        );
        self.database.execute(&sql).await
    }

    pub(super) async fn end(self) -> Result<()> {
        let stopped = self.process.end(STOP).await?;
        ensure!(stopped, "it did not stop");
        Ok(())
    }
}
