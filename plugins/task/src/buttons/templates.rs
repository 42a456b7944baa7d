//! Presses on templates. What changes one needs its own permission, asked here again.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;

use super::{Pressed, answered};
use crate::dialogs::Asked;
use crate::permission;
use crate::press::Act;
use crate::store::templates::TemplateRows as _;
use crate::view::Screen;

impl Pressed<'_> {
    pub(super) async fn template(&self, id: i64, act: Act) -> Result<(), Error> {
        let view = self.tasks.view(self.ctx);
        let may_write = self.ctx.may(permission::TEMPLATES);
        if !may_write && !matches!(act, Act::List | Act::Show) {
            let text = view.not_allowed(permission::TEMPLATES);
            answered(self.answer().text(text).show_alert(true)).await;
            return Ok(());
        }
        let db = self.ctx.db()?;
        let found = with_db!(db, c => c.template(id).await)?;
        let dialogue = self.ctx.dialogue();
        let screen = match (act, found) {
            (Act::New, _) => {
                dialogue.set(&Asked::NewTemplate).await?;
                Screen::plain(view.text("usage-template", &[]))
            }
            (Act::Show, Some(template)) => view.template(&template, may_write),
            (Act::Change, Some(template)) => {
                dialogue.set(&Asked::Steps { template: id }).await?;
                view.ask_steps(&template)
            }
            (Act::Drop, Some(template)) => view.ask_drop(&template),
            (Act::Dropped, Some(template)) => {
                let dropped = self.work().drop_template(id, &template.name).await?;
                Screen::plain(match dropped {
                    Ok(()) => view.dropped(&template.name),
                    Err(waiting) => view.needed(&template.name, waiting),
                })
            }
            // One that is gone meanwhile: what is there.
            (Act::List, _) | (_, None) => {
                let templates = with_db!(db, c => c.templates().await)?;
                view.templates(&templates, may_write)
            }
        };
        answered(self.answer()).await;
        self.replace(screen).await
    }
}
