//! The bot inside the test.

mod leftovers;

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use bot_core::app::App;
use bot_core::config::Config;
use bot_core::health::Health;
use bot_core::start::{self, StartError};
use serde_json::json;
use telegram_sandbox::story::{Player, Story};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vahta_rows::outbox::{Lane, Outgoing, PutOutbox as _};
use vahta_rows::{ChatId, Micros, OutboxId, transaction};

use crate::Stage;
use crate::notes::Notes;

/// A stage with the bot running on it; [`TestApp::shutdown`] looks for what was left over.
pub struct TestApp {
    stage: Stage,
    /// The bot's own parts, for what cannot be seen from outside.
    pub app: App,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), StartError>>,
    pub notes: Notes,
    allowed: Vec<String>,
}

impl Deref for TestApp {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Stage {
    /// Starts the bot as `vahta run` would, without web site and signals.
    ///
    /// # Errors
    /// The configuration's, or the start's.
    pub async fn start(self) -> Result<TestApp> {
        let config = Config::from_variables(&self.variables())?;
        let bot = Box::pin(start::start(config, Health::default())).await?;
        let app = bot.app.clone();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            // Dropped without a word: the story failed, and the bot ends as well.
            let _ = stopped.await;
        };
        let running = tokio::spawn(Box::pin(bot.run(shutdown)));
        let (notes, allowed) = (Notes::here(), Vec::new());
        Ok(TestApp {
            stage: self,
            app,
            stop,
            running,
            notes,
            allowed,
        })
    }
}

impl TestApp {
    /// Leftovers and error lines that contain this text are part of the story.
    pub fn expect(&mut self, text: &str) {
        self.allowed.push(text.to_owned());
    }

    /// A durable message of the core, as a change leaves it.
    ///
    /// # Errors
    /// The database's.
    pub async fn leaves(
        &self,
        chat: i64,
        text: &str,
        lane: Lane,
        due_at: Option<Micros>,
    ) -> Result<OutboxId> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let out = Outgoing {
            dedup_key: format!("story:{number}"),
            plugin: "core".to_owned(),
            chat_id: ChatId(chat),
            method: "SendMessage".to_owned(),
            payload: json!({"chat_id": chat, "text": text}),
            lane,
            due_at,
        };
        let instance = self.app.instance;
        let row = transaction!(self.app.db, c => c.put_outbox(&out, instance).await)?;
        let row = row.context("its key is new")?;
        let id = row.id;
        self.app.outbox.hand_over([row]);
        Ok(id)
    }

    /// Plays a story file (docs/stories.md of the sandbox) with this bot.
    ///
    /// # Errors
    /// Where the bot does something else than the story says, with the difference.
    pub async fn plays(&self, story: &str) -> Result<()> {
        let story = Story::parse(story)?;
        let player = Player::new(&self.sandbox.url()).patience(Duration::from_secs(30));
        let outcome = player.play(&story).await?;
        let refused = &outcome.refused;
        ensure!(
            outcome.passed,
            "{}: {refused:?}\n{}",
            story.title,
            outcome.diff
        );
        self.idle().await
    }

    /// Stops the bot in order.
    ///
    /// # Errors
    /// What the bot left behind or should not have said: see `leftovers`.
    pub async fn shutdown(self) -> Result<()> {
        let app = self.stop_bot().await?;
        app.stage.clear().await
    }

    /// Stops the bot and leaves the stage as it is, for a next start.
    ///
    /// # Errors
    /// As [`Self::shutdown`].
    pub async fn stop(self) -> Result<Stage> {
        Ok(self.stop_bot().await?.stage)
    }

    async fn stop_bot(self) -> Result<Left> {
        self.stage.idle().await?;
        self.stage.cards_have_followed().await?;
        // Nobody listens any more: it has ended by itself, which `running` tells about.
        let _ = self.stop.send(());
        tokio::time::timeout(Duration::from_secs(15), self.running)
            .await
            .context("the bot did not stop within 15 s")?
            .context("the bot panicked")??;
        drop(self.app);
        let mut left = leftovers::find(&self.stage, &self.notes).await?;
        left.retain(|line| !self.allowed.iter().any(|allowed| line.contains(allowed)));
        if left.is_empty() {
            return Ok(Left { stage: self.stage });
        }
        Err(anyhow!(
            "left over at the end of the story:\n  {}",
            left.join("\n  ")
        ))
    }
}

/// A stage whose bot has left it clean.
struct Left {
    stage: Stage,
}
