//! The logs: long lists go on without gap or repetition while they grow, and filters hold.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use vahta_tests::stage::{ADA, GUS};
use vahta_tests::web::WebClient;
use vahta_tests::{Ground, Stage, TestApp, stories};

stories![
    messages_page_while_new_ones_arrive,
    calls_page_while_new_ones_arrive,
    filters_of_a_log_stay_with_its_pages,
    a_filter_that_cannot_be_read_is_named,
];

/// As many as two and a half pages show.
const MANY: usize = 125;

async fn put_messages(app: &TestApp, from: usize, to: usize) -> Result<()> {
    let rows: Vec<String> = (from..to)
        .map(|number| {
            // Every fifth is the bot's own; every third speaks of tea.
            let outgoing = if number % 5 == 0 { "TRUE" } else { "FALSE" };
            let what = if number % 3 == 0 { "Tea" } else { "coffee" };
            format!("({outgoing}, {ADA}, {ADA}, 'message', '{what} no {number:03}.', {number})")
        })
        .collect();
    let insert = format!(
        "INSERT INTO message_logs (outgoing, chat_id, telegram_id, kind, text, at) VALUES {}",
        rows.join(", ")
    );
    app.database.change(&insert).await.map(drop)
}

async fn put_calls(app: &TestApp, from: usize, to: usize) -> Result<()> {
    let rows: Vec<String> = (from..to)
        .map(|number| {
            let (status, error) = if number % 4 == 0 {
                (429, "'slow down'")
            } else {
                (200, "NULL")
            };
            let method = if number % 2 == 0 {
                "EvenCall"
            } else {
                "OddCall"
            };
            format!(
                "('{method}', {ADA}, 'no {number:03}.', 0, {status}, {error}, 1, 0, 1000, {number})"
            )
        })
        .collect();
    let insert = format!(
        "INSERT INTO api_logs (method, chat_id, plugin, lane, status, error, attempt, waited_us, elapsed_us, at) \
         VALUES {}",
        rows.join(", ")
    );
    app.database.change(&insert).await.map(drop)
}

/// The marks `no 007.` of a page, in its order.
fn numbers(page: &str) -> Vec<usize> {
    page.split("no ")
        .skip(1)
        .filter_map(|rest| rest.split_once('.')?.0.parse().ok())
        .collect()
}

/// Where "older" leads.
fn older(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("rel=\"next\" href=\"")?;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

/// Reads all pages; between two of them, `grow` is given the page's number.
async fn read_all(
    client: &mut WebClient,
    path: &str,
    mut grow: impl AsyncFnMut(usize) -> Result<()>,
) -> Result<Vec<usize>> {
    let (mut path, mut found) = (path.to_owned(), Vec::new());
    for page in 0..50 {
        let got = client.get(&path).await?;
        ensure!(got.status == StatusCode::OK, "{path}: {got:?}");
        found.extend(numbers(&got.text));
        match older(&got.text) {
            Some(next) => path = next,
            None => return Ok(found),
        }
        grow(page).await?;
    }
    anyhow::bail!("{path} has no end")
}

fn whole(found: &[usize]) -> Result<()> {
    let expected: Vec<usize> = (0..MANY).rev().collect();
    ensure!(found == expected, "newest first, each once: {found:?}");
    Ok(())
}

async fn messages_page_while_new_ones_arrive(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    app.idle().await?;
    let mut ada = web.browser_of(ADA).await?;
    put_messages(&app, 0, MANY).await?;
    let path = format!("/messages?chat={ADA}&q=no+");
    let found = read_all(&mut ada, &path, async |page| {
        put_messages(&app, 200 + 40 * page, 240 + 40 * page).await
    })
    .await?;
    whole(&found)?;
    // From the top again: what came meanwhile is first.
    let top = numbers(&ada.get(&path).await?.text);
    ensure!(top.first().is_some_and(|number| *number >= 200), "{top:?}");
    app.shutdown().await
}

async fn calls_page_while_new_ones_arrive(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    app.idle().await?;
    let mut ada = web.browser_of(ADA).await?;
    put_calls(&app, 0, MANY).await?;
    let found = read_all(&mut ada, "/calls", async |page| {
        put_calls(&app, 200 + 40 * page, 240 + 40 * page).await
    })
    .await?;
    whole(&found)?;
    let failed = read_all(&mut ada, "/calls?result=failed", async |_| Ok(())).await?;
    ensure!(
        !failed.is_empty() && failed.iter().all(|number| number % 4 == 0),
        "{failed:?}"
    );
    let of_one = read_all(
        &mut ada,
        "/calls?method=OddCall&result=ok",
        async |_| Ok(()),
    )
    .await?;
    ensure!(
        !of_one.is_empty() && of_one.iter().all(|number| number % 2 == 1),
        "{of_one:?}"
    );
    ensure!(of_one.iter().collect::<BTreeSet<_>>().len() == of_one.len());
    app.shutdown().await
}

async fn filters_of_a_log_stay_with_its_pages(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.gus().says("Does anybody want tea?").await?;
    app.ada().asks("/whoami").await?;
    app.idle().await?;
    let mut ada = web.browser_of(ADA).await?;
    put_messages(&app, 0, 400).await?;
    let all = async |ada: &mut WebClient, path: &str| read_all(ada, path, async |_| Ok(())).await;
    let tea = all(&mut ada, &format!("/messages?q=tEA&chat={ADA}")).await?;
    ensure!(
        tea.len() == 134 && tea.iter().all(|n| n % 3 == 0),
        "{tea:?}"
    );
    let own = all(&mut ada, &format!("/messages?q=no+&way=out&chat={ADA}")).await?;
    ensure!(own.len() == 80 && own.iter().all(|n| n % 5 == 0), "{own:?}");
    let both = all(&mut ada, &format!("/messages?q=tea&way=in&sender={ADA}")).await?;
    ensure!(
        both.len() == 107 && both.iter().all(|n| n % 3 == 0 && n % 5 != 0),
        "{both:?}"
    );
    let of_gus = ada.get(&format!("/messages?sender={GUS}")).await?.text;
    ensure!(
        of_gus.contains("Does anybody want tea?") && numbers(&of_gus).is_empty(),
        "{of_gus}"
    );
    // Letters of a pattern mean themselves.
    for text in ["%25", "_", "100%25", "%5C"] {
        let got = ada.get(&format!("/messages?q={text}&chat={ADA}")).await?;
        ensure!(numbers(&got.text).is_empty(), "{text}: {got:?}");
        ensure!(got.text.contains("class=\"empty\""), "{text}: {got:?}");
    }
    app.shutdown().await
}

async fn a_filter_that_cannot_be_read_is_named(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.ada().asks("/whoami").await?;
    let mut ada = web.browser_of(ADA).await?;
    for (path, name) in [
        ("/messages?chat=ops", "chat"),
        ("/messages?sender=%40ada", "sender"),
        ("/messages?before=yesterday", "invalid digit"),
        ("/calls?before=1.5", "invalid digit"),
    ] {
        let got = ada.get(path).await?;
        ensure!(
            got.status == StatusCode::BAD_REQUEST && got.text.contains(name),
            "{path}: {got:?}"
        );
    }
    app.shutdown().await
}
