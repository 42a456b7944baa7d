//! The core's commands and buttons, one file each; [`ALL`] and [`ACTIONS`] are the lists.
//!
//! Every command and every press is authorised here against current data, however old the message
//! is that offered it. Buttons carry the target state ("block", never "toggle"): pressed twice they
//! do the same once. Changes write their reply in their own transaction; what only reads replies
//! directly.

mod announce;
mod approval;
mod approvals;
mod block;
mod cancel;
mod claim;
mod cx;
mod grant;
mod help;
mod invite;
mod kept;
mod limits;
pub(crate) mod link;
mod login;
pub mod menu;
mod parse;
mod plugin;
mod plugins;
mod prove;
mod refused;
mod revoke;
mod role;
mod settings;
mod show;
mod start;
mod status;
mod suggest;
mod unblock;
mod user;
mod users;
mod whoami;
mod why;

use std::sync::Arc;

use futures::future::BoxFuture;
use vahta_texts::Arg;

use crate::access::{Actor, keys};
use crate::app::App;
use crate::flow::{FlowError, Incoming, Route};

pub(crate) use cx::alert_text;
pub use cx::{Button, Cx, Keyboard, markup, plain};
pub use show::person_link;
pub use suggest::suggest;

/// Whose the core's own dialogs are, where a plugin's name stands otherwise.
pub const CORE: &str = "core";

/// The action behind "it is me".
pub const PROVE: &str = "prove";

type Run = fn(Cx) -> BoxFuture<'static, Result<(), FlowError>>;

/// A command of the core. Its description is the text `cmd-<name>`, its usage `usage-<name>`.
pub struct Spec {
    /// Without the slash.
    pub name: &'static str,
    /// The key that it takes; `None`: anybody who is let in.
    pub permission: Option<&'static str>,
    pub run: Run,
    /// Works, but is not listed.
    pub hidden: bool,
}

/// What a button of the core does.
pub struct Action {
    /// What stands before the first colon of the data.
    pub name: &'static str,
    pub permission: Option<&'static str>,
    pub run: Run,
}

macro_rules! spec {
    ($name:literal, $permission:expr, $run:path) => {
        Spec {
            name: $name,
            permission: $permission,
            run: |cx| Box::pin($run(cx)),
            hidden: false,
        }
    };
    ($name:literal, $permission:expr, $run:path, hidden) => {
        Spec {
            name: $name,
            permission: $permission,
            run: |cx| Box::pin($run(cx)),
            hidden: true,
        }
    };
}

macro_rules! action {
    ($name:expr, $permission:expr, $run:path) => {
        Action {
            name: $name,
            permission: $permission,
            run: |cx| Box::pin($run(cx)),
        }
    };
}

/// All commands, in the order in which `/help` lists them.
pub const ALL: &[Spec] = &[
    spec!("start", None, start::run, hidden),
    spec!("help", None, help::run),
    spec!("whoami", None, whoami::run),
    spec!("login", None, login::run),
    spec!("link", None, link::run, hidden),
    spec!("cancel", None, cancel::run),
    spec!("why", None, why::run),
    spec!("approvals", None, approvals::run),
    spec!("settings", None, settings::run),
    spec!("users", Some(keys::USERS_VIEW), users::run),
    spec!("role", Some(keys::ROLES_MANAGE), role::run),
    spec!("grant", Some(keys::USERS_MANAGE), grant::run),
    spec!("revoke", Some(keys::USERS_MANAGE), revoke::run),
    spec!("block", Some(keys::USERS_MANAGE), block::run),
    spec!("unblock", Some(keys::USERS_MANAGE), unblock::run),
    spec!("invite", Some(keys::USERS_MANAGE), invite::run),
    spec!("announce", Some(keys::ANNOUNCE), announce::run),
    spec!("plugins", Some(keys::PLUGINS_VIEW), plugins::run),
    spec!("plugin", Some(keys::PLUGINS_MANAGE), plugin::run),
    spec!("status", Some(keys::STATUS_VIEW), status::run),
    spec!("limits", Some(keys::STATUS_VIEW), limits::run),
    spec!("claim", None, claim::run, hidden),
];

/// All buttons.
pub const ACTIONS: &[Action] = &[
    action!("users", Some(keys::USERS_VIEW), users::turn),
    action!("user", Some(keys::USERS_VIEW), user::open),
    action!("give", Some(keys::USERS_MANAGE), user::give),
    action!("take", Some(keys::USERS_MANAGE), user::take),
    action!("block", Some(keys::USERS_MANAGE), user::block),
    action!("unblock", Some(keys::USERS_MANAGE), user::unblock),
    action!("uninvite", Some(keys::USERS_MANAGE), invite::withdraw),
    action!("announce", Some(keys::ANNOUNCE), announce::press),
    action!("plugins", Some(keys::PLUGINS_VIEW), plugins::turn),
    action!("plugin", Some(keys::PLUGINS_MANAGE), plugin::press),
    action!("status", Some(keys::STATUS_VIEW), status::turn),
    action!("kept", Some(keys::STATUS_MANAGE), kept::list),
    action!("raw", Some(keys::STATUS_MANAGE), kept::raw),
    action!("again", Some(keys::STATUS_MANAGE), kept::again),
    action!("resend", Some(keys::STATUS_MANAGE), status::resend),
    // Who may what with a question, the question says.
    action!("approvals", None, approvals::turn),
    action!("ask", None, approvals::open),
    action!("unask", None, approval::withdraw),
    action!("approve", None, approval::approve),
    action!("reject", None, approval::reject),
    action!("because", None, approval::because),
    action!("reason", None, approval::write),
    action!("approval", None, approval::look),
    action!("details", None, approval::details),
    action!("own", None, settings::press),
    action!(PROVE, None, prove::press),
];

/// What takes the next message while a dialog of the core is open, by the `dialog` of its state.
const DIALOGS: &[(&str, Run)] = &[
    (approval::DIALOG, |cx| Box::pin(approval::written(cx))),
    (settings::ZONE, |cx| Box::pin(settings::zone_written(cx))),
    (settings::QUIET, |cx| Box::pin(settings::quiet_written(cx))),
];

/// A command of the core by its name, without the slash.
pub fn find(name: &str) -> Option<&'static Spec> {
    ALL.iter().find(|spec| spec.name == name)
}

/// Runs the command or button of a route, if the actor may.
pub async fn run(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let cx = |args: &str| {
        Cx::new(
            app.clone(),
            incoming.clone(),
            actor.clone(),
            args.to_string(),
        )
    };
    let (cx, permission, run) = match &*route {
        Route::Command { name, args } => match find(name) {
            Some(spec) => (cx(args), spec.permission, spec.run),
            None => return Ok(()),
        },
        Route::Action { data } => {
            let (name, args) = data.split_once(':').unwrap_or((data, ""));
            match ACTIONS.iter().find(|action| action.name == name) {
                Some(action) => (cx(args), action.permission, action.run),
                None => return cx("").alert(&cx("").t("button-unknown", &[])).await,
            }
        }
        Route::Dialog { session } => {
            let name = session.state["dialog"].as_str().unwrap_or_default();
            match DIALOGS.iter().find(|(known, _)| *known == name) {
                Some((_, run)) => (cx(""), None, *run),
                None => return Ok(()),
            }
        }
        _ => return Ok(()),
    };
    match permission {
        Some(key) if !actor.may(key) => {
            cx.say(&cx.t("denied", &[("permission", Arg::from(key))]))
                .await
        }
        _ => run(cx).await,
    }
}

impl Cx {
    /// Says how the command is used; for arguments that cannot be understood.
    pub(crate) async fn usage(&self, command: &str) -> Result<(), FlowError> {
        self.reply(&self.t(&format!("usage-{command}"), &[])).await
    }

    /// A press whose data is forged or of another version.
    pub(crate) async fn stale(&self) -> Result<(), FlowError> {
        self.alert(&self.t("button-unknown", &[])).await
    }
}
