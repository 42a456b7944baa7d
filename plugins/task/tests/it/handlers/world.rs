//! The plugin, a database and people who write and press.

use serde_json::{Value, json};
use vahta_plugin_sdk::CallError;
use vahta_plugin_sdk::rows::{Db, with_db};
use vahta_plugin_sdk::testing::Harness;
use vahta_task::Tasks;
use vahta_task::store::TaskRows as _;
use vahta_task::task::{Task, TaskId};

use crate::base::Base;

pub(crate) const GROUP: i64 = -1001;
pub(crate) const OPERATOR: &[&str] = &["task.create", "task.view", "task.complete"];
pub(crate) const ADMIN: &[&str] = &[
    "task.create",
    "task.view",
    "task.complete",
    "task.view_all",
    "task.approve",
    "task.templates",
];

pub(crate) struct World {
    plugin: Harness<Tasks>,
    pub(crate) base: Base,
}

/// Who does something, where, with which keys.
#[derive(Clone, Copy)]
pub(crate) struct Who {
    pub(crate) user: i64,
    pub(crate) chat: i64,
    pub(crate) keys: &'static [&'static str],
}

pub(crate) const LIM: Who = Who {
    user: 2,
    chat: 1002,
    keys: OPERATOR,
};
pub(crate) const ADA: Who = Who {
    user: 1,
    chat: 1001,
    keys: ADMIN,
};

impl Who {
    pub(crate) fn in_group(self) -> Self {
        Self {
            chat: GROUP,
            ..self
        }
    }

    fn chat(self) -> Value {
        match self.chat {
            GROUP => json!({"id": GROUP, "type": "supergroup", "title": "Ops"}),
            id => json!({"id": id, "type": "private", "first_name": "Somebody"}),
        }
    }

    fn from(self) -> Value {
        json!({"id": 1_000 + self.user, "is_bot": false, "first_name": "Somebody"})
    }

    fn envelope(self, update: i64, route: Value) -> Value {
        json!({
            "deadline_ms": 10_000, "now": 1_700_000_000_000_000_i64, "correlation": "test",
            "route": route, "chat": self.chat(), "update_id": update,
            "actor": {
                "user_id": self.user, "telegram_id": 1_000 + self.user,
                "name": format!("User {}", self.user), "permissions": self.keys,
            },
        })
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Base::sqlite()).await
    }

    pub(crate) async fn on(base: Base) -> Self {
        let base = base.migrated().await;
        // What operators create is open at once, unless a test is about approval.
        let settings = json!({"approval": "nobody"});
        let config = json!({"instance_id": 1, "database_url": base.db.url(), "settings": settings});
        let manifest = include_str!("../../../manifest.json");
        let plugin = Harness::start(manifest, config).await.unwrap();
        Self { plugin, base }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.base.db
    }

    /// Update and message have the same number.
    pub(crate) async fn says(&self, who: Who, number: i64, line: &str) -> Result<(), CallError> {
        let (name, args) = line.split_once(' ').unwrap_or((line, ""));
        let name = name.trim_start_matches('/');
        let route = json!({"kind": "command", "command": name, "args": args});
        let update = json!({"update_id": number, "message": {
            "message_id": number, "date": 1_700_000_000, "text": line,
            "chat": who.chat(), "from": who.from(),
        }});
        self.update(who.envelope(number, route), &update).await
    }

    /// Presses a button with this data (without prefix) on message 7.
    pub(crate) async fn presses(&self, who: Who, number: i64, data: &str) -> Result<(), CallError> {
        let route = json!({"kind": "callback", "data": data});
        let update = json!({"update_id": number, "callback_query": {
            "id": number.to_string(), "from": who.from(), "chat_instance": "1",
            "data": format!("t:{data}"),
            "message": {
                "message_id": 7, "date": 1_700_000_000, "text": "x", "chat": who.chat(),
                "from": {"id": 1, "is_bot": true, "first_name": "Vahta"},
            },
        }});
        self.update(who.envelope(number, route), &update).await
    }

    async fn update(&self, envelope: Value, update: &Value) -> Result<(), CallError> {
        use vahta_plugin_sdk::ffi::abi::Kind;
        self.plugin
            .deliver(Kind::Update, envelope, update)
            .await
            .map(drop)
    }

    /// What the host was asked to send at once, in order: method and payload.
    pub(crate) fn sent(&self) -> Vec<(String, Value)> {
        let calls = self.plugin.calls().into_iter();
        calls
            .filter_map(|call| Some((call.method.strip_prefix("telegram.")?.to_owned(), call.body)))
            .collect()
    }

    /// The last answer to a button: its text and whether it is an alert.
    pub(crate) fn answer(&self) -> (String, bool) {
        let (method, body) = self.sent().pop().expect("something was sent");
        assert_eq!(method, "AnswerCallbackQuery");
        let text = body["text"].as_str().unwrap_or_default().to_owned();
        (text, body["show_alert"] == true)
    }

    /// What waits in the outbox, in order: method and payload.
    pub(crate) async fn outbox(&self) -> Vec<(String, Value)> {
        use diesel::QueryDsl as _;
        use diesel_async::RunQueryDsl as _;
        use vahta_plugin_sdk::rows::schema::outbox::dsl;
        let rows = dsl::outbox
            .select((dsl::method, dsl::payload))
            .order(dsl::id);
        let db = self.db();
        let rows: Vec<(String, String)> = with_db!(db, c => rows.load(c).await).unwrap();
        let parsed = |(method, payload): (String, String)| {
            (method, serde_json::from_str(&payload).expect("JSON"))
        };
        rows.into_iter().map(parsed).collect()
    }

    /// Topics of events, in order.
    pub(crate) async fn events(&self) -> Vec<String> {
        use diesel::QueryDsl as _;
        use diesel_async::RunQueryDsl as _;
        use vahta_plugin_sdk::rows::schema::events::dsl;
        let db = self.db();
        with_db!(db, c => dsl::events.select(dsl::topic).order(dsl::id).load(c).await).unwrap()
    }

    /// (actor, action, object) of audit rows, in order.
    pub(crate) async fn audit(&self) -> Vec<(Option<i64>, String, String)> {
        use diesel::QueryDsl as _;
        use diesel_async::RunQueryDsl as _;
        use vahta_plugin_sdk::rows::schema::audit_log::dsl;
        let rows = dsl::audit_log
            .select((dsl::actor, dsl::action, dsl::object))
            .order(dsl::id);
        let db = self.db();
        with_db!(db, c => rows.load(c).await).unwrap()
    }

    pub(crate) async fn task(&self, id: i64) -> Option<Task> {
        let db = self.db();
        with_db!(db, c => c.task(TaskId(id)).await).unwrap()
    }
}
