//! `/tasks [what] [page]`: lists the tasks that one may see here. `what` is `mine`, `created`,
//! `pending`, `overdue`, `#label`, or words to look for in titles.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;

use crate::press::Look;
use crate::store::lists::{Filter, TaskLists as _};
use crate::work::Work;
use crate::{Tasks, quick, reply};

pub(crate) async fn tasks(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let view = tasks.view(&ctx);
    let work = Work::new(&tasks, &ctx, "telegram");
    let Some((wanted, number)) = Wanted::parse(ctx.args()) else {
        reply::text(&bot, &ctx, &message, view.page_fault()).await?;
        return Ok(());
    };
    let filter = match wanted {
        Wanted::Look(look) => look.filter(work.by.user, work.at),
        Wanted::Label(label) => Filter::Label(label),
        Wanted::Text(text) => Filter::Text(text),
    };
    let db = ctx.db()?;
    let page = with_db!(db, c => c.page(work.sight, &filter, number, tasks.page_length).await)?;
    let screen = view.list(&page, &filter, work.sight);
    reply::screen(&bot, &ctx, &message, screen).await?;
    Ok(())
}

/// What to list.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Look(Look),
    Label(String),
    Text(String),
}

impl Wanted {
    /// With the page: nothing is the first one, a number beyond the last page is the last page.
    fn parse(args: &str) -> Option<(Self, u32)> {
        let (what, page) = match args.rsplit_once(char::is_whitespace) {
            Some((what, page)) if is_number(page) => (what.trim(), page),
            None if is_number(args) => ("", args),
            _ => (args, "1"),
        };
        let page = page.parse().unwrap_or(u32::MAX);
        let wanted = if what.is_empty() {
            Self::Look(Look::All)
        } else if let Some(look) = Look::from_name(&what.to_lowercase()) {
            Self::Look(look)
        } else if what.starts_with('#') {
            Self::Label(quick::label(what)?)
        } else if what.chars().any(char::is_alphanumeric) && !what.starts_with('-') {
            Self::Text(what.chars().take(100).collect())
        } else {
            return None;
        };
        Some((wanted, page.max(1)))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_by_a_word_a_label_or_a_text_and_a_page() {
        let look = |look, page| Some((Wanted::Look(look), page));
        assert_eq!(Wanted::parse(""), look(Look::All, 1));
        assert_eq!(Wanted::parse("2"), look(Look::All, 2));
        assert_eq!(Wanted::parse("Mine 3"), look(Look::Mine, 3));
        assert_eq!(
            Wanted::parse("99999999999999999999"),
            look(Look::All, u32::MAX)
        );
        assert_eq!(
            Wanted::parse("#Infra 2"),
            Some((Wanted::Label("infra".into()), 2))
        );
        assert_eq!(
            Wanted::parse("disk in rack"),
            Some((Wanted::Text("disk in rack".into()), 1))
        );
        for args in ["-1", "#", "?", "#a/b"] {
            assert_eq!(Wanted::parse(args), None, "{args}");
        }
    }
}
