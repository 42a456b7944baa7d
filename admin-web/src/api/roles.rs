//! Roles, and the permissions that there are.

use bot_core::access::{KeySet, Role, RoleChange, no_replies};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::body;
use super::reply::List;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;

#[derive(Serialize, JsonSchema)]
pub(crate) struct RoleView {
    name: String,
    /// Cannot be deleted.
    builtin: bool,
    /// `*` is every one.
    permissions: Vec<String>,
}

fn view(name: &str, role: &Role) -> RoleView {
    RoleView {
        name: name.into(),
        builtin: role.builtin,
        permissions: role.keys.names().map(str::to_string).collect(),
    }
}

fn changed(done: RoleChange) -> RoleView {
    RoleView {
        name: done.role,
        builtin: false,
        permissions: done.keys,
    }
}

pub(crate) const LIST: Doc = Doc::new::<List<RoleView>>("Roles with what each holds");

pub(crate) async fn list(cx: Cx) -> Outcome {
    let snapshot = cx.app()?.access.snapshot();
    let roles = snapshot.roles().map(|(name, role)| view(name, role));
    Reply::all(roles.collect())
}

pub(crate) const PERMISSIONS: Doc =
    Doc::new::<List<String>>("Every permission that the core or a plugin announced");

pub(crate) async fn permissions(cx: Cx) -> Outcome {
    let snapshot = cx.app()?.access.snapshot();
    Reply::all(snapshot.permissions().map(str::to_string).collect())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    name: String,
    #[serde(default)]
    permissions: Vec<String>,
}

pub(crate) const CREATE: Doc = Doc::makes::<RoleView>("Make a role").body::<NewRole>();

pub(crate) async fn create(cx: Cx) -> Outcome {
    let NewRole { name, permissions } = body(&cx)?;
    cx.covers(&permissions.iter().collect::<KeySet>())?;
    let (access, by) = (&cx.app()?.access, cx.by()?);
    let change = access
        .create_role(&name, &permissions, &by, &no_replies)
        .await;
    Reply::made(&changed(cx.settle(change)?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

pub(crate) const EDIT: Doc =
    Doc::new::<RoleView>("Add permissions to a role and take some from it").body::<Edit>();

pub(crate) async fn edit(cx: Cx) -> Outcome {
    let name: String = cx.param("name")?;
    let Edit { add, remove } = body(&cx)?;
    cx.covers(&add.iter().chain(&remove).collect::<KeySet>())?;
    let (access, by) = (&cx.app()?.access, cx.by()?);
    let change = access
        .edit_role(&name, &add, &remove, &by, &no_replies)
        .await;
    let done = cx.settle(change)?;
    let builtin = access
        .snapshot()
        .role(&name)
        .is_some_and(|role| role.builtin);
    Reply::ok(&RoleView {
        builtin,
        ..changed(done)
    })
}

/// What went with a role.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Deleted {
    grants: usize,
}

pub(crate) const DELETE: Doc =
    Doc::new::<Deleted>("Delete a role; whoever held it holds it no longer");

pub(crate) async fn delete(cx: Cx) -> Outcome {
    let name: String = cx.param("name")?;
    cx.covers_role(&name)?;
    let (access, by) = (&cx.app()?.access, cx.by()?);
    let change = access.delete_role(&name, &by, &no_replies).await;
    let grants = cx.settle(change)?.grants;
    Reply::ok(&Deleted { grants })
}
