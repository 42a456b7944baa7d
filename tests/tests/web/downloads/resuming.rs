//! Downloads in parts, broken off and gone on with.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use vahta_tests::{Ground, stories};

use super::{BIG, Scene, digits, fetch, opens, reads};

stories![
    parts_in_any_order_are_one_download,
    parts_at_the_same_time_are_one_download,
    the_same_part_twice_is_no_download,
    a_download_that_broke_off_goes_on_under_its_link,
    a_download_goes_on_at_another_instance,
    a_file_that_is_sent_again_and_again_is_over,
];

async fn parts_in_any_order_are_one_download(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let size = 1_000_000;
    let key = scene.gives(size, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    for (from, to) in [(500_000, 1_000_000), (0, 200_000), (150_000, 400_000)] {
        let range = format!("bytes={from}-{}", to - 1);
        let part = fetch(&gus, Method::GET, &path, &[("range", &range)]).await?;
        ensure!(
            part.status == StatusCode::PARTIAL_CONTENT,
            "{}",
            part.status
        );
        ensure!(part.bytes == digits(from, to), "{range}");
        ensure!(part.header("content-range") == format!("bytes {from}-{}/{size}", to - 1));
        ensure!(scene.counted(&key).await? == (0, 1), "after {range}");
    }
    let gap = [("range", "bytes=400000-499999")];
    let part = fetch(&gus, Method::GET, &path, &gap).await?;
    ensure!(part.bytes == digits(400_000, 500_000));
    ensure!(scene.counted(&key).await? == (1, 0));
    let again = fetch(&gus, Method::GET, &path, &gap).await?;
    ensure!(again.status == StatusCode::GONE, "{}", again.status);
    let heard = scene.hears(1).await?;
    ensure!(
        heard[0]["outcome"] == "completed" && heard[0]["bytes"] == 1_050_000,
        "{heard:?}"
    );
    scene.ends().await
}

async fn parts_at_the_same_time_are_one_download(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(BIG, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let half = BIG / 2;
    let (low, high) = (format!("bytes=0-{}", half - 1), format!("bytes={half}-"));
    let mut first = opens(&gus, Method::GET, &path, &[("range", &low)]).await?;
    let mut second = opens(&gus, Method::GET, &path, &[("range", &high)]).await?;
    let mut read = reads(&mut first, 1_000).await?;
    while second.chunk().await?.is_some() {}
    ensure!(
        scene.counted(&key).await? == (0, 1),
        "one half is not the whole"
    );
    while let Some(piece) = first.chunk().await? {
        read += piece.len();
    }
    ensure!(read as u64 == half);
    ensure!(scene.counted(&key).await? == (1, 0));
    scene.hears(1).await?;
    scene.ends().await
}

async fn the_same_part_twice_is_no_download(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(1_000, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    for range in ["bytes=0-998", "bytes=0-998", "bytes=-999", "bytes=500-998"] {
        ensure!(scene.counted(&key).await? == (0, 1), "before {range}");
        let part = fetch(&gus, Method::GET, &path, &[("range", range)]).await?;
        ensure!(
            part.status == StatusCode::PARTIAL_CONTENT,
            "{range}: {}",
            part.status
        );
        // The last byte came with the third.
        if range == "bytes=-999" {
            break;
        }
    }
    ensure!(scene.counted(&key).await? == (1, 0));
    scene.hears(1).await?;
    scene.ends().await
}

async fn a_download_that_broke_off_goes_on_under_its_link(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let key = scene.gives(BIG, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let mut broken = opens(&gus, Method::GET, &path, &[]).await?;
    let tag = broken.headers()["etag"].to_str()?.to_owned();
    let read = reads(&mut broken, 1024 * 1024).await?;
    drop(broken);
    // What it was sent is known exactly as soon as the server has seen it go.
    let ended = "SELECT count(*) AS number FROM downloads WHERE claimed = '[]'";
    scene.app.database.becomes(ended, 1).await?;
    let sent = "SELECT sent AS number FROM downloads";
    let sent = u64::try_from(scene.app.database.number(sent).await?)?;
    ensure!(
        (read as u64..BIG).contains(&sent),
        "{read} read, {sent} sent"
    );
    ensure!(scene.counted(&key).await? == (0, 1));

    let range = format!("bytes={read}-");
    let rest = fetch(
        &gus,
        Method::GET,
        &path,
        &[("range", &range), ("if-range", &tag)],
    )
    .await?;
    ensure!(
        rest.status == StatusCode::PARTIAL_CONTENT,
        "{}",
        rest.status
    );
    ensure!(rest.bytes.len() + read == usize::try_from(BIG)?);
    ensure!(scene.counted(&key).await? == (1, 0));
    let heard = scene.hears(1).await?;
    ensure!(heard[0]["outcome"] == "completed", "{heard:?}");
    scene.ends().await
}

async fn a_download_goes_on_at_another_instance(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let twin = scene.app.web_of_twin().await?;
    let key = scene.gives(BIG, Some(1)).await?;
    let path = scene.link(&key).await?;
    let (here, mut there) = (scene.visitor("192.0.2.3")?, twin.stranger()?);
    there.from = Some("192.0.2.4".into());
    let half = BIG / 2;
    let high = format!("bytes={half}-");
    let mut running = opens(&here, Method::GET, &path, &[]).await?;
    let mut read = reads(&mut running, 1_000).await?;
    let rest = fetch(&there, Method::GET, &path, &[("range", &high)]).await?;
    ensure!(rest.bytes.len() as u64 == half, "{}", rest.status);
    // The first half comes from here, and ends the download here.
    let cut = loop {
        match running.chunk().await {
            Ok(Some(piece)) => read += piece.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    ensure!(read as u64 >= half, "{read} bytes came");
    ensure!(
        cut == ((read as u64) < BIG),
        "{read} bytes came, cut: {cut}"
    );
    scene.comes_to(&key, 1, 0).await?;
    let heard = scene.hears(1).await?;
    ensure!(heard[0]["address"] == "192.0.2.3", "{heard:?}");
    drop(twin);
    scene.ends().await
}

async fn a_file_that_is_sent_again_and_again_is_over(ground: Ground) -> Result<()> {
    let mut scene = Scene::on(ground).await?;
    let size = 4 * 1024 * 1024;
    let key = scene.gives(size, Some(1)).await?;
    let path = scene.link(&key).await?;
    let gus = scene.visitor("192.0.2.3")?;
    let all_but_one = format!("bytes=0-{}", size - 2);
    let mut times = 0;
    loop {
        let got = fetch(&gus, Method::GET, &path, &[("range", &all_but_one)]).await?;
        if got.status == StatusCode::GONE {
            break;
        }
        ensure!(got.status == StatusCode::PARTIAL_CONTENT, "{}", got.status);
        times += 1;
        ensure!(times < 20, "it is sent for ever");
    }
    ensure!(times > 4, "a broken connection may ask again: {times}");
    ensure!(scene.counted(&key).await? == (0, 0), "given back");
    ensure!(scene.hears(1).await?[0]["outcome"] == "aborted");
    scene.ends().await
}
