//! What we measure ourselves against: a bot as teloxide's documentation writes it, with teloxide's
//! own dispatcher and nothing else: no storage, no access check, no limits, no log.

use clap::Parser;
use teloxide::prelude::*;
use teloxide::utils::command::BotCommands;

#[derive(Parser)]
struct Args {
    /// Bot API server.
    api_url: String,
    #[arg(long, default_value = "1:bench")]
    token: String,
}

#[derive(BotCommands, Clone)]
#[command(rename_rule = "lowercase")]
enum Command {
    /// Repeats the text.
    Echo(String),
}

async fn echo(bot: Bot, message: Message, command: Command) -> ResponseResult<()> {
    let Command::Echo(text) = command;
    bot.send_message(message.chat.id, text).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let bot = Bot::new(args.token).set_api_url(args.api_url.parse()?);
    let tree = Update::filter_message()
        .filter_command::<Command>()
        .endpoint(echo);
    Dispatcher::builder(bot, tree).build().dispatch().await;
    Ok(())
}
