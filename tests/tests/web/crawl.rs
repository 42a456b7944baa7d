//! Every route, asked by everybody: the table of permissions.

use std::collections::BTreeSet;

use admin_web::TableRow;
use anyhow::{Context as _, Result, ensure};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use vahta_tests::stage::{ADA, GUS, LIM};
use vahta_tests::{Ground, Stage, TestApp, Web, stories};

use crate::programs::key_of;

stories![every_route_answers_everybody_as_its_line_says];

/// What every route takes. A new route is written here, by whoever knows why it takes that.
const TABLE: &str = include_str!("routes.txt");

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    Nobody,
    Guest,
    Operator,
    Admin,
    /// An admin whose session is over.
    Expired,
    /// An admin, without the token of the session's pages.
    WrongCsrf,
    /// A key whose scope no route takes.
    KeyWithoutScope,
}

const ASKERS: &[Asker] = &[
    Asker::Nobody,
    Asker::Guest,
    Asker::Operator,
    Asker::Admin,
    Asker::Expired,
    Asker::WrongCsrf,
    Asker::KeyWithoutScope,
];

/// What a route says to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The page or handler ran, whatever it made of an empty request.
    Runs,
    /// 401, or the way to the login.
    Login,
    /// 403.
    No,
}

/// What an operator holds of the core's permissions.
const OPERATORS: &[&str] = &["core.plugins.view", "core.status.view"];

fn expected(row: &TableRow, asker: Asker) -> Verdict {
    let is_safe = row.method == "GET";
    let is_api = row.path.starts_with("/api/");
    match (row.needs, asker) {
        ("nothing", _) => Verdict::Runs,
        (_, Asker::Nobody | Asker::Expired) => Verdict::Login,
        // Pages take no keys.
        (_, Asker::KeyWithoutScope) if !is_api => Verdict::Login,
        (_, Asker::WrongCsrf) if !is_safe => Verdict::No,
        (_, Asker::Admin | Asker::WrongCsrf) => Verdict::Runs,
        ("login", _) => Verdict::Runs,
        (_, Asker::Guest | Asker::KeyWithoutScope) => Verdict::No,
        (key, Asker::Operator) if OPERATORS.contains(&key) => Verdict::Runs,
        (_, Asker::Operator) => Verdict::No,
    }
}

fn verdict(status: StatusCode, location: Option<&str>) -> Verdict {
    match status {
        StatusCode::UNAUTHORIZED => Verdict::Login,
        StatusCode::SEE_OTHER if location.is_some_and(|to| to.starts_with("/login")) => {
            Verdict::Login
        }
        StatusCode::FORBIDDEN => Verdict::No,
        _ => Verdict::Runs,
    }
}

struct Crawler<'a> {
    app: &'a TestApp,
    web: &'a Web,
    http: reqwest::Client,
    key: String,
}

impl Crawler<'_> {
    /// Asks without reading the answer: a stream has no end.
    async fn ask(&self, row: &TableRow, asker: Asker) -> Result<(StatusCode, Option<String>)> {
        // Nothing has these ids, so nothing is changed.
        let path: String = row
            .path
            .split('/')
            .map(|part| match part {
                "{id}" => "999999",
                part if part.starts_with('{') => "nobody",
                part => part,
            })
            .collect::<Vec<_>>()
            .join("/");
        let method: Method = row.method.parse()?;
        let mut request = self.http.request(method, self.web.url(&path));
        if let Some((cookie, csrf)) = self.session(asker).await? {
            request = request.header("cookie", cookie);
            if asker != Asker::WrongCsrf {
                request = request.header("x-csrf-token", csrf);
            }
        }
        if asker == Asker::KeyWithoutScope {
            request = request.bearer_auth(&self.key);
        }
        #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
        let response = request.send().await?;
        let location = response.headers().get("location");
        let location = location.and_then(|to| to.to_str().ok()).map(str::to_owned);
        Ok((response.status(), location))
    }

    /// A session of its own for each request: some requests end theirs.
    async fn session(&self, asker: Asker) -> Result<Option<(String, String)>> {
        let person = match asker {
            Asker::Nobody | Asker::KeyWithoutScope => return Ok(None),
            Asker::Guest => GUS,
            Asker::Operator => LIM,
            Asker::Admin | Asker::Expired | Asker::WrongCsrf => ADA,
        };
        let browser = self.web.browser_of(person).await?;
        let cookie = browser.cookie.context("a cookie")?;
        if asker == Asker::Expired {
            let end = "UPDATE web_sessions SET expires_at = 1 WHERE ended_at IS NULL";
            self.app.database.change(end).await?;
        }
        Ok(Some((cookie, browser.csrf.context("a token")?)))
    }
}

async fn every_route_answers_everybody_as_its_line_says(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    app.gus().asks("/start").await?;
    let table = admin_web::route_table();
    let is: BTreeSet<String> = table
        .iter()
        .map(|row| format!("{} {} {}", row.method, row.path, row.needs))
        .collect();
    let should: BTreeSet<String> = TABLE.lines().map(str::to_owned).collect();
    let (new, gone): (Vec<_>, Vec<_>) = (
        is.difference(&should).collect(),
        should.difference(&is).collect(),
    );
    ensure!(
        new.is_empty() && gone.is_empty(),
        "routes.txt does not have {new:#?}, and has {gone:#?}"
    );
    let key = key_of(&app, ADA, &["core.settings.manage"]).await?;
    let crawler = Crawler {
        app: &app,
        web: &web,
        http: reqwest::Client::builder()
            .redirect(Policy::none())
            .build()?,
        key: key.secret.expose().to_owned(),
    };
    let mut wrong = Vec::new();
    for row in &table {
        for asker in ASKERS {
            let (status, location) = crawler.ask(row, *asker).await?;
            let (is, should) = (verdict(status, location.as_deref()), expected(row, *asker));
            // What is open to strangers answers them as it likes: a forged login gets its own 403.
            let open = row.needs == "nothing";
            if (is != should && !open) || status.is_server_error() {
                wrong.push(format!(
                    "{} {} asked by {asker:?}: {status}, should be {should:?}",
                    row.method, row.path
                ));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.shutdown().await
}
