//! A database for one test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel_async::{AsyncConnection as _, RunQueryDsl as _};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio::sync::Mutex;
use vahta_plugin_sdk::rows::migrate::{self, Sets};
use vahta_plugin_sdk::rows::{ChatId, Db, Micros, PgConn, Ticket, UserId, WriterTicket};
use vahta_task::store;
use vahta_task::task::{NewTask, Person};
use vahta_task::title::Title;

const CORE_SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const CORE_POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

pub(crate) fn core_migrations() -> Sets {
    Sets {
        sqlite: CORE_SQLITE,
        postgres: CORE_POSTGRES,
    }
}

/// A database that goes away with the test.
pub(crate) struct Base {
    pub(crate) db: Db,
    _folder: Option<tempfile::TempDir>,
}

/// Writers of SQLite one after another, as the host's tickets make them.
#[derive(Default)]
struct Line(Arc<Mutex<()>>);

#[async_trait::async_trait]
impl WriterTicket for Line {
    async fn acquire(&self) -> Ticket {
        Box::new(Arc::clone(&self.0).lock_owned().await)
    }
}

impl Base {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self {
            db: open(&url),
            _folder: Some(folder),
        }
    }

    /// None without a server; `cargo xtask pg -- cargo test …` brings one.
    pub(crate) async fn postgres() -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests are told where their server is"
        )]
        let Ok(server) = std::env::var("VAHTA_TEST_POSTGRES_URL") else {
            #[expect(clippy::print_stderr, reason = "who runs the tests should know")]
            {
                eprintln!("skipped: VAHTA_TEST_POSTGRES_URL is not set");
            }
            return None;
        };
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("task_store_{}_{number}", std::process::id());
        let mut admin = PgConn::establish(&server).await.unwrap();
        for order in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
            let order = format!("{order} {name}");
            diesel::sql_query(order).execute(&mut admin).await.unwrap();
        }
        let (server, _) = server.rsplit_once('/').unwrap();
        Some(Self {
            db: open(&format!("{server}/{name}")),
            _folder: None,
        })
    }

    /// With the tables of core and plugin.
    pub(crate) async fn migrated(self) -> Self {
        migrate::run(&self.db, core_migrations()).await.unwrap();
        migrate::run(&self.db, store::migrations()).await.unwrap();
        self
    }
}

fn open(url: &str) -> Db {
    Db::open(url, 5, Arc::new(Line::default())).unwrap()
}

/// Runs each test on both databases; it is `async fn(&Db)`.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let base = crate::base::Base::sqlite().migrated().await;
                super::$name(&base.db).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(base) = crate::base::Base::postgres().await {
                    super::$name(&base.migrated().await.db).await;
                }
            })*
        }
    };
}
pub(crate) use on_both;

pub(crate) fn person(user: i64) -> Person {
    let (user, telegram) = (Some(UserId(user)), Some(1_000 + user));
    Person {
        user,
        telegram,
        name: format!("Person {}", telegram.unwrap_or(0)),
        source: "telegram",
    }
}

/// A task that message `message` of `chat` asks for.
pub(crate) fn new_task(chat: i64, message: i64, by: i64) -> NewTask {
    let title = Title::parse(&format!("Task {message} of {chat}")).unwrap();
    let at = Micros(1_000_000 + message);
    NewTask {
        message: Some(message),
        ..NewTask::open(title, ChatId(chat), person(by), at)
    }
}
