//! The keeper: tells everyone who may decide, brings every message to the truth, and ends what is
//! due. What is left to do follows from the tables, so it may be killed at any moment.

use std::time::Duration;

use serde_json::{Value, json};
use vahta_rows::outbox::{Lane, OutboxRow, Outgoing, PutOutbox as _};
use vahta_rows::{ApprovalId, ChatId, DbError, Micros, UserId, transaction};

use super::card::{self, Reader};
use super::notices::{self, Need, NoticeRows as _};
use super::read::{self, Approval, View};
use super::rights;
use super::rows::ApprovalRows as _;
use crate::access::{By, Who};
use crate::app::App;
use crate::commands::{Keyboard, markup};

const POLL: Duration = Duration::from_secs(1);
/// Questions of one round; the next round goes on behind them.
const MOST: i64 = 200;
/// Messages that one transaction writes: the writer's ticket is short.
const TOGETHER: usize = 50;

/// Keeps until the future is dropped.
pub async fn keep(app: App) {
    let mut access = app.access.changes();
    let mut keeper = Keeper {
        app: app.clone(),
        rules: None,
        after: 0,
    };
    loop {
        access.mark_unchanged();
        if let Err(error) = keeper.round().await {
            tracing::warn!(%error, "approvals cannot be looked after just now");
        }
        tokio::select! {
            () = app.approvals.0.wake.notified() => {}
            _ = access.changed() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

struct Keeper {
    app: App,
    /// The version of the rules under which everyone was told of what is open.
    rules: Option<i64>,
    /// Where the next round goes on.
    after: i64,
}

/// What one message needs, ready to be written.
enum Step {
    Send {
        to: UserId,
        out: Outgoing,
    },
    Note {
        user: i64,
        message: i64,
        key: String,
        version: i64,
    },
    Edit {
        user: i64,
        message: i64,
        out: Outgoing,
    },
    Lose {
        user: i64,
    },
}

impl Keeper {
    async fn round(&mut self) -> Result<(), DbError> {
        let approvals = self.app.approvals.clone();
        for approval in read::due(&self.app.db, Micros::now(), MOST).await? {
            let by = self.by(&approval);
            approvals.expire(approval.id(), &by).await?;
        }
        approvals.look().await?;
        let open = approvals.0.open.load_full();
        let untold = read::untold(&self.app.db, self.after, MOST).await?;
        self.after = match untold.last() {
            Some(last) if untold.len() as i64 == MOST => last.id,
            _ => 0,
        };
        for approval in &untold {
            self.bring_to_truth(approval.id()).await?;
        }
        // Whoever has just been given the right is told as well.
        let rules = self.app.access.snapshot().version;
        if self.rules != Some(rules) {
            for approval in open
                .approvals
                .iter()
                .filter(|a| a.told_version >= a.version)
            {
                self.bring_to_truth(approval.id()).await?;
            }
            self.rules = Some(rules);
        }
        Ok(())
    }

    /// The program itself, when time decides.
    fn by(&self, approval: &Approval) -> By {
        By {
            user: None,
            source: "core",
            correlation: format!("approval:{}", approval.id),
            instance: self.app.instance,
        }
    }

    async fn bring_to_truth(&self, id: ApprovalId) -> Result<(), DbError> {
        let Some(view) = read::one(&self.app.db, id).await? else {
            return Ok(());
        };
        let (steps, has_to_wait) = self.steps(&view).await?;
        let sends = steps.iter().any(|step| matches!(step, Step::Send { .. }));
        for some in steps.chunks(TOGETHER) {
            if !self.write(&view, some).await? {
                // It was changed meanwhile: the next round sees how.
                return Ok(());
            }
        }
        let approval = &view.approval;
        if !sends && !has_to_wait && approval.told_version < approval.version {
            transaction!(self.app.db, c => c.told(id, approval.version).await)?;
        }
        Ok(())
    }

    /// What is to be done, and whether something else has to arrive before more can be.
    async fn steps(&self, view: &View) -> Result<(Vec<Step>, bool), DbError> {
        let (approval, snapshot, now) = (&view.approval, self.app.access.snapshot(), Micros::now());
        let mut steps = Vec::new();
        let mut has_to_wait = false;
        let notices = notices::of(&self.app.db, approval.id()).await?;
        if approval.is_open() {
            let place = rights::place(approval);
            for known in snapshot.holders_in(&approval.permission, place, now) {
                let Some(chat) = known.telegram_id else {
                    continue;
                };
                let is_told = notices.iter().any(|(n, _)| n.user_id == known.id.0);
                if is_told || !rights::may_decide(&snapshot, known.id, approval, now) {
                    continue;
                }
                let key = format!("approval:{}:{}", approval.id, known.id);
                let reader = self.reader(known.id, approval).await?;
                let shown = card::card(&self.app.texts, &reader, view);
                let out = outgoing("SendMessage", key, chat, None, shown);
                steps.push(Step::Send { to: known.id, out });
            }
        }
        for (notice, sending) in notices {
            let user = notice.user_id;
            match notice.need(sending, approval.version) {
                Need::Nothing => {}
                Need::Patience => has_to_wait = true,
                Need::GiveUp => steps.push(Step::Lose { user }),
                Need::Note(message) => steps.push(Step::Note {
                    user,
                    message,
                    key: notice.dedup_key,
                    version: notice.shown_version,
                }),
                Need::Edit(message) => {
                    let reader = self.reader(UserId(user), approval).await?;
                    let shown = card::card(&self.app.texts, &reader, view);
                    let key = format!("approval:{}:{user}:{}", approval.id, approval.version);
                    let chat = notice.chat_id;
                    let out = outgoing("EditMessageText", key, chat, Some(message), shown);
                    steps.push(Step::Edit { user, message, out });
                }
            }
        }
        Ok((steps, has_to_wait))
    }

    /// Writes some steps, if the question is still as it was; false when it is not.
    async fn write(&self, view: &View, steps: &[Step]) -> Result<bool, DbError> {
        let (id, version, instance) =
            (view.approval.id(), view.approval.version, self.app.instance);
        let written = transaction!(self.app.db, c => {
            let now = c.lock_approval(id).await?;
            if now.is_none_or(|approval| approval.version != version) {
                return Ok(None);
            }
            let mut rows: Vec<OutboxRow> = Vec::new();
            for step in steps {
                match step {
                    Step::Send { to, out } => {
                        if c.put_notice(id, *to, out.chat_id, &out.dedup_key, version).await? {
                            rows.extend(c.put_outbox(out, instance).await?);
                        }
                    }
                    Step::Note { user, message, key, version } => {
                        c.note(id, *user, *message, key, *version).await?;
                    }
                    Step::Edit { user, message, out } => {
                        rows.extend(c.put_outbox(out, instance).await?);
                        c.note(id, *user, *message, &out.dedup_key, version).await?;
                    }
                    Step::Lose { user } => c.lose(id, *user).await?,
                }
            }
            Ok(Some(rows))
        })?;
        let Some(rows) = written else {
            return Ok(false);
        };
        self.app.outbox.hand_over(rows);
        Ok(true)
    }

    /// Somebody's language and zone, also when they hold nothing any more.
    async fn reader(&self, user: UserId, approval: &Approval) -> Result<Reader, DbError> {
        let (language, time_zone) = match self.app.access.snapshot().user(user) {
            Some(known) => (known.language.clone(), known.time_zone.clone()),
            None => match self.app.access.find(&Who::User(user)).await? {
                Some(person) => (person.language, person.time_zone),
                None => (None, "UTC".into()),
            },
        };
        let snapshot = self.app.access.snapshot();
        Ok(Reader {
            user,
            language: language.unwrap_or_else(|| "en".into()),
            time_zone,
            may_decide: rights::may_decide(&snapshot, user, approval, Micros::now()),
        })
    }
}

fn outgoing(
    method: &str,
    dedup_key: String,
    chat: i64,
    message: Option<i64>,
    (text, keyboard): (String, Keyboard),
) -> Outgoing {
    let mut payload: Value = json!({
        "chat_id": chat,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
        "reply_markup": markup(&keyboard),
    });
    if let Some(message) = message {
        payload["message_id"] = message.into();
    }
    Outgoing {
        dedup_key,
        plugin: "core".into(),
        chat_id: ChatId(chat),
        method: method.into(),
        payload,
        lane: Lane::Notice,
        due_at: None,
    }
}
