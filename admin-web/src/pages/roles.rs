//! `/roles`: sets of permissions under a name.

use std::collections::BTreeMap;

use bot_core::access::{Role, keys, no_replies};
use maud::{Markup, html};
use vahta_rows::Micros;
use vahta_texts::Arg;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::parts::{self, badge};
use crate::problem::Problem;

pub(crate) async fn list(cx: Cx) -> Answer {
    let snapshot = cx.app()?.access.snapshot();
    let now = Micros::now();
    let mut holders: BTreeMap<String, usize> = BTreeMap::new();
    for grant in snapshot
        .users()
        .flat_map(|known| &known.grants)
        .filter(|g| g.is_current(now))
    {
        *holders.entry(grant.role.clone()).or_default() += 1;
    }
    let manages = cx.viewer.may(keys::ROLES_MANAGE);
    let all: Vec<&str> = snapshot.permissions().collect();
    let content = html! {
        div.head { h1 { (cx.t("nav-roles", &[])) } p.quiet.small { (cx.t("roles-text", &[])) } }
        @for (name, role) in snapshot.roles() {
            (card(&cx, name, role, holders.get(name).copied().unwrap_or_default(), manages, &all))
        }
        @if manages { (create(&cx, &all)) }
    };
    cx.live_page(&cx.t("nav-roles", &[]), &content, "access. plugin.")
}

fn card(cx: &Cx, name: &str, role: &Role, holders: usize, manages: bool, all: &[&str]) -> Markup {
    // What admins hold follows from being admins, and guests hold nothing.
    let editable = manages && name != keys::ADMIN && name != keys::GUEST;
    html! {
        section.card #(format!("role-{name}")) {
            div.head {
                h2 { (name) @if role.builtin { " " (badge("", &cx.t("builtin", &[]))) } }
                span.quiet.small { (cx.t("held-by", &[("count", Arg::from(holders))])) }
                @if editable && !role.builtin {
                    (parts::act(cx, &format!("/roles/{name}/delete"), &cx.t("delete", &[]), "danger", Some(&cx.t("delete-role", &[("role", Arg::from(name))]))))
                }
            }
            @if role.keys.is_everything() { p { (cx.t("every-key", &[])) } }
            @else if role.keys.is_empty() { p.quiet { (cx.t("no-keys", &[])) } }
            @else { div.badges { @for key in role.keys.names() { (badge("", key)) } } }
            @if editable {
                details.fold #(format!("edit-{name}")) {
                    summary { (cx.t("edit-keys", &[])) }
                    form.stack method="post" action=(format!("/roles/{name}")) {
                        (page::csrf(cx))
                        div.keys {
                            @for key in all {
                                label.check { input type="checkbox" name=(format!("key:{key}")) checked[role.keys.contains(key)]; code { (key) } }
                            }
                        }
                        div { button.main { (cx.t("save", &[])) } }
                    }
                }
            }
        }
    }
}

fn create(cx: &Cx, all: &[&str]) -> Markup {
    html! {
        section.card {
            h2 { (cx.t("new-role", &[])) }
            form.stack method="post" action="/roles" {
                (page::csrf(cx))
                label { (cx.t("role-name", &[])) input name="name" required pattern="[a-z][a-z0-9_\\-]*" maxlength="32" placeholder="night-shift"; }
                details.fold #new-keys {
                    summary { (cx.t("choose-keys", &[])) }
                    div.keys { @for key in all { label.check { input type="checkbox" name=(format!("key:{key}")); code { (key) } } } }
                }
                div { button.main { (cx.t("create", &[])) } }
            }
        }
    }
}

/// The keys that were ticked, and the field `name`.
fn ticked(cx: &Cx) -> Result<(Vec<String>, String), Problem> {
    let fields: Vec<(String, String)> = cx.form()?;
    let keys = fields
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("key:"));
    let keys = keys.map(str::to_owned).collect();
    let name = fields.into_iter().find(|(name, _)| name == "name");
    Ok((keys, name.map(|(_, value)| value).unwrap_or_default()))
}

pub(crate) async fn new(cx: Cx) -> Answer {
    let (keys, name) = ticked(&cx)?;
    let access = &cx.app()?.access;
    let change = access
        .create_role(name.trim(), &keys, &cx.by()?, &no_replies)
        .await?;
    cx.committed(change.rows)?;
    Ok(answer::see_other("/roles"))
}

pub(crate) async fn edit(cx: Cx) -> Answer {
    let (wanted, _) = ticked(&cx)?;
    let name: String = cx.param("name")?;
    let access = &cx.app()?.access;
    let snapshot = access.snapshot();
    let role = snapshot.role(&name).ok_or(Problem::NotFound)?;
    let has: Vec<String> = role.keys.names().map(str::to_owned).collect();
    let add: Vec<String> = wanted
        .iter()
        .filter(|key| !has.contains(key))
        .cloned()
        .collect();
    let take: Vec<String> = has
        .into_iter()
        .filter(|key| !wanted.contains(key))
        .collect();
    if !(add.is_empty() && take.is_empty()) {
        let change = access
            .edit_role(&name, &add, &take, &cx.by()?, &no_replies)
            .await?;
        cx.committed(change.rows)?;
    }
    Ok(answer::see_other("/roles"))
}

pub(crate) async fn delete(cx: Cx) -> Answer {
    let name: String = cx.param("name")?;
    let access = &cx.app()?.access;
    let change = access.delete_role(&name, &cx.by()?, &no_replies).await?;
    cx.committed(change.rows)?;
    Ok(answer::see_other("/roles"))
}
