//! Transactions on a real SQLite file with the core's tables.

use serde_json::Value;
use vahta_plugin_abi::Kind;
use vahta_rows::events::Event;

use super::database::Database;
use crate::prelude::*;
use crate::testing::{Harness, command};
use crate::transaction;

const MANIFEST: &str = r#"{"name":"ledger"}"#;

struct Ledger;

impl Plugin for Ledger {
    async fn start(_host: Host, _config: Config) -> Result<Self, Error> {
        Ok(Self)
    }

    fn handler() -> Handler {
        Update::filter_message()
            .branch(route::command("write").endpoint(write))
            .branch(route::command("dawdle").endpoint(dawdle))
    }
}

async fn write(ctx: Ctx, bot: Bot, message: Message) -> Result<(), Error> {
    let written = transaction!(ctx, |c, effects| {
        effects
            .send(c, bot.send_message(message.chat.id, "written"))
            .await?;
        let event = Event {
            topic: "ledger.written".into(),
            object: "ledger:1".into(),
            payload: Value::Null,
        };
        effects.event(c, &event).await?;
        Ok(1)
    })?;
    assert_eq!(written, 1);
    Ok(())
}

/// Is given up while it is inside its transaction.
async fn dawdle(ctx: Ctx, bot: Bot, message: Message) -> Result<(), Error> {
    let done = transaction!(ctx, |c, effects| {
        effects
            .send(c, bot.send_message(message.chat.id, "too late"))
            .await?;
        tracing::info!("inside");
        ctx.cancelled().await;
        Ok(())
    });
    if let Err(error) = &done {
        tracing::info!("refused: {error}");
    }
    done
}

fn methods(world: &Harness<Ledger>) -> Vec<String> {
    world.calls().into_iter().map(|call| call.method).collect()
}

#[tokio::test]
async fn a_message_exists_when_its_transaction_commits_and_only_once() {
    let database = Database::new();
    let world = Harness::<Ledger>::start(MANIFEST, database.config())
        .await
        .unwrap();
    let (envelope, body) = command(9, "/write");
    for _ in 0..2 {
        world
            .deliver(Kind::Update, envelope.clone(), &body)
            .await
            .unwrap();
    }
    world
        .stop_and(|world| {
            assert_eq!(database.keys(), ["u:9:ledger:0"]);
            let calls = world.calls();
            let committed: Vec<_> = calls
                .iter()
                .filter(|c| c.method == "outbox.committed")
                .collect();
            assert_eq!(
                committed.len(),
                1,
                "the second run wrote nothing: {:?}",
                methods(world)
            );
            assert_eq!(committed[0].body["rows"][0]["payload"]["text"], "written");
            let count = |name: &str| calls.iter().filter(|call| call.method == name).count();
            assert_eq!((count("db.ticket"), count("db.release")), (2, 2));
            assert_eq!(count("events.committed"), 2);
        })
        .await;
}

#[tokio::test]
async fn a_delivery_that_was_given_up_inside_its_transaction_commits_nothing() {
    let database = Database::new();
    let world = Harness::<Ledger>::start(MANIFEST, database.config())
        .await
        .unwrap();
    let (envelope, body) = command(9, "/dawdle");
    let (number, answered) = world.hand_over(Kind::Update, envelope, &body);
    while !world.lines().iter().any(|line| line.contains("inside")) {
        tokio::task::yield_now().await;
    }
    world.cancel(number);
    let _ = answered.await;
    world
        .stop_and(|world| {
            assert_eq!(database.keys(), Vec::<String>::new());
            let lines = world.lines().join("\n");
            assert!(
                lines.contains("refused: the transaction came after"),
                "{lines}"
            );
            assert_eq!(methods(world), ["db.ticket", "db.release"]);
        })
        .await;
}
