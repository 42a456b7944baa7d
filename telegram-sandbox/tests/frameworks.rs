//! One story file, three bots: teloxide, aiogram (PyPI) and grammY (npm), unchanged but for the
//! address. What they need is installed below `target`, so that a new machine needs only Python
//! and Node.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "bots/teloxide_bot.rs"]
mod teloxide_bot;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_process::{Child, Command, Stdio};
use telegram_sandbox::story::{Player, Story};
use telegram_sandbox::{Options, Sandbox};

const STORY: &str = include_str!("bots/story.txt");

#[tokio::test]
async fn teloxide_passes_the_story() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let url = sandbox.url();
    let bot = tokio::spawn(async move { teloxide_bot::run("1:sandbox", &url).await });
    plays(&sandbox).await;
    bot.abort();
}

#[tokio::test]
async fn aiogram_passes_the_story() {
    let folder = folder("aiogram");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await;
    }
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
    ]);
    run(pip.arg(bots().join("requirements.txt"))).await;
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let bot = start(
        Command::new(&python).arg(bots().join("aiogram_bot.py")),
        &sandbox,
    );
    plays(&sandbox).await;
    drop(bot);
}

#[tokio::test]
async fn grammy_passes_the_story() {
    let folder = folder("grammy");
    for file in ["package.json", "package-lock.json", "grammy_bot.mjs"] {
        std::fs::copy(bots().join(file), folder.join(file)).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args([
        "ci",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--ignore-scripts",
    ]);
    run(npm.current_dir(&folder)).await;
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let bot = start(
        Command::new("node")
            .arg("grammy_bot.mjs")
            .current_dir(&folder),
        &sandbox,
    );
    plays(&sandbox).await;
    drop(bot);
}

async fn plays(sandbox: &Sandbox) {
    let story = Story::parse(STORY).unwrap();
    // Interpreters take their time to start on a busy machine.
    let player = Player::new(&sandbox.url()).patience(Duration::from_secs(60));
    let outcome = player.play(&story).await.unwrap();
    assert!(outcome.passed, "{:?}\n{}", outcome.refused, outcome.diff);
    // What was recorded is a story too, and the same one.
    let again = Story::parse(&outcome.actual.to_text()).unwrap();
    assert_eq!(again.events.len(), story.events.len());
    let members = &again.groups[0].members;
    assert!(
        members.contains(&"Lim".to_owned()),
        "who left was there before: {members:?}"
    );
}

fn bots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bots")
}

/// `target/sandbox-bots/<name>`; it stays, so that only the first run downloads.
fn folder(name: &str) -> PathBuf {
    // target/<profile>/deps/<this test>
    let test = std::env::current_exe().unwrap();
    let folder = test
        .ancestors()
        .nth(3)
        .unwrap()
        .join("sandbox-bots")
        .join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn start(command: &mut Command, sandbox: &Sandbox) -> Child {
    command
        .env("TELEGRAM_API_URL", sandbox.url())
        .env("TELEGRAM_BOT_TOKEN", "1:sandbox")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn run(command: &mut Command) {
    let output = command.output().await.unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn the_program_replays_records_and_tells_what_differs() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let url = sandbox.url();
    let bot = tokio::spawn(async move { teloxide_bot::run("1:sandbox", &url).await });
    let folder = tempfile::tempdir().unwrap();
    let story = folder.path().join("story.txt");
    std::fs::write(&story, STORY).unwrap();
    let replay = |file: PathBuf| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_telegram-sandbox"));
        command.args(["replay", "--sandbox", &sandbox.url(), "--patience", "1"]);
        command.arg(file);
        async move {
            let output = command.output().await.unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            (output.status.success(), said)
        }
    };
    let (passed, said) = replay(story.clone()).await;
    assert!(passed, "{said}");

    let recorded = folder.path().join("recorded.txt");
    let mut record = Command::new(env!("CARGO_BIN_EXE_telegram-sandbox"));
    record.arg("record").arg(&recorded);
    run(record.args(["--sandbox", &sandbox.url()])).await;
    let text = std::fs::read_to_string(&recorded).unwrap();
    assert!(
        text.contains("Ada presses [Count 1]\n  shows: 2\n"),
        "{text}"
    );

    let wrong = STORY
        .replace("Pressed 2 times", "Pressed twice")
        .replace("alerts: Mind", "shows: Mind");
    std::fs::write(&story, wrong).unwrap();
    // In a world where Lim is still in the group.
    let again = Sandbox::start(Options::default()).await.unwrap();
    bot.abort();
    let url = again.url();
    let bot = tokio::spawn(async move { teloxide_bot::run("1:sandbox", &url).await });
    let mut command = Command::new(env!("CARGO_BIN_EXE_telegram-sandbox"));
    command
        .args(["replay", "--sandbox", &again.url()])
        .arg(&story);
    let output = command.output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "{said}");
    for line in [
        "- bot edits: Pressed twice",
        "+ bot edits: Pressed 2 times",
        "-   shows: Mind the step",
        "+   alerts: Mind the step",
        "  bot: Goodbye, Lim",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}: {said}");
    }
    bot.abort();
}
