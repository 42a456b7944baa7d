//! Whole forms, for scripts and for browsers without script: all files of one, or none.

use anyhow::{Context as _, Result, ensure};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use vahta_tests::stage::ADA;
use vahta_tests::web::Got;
use vahta_tests::{Ground, WebClient, stories};

use super::{any_link, content, heard, left, link, stored, sum, with_links};

stories![
    a_script_brings_files_in_one_form,
    of_a_form_that_does_not_fit_nothing_is_kept,
    of_a_form_that_is_cut_nothing_is_kept,
    a_browser_without_script_comes_back_to_its_page,
    what_somebody_brings_who_is_logged_in_is_in_their_name,
];

fn part(name: &str, bytes: Vec<u8>) -> Result<Part> {
    Ok(Part::bytes(bytes)
        .file_name(name.to_owned())
        .mime_str("text/plain")?)
}

async fn post(client: &mut WebClient, link: &str, form: Form) -> Result<Got> {
    let request = client.request(Method::POST, link).multipart(form);
    client.finish(request).await
}

async fn a_script_brings_files_in_one_form(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let bytes = content(9 * 1024 * 1024);
    let form = Form::new()
        .part("file", part("short.txt", b"hello".to_vec())?)
        .part("file", part("../deep/long.bin", bytes.clone())?)
        .part("file", part("empty.txt", Vec::new())?)
        // As browsers send a field in which nothing was chosen.
        .part("more", part("", Vec::new())?);
    let got = post(&mut client, &link, form).await?;
    ensure!(got.status == StatusCode::CREATED, "{got:?}");
    let said: Value = serde_json::from_str(&got.text)?;
    ensure!(said["files"][1]["name"] == "deep/long.bin", "{said}");
    ensure!(said["files"][1]["sha256"] == sum(&bytes), "{said}");
    let heard = heard(&app).await?;
    ensure!(heard.len() == 3, "{heard:?}");
    let long = heard.iter().find(|told| told["name"] == "long.bin");
    let long = long.context("the long one")?;
    ensure!(
        long["sha256"] == sum(&bytes) && long["size"] == bytes.len(),
        "{long}"
    );
    let now = left(&mut client, &link).await?;
    let used = 64 * 1024 * 1024 - bytes.len() - 5;
    ensure!(now["left_files"] == 7 && now["left_bytes"] == used, "{now}");
    app.shutdown().await
}

async fn of_a_form_that_does_not_fit_nothing_is_kept(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = link(&app, json!({ "key": "k", "max_bytes": 10, "max_files": 2 })).await?;
    let text = |size: usize| part("a.txt", vec![b'a'; size]);
    let too_much = Form::new().part("file", text(6)?).part("file", text(6)?);
    let got = post(&mut client, &link, too_much).await?;
    ensure!(got.status == StatusCode::PAYLOAD_TOO_LARGE, "{got:?}");
    let too_many = Form::new()
        .part("file", text(1)?)
        .part("file", text(1)?)
        .part("file", text(1)?);
    let got = post(&mut client, &link, too_many).await?;
    ensure!(got.status == StatusCode::PAYLOAD_TOO_LARGE, "{got:?}");
    let got = post(&mut client, &link, Form::new().text("file", "none")).await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    ensure!(got.text.contains("no file"), "{got:?}");
    let got = client.post(&link, &[("file", "none")]).await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    ensure!(
        stored(&app).await? == (0, 0, 0),
        "{:?}",
        stored(&app).await?
    );
    let now = left(&mut client, &link).await?;
    ensure!(now["left_files"] == 2 && now["left_bytes"] == 10, "{now}");
    ensure!(heard(&app).await?.is_empty());
    app.shutdown().await
}

async fn of_a_form_that_is_cut_nothing_is_kept(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let host = web.url("").replace("http://", "");
    let mut stream = TcpStream::connect(&host).await?;
    let head = format!(
        "POST {link} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 20000000\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let one = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    stream
        .write_all(format!("{one}whole\r\n{one}").as_bytes())
        .await?;
    stream.write_all(&vec![7; 9 * 1024 * 1024]).await?;
    let second = "SELECT count(*) AS number FROM uploads WHERE size > 5";
    app.database.becomes(second, 1).await?;
    drop(stream);
    let none = "SELECT count(*) AS number FROM blobs";
    app.database.becomes(none, 0).await?;
    ensure!(
        stored(&app).await? == (0, 0, 0),
        "{:?}",
        stored(&app).await?
    );
    let now = left(&mut client, &link).await?;
    ensure!(now["left_files"] == 10, "{now}");
    ensure!(heard(&app).await?.is_empty());
    app.shutdown().await
}

async fn a_browser_without_script_comes_back_to_its_page(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    for (back, status) in [
        ("/pub/takes/bring", StatusCode::SEE_OTHER),
        ("https://evil.example/", StatusCode::CREATED),
        ("//evil.example/", StatusCode::CREATED),
    ] {
        let form = Form::new()
            .text("back", back)
            .part("file", part("a.txt", b"x".to_vec())?);
        let got = post(&mut client, &link, form).await?;
        ensure!(got.status == status, "{back}: {got:?}");
        if status == StatusCode::SEE_OTHER {
            ensure!(got.location() == Some(back), "{got:?}");
        }
    }
    ensure!(heard(&app).await?.len() == 3);
    app.shutdown().await
}

async fn what_somebody_brings_who_is_logged_in_is_in_their_name(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let (mut ada, mut stranger) = (web.browser_of(ADA).await?, web.stranger()?);
    let link = any_link(&app).await?;
    let form = |name: &str| Ok::<_, anyhow::Error>(Form::new().part("file", part(name, vec![1])?));
    post(&mut ada, &link, form("hers")?).await?;
    post(&mut stranger, &link, form("nobodys")?).await?;
    for told in heard(&app).await? {
        let is_hers = told["name"] == "hers";
        ensure!(told["user_id"].is_i64() == is_hers, "{told}");
    }
    app.shutdown().await
}
