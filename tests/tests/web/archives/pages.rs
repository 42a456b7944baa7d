//! In the browser: pages, the API, and files that others bring.

use anyhow::{Context as _, Result, ensure};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::{Ground, Stage, WebClient, stories};

use super::{api, begin, entry, takes, unpacked, with_archives};

stories![
    an_archive_is_made_and_given_out_by_the_api,
    the_pages_do_what_the_chat_does,
    others_bring_files_by_a_link,
    whoever_has_no_room_is_told_so,
    one_sees_ones_own_and_who_may_sees_all,
];

/// The core tells of uploads by jobs.
const FILES: &str = "SELECT count(*) AS number FROM archive_files";

/// Brings a file by the core's way in.
async fn brings(
    client: &mut WebClient,
    path: &str,
    name: &str,
    bytes: &[u8],
) -> Result<StatusCode> {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let request = client.request(Method::POST, path);
    let got = client
        .finish(request.multipart(Form::new().part("file", part)))
        .await?;
    Ok(got.status)
}

async fn an_archive_is_made_and_given_out_by_the_api(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    let new = json!({"name": "Backups", "description": "nightly"});
    let (status, made) = api(&mut lim, Method::POST, "/archives", Some(new)).await?;
    ensure!(
        status == StatusCode::OK && made["state"] == "collecting",
        "{made}"
    );
    let upload = made["upload_path"]
        .as_str()
        .context("a place for files")?
        .to_owned();
    let mut script = web.stranger()?;
    for (name, bytes) in [("db.sql", &b"CREATE"[..]), ("empty", b"")] {
        let status = brings(&mut script, &upload, name, bytes).await?;
        ensure!(status.is_success(), "{status}");
    }
    app.database.becomes(FILES, 2).await?;
    let change = json!({"password": "sesame", "most_downloads": 2, "lifetime": "2 days"});
    let (status, changed) = api(&mut lim, Method::PATCH, "/archives/1", Some(change)).await?;
    ensure!(
        status == StatusCode::OK && changed["has_password"] == true,
        "{changed}"
    );
    ensure!(
        changed["lifetime_s"] == 172_800 && changed["most_downloads"] == 2,
        "{changed}"
    );
    for wrong in [
        json!({"name": "a/b"}),
        json!({"size": 1}),
        json!({"most_downloads": 0}),
        json!([]),
    ] {
        let (status, said) =
            api(&mut lim, Method::PATCH, "/archives/1", Some(wrong.clone())).await?;
        ensure!(
            status == StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}: {said}"
        );
    }
    let (status, _) = api(&mut lim, Method::POST, "/archives/1/build", None).await?;
    ensure!(status == StatusCode::OK);
    let ready = "SELECT count(*) AS number FROM archive_archives WHERE state = 2";
    app.database.becomes(ready, 1).await?;
    let (_, made) = api(&mut lim, Method::GET, "/archives/1", None).await?;
    let path = made["path"].as_str().context("a path")?.to_owned();
    let zip = takes(&mut script, &path, "sesame").await?;
    ensure!(unpacked(&zip)? == [entry("db.sql", b"CREATE"), entry("empty", b"")]);
    let downloads = "SELECT count(*) AS number FROM archive_downloads";
    app.database.becomes(downloads, 1).await?;
    let (_, statistics) = api(&mut lim, Method::GET, "/archives/1/statistics", None).await?;
    ensure!(statistics["downloads"] == 1, "{statistics}");
    let (status, gone) = api(&mut lim, Method::DELETE, "/archives/1", None).await?;
    ensure!(
        status == StatusCode::OK && gone["state"] == "revoked",
        "{gone}"
    );
    let (_, all) = api(&mut lim, Method::GET, "/archives", None).await?;
    ensure!(all[0]["name"] == "Backups", "{all}");
    app.shutdown().await
}

async fn the_pages_do_what_the_chat_does(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    let got = lim.post("/p/archive", &[("name", "a/b")]).await?;
    ensure!(
        got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("has no /"),
        "{got:?}"
    );
    let got = lim.post("/p/archive", &[("name", "Pictures.zip")]).await?;
    ensure!(got.location() == Some("/p/archive/1"), "{got:?}");
    let page = lim.get("/p/archive/1").await?;
    let upload = upload_of(&page.text)?;
    let again = lim.get("/p/archive/1").await?;
    ensure!(
        upload_of(&again.text)? == upload,
        "one way in, however often one looks"
    );
    for (number, name) in [(1, "one.txt"), (2, "two.txt")] {
        let status = brings(&mut web.stranger()?, &upload, name, name.as_bytes()).await?;
        ensure!(status.is_success(), "{status}");
        app.database.becomes(FILES, number).await?;
    }
    let page = lim.get("/p/archive/1").await?;
    ensure!(
        page.text.contains("one.txt") && page.text.contains("2 files"),
        "{page:?}"
    );
    lim.post("/p/archive/1/files/1/drop", &[]).await?;
    let edit = [
        ("name", "Pictures"),
        ("description", "<b>of us</b>"),
        ("limit", "5"),
    ];
    let got = lim.post("/p/archive/1/edit", &edit).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    let got = lim
        .post(
            "/p/archive/1/edit",
            &[("name", "Pictures"), ("lifetime", "never")],
        )
        .await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    lim.post("/p/archive/1/act", &[("act", "finish")]).await?;
    let ready = "SELECT count(*) AS number FROM archive_archives WHERE state = 2";
    app.database.becomes(ready, 1).await?;
    let page = lim.get("/p/archive/1").await?;
    ensure!(
        page.text.contains("/pub/archive/a/") && page.text.contains("0 / 5"),
        "{page:?}"
    );
    let own = lim.get("/p/archive/1/zip").await?;
    ensure!(own.status == StatusCode::OK, "{own:?}");
    let path = super::path_of(&page.text[page.text.find("id=\"link\"").context("a link")?..])?;
    let path = path.split('"').next().unwrap_or_default();
    let landing = web.stranger()?.get(path).await?;
    ensure!(
        landing.text.contains("&lt;b&gt;of us") && landing.text.contains("two.txt"),
        "{landing:?}"
    );
    ensure!(!landing.text.contains("one.txt"));
    lim.post("/p/archive/1/act", &[("act", "relink")]).await?;
    let old = web.stranger()?.get(path).await?;
    ensure!(
        old.status == StatusCode::NOT_FOUND,
        "the old link opens nothing: {old:?}"
    );
    app.shutdown().await
}

fn upload_of(page: &str) -> Result<String> {
    let at = page.find("data-upload=\"").context("a drop zone")?;
    let rest = &page[at + "data-upload=\"".len()..];
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

async fn others_bring_files_by_a_link(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    lim.post("/p/archive", &[("name", "From you")]).await?;
    lim.post("/p/archive/1/act", &[("act", "request")]).await?;
    let page = lim.get("/p/archive/1").await?;
    let at = page.text.find("/pub/archive/r/").context("a link")?;
    let link = page.text[at..]
        .split(['<', '"'])
        .next()
        .unwrap_or_default()
        .to_owned();
    let mut stranger = web.stranger()?;
    let asked = stranger.get(&link).await?;
    ensure!(asked.text.contains("From you"), "{asked:?}");
    let upload = upload_of(&asked.text)?;
    let status = brings(&mut stranger, &upload, "yours.txt", b"yours").await?;
    ensure!(status.is_success(), "{status}");
    app.database.becomes(FILES, 1).await?;
    let page = lim.get("/p/archive/1").await?;
    ensure!(page.text.contains("yours.txt"), "{page:?}");
    lim.post("/p/archive/1/act", &[("act", "finish")]).await?;
    let late = stranger.get(&link).await?;
    ensure!(late.status == StatusCode::NOT_FOUND, "{late:?}");
    app.idle().await?;
    app.shutdown().await
}

async fn whoever_has_no_room_is_told_so(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?;
    vahta_rows::migrate::run(stage.database.db(), bot_core::storage::migrations()).await?;
    let small = "INSERT INTO plugins \
        (name, enabled, generation, settings, updated_at, settings_version) VALUES ('archive', \
        TRUE, 0, '{\"max_files\": 2, \"max_archive_mb\": 1, \"quota_mb\": 2}', 0, 1)";
    stage.database.change(small).await?;
    let app = begin(stage).await?;
    app.lim().asks("/zip Small").await?;
    let send = |name: &'static str, size: usize| {
        let bytes = vec![b'x'; size];
        let lim = app.lim();
        async move { lim.sends("document", name, &bytes, json!({})).await }
    };
    send("big.bin", 1_000_001).await?;
    app.lim().sees("holds 1.0 MB at most").await?;
    send("a.bin", 10).await?;
    send("b.bin", 10).await?;
    send("c.bin", 10).await?;
    app.lim().sees("2 files at most").await?;
    app.shutdown().await
}

async fn one_sees_ones_own_and_who_may_sees_all(ground: Ground) -> Result<()> {
    let app = with_archives(ground).await?;
    let web = app.web().await?;
    app.lim().asks("/zip Lims").await?;
    app.ada().asks("/zip Adas").await?;
    app.idle().await?;
    let (mut ada, mut lim) = (web.browser_of(ADA).await?, web.browser_of(LIM).await?);
    for path in [
        "/p/archive/2",
        "/p/archive/2/zip",
        "/p/archive/2/downloads.csv",
    ] {
        let got = lim.get(path).await?;
        ensure!(got.status == StatusCode::NOT_FOUND, "{path}: {got:?}");
    }
    let got = lim.post("/p/archive/2/act", &[("act", "cancel")]).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    let own = lim.get("/p/archive?whose=all").await?;
    ensure!(
        own.text.contains("Lims") && !own.text.contains("Adas"),
        "{own:?}"
    );
    let all = ada.get("/p/archive?whose=all").await?;
    ensure!(
        all.text.contains("Lims") && all.text.contains("Adas"),
        "{all:?}"
    );
    app.shutdown().await
}
