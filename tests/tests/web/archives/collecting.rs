//! In the chat: files come one by one, and a ZIP comes back.

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use serde_json::json;
use vahta_tests::stage::LIM;
use vahta_tests::{Ground, stories};

use super::{bytes, entry, finished, granted, path_of, sends, takes, unpacked, with_archives};

stories![
    files_that_are_sent_become_a_zip_with_a_link,
    an_album_whose_last_part_comes_late_is_complete,
    a_password_is_read_deleted_and_never_logged,
    what_is_wrong_is_said_before_anything_is_spent,
    a_file_that_vanished_is_named_and_can_be_sent_again,
    a_second_press_does_nothing_twice,
];

async fn files_that_are_sent_become_a_zip_with_a_link(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    let card = app.lim().asks("/zip Reports").await?;
    ensure!(
        card.text.contains("#1 Reports") && card.text.contains("No files yet"),
        "{card:?}"
    );
    sends(&app, "a.txt", b"first").await?;
    sends(&app, "a.txt", b"second").await?;
    sends(&app, "../../отчёт.txt", &[b'x'; 3_000]).await?;
    let full = |message: &vahta_tests::sandbox::Message| message.text.contains("3 files, 3.0 kB");
    app.lim().sees_where("the card follows", full).await?;
    let path = finished(&app).await?;
    let document = |message: &vahta_tests::sandbox::Message| {
        message.raw["document"]["file_name"] == "Reports.zip"
    };
    app.lim().sees_where("the ZIP itself", document).await?;

    let zip = takes(&mut web.stranger()?, &path, "").await?;
    let found = unpacked(&zip)?;
    let wanted = [
        entry("a.txt", b"first"),
        entry("a (2).txt", b"second"),
        entry("отчёт.txt", &[b'x'; 3_000]),
    ];
    ensure!(
        found == wanted,
        "{:?}",
        found.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    app.shutdown().await
}

async fn an_album_whose_last_part_comes_late_is_complete(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    app.lim().asks("/zip Album").await?;
    let album = json!({"album": "a1"});
    for name in ["1.txt", "2.txt"] {
        app.lim()
            .sends("document", name, name.as_bytes(), album.clone())
            .await?;
    }
    let two = |message: &vahta_tests::sandbox::Message| message.text.contains("2 files");
    app.lim().sees_where("two parts", two).await?;
    app.lim().presses("Finish").await?;
    app.lim().sees("Waiting for the last files").await?;
    let late = json!({"album": "a1", "late_ms": 8_000});
    app.lim().sends("document", "3.txt", b"3.txt", late).await?;
    let ready = |message: &vahta_tests::sandbox::Message| message.raw["photo"].is_array();
    let card = app.lim().sees_where("the link's picture", ready).await?;
    let zip = takes(&mut web.stranger()?, &path_of(&card.text)?, "").await?;
    let names: Vec<_> = unpacked(&zip)?.into_iter().map(|(name, _)| name).collect();
    ensure!(names == ["1.txt", "2.txt", "3.txt"], "{names:?}");
    app.shutdown().await
}

async fn a_password_is_read_deleted_and_never_logged(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    app.lim().asks("/zip Secret").await?;
    sends(&app, "plan.txt", b"the plan").await?;
    app.lim().presses("Password").await?;
    app.lim().sees("What is the password?").await?;
    let typed = app.lim().says("open sesame").await?;
    app.lim().sees("The password is set").await?;
    let chat = app.lim().messages().await?;
    ensure!(
        chat.iter().all(|message| message.id != typed.id),
        "it was deleted"
    );
    let path = finished(&app).await?;

    let mut stranger = web.stranger()?;
    let page = stranger.get(&path).await?;
    ensure!(
        !page.text.contains("plan.txt"),
        "what is in it is told to nobody: {page:?}"
    );
    for _ in 0..5 {
        let got = stranger.post(&path, &[("password", "sesame")]).await?;
        ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    }
    let got = stranger.post(&path, &[("password", "open sesame")]).await?;
    ensure!(
        got.status == StatusCode::TOO_MANY_REQUESTS,
        "even the right one waits: {got:?}"
    );
    ensure!(got.text.contains("Try again in"), "{got:?}");
    app.idle().await?;
    ensure!(!app.database.holds("open sesame").await?);
    app.shutdown().await
}

async fn what_is_wrong_is_said_before_anything_is_spent(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    for (line, said) in [
        ("/zip ../../etc/passwd", "has no /"),
        ("/zip CON", "for a device"),
    ] {
        let answer = app.lim().asks(line).await?;
        ensure!(answer.text.contains(said), "{line}: {answer:?}");
    }
    app.lim().asks("/zip Right").await?;
    let said = app.lim().presses("Finish").await?;
    ensure!(said.contains("no files"), "{said}");
    sends(&app, "a.txt", b"a").await?;
    app.lim().presses("Lifetime").await?;
    app.lim().sees("How long shall it live").await?;
    for (text, said) in [
        ("soon", "cannot read"),
        ("5000 days", "at most"),
        ("1s", "minute"),
    ] {
        let answer = app.lim().asks(text).await?;
        ensure!(answer.text.contains(said), "{text}: {answer:?}");
    }
    let card = app.lim().asks("12h").await?;
    ensure!(card.text.contains("lives 12 h"), "{card:?}");
    // Nobody else sees it.
    app.ada().asks("/grant 1003 operator").await?;
    let other = app.gus().asks("/archive_1").await?;
    ensure!(other.text.contains("not yours"), "{other:?}");
    app.lim().presses("Cancel").await?;
    app.lim().sees("was cancelled").await?;
    app.shutdown().await
}

async fn a_file_that_vanished_is_named_and_can_be_sent_again(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    app.lim().asks("/zip Again").await?;
    sends(&app, "here.txt", b"here").await?;
    sends(&app, "gone.txt", b"gone").await?;
    let fault = json!({"method": "getFile", "kind": "error", "code": 400,
        "description": "Bad Request: invalid file_id", "times": 1});
    app.control.post("faults", fault).await?;
    app.lim().presses("Finish").await?;
    app.lim().sees("has vanished at Telegram").await?;
    let path = finished(&app).await?;
    let zip = takes(&mut web.stranger()?, &path, "").await?;
    ensure!(unpacked(&zip)?.len() == 2);
    app.shutdown().await
}

async fn a_second_press_does_nothing_twice(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    let card = app.lim().asks("/zip Twice").await?;
    sends(&app, "a.txt", b"a").await?;
    for _ in 0..3 {
        app.lim().presses_on(&card, "Finish").await.ok();
    }
    let path = finished_once(&app).await?;
    app.idle().await?;
    let built = "SELECT count(*) AS number FROM jobs WHERE kind = 'archive.build'";
    ensure!(app.database.number(built).await? == 1);
    let mut stranger = web.stranger()?;
    let grant = granted(&mut stranger, &path, "").await?;
    let zip = bytes(&stranger, &grant).await?;
    ensure!(unpacked(&zip)?.len() == 1);
    let mut lim = web.browser_of(LIM).await?;
    let page = lim.get("/p/archive").await?;
    ensure!(page.text.contains("Twice"), "{page:?}");
    app.shutdown().await
}

async fn finished_once(app: &vahta_tests::TestApp) -> Result<String> {
    let ready = |message: &vahta_tests::sandbox::Message| message.raw["photo"].is_array();
    let card = app.lim().sees_where("the link's picture", ready).await?;
    path_of(&card.text)
}
