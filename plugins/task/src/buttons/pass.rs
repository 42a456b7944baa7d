//! Handing over: a task, or a part of it, goes from whoever has it to somebody else.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::UserId;
use vahta_plugin_sdk::transaction;

use super::{Pressed, answered};
use crate::dialogs::Asked;
use crate::store::notes::NoteRows as _;
use crate::task::{Assignee, TaskId};
use crate::work::{self, Refused, Told};

impl Pressed<'_> {
    /// Asks which part, or to whom. Position 0 is the task as a whole.
    pub(super) async fn pass(&self, id: TaskId, position: Option<i32>) -> Result<(), Error> {
        let work = self.work();
        let Some(whole) = self.seen(&work, id).await? else {
            return Ok(());
        };
        let view = self.tasks.view(self.ctx);
        let has_open_parts = whole.parts.iter().any(|part| !part.done);
        let position = match position {
            None if has_open_parts => {
                answered(self.answer()).await;
                return self.replace(view.ask_which_part(&whole)).await;
            }
            None => 0,
            Some(position) => position,
        };
        if let Err(refused) = work.may_pass_on(&whole, position) {
            self.tell(id, Some(refused)).await;
            return Ok(());
        }
        let people = work::find(self.ctx, "").await?;
        answered(self.answer()).await;
        let asked = Asked::Pass {
            task: id.0,
            position,
        };
        self.ctx.dialogue().set(&asked).await?;
        self.replace(view.ask_to_whom(&whole, position, &people))
            .await
    }

    /// Gives it to the person whose number the button carries.
    pub(super) async fn give(&self, id: TaskId, position: i32, user: i64) -> Result<(), Error> {
        let known = self.ctx.person(user).await?;
        let Some(known) = known.filter(|known| !known.blocked) else {
            self.tell(id, Some(Refused::Nobody)).await;
            return Ok(());
        };
        let to = Assignee {
            user: UserId(known.user_id),
            name: known.name.clone(),
        };
        let mut work = self.work();
        work.told = Told::of(self.ctx, [Some(user)]).await?;
        let view = self.tasks.view(self.ctx);
        let given = transaction!(self.ctx, |c, effects| {
            let given = work.pass_on(c, &mut effects, id, position, &to).await?;
            if let (true, Some(whole)) = (given.is_ok(), c.whole(id).await?) {
                let screen = view.card(&whole);
                effects
                    .send(c, crate::reply::edit(self.bot, self.message, screen))
                    .await?;
            }
            Ok(given)
        })?;
        self.ctx.dialogue::<Asked>().exit().await?;
        self.tell(id, given.err()).await;
        Ok(())
    }
}
