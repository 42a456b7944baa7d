//! `/tasks [page]`: lists the tasks that one may see here.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;

use crate::sight::Sight;
use crate::store::TaskRows as _;
use crate::{Tasks, reply};

pub(crate) async fn tasks(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let view = tasks.view(&ctx);
    let Some(number) = page_number(ctx.args()) else {
        reply::text(&bot, &ctx, &message, view.page_fault()).await?;
        return Ok(());
    };
    let sight = Sight::of(ctx.actor(), ctx.chat());
    let db = ctx.db()?;
    let page = with_db!(db, c => c.page(sight, number, tasks.page_length).await)?;
    reply::screen(&bot, &ctx, &message, view.list(&page, sight)).await?;
    Ok(())
}

/// Nothing is the first page; a number beyond the last page is the last page.
fn page_number(args: &str) -> Option<u32> {
    match args {
        "" => Some(1),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().unwrap_or(u32::MAX))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_number_or_nothing() {
        assert_eq!(page_number(""), Some(1));
        assert_eq!(page_number("2"), Some(2));
        assert_eq!(page_number("99999999999999999999"), Some(u32::MAX));
        for args in ["two", "-1", "1 2", "2.5", "²"] {
            assert_eq!(page_number(args), None, "{args}");
        }
    }
}
