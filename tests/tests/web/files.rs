//! Files that people bring to plugins and fetch from them.

mod big;
mod fetching;
mod from_chats;
mod leftovers;
mod programs;
mod refusals;
mod zips;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use vahta_tests::stage::ADA;
use vahta_tests::web::Got;
use vahta_tests::{Ground, Stage, TestApp, Web, WebClient, stories};

stories![a_form_with_files_reaches_the_plugin_as_references];

/// The bot with the plugin that has a shelf of files, and Ada at its site.
async fn with_shelf(ground: Ground) -> Result<TestApp> {
    begin(Stage::on(ground).await?).await
}

async fn begin(stage: Stage) -> Result<TestApp> {
    let app = stage.with_plugins(&["pages"])?.start().await?;
    app.ada().asks("/whoami").await?;
    app.idle().await?;
    Ok(app)
}

/// A form as a browser sends it: the token first.
fn form(browser: &WebClient) -> Form {
    Form::new().text("csrf", browser.csrf.clone().unwrap_or_default())
}

fn text(name: &str, content: &str) -> Result<Part> {
    let part = Part::text(content.to_owned()).file_name(name.to_owned());
    Ok(part.mime_str("text/plain")?)
}

async fn send(browser: &mut WebClient, path: &str, form: Form) -> Result<Got> {
    let request = browser.request(Method::POST, path).multipart(form);
    browser.finish(request).await
}

/// Stores a file on the page's shelf; answers its id.
async fn store(app: &TestApp, browser: &mut WebClient, part: Part) -> Result<String> {
    let form = form(browser).part("file", part);
    let got = send(browser, "/p/pages/files", form).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    newest(app).await
}

/// The id of the file that was stored last.
async fn newest(app: &TestApp) -> Result<String> {
    let sql = "SELECT id AS text FROM blobs ORDER BY created_at DESC, id LIMIT 1";
    let ids = app.database.texts(sql).await?;
    ids.into_iter().next().context("a file was stored")
}

/// An answer with its bytes.
struct Fetched {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Fetched {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

async fn fetch(
    browser: &WebClient,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Fetched> {
    let mut request = browser.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
    let response = request.send().await?;
    Ok(Fetched {
        status: response.status(),
        headers: response.headers().clone(),
        bytes: response.bytes().await?.into(),
    })
}

/// How many files there are: rows, and things in the store's folder.
async fn stored(app: &TestApp) -> Result<(i64, usize)> {
    let rows = app
        .database
        .number("SELECT count(*) AS number FROM blobs")
        .await?;
    let mut files = 0;
    for shelf in std::fs::read_dir(app.folder().join("blobs"))? {
        files += std::fs::read_dir(shelf?.path())?.count();
    }
    Ok((rows, files))
}

/// Waits until nothing is stored any more.
async fn nothing_is_stored(app: &TestApp) -> Result<()> {
    for _ in 0..500 {
        if stored(app).await? == (0, 0) {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    anyhow::bail!("still stored (rows, files): {:?}", stored(app).await?)
}

async fn site(app: &TestApp) -> Result<(Web, WebClient)> {
    let web = app.web().await?;
    let ada = web.browser_of(ADA).await?;
    Ok((web, ada))
}

async fn a_form_with_files_reaches_the_plugin_as_references(ground: Ground) -> Result<()> {
    let app = with_shelf(ground).await?;
    let (_web, mut ada) = site(&app).await?;
    let page = ada.get("/p/pages/files").await?;
    ensure!(page.text.contains("multipart/form-data"), "{page:?}");
    ensure!(page.text.contains("/assets/upload-1.js"), "{page:?}");
    let chosen = form(&ada)
        .text("note", "two at once")
        .part("file", text("one.txt", "first")?)
        .part("file", text("empty.txt", "")?)
        // As browsers send a field in which nothing was chosen.
        .part("more", text("", "")?);
    let got = send(&mut ada, "/p/pages/files", chosen).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    ensure!(got.location() == Some("/p/pages/files"), "{got:?}");
    let page = ada.get("/p/pages/files").await?;
    ensure!(
        page.text.contains("one.txt</a> 5") && page.text.contains("empty.txt</a> 0"),
        "{page:?}"
    );
    ensure!(stored(&app).await? == (2, 2));
    let kept =
        "SELECT count(*) AS number FROM blobs WHERE expires_at IS NULL AND created_by IS NOT NULL";
    ensure!(app.database.number(kept).await? == 2);
    // Forms without files go on as before.
    let got = ada.post("/p/pages/files", &[("note", "no files")]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    app.shutdown().await
}
