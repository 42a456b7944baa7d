//! Many at once, at one instance and at two: exactly as many as the rule says get a file.

#![allow(clippy::print_stdout, reason = "what was seen is worth reading")]

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use reqwest::{Method, StatusCode};
use vahta_tests::{Ground, WebClient, count, stories};

use super::{Scene, digits, fetch};

stories![of_fifty_at_once_exactly_one_gets_the_last_download];

const CROWD: usize = 50;
/// Two pieces, so that the last byte comes after others.
const SIZE: u64 = 200_000;

/// Each round fifty people ask for the one download there is. In every other round the first winner
/// gives up in the middle: the download comes back, and of fifty others one gets it.
async fn of_fifty_at_once_exactly_one_gets_the_last_download(ground: Ground) -> Result<()> {
    let rounds = count(6, 1_000);
    let mut scene = Scene::on(ground).await?;
    let twin = scene.app.web_of_twin().await?;
    let mut heard = 0;
    for round in 0..rounds {
        let key = scene.gives(SIZE, Some(1)).await?;
        let visitors: Vec<WebClient> = (0..CROWD)
            .map(|n| {
                let web = if n % 2 == 0 { &scene.web } else { &twin };
                let mut visitor = web.stranger()?;
                visitor.from = Some(format!("10.{}.{}.{n}", round / 250, round % 250));
                Ok(visitor)
            })
            .collect::<Result<_>>()?;
        if round % 2 == 1 {
            let links = all_ask(&visitors, &key).await?;
            ensure!(links.len() == 1, "round {round}: {} links", links.len());
            let some = [("range", "bytes=0-99999")];
            let part = fetch(&visitors[0], Method::GET, &links[0], &some).await?;
            ensure!(
                part.bytes.len() == 100_000,
                "round {round}: {}",
                part.status
            );
            scene.leases_end().await?;
            scene.comes_to(&key, 0, 0).await?;
            heard += 1;
        }
        let links = all_ask(&visitors, &key).await?;
        ensure!(links.len() == 1, "round {round}: {} links", links.len());
        // And if it is handed around: of those who follow it at once one gets the last byte.
        let link = &links[0];
        let fetches = visitors
            .iter()
            .map(|visitor| fetch(visitor, Method::GET, link, &[]));
        let mut whole = 0;
        for got in futures::future::join_all(fetches)
            .await
            .into_iter()
            .flatten()
        {
            match got.status {
                StatusCode::OK if got.bytes == digits(0, usize::try_from(SIZE)?) => whole += 1,
                StatusCode::GONE | StatusCode::TOO_MANY_REQUESTS => {}
                status => anyhow::bail!("round {round}: {status}"),
            }
        }
        ensure!(whole == 1, "round {round}: {whole} have the file");
        scene.comes_to(&key, 1, 0).await?;
        ensure!(
            all_ask(&visitors, &key).await?.is_empty(),
            "round {round}: one more"
        );
        heard += 1;
    }
    let told = scene.hears(heard).await?;
    let completed = told
        .iter()
        .filter(|told| told["outcome"] == "completed")
        .count();
    ensure!(completed == rounds, "{completed} of {rounds}");
    println!("{rounds} rounds of {CROWD} on {ground:?}: one each");
    drop(twin);
    scene.ends().await
}

/// Everybody asks at once; the links that were given out.
async fn all_ask(visitors: &[WebClient], key: &str) -> Result<Vec<String>> {
    let path = format!("/pub/gives/{key}");
    let asked = visitors.iter().map(|visitor| async {
        let got = fetch(visitor, Method::POST, &path, &[]).await?;
        ensure!(
            matches!(got.status, StatusCode::SEE_OTHER | StatusCode::CONFLICT),
            "{}",
            got.status
        );
        let link = got.header("location").to_owned();
        Ok((got.status == StatusCode::SEE_OTHER).then_some(link))
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}
