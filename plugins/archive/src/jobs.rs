//! Work that no update caused.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::downloads;

use crate::Archives;
use crate::work::{self, BUILD, CARD, EXPIRE, SWEEP};

/// The core's: a file came by a link of ours.
const UPLOAD: &str = "upload";

pub(crate) async fn run(archives: &Archives, ctx: &Ctx, job: Job) -> Result<(), Error> {
    match job.kind.as_str() {
        BUILD => Box::pin(work::build(archives, ctx, &job)).await,
        CARD => work::refresh(archives, ctx, &job).await,
        EXPIRE => work::expire(archives, ctx, &job).await,
        SWEEP => work::sweep(archives, ctx).await,
        UPLOAD => work::uploaded(archives, ctx, job).await,
        downloads::JOB => work::downloaded(archives, ctx, job).await,
        kind => Err(Error::other(format!("there is no handler for {kind}"))),
    }
}
