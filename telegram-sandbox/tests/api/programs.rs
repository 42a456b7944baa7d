//! The program itself, where it starts somebody's bot.

use std::process::Output;
use std::time::{Duration, Instant};

use async_process::{Command, Stdio};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_telegram-sandbox"));
    program.args(arguments).stdin(Stdio::null());
    program
}

async fn run(arguments: &[&str]) -> Output {
    program(arguments).output().await.unwrap()
}

/// A story file of its own.
fn story(folder: &std::path::Path) -> String {
    let path = folder.join("story.txt");
    std::fs::write(&path, "story: x\n\nperson Ada 1001\n\nAda: hi\nbot: hi\n").unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn any_command_of_a_shell_starts_a_bot_and_its_end_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let story = story(folder.path());
    let started = Instant::now();
    for (command, status) in [
        ("exit 3", 3),
        ("false", 1),
        ("FOO=5 sh -c 'exit $FOO'", 5),
        ("cd / && test -d etc && exit 7", 7),
    ] {
        for arguments in [
            &["replay", &story, "--start", command][..],
            &["load", "--updates", "5", "--start", command],
        ] {
            let output = run(arguments).await;
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success());
            let expected = format!("`{command}` has ended: exit status: {status}");
            assert!(said.contains(&expected), "{said}");
        }
    }
    assert!(
        started.elapsed() < Duration::from_secs(50),
        "nothing waited"
    );
}

#[tokio::test]
async fn the_bot_ends_with_the_program_and_so_does_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let story = story(folder.path());
    let note = folder.path().join("pids");
    let command = format!("sleep 600 & echo $$ $! > {}; wait", note.display());
    let child = program(&["replay", &story, "--start", &command])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pids = loop {
        let noted = std::fs::read_to_string(&note).unwrap_or_default();
        if noted.ends_with('\n') {
            break noted;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let pid = |id: i32| Pid::from_raw(id).unwrap();
    kill_process(pid(child.id().try_into().unwrap()), Signal::TERM).unwrap();
    child.output().await.unwrap();
    for id in pids.split_whitespace() {
        let id = pid(id.parse().unwrap());
        // Whoever adopted it may take a moment to bury it.
        for attempt in 0.. {
            let path = format!("/proc/{}/stat", id.as_raw_nonzero());
            let stat = std::fs::read_to_string(path).unwrap_or_default();
            if test_kill_process(id).is_err() || stat.contains(") Z ") {
                break;
            }
            assert!(attempt < 250, "{id:?} still runs");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_it_begins() {
    for (arguments, expected) in [
        (
            &["load", "--chats", "0", "--own-bot", "1"][..],
            "--chats must be 1 or more",
        ),
        (
            &["load", "--updates", "5", "--warm-up", "5", "--own-bot", "1"],
            "nothing would be measured",
        ),
        (&["--token", "nonsense"], "`nonsense` is no token"),
        (&["--token", "1:a/b"], "`1:a/b` is no token"),
        (&["--token", "0:x"], "`0:x` is no token"),
    ] {
        let output = run(arguments).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains(expected),
            "{said}"
        );
    }
}

#[tokio::test]
async fn the_help_of_load_says_what_stands_for_the_number() {
    let output = run(&["load", "--help"]).await;
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(help.contains("an n in braces becomes"), "{help}");
}

#[tokio::test]
async fn import_says_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let updates = folder.path().join("updates.jsonl");
    let line = r#"{"update_id":1,"my_chat_member":{"chat":{"id":-7,"type":"group"}}}"#;
    std::fs::write(&updates, line).unwrap();
    let output = run(&["import", updates.to_str().unwrap()]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("left out: 1 × my_chat_member"), "{said}");
}
