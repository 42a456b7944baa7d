//! What pages and the API do, each in one transaction.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{ChatId, with_db};
use vahta_plugin_sdk::texts::escape_html;
use vahta_plugin_sdk::transaction;

use crate::commands::task::Read;
use crate::dialogs::{self, Whom};
use crate::state::State;
use crate::store::TaskRows as _;
use crate::store::notes::NoteRows as _;
use crate::store::parts::PartRows as _;
use crate::task::{Assignee, Edit, NewTask, Task, TaskId, Whole};
use crate::view::Field;
use crate::work::{Prepared, Refused, Told, Work};

use super::Cx;

/// Done, or why not: a text with the status that fits it.
pub(super) type Acted<T> = Result<Result<T, Fault>, Error>;

/// What somebody did wrong.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) status: u16,
    /// HTML, as the bot would say it.
    pub(super) text: String,
}

impl Fault {
    pub(super) fn input(text: String) -> Self {
        Self { status: 422, text }
    }

    /// A text without markup.
    pub(super) fn plainly(text: String) -> Self {
        Self::input(escape_html(&text))
    }

    pub(super) fn of(cx: &Cx<'_>, id: TaskId, refused: &Refused) -> Self {
        let status = match refused {
            Refused::Gone | Refused::NoPart => 404,
            Refused::NotAllowed(_) | Refused::NotYours | Refused::Approved => 403,
            Refused::Pending | Refused::NoWay(_) | Refused::PartsOpen(_) => 409,
            Refused::Text | Refused::Nobody => 422,
        };
        let text = cx.view.refused(id, refused);
        Self { status, text }
    }

    /// Without markup.
    pub(super) fn plain(&self) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut inside = false;
        for c in self.text.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        let signs = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ];
        signs
            .iter()
            .fold(text, |text, (sign, c)| text.replace(sign, c))
    }
}

/// The task, if this person sees it.
pub(super) async fn seen(cx: &Cx<'_>, id: TaskId) -> Result<Option<Whole>, Error> {
    let db = cx.ctx.db()?;
    let work = cx.work();
    let whole = with_db!(db, c => c.whole(id).await)?;
    let user = work.sight.own();
    Ok(whole.filter(|whole| {
        let has_part =
            user.is_some_and(|user| whole.parts.iter().any(|part| part.is_given_to(user)));
        work.sight.shows(&whole.task, has_part)
    }))
}

/// Creates what a line says.
pub(super) async fn create(cx: &Cx<'_>, read: &Read) -> Acted<Task> {
    if read.is_ambiguous() {
        return Ok(Err(Fault::input(read.ambiguity(&cx.view))));
    }
    let mut work = cx.work();
    let new = NewTask {
        state: work.first_state(),
        ..read.task(ChatId(0), &work)
    };
    let creator = work.by.user.map(|user| user.0);
    let assignee = read.assignee.as_ref().map(|who| who.user.0);
    let prepared = match new.state {
        State::Open => Prepared::of(cx.ctx, read.template, creator, assignee, work.at).await?,
        _ => Prepared::default(),
    };
    work.told = Told::of(cx.ctx, prepared.people().chain([assignee])).await?;
    let begun = transaction!(cx.ctx, |c, effects| {
        work.create(c, &mut effects, &new, &prepared).await
    })?;
    Ok(Ok(begun))
}

/// Brings a task into a state.
pub(super) async fn bring(cx: &Cx<'_>, id: TaskId, state: State) -> Acted<Task> {
    let mut work = cx.work();
    let db = cx.ctx.db()?;
    let Some(task) = with_db!(db, c => c.task(id).await)? else {
        return Ok(Err(Fault::of(cx, id, &Refused::Gone)));
    };
    let parts = with_db!(db, c => c.parts(id).await)?;
    let (creator, assignee) = (task.created_by_user, task.assignee);
    let prepared = Prepared::of(cx.ctx, task.template_id, creator, assignee, work.at).await?;
    let people = parts.iter().map(|part| part.assignee);
    let people = people.chain(prepared.people()).chain([creator, assignee]);
    work.told = Told::of(cx.ctx, people).await?;
    let done = transaction!(cx.ctx, |c, effects| {
        work.bring(c, &mut effects, id, state, &prepared).await
    })?;
    Ok(done.map_err(|refused| Fault::of(cx, id, &refused)))
}

/// Marks a part.
pub(super) async fn mark(cx: &Cx<'_>, id: TaskId, position: i32, done: bool) -> Acted<Task> {
    let mut work = cx.work();
    work.told = Told::around(cx.ctx, id).await?;
    let marked = transaction!(cx.ctx, |c, effects| {
        work.mark(c, &mut effects, id, position, done).await
    })?;
    Ok(marked.map_err(|refused| Fault::of(cx, id, &refused)))
}

/// Gives a part to somebody, or with position 0 the task; an empty name takes a part from whoever
/// has it.
pub(super) async fn give(cx: &Cx<'_>, id: TaskId, position: i32, name: &str) -> Acted<Task> {
    let to = match name.trim() {
        "" => None,
        name => match assignee(cx, name).await? {
            Ok(who) => Some(who),
            Err(fault) => return Ok(Err(fault)),
        },
    };
    let mut work = cx.work();
    work.told = Told::of(cx.ctx, to.iter().map(|who| Some(who.user.0))).await?;
    let given = transaction!(cx.ctx, |c, effects| {
        match &to {
            Some(to) if position == 0 => work.pass_on(c, &mut effects, id, 0, to).await,
            to => {
                work.hand_over(c, &mut effects, id, position, to.as_ref())
                    .await
            }
        }
    })?;
    Ok(given.map_err(|refused| Fault::of(cx, id, &refused)))
}

/// Who is called so.
async fn assignee(cx: &Cx<'_>, name: &str) -> Acted<Assignee> {
    let name = name.trim_start_matches('@');
    Ok(match dialogs::whom(cx.ctx, name).await? {
        Whom::One(who) => Ok(who),
        Whom::Several(people) => Err(Fault::input(cx.view.ambiguous(name, &people))),
        Whom::Nobody => Err(Fault::input(cx.view.nobody(name))),
    })
}

/// What is typed into fields becomes a change; nothing typed clears what can be empty.
pub(super) async fn changes(cx: &Cx<'_>, fields: &[(Field, String)]) -> Acted<Edit> {
    let mut edit = Edit::default();
    for (field, text) in fields {
        let text = text.trim();
        let one = match (field, text) {
            (field, "") if let Some(cleared) = dialogs::cleared(*field) => cleared,
            (Field::Assignee, name) => match assignee(cx, name).await? {
                Ok(who) => Edit {
                    assignee: Some(Some(who)),
                    ..Edit::default()
                },
                Err(fault) => return Ok(Err(fault)),
            },
            (field, text) => {
                let read = dialogs::read(cx.ctx, cx.tasks, TaskId(0), *field, text).await?;
                match read {
                    Ok(edit) => edit,
                    Err(screen) => return Ok(Err(Fault::input(screen.text))),
                }
            }
        };
        edit = one.over(edit);
    }
    Ok(Ok(edit))
}

/// Changes what a task says.
pub(super) async fn edit(cx: &Cx<'_>, id: TaskId, edit: &Edit) -> Acted<Task> {
    let mut work = cx.work();
    let assignee = edit.assignee.iter().flatten().map(|who| Some(who.user.0));
    work.told = Told::of(cx.ctx, assignee).await?;
    let edited = transaction!(cx.ctx, |c, effects| {
        work.edit(c, &mut effects, id, edit).await
    })?;
    Ok(edited.map_err(|refused| Fault::of(cx, id, &refused)))
}

/// Says something about a task.
pub(super) async fn comment(cx: &Cx<'_>, id: TaskId, text: &str) -> Acted<Task> {
    let mut work: Work<'_> = cx.work();
    work.told = Told::around(cx.ctx, id).await?;
    let envelope = cx.ctx.envelope();
    let source = format!(
        "{}:{}:{}",
        work.by.source,
        cx.ctx.correlation(),
        envelope.now
    );
    let said = transaction!(cx.ctx, |c, effects| {
        work.say(c, &mut effects, id, text, &source).await
    })?;
    Ok(said.map_err(|refused| Fault::of(cx, id, &refused)))
}
