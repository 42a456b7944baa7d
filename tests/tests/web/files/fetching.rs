//! Files as browsers and programs fetch them: whole, in parts, under a safe name and kind.

use anyhow::{Result, ensure};
use bot_core::blobs::NewBlob;
use reqwest::multipart::Part;
use reqwest::{Method, StatusCode};
use vahta_tests::{Ground, stories};

use super::{fetch, form, newest, send, site, store, text, with_shelf};

stories![
    a_file_comes_whole_or_in_the_part_that_is_asked_for,
    a_name_cannot_leave_its_quotes,
    nothing_that_somebody_uploaded_runs_on_the_site,
    an_empty_file_is_a_file,
    the_file_of_another_plugin_is_not_there,
];

async fn a_file_comes_whole_or_in_the_part_that_is_asked_for(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let id = store(&app, &mut ada, text("digits.txt", "0123456789")?).await?;
    let path = format!("/p/pages/files/{id}");
    let whole = fetch(&ada, Method::GET, &path, &[]).await?;
    ensure!(whole.status == StatusCode::OK && whole.bytes == b"0123456789");
    ensure!(whole.header("content-length") == "10");
    ensure!(whole.header("accept-ranges") == "bytes");
    let tag = whole.header("etag").to_owned();
    ensure!(tag.len() == 66, "a SHA-256 in quotes: {tag}");

    let head = fetch(&ada, Method::HEAD, &path, &[("range", "bytes=0-0")]).await?;
    ensure!(head.status == StatusCode::OK, "{}", head.status);
    ensure!(head.header("content-length") == "10" && head.bytes.is_empty());

    for (range, bytes, content) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=4-6", "456", "bytes 4-6/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        for headers in [
            &[("range", range)][..],
            &[("range", range), ("if-range", tag.as_str())],
        ] {
            let part = fetch(&ada, Method::GET, &path, headers).await?;
            ensure!(
                part.status == StatusCode::PARTIAL_CONTENT,
                "{range}: {}",
                part.status
            );
            ensure!(part.bytes == bytes.as_bytes(), "{range}: {:?}", part.bytes);
            ensure!(part.header("content-range") == content, "{range}");
            ensure!(part.header("content-length") == bytes.len().to_string());
        }
    }
    let beyond = fetch(&ada, Method::GET, &path, &[("range", "bytes=10-")]).await?;
    ensure!(beyond.status == StatusCode::RANGE_NOT_SATISFIABLE);
    ensure!(beyond.header("content-range") == "bytes */10" && beyond.bytes.is_empty());
    let changed = [("range", "bytes=0-0"), ("if-range", "\"another\"")];
    let whole = fetch(&ada, Method::GET, &path, &changed).await?;
    ensure!(whole.status == StatusCode::OK && whole.bytes.len() == 10);
    let several = fetch(&ada, Method::GET, &path, &[("range", "bytes=0-1,4-5")]).await?;
    ensure!(several.status == StatusCode::OK && several.bytes.len() == 10);
    let known = fetch(&ada, Method::GET, &path, &[("if-none-match", tag.as_str())]).await?;
    ensure!(known.status == StatusCode::NOT_MODIFIED && known.bytes.is_empty());
    app.shutdown().await
}

async fn a_name_cannot_leave_its_quotes(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let id = store(&app, &mut ada, text("../../etc/от\"чёт.txt", "x")?).await?;
    let got = fetch(&ada, Method::GET, &format!("/p/pages/files/{id}"), &[]).await?;
    let said = got.header("content-disposition");
    let expected = "attachment; filename=\"______.txt\"; \
                    filename*=UTF-8''%D0%BE%D1%82%22%D1%87%D1%91%D1%82.txt";
    ensure!(said == expected, "{said}");
    // What the plugin says that it is called is no more to be trusted.
    let path = format!("/p/pages/files/{id}?as=a%22%0D%0ASet-Cookie:%20x=1%E2%80%AEfdp.exe");
    let got = fetch(&ada, Method::GET, &path, &[]).await?;
    ensure!(!got.headers.contains_key("set-cookie"));
    let said = got.header("content-disposition");
    ensure!(
        said.starts_with("attachment; filename=\"a_Set-Cookie: x=1fdp.exe\"; filename*="),
        "{said}"
    );
    app.shutdown().await
}

async fn nothing_that_somebody_uploaded_runs_on_the_site(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let script = "<script>alert(1)</script>";
    for (name, kind, sent) in [
        ("x.html", "text/html", "application/octet-stream"),
        ("x.svg", "image/svg+xml", "application/octet-stream"),
        (
            "x.xhtml",
            "application/xhtml+xml",
            "application/octet-stream",
        ),
        ("x.js", "text/javascript", "application/octet-stream"),
        ("x.pdf", "application/pdf", "application/pdf"),
    ] {
        let part = Part::text(script).file_name(name).mime_str(kind)?;
        let id = store(&app, &mut ada, part).await?;
        for path in [
            format!("/p/pages/files/{id}"),
            format!("/p/pages/files/{id}/shown"),
        ] {
            let got = fetch(&ada, Method::GET, &path, &[]).await?;
            ensure!(got.status == StatusCode::OK, "{path}");
            let said = got.header("content-disposition");
            ensure!(said.starts_with("attachment;"), "{path}: {said}");
            ensure!(got.header("content-type") == sent, "{path}");
            ensure!(got.header("x-content-type-options") == "nosniff");
            let policy = got.header("content-security-policy");
            ensure!(policy.contains("default-src 'none'; sandbox"), "{policy}");
            ensure!(got.header("cache-control") == "no-store");
        }
    }
    let part = Part::text(script)
        .file_name("x.txt")
        .mime_str("text/plain")?;
    let id = store(&app, &mut ada, part).await?;
    let got = fetch(
        &ada,
        Method::GET,
        &format!("/p/pages/files/{id}/shown"),
        &[],
    )
    .await?;
    ensure!(got.header("content-disposition").starts_with("inline;"));
    ensure!(got.header("content-type") == "text/plain; charset=utf-8");
    app.shutdown().await
}

async fn an_empty_file_is_a_file(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let id = store(&app, &mut ada, text("empty.txt", "")?).await?;
    let path = format!("/p/pages/files/{id}");
    let got = fetch(&ada, Method::GET, &path, &[]).await?;
    ensure!(got.status == StatusCode::OK && got.bytes.is_empty());
    ensure!(got.header("content-length") == "0");
    // Of nothing.
    let tag = "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
    ensure!(got.header("etag") == tag, "{}", got.header("etag"));
    let got = fetch(&ada, Method::GET, &path, &[("range", "bytes=0-")]).await?;
    ensure!(got.status == StatusCode::RANGE_NOT_SATISFIABLE);
    app.shutdown().await
}

async fn the_file_of_another_plugin_is_not_there(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let mut upload = app
        .app
        .blobs
        .begin(NewBlob {
            plugin: "task".into(),
            name: "secret.txt".into(),
            media_type: "text/plain".into(),
            created_by: None,
        })
        .await?;
    upload.write("hands off".into()).await?;
    let blob = upload.finish().await?;
    let got = ada.get(&format!("/p/pages/files/{}", blob.id)).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    ensure!(!got.text.contains("hands off") && !got.text.contains("secret.txt"));
    let kept = app.app.blobs.keep("pages", &blob.id, None).await?;
    let deleted = app.app.blobs.delete("pages", &blob.id).await?;
    ensure!(!kept && !deleted, "nor is it another's to keep or delete");
    // And one whose time is over.
    let lost = form(&ada)
        .text("note", "lose")
        .part("file", text("lost.txt", "x")?);
    send(&mut ada, "/p/pages/files", lost).await?;
    let path = format!("/p/pages/files/{}", newest(&app).await?);
    ensure!(ada.get(&path).await?.status == StatusCode::OK);
    let over = "UPDATE blobs SET expires_at = 1 WHERE plugin = 'pages'";
    app.database.change(over).await?;
    ensure!(ada.get(&path).await?.status == StatusCode::NOT_FOUND);
    app.shutdown().await
}
