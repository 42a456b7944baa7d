//! A plugin plays story files: commands, dialogs, buttons, messages from the outbox, groups.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::database::Database;
use crate::prelude::*;
use crate::testing::StoryBot;
use crate::transaction;

const MANIFEST: &str = r#"{
    "name": "coffee", "prefix": "co",
    "commands": [{"name": "coffee", "permission": "coffee.drink"}],
    "permissions": [{"key": "coffee.drink"}],
    "observes": ["group_messages"]
}"#;
const STORY: &str = include_str!("stories/coffee.txt");

struct Coffee;

#[derive(Serialize, Deserialize)]
struct HowMany;

impl Plugin for Coffee {
    async fn start(_host: Host, _config: Config) -> Result<Self, Error> {
        Ok(Self)
    }

    fn handler() -> Handler {
        let messages = Update::filter_message()
            .branch(route::command("coffee").endpoint(ask))
            .branch(route::dialog().endpoint(pour))
            .branch(dptree::entry().endpoint(overhear));
        let presses = Update::filter_callback_query().endpoint(drink);
        dptree::entry().branch(messages).branch(presses)
    }
}

async fn ask(ctx: Ctx, bot: Bot, message: Message) -> Result<(), Error> {
    ctx.dialogue::<HowMany>().set(&HowMany).await?;
    bot.send_message(message.chat.id, "How many cups?").await?;
    Ok(())
}

async fn pour(ctx: Ctx, bot: Bot, message: Message) -> Result<(), Error> {
    let Ok(cups) = message.text().unwrap_or_default().parse::<u32>() else {
        bot.send_message(message.chat.id, "A number, please.")
            .await?;
        return Ok(());
    };
    let name = ctx
        .actor()
        .map(|actor| actor.name.clone())
        .unwrap_or_default();
    let drunk = InlineKeyboardButton::callback("Drunk", format!("co:{cups}"));
    transaction!(ctx, |c, effects| {
        let poured = bot
            .send_message(message.chat.id, format!("{cups} cups for {name}."))
            .reply_markup(InlineKeyboardMarkup::new([[drunk.clone()]]));
        effects.send(c, poured).await
    })?;
    ctx.dialogue::<HowMany>().exit().await
}

async fn drink(ctx: Ctx, bot: Bot, query: CallbackQuery) -> Result<(), Error> {
    let Some(card) = &query.message else {
        return Ok(());
    };
    let text = format!("{} cups, drunk.", ctx.data());
    bot.answer_callback_query(query.id.clone())
        .text("Good.")
        .await?;
    bot.edit_message_text(card.chat().id, card.id(), text)
        .await?;
    Ok(())
}

async fn overhear(bot: Bot, message: Message) -> Result<(), Error> {
    if message.text().unwrap_or_default().contains("coffee") {
        bot.send_message(message.chat.id, "Somebody speaks of coffee.")
            .await?;
    }
    Ok(())
}

async fn coffee(database: &Database) -> StoryBot<Coffee> {
    let bot = StoryBot::<Coffee>::start(MANIFEST, database.config())
        .await
        .unwrap();
    // Gus drinks tea.
    bot.lets(1003, &[]);
    bot
}

#[tokio::test]
async fn a_plugin_plays_a_story_file_twice() {
    let database = Database::new();
    let bot = coffee(&database).await;
    bot.plays(STORY).await.unwrap();
    bot.plays(STORY).await.unwrap();
    let calls = bot.harness().calls();
    assert!(calls.iter().any(|call| call.method == "outbox.committed"));
    bot.stop().await.unwrap();
}

#[tokio::test]
async fn a_plugin_that_does_otherwise_is_told_what() {
    let database = Database::new();
    let bot = coffee(&database).await;
    let tea = STORY.replace("3 cups, drunk.", "3 cups, spilt.");
    let error = bot.plays(&tea).await.unwrap_err();
    assert!(
        error.message.contains("- bot edits: 3 cups, spilt."),
        "{error}"
    );
    assert!(
        error.message.contains("+ bot edits: 3 cups, drunk."),
        "{error}"
    );
    bot.stop().await.unwrap();
}

#[tokio::test]
async fn a_handler_that_fails_fails_the_story() {
    let bot = StoryBot::<Coffee>::start(MANIFEST, json!({}))
        .await
        .unwrap();
    // It needs a database for this, and has none.
    let error = bot.plays(STORY).await.unwrap_err();
    assert!(error.message.contains("a handler failed"), "{error}");
    bot.stop().await.unwrap();
}
