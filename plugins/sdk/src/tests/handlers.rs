//! Deliveries reach handlers, and handlers reach the host.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use teloxide::utils::command::BotCommands;
use vahta_plugin_abi::Kind;

use crate::prelude::*;
use crate::testing::{Harness, answers_like_telegram, command};

const MANIFEST: &str = r#"{"name":"sample"}"#;

struct Sample;

#[derive(Clone, BotCommands)]
#[command(rename_rule = "lowercase", parse_with = "split")]
enum Commands {
    Add { left: u32, right: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Counter {
    count: u32,
}

impl Plugin for Sample {
    async fn start(_host: Host, _config: Config) -> Result<Self, Error> {
        Ok(Self)
    }

    fn handler() -> Handler {
        dptree::entry()
            .branch(
                Update::filter_message()
                    .branch(
                        dptree::entry()
                            .chain(route::commands::<Commands>())
                            .endpoint(add),
                    )
                    .branch(route::command("bold").endpoint(bold))
                    .branch(route::command("count").endpoint(count))
                    .branch(route::wrong_arguments().endpoint(usage)),
            )
            .branch(
                Update::filter_callback_query()
                    .chain(route::callback("done"))
                    .endpoint(pressed),
            )
    }

    async fn job(&self, ctx: Ctx, job: Job) -> Result<(), Error> {
        let text = format!("{} {}", job.kind, ctx.next_outbox_key());
        ctx.bot().send_message(ChatId(5), text).await?;
        Ok(())
    }
}

async fn add(ctx: Ctx, bot: Bot, message: Message, command: Commands) -> Result<(), Error> {
    let Commands::Add { left, right } = command;
    let text = format!("{} at {}", left + right, ctx.now());
    bot.send_message(message.chat.id, text).await?;
    Ok(())
}

async fn bold(bot: Bot, message: Message) -> Result<(), Error> {
    bot.send_message(message.chat.id, "<b>x</b>")
        .parse_mode(ParseMode::Html)
        .await?;
    Ok(())
}

async fn count(ctx: Ctx) -> Result<(), Error> {
    let dialogue = ctx.dialogue::<Counter>();
    let mut counter = dialogue.get().await?.unwrap_or(Counter { count: 0 });
    counter.count += 1;
    dialogue.set(&counter).await?;
    dialogue.exit().await
}

async fn usage(bot: Bot, message: Message) -> Result<(), Error> {
    bot.send_message(message.chat.id, "usage").await?;
    Ok(())
}

async fn pressed(ctx: Ctx, bot: Bot, query: CallbackQuery) -> Result<(), Error> {
    bot.answer_callback_query(query.id).text(ctx.data()).await?;
    Ok(())
}

async fn sample() -> Harness<Sample> {
    Harness::start(MANIFEST, json!({})).await.unwrap()
}

#[tokio::test]
async fn commands_are_parsed_from_what_the_host_has_cut() {
    let world = sample().await;
    world.command("/add 2 3").await.unwrap();
    world.command("/add two three").await.unwrap();
    let calls = world.calls();
    assert_eq!(calls[0].body["text"], "5 at 2023-11-14T22:13:20Z");
    assert_eq!(calls[1].body["text"], "usage");
    world.stop().await.unwrap();
}

#[tokio::test]
async fn payload_setters_of_teloxide_work() {
    let world = sample().await;
    world.command("/bold").await.unwrap();
    let call = &world.calls()[0];
    assert_eq!(call.method, "telegram.SendMessage");
    assert_eq!(
        call.body,
        json!({"chat_id": 1001, "text": "<b>x</b>", "parse_mode": "HTML"})
    );
    assert!(call.delivery > 0);
}

#[tokio::test]
async fn a_dialog_moves_on_only_from_the_version_that_was_read() {
    let answers = |method: &str, body: &Value| match method {
        "session.get" => Ok(json!({"state": {"count": 4}, "version": 8})),
        "session.set" => Ok(json!({"version": 9})),
        _ => answers_like_telegram(method, body),
    };
    let world = Harness::<Sample>::start_with(MANIFEST, json!({}), answers)
        .await
        .unwrap();
    world.command("/count").await.unwrap();
    let calls = world.calls();
    assert_eq!(calls[1].body, json!({"state": {"count": 5}, "version": 8}));
    assert_eq!(calls[2].method, "session.clear");
}

#[tokio::test]
async fn a_button_finds_its_handler_by_its_data() {
    let world = sample().await;
    let (mut envelope, _) = command(3, "/x");
    envelope["route"] = json!({"kind": "callback", "data": "done:12"});
    let body = json!({"update_id": 3, "callback_query": {
        "id": "q", "chat_instance": "i", "data": "s:done:12",
        "from": {"id": 1001, "is_bot": false, "first_name": "Ada"}}});
    world
        .deliver(Kind::Update, envelope.clone(), &body)
        .await
        .unwrap();
    envelope["route"]["data"] = json!("doner");
    world.deliver(Kind::Update, envelope, &body).await.unwrap();
    let calls = world.calls();
    assert_eq!(calls.len(), 1, "\"doner\" is not \"done\"");
    assert_eq!(
        calls[0].body,
        json!({"callback_query_id": "q", "text": "done:12"})
    );
}

#[tokio::test]
async fn a_job_run_again_has_the_same_keys() {
    let world = sample().await;
    let job = json!({"id": 4, "plugin": "sample", "kind": "sample.work", "payload": null,
                     "due_at": 0, "attempts": 1, "max_attempts": 3, "epoch": 2});
    for correlation in ["first", "second"] {
        let envelope = json!({"correlation": correlation});
        world.deliver(Kind::Job, envelope, &job).await.unwrap();
    }
    for call in world.calls() {
        assert_eq!(call.body["text"], "sample.work j:4:sample:0");
    }
}

#[tokio::test]
async fn an_unparseable_update_is_an_error_and_not_the_end() {
    let world = sample().await;
    let error = world
        .deliver(Kind::Update, json!({}), &json!([]))
        .await
        .unwrap_err();
    assert_eq!(error.code, "handler");
    world.command("/bold").await.unwrap();
}

struct Greedy;

impl Plugin for Greedy {
    async fn start(_host: Host, _config: Config) -> Result<Self, Error> {
        Ok(Self)
    }

    fn handler() -> Handler {
        dptree::endpoint(|_: std::sync::Arc<String>| async { Ok(()) })
    }
}

#[tokio::test]
async fn a_handler_that_asks_for_the_impossible_is_found_at_the_start() {
    let error = Harness::<Greedy>::start(MANIFEST, json!({}))
        .await
        .err()
        .unwrap();
    assert_eq!(error.code, "start");
    assert!(error.message.contains("alloc::string::String"), "{error}");
}
