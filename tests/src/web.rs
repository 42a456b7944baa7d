//! The admin site of a bot inside the test, and a browser without a screen.

mod stream;
mod twin;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use admin_web::{Limits, Site};
use anyhow::{Context as _, Result, bail, ensure};
use bot_core::accounts::sessions::{Browser, Login};
use bot_core::app::App;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vahta_rows::diesel_async::RunQueryDsl as _;
use vahta_rows::{UserId, with_db};

use crate::TestApp;
use crate::people::PATIENCE;

pub use stream::{Heard, Listener};
pub use twin::Twin;

/// The site of one bot, on a port of its own; ends when it is dropped.
pub struct Web {
    addr: SocketAddr,
    app: App,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

/// What came back.
#[derive(Debug)]
pub struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// Somebody's browser: keeps its session's cookie and knows the CSRF token of its pages.
pub struct WebClient {
    http: reqwest::Client,
    base: String,
    /// The session's.
    pub cookie: Option<String>,
    /// All others.
    pub jar: BTreeMap<String, String>,
    pub csrf: Option<String>,
    /// The address that a proxy would name.
    pub from: Option<String>,
}

/// What the session's cookie begins with.
const SESSION: &str = "__Host-vahta=";

impl TestApp {
    /// Serves this bot's site.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn web(&self) -> Result<Web> {
        self.web_within(Limits::default()).await
    }

    /// Serves this bot's site with other limits.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn web_within(&self, limits: Limits) -> Result<Web> {
        serve(&self.app, limits).await
    }
}

async fn serve(app: &App, limits: Limits) -> Result<Web> {
    let site = Site::new(app.health.clone(), app.config.web.clone());
    site.attach(app.clone(), None);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        // Dropped: the story is over, and so is the server.
        let _ = stopped.await;
    };
    let serving = tokio::spawn(Box::pin(admin_web::run(
        listener, None, site, limits, shutdown,
    )));
    let (app, stop) = (app.clone(), Some(stop));
    Ok(Web {
        addr,
        app,
        stop,
        serving,
    })
}

impl Drop for Web {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Web {
    /// Stops the server in order, as the program does, and waits for its end.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(stop) = self.stop.take() {
            // Already gone: fine.
            let _ = stop.send(());
        }
        let serving = &mut self.serving;
        tokio::time::timeout(PATIENCE, serving).await??;
        Ok(())
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// A browser that nobody has logged in with.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn stranger(&self) -> Result<WebClient> {
        WebClient::at(&self.url(""), None)
    }

    /// The browser of somebody with this Telegram id, logged in without the way there: for stories
    /// that tell of something else.
    ///
    /// # Errors
    /// When there is no such person.
    pub async fn browser_of(&self, telegram_id: i64) -> Result<WebClient> {
        let who = bot_core::access::Who::Telegram(telegram_id);
        let person = self.app.access.find(&who).await?;
        self.browser_as(person.context("the bot knows this person")?.id)
            .await
    }

    /// As [`Self::browser_of`], by the bot's own id.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn browser_as(&self, user: UserId) -> Result<WebClient> {
        let browser = Browser {
            user_agent: "a story".into(),
            address: "127.0.0.1".into(),
        };
        let accounts = &self.app.accounts;
        let token = accounts.open_session(user, Login::Link, &browser).await?;
        let mut client = self.stranger()?;
        client.cookie = Some(format!("__Host-vahta={}", token.expose()));
        let page = client.get("/sessions").await?;
        ensure!(page.status == StatusCode::OK, "{page:?}");
        self.the_past_is_told().await?;
        Ok(client)
    }

    /// PostgreSQL shows an event once everything older has ended, in other databases of the server
    /// too. What happened before a browser was there is not to come to it later, as news.
    async fn the_past_is_told(&self) -> Result<()> {
        if !self.app.db.is_postgres() {
            return Ok(());
        }
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let waiting: Waiting =
                with_db!(self.app.db, c => diesel::sql_query(WAITING).get_result(c).await)?;
            if waiting.number == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("a transaction somewhere on this server does not end")
    }
}

#[derive(diesel::QueryableByName)]
struct Waiting {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

const WAITING: &str = "SELECT count(*) AS number FROM events \
    WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

impl WebClient {
    /// The browser of a site somewhere else, such as in a [`Process`](crate::Process).
    ///
    /// # Errors
    /// When no client can be built.
    pub fn at(base: &str, cookie: Option<String>) -> Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder()
                .redirect(Policy::none())
                .build()?,
            base: base.to_owned(),
            cookie,
            jar: BTreeMap::new(),
            csrf: None,
            from: None,
        })
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn get(&mut self, path: &str) -> Result<Got> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Sends a form, with the CSRF token of the page seen last.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Got> {
        let mut form: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        if let Some(csrf) = &self.csrf {
            form.push(("csrf".into(), csrf.clone()));
        }
        let body = serde_urlencoded::to_string(&form)?;
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(Method::POST, path, &[kind], Some(body)).await
    }

    /// Sends anything; keeps the cookie and the token that come back.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Got> {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        self.finish(request).await
    }

    /// A request with this browser's cookies.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        let others = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = self.cookie.clone().into_iter().chain(others).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some(from) = &self.from {
            request = request.header("x-forwarded-for", from);
        }
        request
    }

    /// Sends what [`Self::request`] began.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn finish(&mut self, request: reqwest::RequestBuilder) -> Result<Got> {
        #[expect(clippy::disallowed_methods, reason = "a browser, not the bot")]
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await?;
        for line in headers.get_all(SET_COOKIE) {
            let pair = line.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if pair.starts_with(SESSION) {
                self.cookie = (!value.is_empty()).then(|| pair.to_owned());
            } else if value.is_empty() {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some((_, rest)) = text.split_once("name=\"csrf\" content=\"") {
            self.csrf = rest.split('"').next().map(str::to_owned);
        }
        Ok(Got {
            status,
            headers,
            text,
        })
    }
}

impl Got {
    /// Where the answer leads.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }
}
