//! The bot inside the test.

mod leftovers;

use std::ops::Deref;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bot_core::app::App;
use bot_core::config::Config;
use bot_core::health::Health;
use bot_core::start::{self, StartError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

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
