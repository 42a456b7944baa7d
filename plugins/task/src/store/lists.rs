//! Pages of tasks: what somebody sees, narrowed by what they look for.

use std::num::NonZeroU32;

use diesel::{
    BoolExpressionMethods as _, EscapeExpressionMethods as _, ExpressionMethods as _,
    PgTextExpressionMethods as _, QueryDsl as _, SelectableHelper as _, TextExpressionMethods as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::schema::task_tasks::dsl;
use super::schema::{task_labels, task_steps};
use crate::sight::Sight;
use crate::state::State;
use crate::task::Task;

/// Tasks on a page of a list: the setting `page_length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLength(pub NonZeroU32);

/// How many tasks there are to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub drafts: u32,
    /// For approval.
    pub waiting: u32,
    pub open: u32,
    pub done: u32,
    /// Rejected or cancelled.
    pub dropped: u32,
}

/// What somebody looks for among what they see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Filter {
    /// Everything but what was rejected or cancelled.
    #[default]
    All,
    /// Given to this person, as a whole or in part, and not over.
    Mine(UserId),
    /// Created by this person.
    Created(UserId),
    Pending,
    /// Open, and its time has passed.
    Overdue(Micros),
    Label(String),
    State(State),
    /// The title contains it, in any case.
    Text(String),
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// From 1 to `pages`.
    pub number: u32,
    /// At least 1.
    pub pages: u32,
    pub counts: Counts,
    /// What waits first, then open, then done; in each group what changed last comes first.
    pub tasks: Vec<Task>,
}

impl Counts {
    /// How many pages that makes; an empty list is one page.
    pub fn pages(self, length: PageLength) -> u32 {
        self.all().div_ceil(length.0.get()).max(1)
    }

    pub fn all(self) -> u32 {
        let ours = [
            self.drafts,
            self.waiting,
            self.open,
            self.done,
            self.dropped,
        ];
        ours.into_iter().fold(0, u32::saturating_add)
    }

    fn of(rows: Vec<(State, i64)>) -> Self {
        let mut counts = Self::default();
        for (state, count) in rows {
            let place = match state {
                State::Draft => &mut counts.drafts,
                State::Pending => &mut counts.waiting,
                State::Open => &mut counts.open,
                State::Done => &mut counts.done,
                State::Rejected | State::Cancelled => &mut counts.dropped,
            };
            *place = place.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        }
        counts
    }
}

/// Lists on either connection.
#[async_trait::async_trait]
pub trait TaskLists {
    async fn counts(&mut self, sight: Sight, filter: &Filter) -> Result<Counts, DbError>;

    /// The page of this number (from 1), or the nearest that exists.
    async fn page(
        &mut self,
        sight: Sight,
        filter: &Filter,
        number: u32,
        length: PageLength,
    ) -> Result<Page, DbError>;

    /// The newest tasks in a state, for a column of the board.
    async fn column(&mut self, sight: Sight, state: State, most: i64)
    -> Result<Vec<Task>, DbError>;
}

/// [`Sight::shows`] in SQL.
macro_rules! in_sight {
    ($query:expr, $sight:expr) => {{
        let query = $query.into_boxed();
        // A draft is nobody's but its author's.
        match $sight {
            Sight::Group(chat) => query
                .filter(dsl::chat_id.eq(chat.0))
                .filter(dsl::state.ne(State::Draft)),
            Sight::Own(user) => query.filter(
                dsl::created_by_user
                    .eq(user.0)
                    .or(dsl::state.ne(State::Draft).and(
                        dsl::assignee.eq(user.0).or(dsl::id.eq_any(
                            task_steps::table
                                .filter(task_steps::assignee.eq(user.0))
                                .select(task_steps::task_id),
                        )),
                    )),
            ),
            Sight::Everything(user) => query.filter(
                dsl::state
                    .ne(State::Draft)
                    .or(dsl::created_by_user.eq(user.map(|user| user.0))),
            ),
            Sight::Nothing => query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("1 = 0")),
        }
    }};
}

macro_rules! filtered {
    ($query:expr, $filter:expr, $like:ident) => {{
        let query = $query;
        let dropped = [State::Rejected, State::Cancelled];
        match $filter {
            Filter::All => query.filter(dsl::state.ne_all(dropped)),
            Filter::Mine(user) => query
                .filter(dsl::state.eq_any([State::Pending, State::Open]))
                .filter(
                    dsl::assignee.eq(user.0).or(dsl::id.eq_any(
                        task_steps::table
                            .filter(task_steps::assignee.eq(user.0))
                            .filter(task_steps::done.eq(false))
                            .select(task_steps::task_id),
                    )),
                ),
            Filter::Created(user) => query.filter(dsl::created_by_user.eq(user.0)),
            Filter::Pending => query.filter(dsl::state.eq(State::Pending)),
            Filter::Overdue(now) => query
                .filter(dsl::state.eq(State::Open))
                .filter(dsl::due_at.lt(now.0)),
            Filter::Label(label) => query.filter(
                dsl::id.eq_any(
                    task_labels::table
                        .filter(task_labels::label.eq(label.clone()))
                        .select(task_labels::task_id),
                ),
            ),
            Filter::State(state) => query.filter(dsl::state.eq(*state)),
            Filter::Text(text) => query.filter(
                dsl::title
                    .$like(format!("%{}%", escaped(text)))
                    .escape('\\'),
            ),
        }
    }};
}

/// LIKE's own signs stand for themselves.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

macro_rules! task_lists {
    ($conn:ty, $like:ident) => {
        #[async_trait::async_trait]
        impl TaskLists for $conn {
            async fn counts(&mut self, sight: Sight, filter: &Filter) -> Result<Counts, DbError> {
                let by_state = dsl::task_tasks
                    .group_by(dsl::state)
                    .select((dsl::state, diesel::dsl::count_star()));
                let seen = in_sight!(by_state, sight);
                let query = filtered!(seen, filter, $like);
                Ok(Counts::of(query.load(self).await?))
            }

            async fn page(
                &mut self,
                sight: Sight,
                filter: &Filter,
                number: u32,
                length: PageLength,
            ) -> Result<Page, DbError> {
                let counts = self.counts(sight, filter).await?;
                let pages = counts.pages(length);
                let size = i64::from(length.0.get());
                let number = number.clamp(1, pages);
                let seen = in_sight!(dsl::task_tasks.select(Task::as_select()), sight);
                let query = filtered!(seen, filter, $like);
                let tasks = query
                    .order((dsl::state, dsl::changed_at.desc(), dsl::id.desc()))
                    .limit(size)
                    .offset(i64::from(number - 1) * size)
                    .load(self)
                    .await?;
                Ok(Page {
                    number,
                    pages,
                    counts,
                    tasks,
                })
            }

            async fn column(
                &mut self,
                sight: Sight,
                state: State,
                most: i64,
            ) -> Result<Vec<Task>, DbError> {
                let seen = in_sight!(dsl::task_tasks.select(Task::as_select()), sight);
                Ok(seen
                    .filter(dsl::state.eq(state))
                    .order((dsl::changed_at.desc(), dsl::id.desc()))
                    .limit(most)
                    .load(self)
                    .await?)
            }
        }
    };
}
// Both ignore case: SQLite's LIKE that of ASCII only, PostgreSQL's ILIKE that of all letters.
task_lists!(SqliteConn, like);
task_lists!(PgConn, ilike);
