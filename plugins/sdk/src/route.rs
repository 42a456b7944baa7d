//! Filters on the way an update took through the host: which command, which button.
//!
//! The host has already cut the command from its mention and the button's data from the plugin's
//! prefix, so these need no `Me` and look at no text.

use dptree::Handler as Tree;
use teloxide::dispatching::DpHandlerDescription;
use teloxide::utils::command::BotCommands;

use crate::{Ctx, Error, RouteKind};

type Filter = Tree<'static, Result<(), Error>, DpHandlerDescription>;

/// Passes the command with this name (without slash).
pub fn command(name: &'static str) -> Filter {
    dptree::filter(move |ctx: Ctx| ctx.command() == Some(name))
}

/// Passes the commands of `C` (teloxide's `#[derive(BotCommands)]`) and provides the `C`.
/// Arguments that `C` cannot parse do not pass: let [`wrong_arguments`] follow.
pub fn commands<C: BotCommands + Send + Sync + 'static>() -> Filter {
    dptree::filter_map(|ctx: Ctx| {
        let text = format!("/{} {}", ctx.command()?, ctx.args());
        C::parse(text.trim_end(), "").ok()
    })
}

/// Passes whatever command is left over.
pub fn wrong_arguments() -> Filter {
    dptree::filter(|ctx: Ctx| ctx.command().is_some())
}

/// Passes buttons whose data (after the plugin's prefix) begins with `action` and, when there is
/// more, a colon: `callback("done")` passes `done` and `done:12`.
pub fn callback(action: &'static str) -> Filter {
    dptree::filter(move |ctx: Ctx| {
        let rest = ctx.data().strip_prefix(action);
        ctx.is_routed(RouteKind::Callback)
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    })
}

/// Passes what continues an open dialog.
pub fn dialog() -> Filter {
    dptree::filter(|ctx: Ctx| ctx.is_routed(RouteKind::Dialog))
}

/// Passes watched group messages.
pub fn observed() -> Filter {
    dptree::filter(|ctx: Ctx| ctx.is_routed(RouteKind::Observe))
}

/// Passes files while the plugin collects them.
pub fn document() -> Filter {
    dptree::filter(|ctx: Ctx| ctx.is_routed(RouteKind::Document))
}
