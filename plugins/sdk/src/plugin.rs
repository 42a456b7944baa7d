//! What an author implements.

use std::future::Future;

use serde_json::Value;
use vahta_rows::jobs::Job;

use crate::{Config, Ctx, Error, Host, web};

/// A tree of teloxide handlers.
///
/// Besides what teloxide's own filters provide (from [`Update`](teloxide::types::Update)), a
/// handler may ask for: [`Ctx`], [`Bot`](crate::Bot), and `Arc<Self>` of the plugin. A handler that
/// asks for anything else is found when the plugin starts, not when somebody runs into it.
pub type Handler = teloxide::dispatching::UpdateHandler<Error>;

/// A plugin. Only `start` and `handler` have to be written.
pub trait Plugin: Send + Sync + Sized + 'static {
    /// Opens what the plugin needs, runs its migrations. Deliveries wait until it has returned.
    fn start(host: Host, config: Config) -> impl Future<Output = Result<Self, Error>> + Send;

    /// How updates are handled; called once, after `start`.
    fn handler() -> Handler;

    /// Runs one of the jobs that the manifest names. An error makes the host try again later.
    fn job(&self, ctx: Ctx, job: Job) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = ctx;
        async move {
            Err(Error::other(format!(
                "there is no handler for jobs of kind {}",
                job.kind
            )))
        }
    }

    /// Hears of an event.
    fn event(&self, ctx: Ctx, event: Value) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = (ctx, event);
        async { Ok(()) }
    }

    /// Answers a request to one of the manifest's `web` routes.
    fn http(
        &self,
        ctx: Ctx,
        request: web::Request,
    ) -> impl Future<Output = Result<web::Answer, Error>> + Send {
        let _ = (ctx, request);
        async { Ok(web::Answer::not_found()) }
    }

    /// Asked after the start, before a reload switches over, and now and then.
    fn health(&self) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }

    /// Writes down what must not be lost. Handlers have ended; host calls still work. What is
    /// still running after it returns is aborted.
    fn stop(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}
