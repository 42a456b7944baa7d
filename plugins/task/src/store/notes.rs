//! Labels, comments, and what happened to a task.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn};

use super::TaskRows;
use super::parts::PartRows;
use super::schema::{task_comments, task_history, task_labels};
use super::templates::TemplateRows as _;
use crate::task::{Comment, Happened, Person, TaskId, Whole};

/// Notes on either connection.
#[async_trait::async_trait]
pub trait NoteRows {
    async fn labels(&mut self, task: TaskId) -> Result<Vec<String>, DbError>;

    /// These and no others.
    async fn set_labels(&mut self, task: TaskId, labels: &[String]) -> Result<(), DbError>;

    /// The newest, in the order in which they were said.
    async fn comments(&mut self, task: TaskId, most: i64) -> Result<Vec<Comment>, DbError>;

    /// Adds a comment; none when the same delivery added it before.
    async fn say(
        &mut self,
        task: TaskId,
        text: &str,
        source: &str,
        by: &Person,
        at: Micros,
    ) -> Result<Option<i64>, DbError>;

    /// Writes down what happened.
    async fn happened(
        &mut self,
        task: TaskId,
        what: &str,
        detail: &str,
        by: &Person,
        at: Micros,
    ) -> Result<(), DbError>;

    /// What happened, the last first.
    async fn history(&mut self, task: TaskId, most: i64) -> Result<Vec<Happened>, DbError>;

    /// A task with all that a card shows.
    async fn whole(&mut self, id: TaskId) -> Result<Option<Whole>, DbError>;
}

/// Comments that a card shows.
pub const SHOWN: i64 = 3;

macro_rules! note_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl NoteRows for $conn {
            async fn labels(&mut self, task: TaskId) -> Result<Vec<String>, DbError> {
                let labels = task_labels::table
                    .filter(task_labels::task_id.eq(task.0))
                    .order(task_labels::label)
                    .select(task_labels::label);
                Ok(labels.load(self).await?)
            }

            async fn set_labels(&mut self, task: TaskId, labels: &[String]) -> Result<(), DbError> {
                let old = task_labels::table.filter(task_labels::task_id.eq(task.0));
                diesel::delete(old).execute(self).await?;
                for label in labels {
                    let row = (
                        task_labels::task_id.eq(task.0),
                        task_labels::label.eq(label),
                    );
                    let insert = diesel::insert_into(task_labels::table).values(row);
                    insert.on_conflict_do_nothing().execute(self).await?;
                }
                Ok(())
            }

            async fn comments(&mut self, task: TaskId, most: i64) -> Result<Vec<Comment>, DbError> {
                let newest = task_comments::table
                    .filter(task_comments::task_id.eq(task.0))
                    .order(task_comments::id.desc())
                    .limit(most)
                    .select(Comment::as_select());
                let mut comments: Vec<Comment> = newest.load(self).await?;
                comments.reverse();
                Ok(comments)
            }

            async fn say(
                &mut self,
                task: TaskId,
                text: &str,
                source: &str,
                by: &Person,
                at: Micros,
            ) -> Result<Option<i64>, DbError> {
                let row = (
                    task_comments::task_id.eq(task.0),
                    task_comments::by_user.eq(by.user.map(|user| user.0)),
                    task_comments::by_name.eq(&by.name),
                    task_comments::text.eq(text),
                    task_comments::at.eq(at.0),
                    task_comments::source.eq(source),
                );
                Ok(diesel::insert_into(task_comments::table)
                    .values(row)
                    .on_conflict(task_comments::source)
                    .do_nothing()
                    .returning(task_comments::id)
                    .get_result(self)
                    .await
                    .optional()?)
            }

            async fn happened(
                &mut self,
                task: TaskId,
                what: &str,
                detail: &str,
                by: &Person,
                at: Micros,
            ) -> Result<(), DbError> {
                let row = (
                    task_history::task_id.eq(task.0),
                    task_history::what.eq(what),
                    task_history::by_user.eq(by.user.map(|user| user.0)),
                    task_history::by_name.eq(&by.name),
                    task_history::source.eq(by.source),
                    task_history::detail.eq(detail),
                    task_history::at.eq(at.0),
                );
                let insert = diesel::insert_into(task_history::table).values(row);
                insert.execute(self).await?;
                Ok(())
            }

            async fn history(&mut self, task: TaskId, most: i64) -> Result<Vec<Happened>, DbError> {
                let last = task_history::table
                    .filter(task_history::task_id.eq(task.0))
                    .order(task_history::id.desc())
                    .limit(most)
                    .select(Happened::as_select());
                Ok(last.load(self).await?)
            }

            async fn whole(&mut self, id: TaskId) -> Result<Option<Whole>, DbError> {
                let Some(task) = self.task(id).await? else {
                    return Ok(None);
                };
                let template = match task.template_id {
                    Some(id) => self.template(id).await?,
                    None => None,
                };
                Ok(Some(Whole {
                    template: template.map(|template| template.name),
                    labels: self.labels(id).await?,
                    parts: self.parts(id).await?,
                    comments: self.comments(id, SHOWN).await?,
                    task,
                }))
            }
        }
    };
}
note_rows!(SqliteConn);
note_rows!(PgConn);
