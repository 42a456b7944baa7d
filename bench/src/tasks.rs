//! Lists and the board of ten thousand tasks: the task plugin with everything on, asked one thing
//! after another, in Telegram (through the sandbox) and on the site.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use async_process::Command;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::http::{self, Client};
use crate::runner::process::Child;
use crate::runner::{
    Binaries, Database, Folder, Kind, Machine, STOP, Server, database_name, free_address, vahta,
};

#[derive(clap::Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 10_000)]
    tasks: usize,
    /// Of each kind.
    #[arg(long, default_value_t = 500)]
    requests: usize,
    /// Only on this database.
    #[arg(long)]
    database: Option<Kind>,
    /// Take the release builds that are there.
    #[arg(long)]
    no_build: bool,
    /// A PostgreSQL server on this machine for which we may create databases.
    #[arg(long, env = "VAHTA_TEST_POSTGRES_URL", hide_env_values = true)]
    postgres: Option<String>,
}

/// The goal of each, from the question to the answer.
const P99_MS: f64 = 50.0;
/// Telegram's id of the administrator.
const ADA: i64 = 1001;
const SESSION: &str = "0000000000000000000000";
/// What is asked in Telegram.
const MESSAGES: [&str; 5] = [
    "/tasks",
    "/tasks mine",
    "/tasks overdue",
    "/tasks #infra",
    "/tasks rack 7",
];
/// What is asked of the site.
const PAGES: [&str; 4] = [
    "/p/task",
    "/p/task/board",
    "/p/task?q=rack+7",
    "/p/task?look=mine",
];

pub(crate) async fn run(options: &Options) -> Result<()> {
    let binaries = Binaries::find()?;
    if !options.no_build {
        binaries.build().await?;
    }
    let folder = Folder::new(&binaries.target)?;
    println!(
        "# {} tasks, {} requests of each kind\n",
        options.tasks, options.requests
    );
    println!("{}\n", Machine::look());
    println!("| Database | Asked | p50 ms | p99 ms | Goal |\n|---|---|---|---|---|");
    let mut missed = 0;
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if options.database.is_some_and(|only| only != kind) {
            continue;
        }
        let Some(server) = Server::find(kind, options.postgres.clone()).await? else {
            eprintln!(
                "{} is not measured: VAHTA_TEST_POSTGRES_URL is not set",
                kind.name()
            );
            continue;
        };
        let folder = folder
            .0
            .join(format!("tasks-{}", kind.name().to_lowercase()));
        std::fs::create_dir_all(&folder)?;
        for (asked, mut times) in measure(&binaries, &server, &folder, options).await? {
            let (p50, p99) = (within(&mut times, 0.5), within(&mut times, 0.99));
            let verdict = if p99 < P99_MS { "met" } else { "missed" };
            missed += usize::from(p99 >= P99_MS);
            println!(
                "| {} | `{asked}` | {p50:.1} | {p99:.1} | {verdict} |",
                kind.name()
            );
        }
    }
    ensure!(missed == 0, "{missed} goals of {P99_MS} ms missed");
    Ok(())
}

/// The time within which this share of all was done.
fn within(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times
        .get(place)
        .map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

async fn measure(
    binaries: &Binaries,
    server: &Server,
    folder: &Path,
    options: &Options,
) -> Result<Vec<(&'static str, Vec<Duration>)>> {
    let sandbox = free_address()?;
    let output = File::create(folder.join("sandbox"))?;
    let _sandbox = Child::spawn(
        Command::new(&binaries.sandbox)
            .args(["--addr", &sandbox.to_string(), "--token", "1:bench"])
            .stdout(output.try_clone()?)
            .stderr(output),
    )?;
    ready(sandbox, "/sandbox/api/stats").await?;
    let (database, web) = (
        server.create(folder, &database_name(folder)).await?,
        free_address()?,
    );
    let api = format!("http://{sandbox}");
    let output = File::create(folder.join("output"))?;
    let mut command = vahta(binaries, &binaries.task, folder, &database, &api, web)?;
    command
        .arg("run")
        .env("VAHTA_ADMINS", ADA.to_string())
        .env("VAHTA_LIMIT_BURST", "1000000")
        .env("VAHTA_LIMIT_PER_SECOND", "1000000")
        .stdout(output.try_clone()?)
        .stderr(output);
    let bot = Child::spawn(&mut command)?;
    ready(web, "/readyz").await?;
    let mut chat = Chat::open(sandbox).await?;
    chat.ask("/start").await?;
    seed(&database, options.tasks).await?;

    let mut all = Vec::new();
    for text in MESSAGES {
        let mut times = Vec::with_capacity(options.requests);
        // Some to warm up.
        for number in 0..options.requests + 20 {
            let time = chat.ask(text).await?;
            if number >= 20 {
                times.push(time);
            }
        }
        all.push((text, times));
    }
    let mut site = Client::connect(web).await?;
    for path in PAGES {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {web}\r\ncookie: __Host-vahta={SESSION}\r\n\r\n");
        let mut times = Vec::with_capacity(options.requests);
        for number in 0..options.requests + 20 {
            let begun = Instant::now();
            let body = site.send(request.as_bytes()).await.context(path)?;
            let time = begun.elapsed();
            ensure!(
                String::from_utf8_lossy(body).contains("rack"),
                "{path} shows no task"
            );
            if number >= 20 {
                times.push(time);
            }
        }
        all.push((path, times));
    }
    ensure!(bot.end(STOP).await?, "it did not stop");
    Ok(all)
}

async fn ready(addr: SocketAddr, path: &str) -> Result<()> {
    for _ in 0..400 {
        if http::get(addr, path).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("{addr}{path} does not answer")
}

/// Ada's private chat in the sandbox.
struct Chat {
    address: SocketAddr,
    client: Client,
    /// Changes up to here are known.
    cursor: u64,
}

impl Chat {
    async fn open(address: SocketAddr) -> Result<Self> {
        let mut client = Client::connect(address).await?;
        let request = format!("GET /sandbox/api/stats HTTP/1.1\r\nhost: {address}\r\n\r\n");
        let stats: Value = serde_json::from_slice(client.send(request.as_bytes()).await?)?;
        let cursor = stats["cursor"].as_u64().context("a cursor")?;
        Ok(Self {
            address,
            client,
            cursor,
        })
    }

    /// From the moment that she sends it to the moment that she can read the answer.
    async fn ask(&mut self, text: &str) -> Result<Duration> {
        let address = self.address;
        let body = json!({ "from": ADA, "chat": ADA, "text": text }).to_string();
        let request = format!(
            "POST /sandbox/api/messages HTTP/1.1\r\nhost: {address}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let begun = Instant::now();
        let sent: Value = serde_json::from_slice(self.client.send(request.as_bytes()).await?)?;
        let sent = sent["message_id"].as_i64().context("a message")?;
        while begun.elapsed() < Duration::from_secs(20) {
            let cursor = self.cursor;
            let request = format!(
                "GET /sandbox/api/chats/{ADA}/messages?after={cursor}&wait=5000 HTTP/1.1\r\n\
                 host: {address}\r\n\r\n"
            );
            let view: Value = serde_json::from_slice(self.client.send(request.as_bytes()).await?)?;
            let time = begun.elapsed();
            self.cursor = view["cursor"].as_u64().context("a cursor")?;
            let messages = view["messages"].as_array().context("messages")?;
            let is_answer = |message: &Value| {
                message["from"]["is_bot"] == true && message["message_id"].as_i64() > Some(sent)
            };
            if messages.iter().any(is_answer) {
                return Ok(time);
            }
        }
        anyhow::bail!("no answer to {text}")
    }
}

/// Tasks in every state, of three people, a fifth with a label, a tenth with steps; and a session.
async fn seed(database: &Database, tasks: usize) -> Result<()> {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(SESSION));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let now = u64::try_from(now.as_micros())?;
    let later = now + 3_600_000_000;
    let numbers = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {tasks})"
    );
    // Due from a month ago to a month ahead.
    let sql = format!(
        "INSERT INTO task_tasks (title, state, chat_id, created_by_user, created_by_name, created_at,
             changed_at, version, priority, assignee, assignee_name, due_at)
         {numbers} SELECT 'Replace disk ' || i || ' in rack ' || (i % 40),
             CASE WHEN i % 10 < 2 THEN 1 WHEN i % 10 < 7 THEN 2 WHEN i % 10 < 9 THEN 3 ELSE 4 END,
             {ADA}, 1 + i % 3, 'Ada', {now} - CAST(i AS BIGINT) * 1000000, {now} - CAST(i AS BIGINT) * 1000000, 1, i % 4,
             CASE WHEN i % 2 = 0 THEN 1 + i % 3 END, CASE WHEN i % 2 = 0 THEN 'Ada' END,
             CASE WHEN i % 3 = 0 THEN {now} + (i % 1440 - 720) * 3600000000 END FROM n;
         INSERT INTO task_labels (task_id, label) SELECT id, 'infra' FROM task_tasks WHERE id % 5 = 0;
         INSERT INTO task_steps (task_id, position, title, done, assignee, assignee_name)
             SELECT id, 1, 'Order it', false, 1, 'Ada' FROM task_tasks WHERE id % 10 = 4;
         INSERT INTO web_sessions (hash, user_id, login, created_at, seen_at, expires_at)
             SELECT '{hash}', id, 'link', {now}, {now}, {later} FROM bot_users
             WHERE telegram_id = {ADA};"
    );
    database.execute(&sql).await
}
