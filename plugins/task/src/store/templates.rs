//! Templates in the database: their steps are one JSON text, for they are read and written as one.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn};

use super::schema::task_tasks;
use super::schema::task_templates::{self, dsl};
use crate::state::State;
use crate::template::{Step, Template};

/// Templates on either connection.
#[async_trait::async_trait]
pub trait TemplateRows {
    /// By name.
    async fn templates(&mut self) -> Result<Vec<Template>, DbError>;

    async fn template(&mut self, id: i64) -> Result<Option<Template>, DbError>;

    async fn template_named(&mut self, name: &str) -> Result<Option<Template>, DbError>;

    /// Writes a template under its name, over the one that is there; true when it is new.
    async fn put_template(
        &mut self,
        name: &str,
        steps: &[Step],
        at: Micros,
    ) -> Result<(i64, bool), DbError>;

    /// Tasks that will get its steps when they are approved.
    async fn waiting_for_template(&mut self, id: i64) -> Result<i64, DbError>;

    /// Tasks that have its steps keep them; false when there is none.
    async fn drop_template(&mut self, id: i64) -> Result<bool, DbError>;
}

type Row = (i64, String, String, i32);

fn read((id, name, steps, version): Row) -> Result<Template, DbError> {
    Ok(Template {
        id,
        name,
        steps: serde_json::from_str(&steps)?,
        version,
    })
}

macro_rules! template_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl TemplateRows for $conn {
            async fn templates(&mut self) -> Result<Vec<Template>, DbError> {
                let all = dsl::task_templates.order(dsl::name).select((
                    dsl::id,
                    dsl::name,
                    dsl::steps,
                    dsl::version,
                ));
                let rows: Vec<Row> = all.load(self).await?;
                rows.into_iter().map(read).collect()
            }

            async fn template(&mut self, id: i64) -> Result<Option<Template>, DbError> {
                let one = dsl::task_templates.find(id).select((
                    dsl::id,
                    dsl::name,
                    dsl::steps,
                    dsl::version,
                ));
                let row: Option<Row> = one.first(self).await.optional()?;
                row.map(read).transpose()
            }

            async fn template_named(&mut self, name: &str) -> Result<Option<Template>, DbError> {
                let one = dsl::task_templates.filter(dsl::name.eq(name)).select((
                    dsl::id,
                    dsl::name,
                    dsl::steps,
                    dsl::version,
                ));
                let row: Option<Row> = one.first(self).await.optional()?;
                row.map(read).transpose()
            }

            async fn put_template(
                &mut self,
                name: &str,
                steps: &[Step],
                at: Micros,
            ) -> Result<(i64, bool), DbError> {
                let text = serde_json::to_string(steps)?;
                let row = (
                    dsl::name.eq(name),
                    dsl::steps.eq(&text),
                    dsl::version.eq(1),
                    dsl::changed_at.eq(at.0),
                );
                let (id, version): (i64, i32) = diesel::insert_into(task_templates::table)
                    .values(row)
                    .on_conflict(dsl::name)
                    .do_update()
                    .set((
                        dsl::steps.eq(&text),
                        dsl::version.eq(dsl::version + 1),
                        dsl::changed_at.eq(at.0),
                    ))
                    .returning((dsl::id, dsl::version))
                    .get_result(self)
                    .await?;
                Ok((id, version == 1))
            }

            async fn waiting_for_template(&mut self, id: i64) -> Result<i64, DbError> {
                let waiting = task_tasks::table
                    .filter(task_tasks::template_id.eq(id))
                    .filter(task_tasks::state.eq(State::Pending));
                Ok(waiting.count().get_result(self).await?)
            }

            async fn drop_template(&mut self, id: i64) -> Result<bool, DbError> {
                let one = diesel::delete(dsl::task_templates.find(id));
                Ok(one.execute(self).await? > 0)
            }
        }
    };
}
template_rows!(SqliteConn);
template_rows!(PgConn);
