//! Messages that show a task follow it.
//!
//! A card is remembered with the key of its outbox row; where it is in the chat is known only when
//! Telegram has taken it. A change looks there and edits the card in its own transaction. What is
//! still on its way then is followed by a job, which brings the card to what is true by that time:
//! both hold the task's lock, so one of them sees what the other did. Before the outbox forgets its
//! rows, a job writes down where the cards of a quiet task are. A notice brings a card when the
//! core sends it: after the quiet hours of whoever it is for, or never, if they have seen it on the web.

use serde_json::json;
use vahta_plugin_sdk::Error;
use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::jobs::NewJob;
use vahta_plugin_sdk::rows::outbox::Lane;
use vahta_plugin_sdk::rows::{DbError, Micros, NoticeId, with_db};
use vahta_plugin_sdk::transaction;

use super::{Rows, Work, zone};
use crate::store::TaskRows as _;
use crate::store::cards::{Card, CardRows as _, NewCard, Sent};
use crate::store::notes::NoteRows as _;
use crate::task::{Person, Task, TaskId, Whole};
use crate::view::{Screen, View};
use crate::{Tasks, permission, reply};

/// The kind of the job that waits for a card to arrive.
pub(crate) const CARD: &str = "task.card";
/// That of the answers to presses: edits of one message must not overtake each other.
const LANE: Lane = Lane::Reply;
/// Until it looks for a card that was on its way.
const SOON: i64 = 1_000_000;
/// The outbox forgets what it sent after 14 days.
const BEFORE_FORGOTTEN: i64 = 10 * 24 * 3_600 * 1_000_000;

/// For whom a card is made.
pub(crate) struct Shown {
    pub(crate) chat: i64,
    pub(crate) language: String,
    pub(crate) time_zone: String,
}

impl Shown {
    /// Whoever caused the delivery, in the chat where they did.
    pub(crate) fn here(ctx: &Ctx, chat: i64) -> Self {
        let time_zone = ctx.actor().and_then(|actor| actor.time_zone.clone());
        Self {
            chat,
            language: ctx.language().to_owned(),
            time_zone: time_zone.unwrap_or_else(|| "UTC".to_owned()),
        }
    }
}

impl NewCard {
    fn of(task: &Task, key: String, shown: &Shown) -> Self {
        Self {
            task: task.id,
            chat: shown.chat,
            language: shown.language.clone(),
            time_zone: shown.time_zone.clone(),
            dedup_key: key,
            shown: task.version,
        }
    }
}

impl Work<'_> {
    /// Remembers a card that was just left in the outbox under `key`.
    pub(crate) async fn remember<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        key: String,
        shown: &Shown,
    ) -> Result<(), DbError> {
        let Some(card) = c.put_card(&NewCard::of(task, key, shown)).await? else {
            return Ok(());
        };
        self.retire(c, effects, task, card, shown.chat).await?;
        let card = (card, task.id, task.version);
        self.follow(c, effects, card, "kept", BEFORE_FORGOTTEN)
            .await
    }

    /// Remembers a card that the core may bring under `key`: older ones stay until it is there.
    pub(super) async fn await_card<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        key: String,
        shown: &Shown,
    ) -> Result<(), DbError> {
        match c.put_card(&NewCard::of(task, key, shown)).await? {
            Some(card) => {
                let card = (card, task.id, task.version);
                self.follow(c, effects, card, "sent", SOON).await
            }
            None => Ok(()),
        }
    }

    /// A chat has one card of a task: those before the newest only point at it.
    async fn retire<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        newest: i64,
        chat: i64,
    ) -> Result<(), DbError> {
        for card in c.cards(task.id).await? {
            if card.id >= newest || card.chat_id != chat {
                continue;
            }
            // One that is on its way is followed, and stays a card.
            let Some(message) = self.place(c, effects, task, &card).await? else {
                continue;
            };
            c.drop_card(card.id).await?;
            if self.pressed == Some((chat, message)) {
                continue;
            }
            let screen = card_view(self.tasks, self.ctx, &card).moved(task);
            let request = reply::edit(&self.ctx.bot(), place(&card, message), screen);
            effects.send_later(c, request, LANE, None).await?;
        }
        Ok(())
    }

    /// Leaves the job that looks where a card is.
    async fn follow<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        (card, task, version): (i64, TaskId, i32),
        why: &str,
        after: i64,
    ) -> Result<(), DbError> {
        let job = NewJob {
            plugin: self.ctx.host().plugin().to_owned(),
            kind: CARD.to_owned(),
            payload: json!({ "card": card, "task": task.0 }),
            // With the version: an unfinished job that has looked already must not swallow it.
            unique_key: Some(format!("card:{card}:{why}:{version}")),
            priority: 0,
            due_at: Some(Micros(Micros::now().0.saturating_add(after))),
            max_attempts: 12,
        };
        effects.job(c, &job).await?;
        Ok(())
    }

    /// Where a card is in its chat; none while that is not known, or when it never came there.
    async fn place<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        card: &Card,
    ) -> Result<Option<i64>, DbError> {
        if card.message_id.is_some() {
            return Ok(card.message_id);
        }
        match c.sent(&card.dedup_key).await? {
            Sent::As(message) => {
                c.note_card(card.id, message).await?;
                Ok(Some(message))
            }
            Sent::Waits | Sent::Until(_) => {
                let card = (card.id, task.id, task.version);
                self.follow(c, effects, card, "sent", SOON).await?;
                Ok(None)
            }
            Sent::Never => {
                c.drop_card(card.id).await?;
                Ok(None)
            }
        }
    }

    /// What still waits for somebody to wake up says what is true now; of several that wait in one
    /// chat the newest says it all.
    async fn renew<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        cards: &[Card],
        whole: &Whole,
    ) -> Result<(), DbError> {
        let mut waiting = Vec::new();
        for card in cards.iter().filter(|card| card.message_id.is_none()) {
            if let (Some(id), Sent::Until(_)) = (card.notice(), c.sent(&card.dedup_key).await?) {
                waiting.push((card, id));
            }
        }
        for (card, id) in &waiting {
            let is_newer = |(other, _): &(&Card, NoticeId)| {
                other.chat_id == card.chat_id && other.id > card.id
            };
            if waiting.iter().any(is_newer) {
                effects.withdraw_notice(c, *id).await?;
                c.drop_card(card.id).await?;
            } else if card.shown < whole.task.version {
                let Screen { text, keyboard } = card_view(self.tasks, self.ctx, card).card(whole);
                let keyboard = serde_json::to_value(keyboard)?;
                effects.renew_notice(c, *id, &text, keyboard).await?;
                c.card_shows(card.id, whole.task.version).await?;
            }
        }
        Ok(())
    }

    /// Edits every card of a task that is where it can be edited, but the one that was pressed.
    pub(crate) async fn refresh<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
    ) -> Result<(), DbError> {
        let cards = c.cards(task.id).await?;
        if cards.is_empty() {
            return Ok(());
        }
        let Some(whole) = c.whole(task.id).await? else {
            return Ok(());
        };
        self.renew(c, effects, &cards, &whole).await?;
        for card in cards {
            let Some(message) = self.place(c, effects, task, &card).await? else {
                continue;
            };
            // Somebody who was not looked up may not see it any more: a job asks.
            let is_known = card.chat_id < 0 || self.told.has_chat(card.chat_id);
            let is_here =
                self.ctx.actor().and_then(|actor| actor.telegram_id) == Some(card.chat_id);
            if !is_known && !is_here {
                let card = (card.id, task.id, task.version);
                self.follow(c, effects, card, "asks", 0).await?;
                continue;
            }
            if self.pressed == Some((card.chat_id, message)) {
                c.card_shows(card.id, task.version).await?;
                continue;
            }
            edit(self.tasks, self.ctx, c, effects, &card, message, &whole).await?;
        }
        Ok(())
    }
}

fn card_view<'v>(tasks: &'v Tasks, ctx: &Ctx, card: &'v Card) -> View<'v> {
    View::new(&tasks.texts, &card.language).at(zone(Some(&card.time_zone)), ctx.now())
}

fn place(card: &Card, message: i64) -> (ChatId, MessageId) {
    let message = MessageId(i32::try_from(message).unwrap_or_default());
    (ChatId(card.chat_id), message)
}

async fn edit<C: Rows>(
    tasks: &Tasks,
    ctx: &Ctx,
    c: &mut C,
    effects: &mut Effects,
    card: &Card,
    message: i64,
    whole: &Whole,
) -> Result<(), DbError> {
    let screen = card_view(tasks, ctx, card).card(whole);
    let request = reply::edit(&ctx.bot(), place(card, message), screen);
    effects.send_later(c, request, LANE, None).await?;
    c.card_shows(card.id, whole.task.version).await
}

#[derive(serde::Deserialize)]
struct Payload {
    card: i64,
    task: i64,
}

/// The job: notes where the card is, once it is there, and brings it up to date.
///
/// # Errors
/// `later` while it is on its way.
pub(crate) async fn arrived(tasks: &Tasks, ctx: &Ctx, job: Job) -> Result<(), Error> {
    let Payload { card, task } = serde_json::from_value(job.payload)?;
    let db = ctx.db()?;
    let Some(known) = with_db!(db, c => c.card(card).await)? else {
        return Ok(());
    };
    let work = Work::for_decision(tasks, ctx, Person::default());
    let message = match with_db!(db, c => c.sent(&known.dedup_key).await)? {
        Sent::As(message) => Some(message),
        Sent::Never => None,
        Sent::Until(at) if at > Micros::now() => {
            let wait = at.0.saturating_sub(Micros::now().0).saturating_add(SOON);
            let why = at.0.to_string();
            return transaction!(ctx, |c, effects| {
                let card = (card, TaskId(task), known.shown);
                work.follow(c, &mut effects, card, &why, wait).await
            });
        }
        Sent::Waits | Sent::Until(_) => return Err(Error::other("the card is on its way")),
    };
    let may_see = known.chat_id < 0
        || ctx
            .host()
            .chat_with(known.chat_id, permission::VIEW)
            .await?
            .is_some();
    transaction!(ctx, |c, effects| {
        let Some(task) = c.lock(TaskId(task)).await? else {
            return Ok(());
        };
        let Some(message) = message.filter(|_| may_see) else {
            return c.drop_card(card).await;
        };
        c.note_card(card, message).await?;
        work.retire(c, &mut effects, &task, card, known.chat_id)
            .await?;
        // It may have changed since it was read.
        match (c.card(card).await?, c.whole(task.id).await?) {
            (Some(known), Some(whole)) if known.shown < task.version => {
                edit(tasks, ctx, c, &mut effects, &known, message, &whole).await
            }
            _ => Ok(()),
        }
    })
}
