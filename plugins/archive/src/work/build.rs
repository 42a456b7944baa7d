//! Files become a ZIP: Telegram's are fetched, the core writes the ZIP, and it is ready when its
//! bytes and its row are there.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::transaction;

use super::collect::album_is_whole;
use super::{CHANGED, Work, about};
use crate::Archives;
use crate::archive::{Archive, ArchiveId, Edit, File};
use crate::state::State;
use crate::store::ArchiveRows as _;
use crate::store::files::FileRows as _;

pub(crate) const BUILD: &str = "archive.build";

/// How often it is said how far it is.
const PULSE: Duration = Duration::from_secs(1);

/// Why no ZIP comes of it: a code that texts know, and which file it is about.
#[derive(Debug)]
struct Fault {
    code: &'static str,
    about: Option<String>,
}

/// What stops a build.
enum Stop {
    Fault(Fault),
    /// Somebody does not want it any more.
    Cancelled,
    /// It may go better later.
    Error(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// The core's answer to `zips.build`.
#[derive(Debug, Deserialize)]
struct Built {
    blob: String,
    size: i64,
}

pub(crate) async fn build(archives: &Archives, ctx: &Ctx, job: &Job) -> Result<(), Error> {
    let id = about(job)?;
    let work = Work::own(archives, ctx);
    let Some(archive) = work.start(id).await? else {
        return Ok(());
    };
    let stopped = match work.run(&archive).await {
        Ok(()) => return Ok(()),
        Err(stopped) => stopped,
    };
    match stopped {
        Stop::Cancelled => Ok(()),
        Stop::Fault(fault) => work.fail(id, fault.code, fault.about).await,
        Stop::Error(error) => {
            tracing::warn!(archive = id.0, %error, "a build broke off");
            if job.attempts + 1 >= job.max_attempts {
                return work.fail(id, "broken", None).await;
            }
            Err(error)
        }
    }
}

impl Work<'_> {
    /// The archive, when it is to be built and all of its files are there. From now on none comes.
    async fn start(&self, id: ArchiveId) -> Result<Option<Archive>, Error> {
        let ctx = self.ctx;
        transaction!(ctx, |c, effects| {
            let found = c.lock(id).await?;
            let Some(archive) = found.filter(|it| it.state == State::Building) else {
                return Ok(None);
            };
            let whole_at = album_is_whole(&archive);
            if archive.total == 0 && self.at < whole_at {
                let mut later = self.job(BUILD, id, Some(whole_at));
                later.unique_key = Some(format!("{BUILD}:{id}:{}", whole_at.0));
                effects.job(c, &later).await?;
                return Ok(None);
            }
            let sum = c.sum(id).await?;
            let files = c.files(id).await?;
            let fetched = files.iter().filter(|file| file.blob.is_none());
            let total = fetched.map(|file| file.size).sum::<i64>() + sum.bytes;
            let edit = Edit {
                done: Some(0),
                total: Some(total.max(1)),
                ..Edit::default()
            };
            let archive = c.edit(&archive, edit, self.at).await?;
            self.trace(&mut effects, c, &archive, CHANGED).await?;
            Ok(Some(archive))
        })
    }

    async fn run(&self, archive: &Archive) -> Result<(), Stop> {
        let db = self.ctx.db()?;
        let mut fetched = 0;
        for file in with_db!(db, c => c.files(archive.id).await)? {
            if file.blob.is_none() {
                fetched += self.fetch(archive, &file).await?;
                self.says(archive.id, fetched).await?;
            }
        }
        let files = with_db!(db, c => c.files(archive.id).await)?;
        let built = self.zip(archive, &files, fetched).await?;
        self.ready(archive, built).await
    }

    /// Brings a file of Telegram's here.
    async fn fetch(&self, archive: &Archive, file: &File) -> Result<i64, Stop> {
        #[derive(Deserialize)]
        struct Fetched {
            id: String,
            size: i64,
        }
        let body = json!({
            "file_id": file.file_id, "name": file.name, "media_type": file.media_type,
            "max_bytes": self.archives.bounds.archive(),
        });
        let fetched = self.ctx.call("blobs.fetch", &body).await;
        let fetched: Fetched = fetched.map_err(|error| stop(error, Some(&file.name)))?;
        let ctx = self.ctx;
        transaction!(ctx, |c, effects| {
            effects.keep_blob(c, &fetched.id, None).await?;
            c.fetched(file.id, &fetched.id, fetched.size).await?;
            let archive = c.lock(archive.id).await?;
            // What is kept for a cancelled one would never go.
            match archive.is_some_and(|archive| archive.state == State::Building) {
                true => Ok(()),
                false => Err(vahta_plugin_sdk::rows::DbError::from(
                    diesel::result::Error::RollbackTransaction,
                )),
            }
        })
        .or(Err(Stop::Cancelled))?;
        Ok(fetched.size)
    }

    /// Lets the core write the ZIP, and says how far it is.
    async fn zip(&self, archive: &Archive, files: &[File], before: i64) -> Result<Built, Stop> {
        let entries: Vec<_> = files
            .iter()
            .map(|file| json!({"blob": file.blob, "name": file.name, "modified": file.modified_at}))
            .collect();
        let id = archive.key();
        let body = json!({
            "id": id, "name": archive.file_name(), "entries": entries,
            "password": archive.zip_password, "level": self.archives.bounds.level(),
        });
        let built = self.ctx.call::<_, Built>("zips.build", &body);
        let mut built = std::pin::pin!(built);
        let mut pulse = tokio::time::interval(PULSE);
        pulse.tick().await;
        loop {
            tokio::select! {
                built = &mut built => return built.map_err(|error| stop(error, None)),
                _ = pulse.tick() => {
                    #[derive(Deserialize)]
                    struct Progress { #[serde(default)] done: i64 }
                    let asked = json!({ "id": id });
                    let progress: Progress = self.ctx.call("zips.progress", &asked).await?;
                    if let Err(stopped) = self.says(archive.id, before + progress.done).await {
                        let _: serde_json::Value = self.ctx.call("zips.cancel", &asked).await?;
                        return Err(stopped);
                    }
                }
            }
        }
    }

    /// So many bytes are done; stops what nobody wants any more.
    async fn says(&self, id: ArchiveId, done: i64) -> Result<(), Stop> {
        let ctx = self.ctx;
        let goes_on = transaction!(ctx, |c, effects| {
            let found = c.lock(id).await?;
            let Some(archive) = found.filter(|it| it.state == State::Building) else {
                return Ok(false);
            };
            if archive.done != done {
                let edit = Edit {
                    done: Some(done),
                    ..Edit::default()
                };
                // The present: a build takes longer than the instant at which it began.
                let archive = c.edit(&archive, edit, now(ctx)).await?;
                self.trace(&mut effects, c, &archive, CHANGED).await?;
                self.show_soon(&mut effects, c, &archive).await?;
            }
            Ok(true)
        })?;
        match goes_on {
            true => Ok(()),
            false => Err(Stop::Cancelled),
        }
    }

    /// The ZIP is there: its row, its rule and everything that tells of it, or nothing.
    async fn ready(&self, archive: &Archive, built: Built) -> Result<(), Stop> {
        let (ctx, id) = (self.ctx, archive.id);
        let picture = self.picture(archive).await?;
        let at = now(ctx);
        let done = transaction!(ctx, |c, effects| {
            let found = c.lock(id).await?;
            let Some(archive) = found.filter(|it| it.state == State::Building) else {
                return Ok(false);
            };
            effects.keep_blob(c, &built.blob, None).await?;
            for blob in c.forget_blobs(id).await? {
                effects.drop_blob(c, &blob).await?;
            }
            let lifetime = archive.lifetime_s.saturating_mul(1_000_000);
            let edit = Edit {
                state: Some(State::Ready),
                done: Some(archive.total),
                blob: Some(Some(built.blob.clone())),
                size: Some(built.size),
                zip_password: Some(None),
                ready_at: Some(Some(at.0)),
                expires_at: Some(Some(at.0.saturating_add(lifetime))),
                ..Edit::default()
            };
            let archive = c.edit(&archive, edit, at).await?;
            self.rule(c, &mut effects, &archive).await?;
            self.trace(&mut effects, c, &archive, "archive.ready")
                .await?;
            self.show_soon(&mut effects, c, &archive).await?;
            self.hand_out(c, &mut effects, &archive, picture.as_deref())
                .await?;
            Ok(true)
        })?;
        match done {
            true => Ok(()),
            false => Err(Stop::Cancelled),
        }
    }

    /// It cannot be made; the files stay, so that whoever mends it need not send them again.
    pub(super) async fn fail(
        &self,
        id: ArchiveId,
        code: &str,
        about: Option<String>,
    ) -> Result<(), Error> {
        let ctx = self.ctx;
        transaction!(ctx, |c, effects| {
            let found = c.lock(id).await?;
            let Some(archive) = found.filter(|it| it.state == State::Building) else {
                return Ok(());
            };
            let edit = Edit {
                state: Some(State::Failed),
                fault: Some(Some(code.to_owned())),
                fault_about: Some(about.clone()),
                ..Edit::default()
            };
            let archive = c.edit(&archive, edit, now(ctx)).await?;
            self.trace(&mut effects, c, &archive, "archive.failed")
                .await?;
            self.show_soon(&mut effects, c, &archive).await
        })?;
        Ok(())
    }
}

/// Later than the delivery began: it is a long one.
fn now(ctx: &Ctx) -> vahta_plugin_sdk::rows::Micros {
    let elapsed = i64::try_from(ctx.elapsed().as_micros()).unwrap_or(i64::MAX);
    vahta_plugin_sdk::rows::Micros(ctx.now().as_microsecond().saturating_add(elapsed))
}

/// What the core's refusals mean for a build.
fn stop(error: Error, file: Option<&str>) -> Stop {
    let Error::Call(call) = &error else {
        return Stop::Error(error);
    };
    let named = call
        .detail
        .as_ref()
        .and_then(|detail| detail["name"].as_str());
    let about = file.or(named).map(str::to_owned);
    let code = match call.code.as_str() {
        "gone" => "gone",
        "too_big" => "too-big",
        "no_room" => "no-room",
        "cancelled" => return Stop::Cancelled,
        _ => return Stop::Error(error),
    };
    Stop::Fault(Fault { code, about })
}
