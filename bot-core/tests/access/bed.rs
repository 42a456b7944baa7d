//! A database of its own for each story.
#![allow(
    dead_code,
    reason = "shared by two test programs, each of which uses its part"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bot_core::access::{Access, Actor, By, no_replies};
use bot_core::access::{Reach, Who};
use bot_core::config::AccessRules;
use bot_core::flow::{Place, PlaceKind, Sender};
use bot_core::plugin_host::WriterDesk;
use bot_core::storage;
use diesel_async::{AsyncConnection as _, RunQueryDsl as _};
use vahta_rows::{
    ChatId, Db, InstanceId, Micros, PgConn, Ticket, UserId, WriterTicket, migrate, with_db,
};

pub const ADA: i64 = 1001;
pub const LIM: i64 = 1002;
pub const GUS: i64 = 1003;
pub const OPS: ChatId = ChatId(-1001);

/// Declares each story once for every database.
macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::bed::Bed::sqlite().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(bed) = $crate::bed::Bed::postgres().await {
                    super::$name(bed).await;
                }
            })*
        }
    };
}
pub(crate) use stories;

/// A migrated database; what it leaves is removed with it.
pub struct Bed {
    pub db: Db,
    pub url: String,
    pub rules: AccessRules,
    _clean: Clean,
}

enum Clean {
    Folder(PathBuf),
    Database { server: String, name: String },
}

struct Desk(WriterDesk);

#[async_trait]
impl WriterTicket for Desk {
    async fn acquire(&self) -> Ticket {
        Box::new(self.0.take().await)
    }
}

fn unique() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("vahta_access_{}_{number}", std::process::id())
}

impl Bed {
    pub async fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(unique());
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}", folder.join("vahta.db").display());
        Self::open(&url, Clean::Folder(folder)).await
    }

    /// `None` without a server, which only a developer may be.
    #[expect(
        clippy::disallowed_methods,
        reason = "the test bed is configured by the test run"
    )]
    pub async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("VAHTA_TEST_POSTGRES_URL") else {
            let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(
                !is_ci,
                "VAHTA_TEST_POSTGRES_URL is not set: `make test` sets it"
            );
            // Without the variable this is a developer's run on SQLite alone.
            return None;
        };
        let name = unique();
        let mut conn = PgConn::establish(&server).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        diesel::sql_query(create).execute(&mut conn).await.unwrap();
        let url = with_database(&server, &name);
        Some(Self::open(&url, Clean::Database { server, name }).await)
    }

    async fn open(url: &str, clean: Clean) -> Self {
        let db = Db::open(url, 6, Arc::new(Desk(WriterDesk::default()))).unwrap();
        migrate::run(&db, storage::migrations()).await.unwrap();
        let rules = AccessRules {
            admins: vec![ADA],
            refusals_before_block: 3,
            burst: 60,
            per_second: 1,
        };
        Self {
            db,
            url: url.to_string(),
            rules,
            _clean: clean,
        }
    }

    /// A process's view of the rules; Ada is admin by configuration.
    pub async fn access(&self) -> Access {
        Access::load(self.db.clone(), &self.rules).await.unwrap()
    }

    /// The rules before anybody is admin.
    pub async fn unclaimed(&self) -> Access {
        let rules = AccessRules {
            admins: vec![],
            ..self.rules.clone()
        };
        Access::load(self.db.clone(), &rules).await.unwrap()
    }

    /// How many rows the query `SELECT COUNT(*) AS n …` counts.
    pub async fn count(&self, from: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let sql = format!("SELECT COUNT(*) AS n FROM {from}");
        let count: Count =
            with_db!(self.db, c => diesel::sql_query(&sql).get_result(c).await).unwrap();
        count.n
    }
}

impl Drop for Clean {
    fn drop(&mut self) {
        match self {
            Self::Folder(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Self::Database { server, name } => {
                let (server, name) = (server.clone(), name.clone());
                // Its own thread and runtime: a drop cannot wait.
                let drop = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build();
                    runtime.unwrap().block_on(async {
                        if let Ok(mut conn) = PgConn::establish(&server).await {
                            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                            let _ = diesel::sql_query(sql).execute(&mut conn).await;
                        }
                    });
                });
                let _ = drop.join();
            }
        }
    }
}

/// The server's URL with another database, its parameters kept.
fn with_database(server: &str, name: &str) -> String {
    let (base, parameters) = server
        .split_once('?')
        .map_or((server, None), |(b, p)| (b, Some(p)));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    let parameters = parameters.map(|p| format!("?{p}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &base[..end])
}

pub fn sender(telegram_id: i64, name: &str) -> Sender {
    Sender {
        telegram_id,
        is_bot: false,
        first_name: name.into(),
        last_name: None,
        username: Some(name.to_lowercase()),
        language: Some("en".into()),
    }
}

pub fn private(telegram_id: i64) -> Place {
    place(ChatId(telegram_id), PlaceKind::Private)
}

pub fn group(chat: ChatId) -> Place {
    place(chat, PlaceKind::Supergroup)
}

fn place(chat: ChatId, kind: PlaceKind) -> Place {
    Place {
        chat,
        kind,
        title: None,
        username: None,
        thread_id: None,
    }
}

/// The console: above the rules.
pub fn console() -> By {
    By {
        user: None,
        source: "cli",
        correlation: "test".into(),
        instance: InstanceId(1),
    }
}

pub fn by(user: UserId) -> By {
    By {
        user: Some(user),
        source: "telegram",
        ..console()
    }
}

/// What somebody may do in their private chat, now.
pub fn actor(access: &Access, telegram_id: i64) -> Actor {
    access.identify(
        &sender(telegram_id, "X"),
        Some(&private(telegram_id)),
        Micros::now(),
    )
}

pub fn actor_in(access: &Access, telegram_id: i64, chat: ChatId) -> Actor {
    access.identify(&sender(telegram_id, "X"), Some(&group(chat)), Micros::now())
}

/// The row of a Telegram id, made when it is missing.
pub async fn user(access: &Access, telegram_id: i64) -> UserId {
    access.ensure(telegram_id).await.unwrap().id
}

/// Gives a role everywhere and for ever.
pub async fn give(access: &Access, telegram_id: i64, role: &str) -> UserId {
    let id = user(access, telegram_id).await;
    access
        .grant(id, role, Reach::Everywhere, None, &console(), &no_replies)
        .await
        .unwrap();
    assert!(access.find(&Who::User(id)).await.unwrap().is_some());
    id
}
