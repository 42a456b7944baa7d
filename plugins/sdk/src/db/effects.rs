//! What a transaction leaves behind for the core: messages, events, acts, jobs.

use serde::Serialize;
use serde_json::json;
use teloxide::requests::Payload;
use vahta_rows::approvals::{AskApproval, NewApproval};
use vahta_rows::audit::{Act, PutAct};
use vahta_rows::blobs::KeepBlob;
use vahta_rows::downloads::{Counted, DownloadRules, Rule};
use vahta_rows::events::{Event, PutEvent};
use vahta_rows::jobs::{NewJob, PutJob};
use vahta_rows::notices::{NewNotice, PutNotice};
use vahta_rows::outbox::{Lane, OutboxRow, Outgoing, PutOutbox};
use vahta_rows::{ApprovalId, ChatId, DbError, EventId, JobId, Micros, NoticeId, UserId};

use crate::Ctx;
use crate::bot::Request;

/// Collects what was written, to tell the host after the commit. Made by
/// [`transaction!`](crate::transaction).
pub struct Effects {
    ctx: Ctx,
    rows: Vec<OutboxRow>,
    events: bool,
    jobs: bool,
    approvals: bool,
    notices: bool,
}

impl Effects {
    #[doc(hidden)]
    pub fn new(ctx: &Ctx) -> Self {
        Self {
            ctx: ctx.clone(),
            rows: Vec::new(),
            events: false,
            jobs: false,
            approvals: false,
            notices: false,
        }
    }

    /// Leaves a message: the answer to the update, before everything else that waits.
    ///
    /// # Errors
    /// The database's, or that the request names no chat by number.
    pub async fn send<C, P>(&mut self, c: &mut C, request: Request<P>) -> Result<(), DbError>
    where
        C: PutOutbox + Send,
        P: Payload + Serialize,
    {
        let lane = match self.ctx.envelope().update_id {
            Some(_) => Lane::Reply,
            None => Lane::Notice,
        };
        self.send_later(c, request, lane, None).await?;
        Ok(())
    }

    /// Leaves a message in a lane, not before `due_at`; the key by which the outbox knows it.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_later<C, P>(
        &mut self,
        c: &mut C,
        request: Request<P>,
        lane: Lane,
        due_at: Option<Micros>,
    ) -> Result<String, DbError>
    where
        C: PutOutbox + Send,
        P: Payload + Serialize,
    {
        let parts = request.into_parts()?;
        let out = Outgoing {
            dedup_key: self.ctx.next_outbox_key(),
            plugin: self.ctx.host().plugin().to_owned(),
            chat_id: ChatId(parts.chat),
            method: parts.method.to_owned(),
            payload: parts.payload,
            lane,
            due_at,
        };
        let row = c.put_outbox(&out, self.ctx.host().instance()).await?;
        // None: an earlier run of the same delivery wrote it, and it was handed over then.
        self.rows.extend(row);
        Ok(out.dedup_key)
    }

    /// Writes down what happened, for everyone who watches.
    ///
    /// # Errors
    /// The database's.
    pub async fn event<C>(&mut self, c: &mut C, event: &Event) -> Result<EventId, DbError>
    where
        C: PutEvent + Send,
    {
        self.events = true;
        c.put_event(event).await
    }

    /// Writes into the audit log that this delivery's actor did `action` (such as `task.done`) to
    /// `object` (such as `task:12`).
    ///
    /// # Errors
    /// The database's.
    pub async fn audit<C>(
        &mut self,
        c: &mut C,
        action: &str,
        object: &str,
        detail: serde_json::Value,
    ) -> Result<(), DbError>
    where
        C: PutAct + Send,
    {
        let envelope = self.ctx.envelope();
        let actor = envelope.actor.as_ref().and_then(|actor| actor.user_id);
        let source = match envelope.update_id {
            Some(_) => "telegram",
            None => "plugin",
        };
        c.put_act(&Act {
            actor: actor.map(UserId),
            source: source.to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail,
            correlation: envelope.correlation.clone(),
        })
        .await
    }

    /// Leaves work for later; none when an unfinished job has the same unique key.
    ///
    /// # Errors
    /// The database's.
    pub async fn job<C>(&mut self, c: &mut C, job: &NewJob) -> Result<Option<JobId>, DbError>
    where
        C: PutJob + Send,
    {
        self.jobs = true;
        c.put_job(job).await
    }

    /// Asks those who hold a permission; the outcome comes to the plugin's `job` handler as a job of
    /// kind [`JOB`](vahta_rows::approvals::JOB). None when the question with this key is open
    /// already. Who asks is this delivery's actor, unless `new` says who.
    ///
    /// # Errors
    /// The database's; it refuses a `needed` that is not within 1 and 10.
    pub async fn ask_approval<C>(
        &mut self,
        c: &mut C,
        new: NewApproval,
    ) -> Result<Option<ApprovalId>, DbError>
    where
        C: AskApproval + PutAct + Send,
    {
        let actor = self.ctx.actor().and_then(|actor| actor.user_id);
        let new = NewApproval {
            plugin: self.ctx.host().plugin().to_owned(),
            requested_by: new.requested_by.or(actor.map(UserId)),
            ..new
        };
        let asked = c.ask_approval(&new).await?;
        if let Some(id) = asked {
            self.approvals = true;
            let detail =
                json!({ "object": new.object, "permission": new.permission, "needed": new.needed });
            self.audit(c, "approval.asked", &format!("approval:{id}"), detail)
                .await?;
        }
        Ok(asked)
    }

    /// Takes a question back that nobody has decided; no job follows. False when it is not open.
    ///
    /// # Errors
    /// The database's.
    pub async fn withdraw_approval<C>(&mut self, c: &mut C, key: &str) -> Result<bool, DbError>
    where
        C: AskApproval + PutAct + Send,
    {
        let plugin = self.ctx.host().plugin().to_owned();
        let taken = c.withdraw_approval(&plugin, key).await?;
        if taken {
            self.approvals = true;
            let object = format!("plugin:{plugin}");
            self.audit(c, "approval.withdrawn", &object, json!({ "key": key }))
                .await?;
        }
        Ok(taken)
    }

    /// Tells somebody: on the page that they have open, else in their private chat. None when they
    /// have been told this key already.
    ///
    /// # Errors
    /// The database's.
    pub async fn notify<C>(
        &mut self,
        c: &mut C,
        new: NewNotice,
    ) -> Result<Option<NoticeId>, DbError>
    where
        C: PutNotice + Send,
    {
        let new = NewNotice {
            plugin: self.ctx.host().plugin().to_owned(),
            ..new
        };
        let told = c.put_notice(&new).await?;
        self.notices |= told.is_some();
        Ok(told)
    }

    /// Takes back what nobody has been told yet, because it is no longer so; answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn withdraw_notices<C>(
        &mut self,
        c: &mut C,
        keys: &[String],
    ) -> Result<usize, DbError>
    where
        C: PutNotice + Send,
    {
        let plugin = self.ctx.host().plugin().to_owned();
        c.withdraw_notices(&plugin, keys).await
    }

    /// [`Self::withdraw_notices`] of one; false when somebody has seen it.
    ///
    /// # Errors
    /// The database's.
    pub async fn withdraw_notice<C>(&mut self, c: &mut C, id: NoticeId) -> Result<bool, DbError>
    where
        C: PutNotice + Send,
    {
        let plugin = self.ctx.host().plugin().to_owned();
        c.withdraw_notice(&plugin, id).await
    }

    /// What nobody has seen yet says something else below its first lines, which tell why it comes.
    ///
    /// # Errors
    /// The database's.
    pub async fn renew_notice<C>(
        &mut self,
        c: &mut C,
        id: NoticeId,
        text: &str,
        keyboard: serde_json::Value,
    ) -> Result<bool, DbError>
    where
        C: PutNotice + Send,
    {
        let plugin = self.ctx.host().plugin().to_owned();
        c.renew_notice(&plugin, id, text, keyboard).await
    }

    /// Keeps an uploaded file, until an instant or for ever: in the transaction of the row that
    /// names it, so that neither is there without the other.
    ///
    /// # Errors
    /// The database's, or that there is no such file any more.
    pub async fn keep_blob<C>(
        &mut self,
        c: &mut C,
        id: &str,
        until: Option<Micros>,
    ) -> Result<(), DbError>
    where
        C: KeepBlob + Send,
    {
        if c.keep_blob(self.ctx.host().plugin(), id, until).await? {
            Ok(())
        } else {
            Err(DbError::Query(vahta_rows::diesel::result::Error::NotFound))
        }
    }

    /// Lets a file go that nothing names any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn drop_blob<C>(&mut self, c: &mut C, id: &str) -> Result<(), DbError>
    where
        C: KeepBlob + Send,
    {
        c.drop_blob(self.ctx.host().plugin(), id).await.map(drop)
    }

    /// Says how often something of the plugin's may be downloaded, under a key of its own; what was
    /// taken under this key stays counted. The way to a link is
    /// [`Downloads::grant`](crate::downloads::Downloads::grant).
    ///
    /// # Errors
    /// The database's.
    pub async fn set_download_rule<C>(
        &mut self,
        c: &mut C,
        key: &str,
        rule: &Rule,
    ) -> Result<(), DbError>
    where
        C: DownloadRules + Send,
    {
        c.set_download_rule(self.ctx.host().plugin(), key, rule)
            .await
    }

    /// Takes a rule away with its count: no download is granted any more, and those under way end
    /// as aborted. False when there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn drop_download_rule<C>(&mut self, c: &mut C, key: &str) -> Result<bool, DbError>
    where
        C: DownloadRules + Send,
    {
        // The jobs of those under way are found without being told of.
        c.drop_download_rule(self.ctx.host().plugin(), key).await
    }

    /// A rule with what has been taken of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn download_rule<C>(&self, c: &mut C, key: &str) -> Result<Option<Counted>, DbError>
    where
        C: DownloadRules + Send,
    {
        c.download_rule(self.ctx.host().plugin(), key).await
    }

    /// Tells the host, without waiting: everything is in the tables already.
    #[doc(hidden)]
    pub fn committed(self) {
        let Self {
            ctx,
            rows,
            events,
            jobs,
            approvals,
            notices,
        } = self;
        if !rows.is_empty() {
            let body = json!({ "rows": rows });
            wake(&ctx, "outbox.committed", &body);
        }
        if events {
            wake(&ctx, "events.committed", &json!(null));
        }
        if jobs {
            wake(&ctx, "jobs.wake", &json!(null));
        }
        if approvals {
            wake(&ctx, "approval.wake", &json!(null));
        }
        if notices {
            wake(&ctx, "notice.wake", &json!(null));
        }
    }
}

fn wake(ctx: &Ctx, method: &str, body: &serde_json::Value) {
    let body = serde_json::to_vec(body).unwrap_or_default();
    drop(ctx.host().call_raw(ctx.number(), method, &body));
}
