//! Whatever is wrong with an upload: it is said why, and nothing is left.

use anyhow::{Result, ensure};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use vahta_tests::stage::LIM;
use vahta_tests::{Ground, Stage, stories};

use super::{begin, form, nothing_is_stored, send, site, stored, text, with_shelf};

stories![
    a_form_of_another_site_stores_nothing,
    who_may_not_write_uploads_nothing,
    more_than_the_limit_is_refused_and_nothing_is_left,
    what_a_plugin_refuses_is_not_kept,
    a_full_disk_takes_no_more,
    an_address_that_takes_no_files_says_so,
    a_name_that_cannot_be_read_loses_no_file_in_silence,
];

const PAGE: &str = "/p/pages/files";
const API: &str = "/api/v1/p/pages/files";

async fn a_form_of_another_site_stores_nothing(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let token = ada.csrf.clone().unwrap_or_default();
    let file = || text("x.txt", "x");
    for forged in [
        Form::new().part("file", file()?),
        Form::new().text("csrf", "guessed").part("file", file()?),
        Form::new().text("csrf", "").part("file", file()?),
        // Too late: the file would have been stored.
        Form::new()
            .part("file", file()?)
            .text("csrf", token.clone()),
        Form::new()
            .text("note", "x")
            .text("csrf", token.clone())
            .part("file", file()?),
        // A file is no field.
        Form::new()
            .part("csrf", Part::text(token.clone()).file_name("csrf"))
            .part("file", file()?),
        Form::new().text("note", "no token, no file"),
    ] {
        let got = send(&mut ada, PAGE, forged).await?;
        ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
        ensure!(got.text.contains("out of date"), "{got:?}");
    }
    let foreign = ada
        .request(Method::POST, PAGE)
        .header("sec-fetch-site", "cross-site");
    let foreign = foreign.multipart(form(&ada).part("file", file()?));
    let got = ada.finish(foreign).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    nothing_is_stored(&app).await?;
    // The header says it as well, as the script sends it.
    let request = ada
        .request(Method::POST, PAGE)
        .header("x-csrf-token", token);
    let request = request.multipart(Form::new().part("file", file()?));
    let got = ada.finish(request).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.shutdown().await
}

async fn who_may_not_write_uploads_nothing(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    app.lim_is_operator().await?;
    let (web, _) = site(&app).await?;
    let mut lim = web.browser_of(LIM).await?;
    let big = "x".repeat(2 * 1024 * 1024);
    let filled = form(&lim).part("file", text("x.txt", &big)?);
    let got = send(&mut lim, PAGE, filled).await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    ensure!(got.text.contains("pages.write"), "{got:?}");
    let mut stranger = web.stranger()?;
    let filled = form(&stranger).part("file", text("x.txt", &big)?);
    let got = send(&mut stranger, API, filled).await?;
    ensure!(got.status == StatusCode::UNAUTHORIZED, "{got:?}");
    nothing_is_stored(&app).await?;
    app.shutdown().await
}

async fn more_than_the_limit_is_refused_and_nothing_is_left(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let mib = "x".repeat(1024 * 1024);
    let kind = ("content-type", "multipart/form-data; boundary=b");
    let too_large = StatusCode::PAYLOAD_TOO_LARGE;
    // Said before the body comes ...
    let filled = form(&ada).part("file", text("big.txt", &mib.repeat(8))?);
    let got = send(&mut ada, API, filled).await?;
    ensure!(
        got.status == too_large && got.text.contains("1 MiB together"),
        "{got:?}"
    );
    // ... found while it comes, by one byte ...
    let filled = form(&ada).part("file", text("big.txt", &format!("{mib}x"))?);
    let got = send(&mut ada, API, filled).await?;
    ensure!(
        got.status == too_large && got.text.contains("1 MiB together"),
        "{got:?}"
    );
    // ... or by the second file.
    let filled = form(&ada)
        .part("file", text("small.txt", "x")?)
        .part("file", text("big.txt", &mib)?);
    let got = send(&mut ada, API, filled).await?;
    ensure!(got.status == too_large, "{got:?}");
    let three = form(&ada)
        .part("file", text("1.txt", "1")?)
        .part("file", text("2.txt", "2")?)
        .part("file", text("3.txt", "3")?);
    let got = send(&mut ada, API, three).await?;
    ensure!(
        got.status == too_large && got.text.contains("many-files"),
        "{got:?}"
    );
    let picture = Part::text("x").file_name("x.png").mime_str("image/png")?;
    let filled = form(&ada)
        .part("file", text("1.txt", "1")?)
        .part("file", picture);
    let got = send(&mut ada, API, filled).await?;
    ensure!(got.status == StatusCode::UNSUPPORTED_MEDIA_TYPE, "{got:?}");
    ensure!(got.text.contains("text/*"), "{got:?}");
    // Fields are as small as ever.
    let filled = form(&ada).text("note", "x".repeat(70_000));
    let got = send(&mut ada, API, filled).await?;
    ensure!(got.status == too_large, "{got:?}");
    let zero = form(&ada)
        .part("file", text("1.txt", "1")?)
        .text("note", "a\0b");
    let got = send(&mut ada, API, zero).await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    let token = ada.csrf.clone().unwrap_or_default();
    let headers = [kind, ("x-csrf-token", token.as_str())];
    for broken in [
        "",
        "no form",
        "--b\r\n\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nhalf",
    ] {
        let got = ada
            .send(Method::POST, API, &headers, Some(broken.into()))
            .await?;
        ensure!(got.status == StatusCode::BAD_REQUEST, "{broken:?}: {got:?}");
    }
    nothing_is_stored(&app).await?;
    // Exactly the limit fits.
    let filled = form(&ada).part("file", text("mib.txt", &mib)?);
    let got = send(&mut ada, API, filled).await?;
    ensure!(got.status == StatusCode::OK, "{got:?}");
    app.shutdown().await
}

async fn what_a_plugin_refuses_is_not_kept(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let refused = form(&ada)
        .text("note", "refuse")
        .part("file", text("x.txt", "x")?);
    let got = send(&mut ada, PAGE, refused).await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    ensure!(got.text.contains("Not today."), "{got:?}");
    ensure!(stored(&app).await? == (0, 0));
    app.ada().asks("/plugin pages disable").await?;
    let away = form(&ada).part("file", text("x.txt", "x")?);
    let got = send(&mut ada, PAGE, away).await?;
    ensure!(got.status == StatusCode::SERVICE_UNAVAILABLE, "{got:?}");
    ensure!(stored(&app).await? == (0, 0));
    app.shutdown().await
}

async fn a_full_disk_takes_no_more(ground: Ground) -> Result<()> {
    // No disk has so much left.
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_BLOB_RESERVE_MB", 1_000_000_000_000_u64);
    let mut app = begin(stage).await?;
    app.expect("the blob store has no room");
    let (_web, mut ada) = site(&app).await?;
    let filled = form(&ada).part("file", text("x.txt", "x")?);
    let got = send(&mut ada, PAGE, filled).await?;
    ensure!(got.status == StatusCode::INSUFFICIENT_STORAGE, "{got:?}");
    ensure!(got.text.contains("takes no more files"), "{got:?}");
    ensure!(stored(&app).await? == (0, 0));
    app.shutdown().await
}

async fn an_address_that_takes_no_files_says_so(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let filled = form(&ada).part("file", text("x.txt", "x")?);
    let got = send(&mut ada, "/p/pages", filled).await?;
    ensure!(got.status == StatusCode::UNSUPPORTED_MEDIA_TYPE, "{got:?}");
    ensure!(got.text.contains("takes no files"), "{got:?}");
    ensure!(stored(&app).await? == (0, 0));
    app.shutdown().await
}

async fn a_name_that_cannot_be_read_loses_no_file_in_silence(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let token = ada.csrf.clone().unwrap_or_default();
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\""
    )
    .into_bytes();
    body.extend(b"\xff\xfe.bin\"\r\nContent-Type: text/plain\r\n\r\nDATA\r\n--b--\r\n");
    let request = ada
        .request(Method::POST, PAGE)
        .header("content-type", "multipart/form-data; boundary=b")
        .body(body);
    let got = ada.finish(request).await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    ensure!(got.text.contains("UTF-8"), "{got:?}");
    nothing_is_stored(&app).await?;
    app.shutdown().await
}
