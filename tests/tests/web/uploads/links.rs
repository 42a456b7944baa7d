//! What a link allows, and what it refuses before bytes are spent.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_tests::{Ground, Stage, stories};

use super::{
    announce, any_link, begin, begins, header, heard, left, link, metadata, offset, sends, stored,
    with_links,
};

stories![
    what_is_announced_is_reserved_and_what_is_given_up_is_free,
    of_many_announcements_at_once_no_more_fit_than_the_link_allows,
    a_link_that_is_revoked_ends_what_is_under_way_and_looks_unknown,
    a_link_whose_time_is_over_says_so,
    what_does_not_fit_the_protocol_is_told,
    only_kinds_of_files_that_fit_are_taken,
    a_page_of_another_site_brings_nothing,
    a_disk_without_room_is_told_before_bytes_are_spent,
    a_link_is_a_right_and_not_written_into_the_log,
    a_grant_that_makes_no_sense_is_refused,
    a_public_page_carries_the_drop_zone_and_the_sites_looks,
];

async fn what_is_announced_is_reserved_and_what_is_given_up_is_free(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = link(&app, json!({ "key": "k", "max_bytes": 10, "max_files": 2 })).await?;
    let first = begins(&mut client, &link, "a", 6).await?;
    let got = announce(&mut client, &link, "b", 6).await?;
    ensure!(got.status == StatusCode::PAYLOAD_TOO_LARGE, "{got:?}");
    ensure!(got.text.contains("4 bytes of 10 bytes are left"), "{got:?}");
    let second = begins(&mut client, &link, "b", 4).await?;
    let got = announce(&mut client, &link, "c", 0).await?;
    ensure!(got.status == StatusCode::PAYLOAD_TOO_LARGE, "{got:?}");
    ensure!(got.text.contains("No more than 2 files"), "{got:?}");
    sends(&mut client, &first, 0, "123").await?;
    let got = client.send(Method::DELETE, &first, &[], None).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    let got = client.send(Method::DELETE, &first, &[], None).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    let now = left(&mut client, &link).await?;
    ensure!(now["left_bytes"] == 6 && now["left_files"] == 1, "{now}");
    sends(&mut client, &second, 0, "1234").await?;
    // What is whole is the plugin's: it stays, and stays counted.
    let got = client.send(Method::DELETE, &second, &[], None).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    ensure!(heard(&app).await?.len() == 1);
    let now = left(&mut client, &link).await?;
    ensure!(now["left_bytes"] == 6 && now["left_files"] == 1, "{now}");
    ensure!(stored(&app).await? == (1, 1, 1));
    app.shutdown().await
}

async fn of_many_announcements_at_once_no_more_fit_than_the_link_allows(
    ground: Ground,
) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let link = link(
        &app,
        json!({ "key": "k", "max_bytes": 50, "max_files": 100 }),
    )
    .await?;
    let all = (0..30).map(|_| {
        let client = web.stranger();
        let link = &link;
        async move { announce(&mut client?, link, "a", 10).await }
    });
    let answered = futures::future::try_join_all(all).await?;
    let taken = answered
        .iter()
        .filter(|got| got.status == StatusCode::CREATED)
        .count();
    let refused = answered
        .iter()
        .filter(|got| got.status == StatusCode::PAYLOAD_TOO_LARGE)
        .count();
    ensure!((taken, refused) == (5, 25), "{answered:?}");
    app.shutdown().await
}

async fn a_link_that_is_revoked_ends_what_is_under_way_and_looks_unknown(
    ground: Ground,
) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let (link, other) = (any_link(&app).await?, any_link(&app).await?);
    let file = begins(&mut client, &link, "a", 6).await?;
    sends(&mut client, &file, 0, "123").await?;
    let said = app.ada().asks("/ends k").await?.text;
    ensure!(said == "Ended: 2", "{said}");
    ensure!(app.ada().asks("/ends k").await?.text == "Ended: 0");
    let got = sends(&mut client, &file, 3, "456").await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    ensure!(stored(&app).await? == (0, 0, 0));
    let unknown = client.get("/u/AAAAAAAAAAAAAAAAAAAAAA").await?;
    for link in [&link, &other, "/u/x"] {
        let got = client.get(link).await?;
        ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
        let said = |text: &str| -> Result<Value> {
            let mut said: Value = serde_json::from_str(text)?;
            said["request_id"] = Value::Null;
            Ok(said)
        };
        ensure!(said(&got.text)? == said(&unknown.text)?, "{got:?}");
    }
    ensure!(heard(&app).await?.is_empty());
    app.shutdown().await
}

async fn a_link_whose_time_is_over_says_so(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let file = begins(&mut client, &link, "a", 6).await?;
    app.database
        .change("UPDATE upload_grants SET expires_at = 1")
        .await?;
    for got in [
        client.get(&link).await?,
        announce(&mut client, &link, "b", 1).await?,
        sends(&mut client, &file, 0, "123456").await?,
    ] {
        ensure!(got.status == StatusCode::GONE, "{got:?}");
        ensure!(got.text.contains("time is over"), "{got:?}");
    }
    app.shutdown().await
}

async fn what_does_not_fit_the_protocol_is_told(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let files = format!("{link}/files");
    let got = client.send(Method::OPTIONS, &files, &[], None).await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    ensure!(header(&got.headers, "tus-version") == "1.0.0", "{got:?}");
    ensure!(header(&got.headers, "tus-extension").contains("termination"));
    let other = [("tus-resumable", "0.2.2"), ("upload-length", "1")];
    let got = client.send(Method::POST, &files, &other, None).await?;
    ensure!(got.status == StatusCode::PRECONDITION_FAILED, "{got:?}");
    ensure!(header(&got.headers, "tus-version") == "1.0.0", "{got:?}");
    for length in ["", "-1", "x", "99999999999999999999", "9223372036854775808"] {
        let got = client
            .send(Method::POST, &files, &[("upload-length", length)], None)
            .await?;
        ensure!(got.status == StatusCode::BAD_REQUEST, "{length}: {got:?}");
    }
    let odd = [("upload-length", "1"), ("upload-metadata", "filename !!!")];
    let got = client.send(Method::POST, &files, &odd, None).await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    let file = begins(&mut client, &link, "a", 6).await?;
    sends(&mut client, &file, 0, "12").await?;
    let got = sends(&mut client, &file, 0, "12").await?;
    ensure!(got.status == StatusCode::CONFLICT, "{got:?}");
    ensure!(header(&got.headers, "tus-resumable") == "1.0.0", "{got:?}");
    let got = sends(&mut client, &file, 2, "34567").await?;
    ensure!(got.status == StatusCode::PAYLOAD_TOO_LARGE, "{got:?}");
    let without_length = futures::stream::iter([Ok::<_, std::io::Error>("34567")]);
    let body = reqwest::Body::wrap_stream(without_length);
    let got = sends(&mut client, &file, 2, body).await?;
    ensure!(got.status == StatusCode::PAYLOAD_TOO_LARGE, "{got:?}");
    ensure!(
        offset(&mut client, &file).await? == 2,
        "nothing of it counts"
    );
    let plain = [("content-type", "text/plain"), ("upload-offset", "2")];
    let got = client
        .send(Method::PATCH, &file, &plain, Some("3456".into()))
        .await?;
    ensure!(got.status == StatusCode::UNSUPPORTED_MEDIA_TYPE, "{got:?}");
    let got = client.send(Method::PUT, &file, &[], None).await?;
    ensure!(got.status == StatusCode::METHOD_NOT_ALLOWED, "{got:?}");
    // Another link's file is nobody's here.
    let other = any_link(&app).await?;
    let (_, id) = file.rsplit_once('/').context("an id")?;
    let elsewhere = format!("{other}/files/{id}");
    let got = sends(&mut client, &elsewhere, 2, "3456").await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    let got = client.send(Method::DELETE, &elsewhere, &[], None).await?;
    ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    let got = sends(&mut client, &file, 2, "3456").await?;
    ensure!(got.status == StatusCode::NO_CONTENT, "{got:?}");
    app.shutdown().await
}

async fn only_kinds_of_files_that_fit_are_taken(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let kinds = json!({
        "key": "k", "max_bytes": 10, "max_files": 2, "media_types": ["image/*", "text/csv"],
    });
    let link = link(&app, kinds).await?;
    let got = announce(&mut client, &link, "a.txt", 1).await?;
    ensure!(got.status == StatusCode::UNSUPPORTED_MEDIA_TYPE, "{got:?}");
    ensure!(got.text.contains("image/*, text/csv"), "{got:?}");
    let request = client
        .request(Method::POST, &format!("{link}/files"))
        .header("upload-length", 1)
        .header("upload-metadata", metadata("a.png", "image/png"));
    let got = client.finish(request).await?;
    ensure!(got.status == StatusCode::CREATED, "{got:?}");
    app.shutdown().await
}

async fn a_page_of_another_site_brings_nothing(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let headers = [foreign, ("upload-length", "1")];
        let got = client
            .send(Method::POST, &format!("{link}/files"), &headers, None)
            .await?;
        ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    }
    ensure!(stored_nothing(&app).await?);
    app.shutdown().await
}

/// Also where the store has no folder yet.
async fn stored_nothing(stage: &Stage) -> Result<bool> {
    let rows = "SELECT count(*) AS number FROM blobs";
    Ok(stage.database.number(rows).await? == 0)
}

async fn a_disk_without_room_is_told_before_bytes_are_spent(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground)
        .await?
        .with("VAHTA_BLOB_RESERVE_MB", 1_000_000_000_000_u64);
    let mut app = begin(stage).await?;
    app.expect("the blob store has no room");
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let got = announce(&mut client, &link, "a", 6).await?;
    ensure!(got.status == StatusCode::INSUFFICIENT_STORAGE, "{got:?}");
    let now = left(&mut client, &link).await?;
    ensure!(now["left_files"] == 10, "{now}");
    app.shutdown().await
}

async fn a_link_is_a_right_and_not_written_into_the_log(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let link = any_link(&app).await?;
    let file = begins(&mut client, &link, "a", 6).await?;
    sends(&mut client, &file, 0, "123456").await?;
    announce(&mut client, &link, "a", usize::MAX / 4).await?;
    app.idle().await?;
    ensure!(app.notes.mention("/u/***/files"));
    let token = link.trim_start_matches("/u/");
    ensure!(!app.notes.mention(token), "the token is in the log");
    app.shutdown().await
}

async fn a_grant_that_makes_no_sense_is_refused(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    for (grant, why) in [
        (json!({ "key": "", "max_bytes": 1, "max_files": 1 }), "key"),
        (
            json!({ "key": "k", "max_bytes": 0, "max_files": 1 }),
            "max_bytes",
        ),
        (
            json!({ "key": "k", "max_bytes": 1, "max_files": 0 }),
            "max_files",
        ),
        (
            json!({ "key": "k", "max_bytes": 1, "max_files": 1, "seconds": 0 }),
            "past",
        ),
    ] {
        let said = app.ada().asks(&format!("/takes {grant}")).await?.text;
        ensure!(said.contains(why), "{grant}: {said}");
    }
    app.shutdown().await
}

async fn a_public_page_carries_the_drop_zone_and_the_sites_looks(ground: Ground) -> Result<()> {
    let app = with_links(ground).await?;
    let web = app.web().await?;
    let mut client = web.stranger()?;
    let page = client.get("/pub/takes/bring").await?;
    ensure!(page.status == StatusCode::OK, "{page:?}");
    for part in [
        "<title>Bring files",
        "/assets/site-",
        "/assets/drop-",
        "data-upload=\"/u/",
    ] {
        ensure!(page.text.contains(part), "{part}: {page:?}");
    }
    ensure!(!page.text.contains("class=\"places\""), "{page:?}");
    let page = client.get("/pub/takes/as-it-is").await?;
    ensure!(page.text == "<p>As it is", "{page:?}");
    app.shutdown().await
}
