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
                                // What was ticked when this was shown: only what is changed here is changed.
                                @if role.keys.contains(key) { input type="hidden" name=(format!("had:{key}")); }
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

/// The fields of a form about a role.
struct Filled(Vec<(String, String)>);

impl Filled {
    fn of(cx: &Cx) -> Result<Self, Problem> {
        cx.form().map(Self)
    }

    /// The keys behind `key:` (ticked) or `had:` (ticked when the form was shown).
    fn keys(&self, kind: &str) -> Vec<String> {
        let named = self
            .0
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(kind));
        named.map(str::to_owned).collect()
    }

    fn name(&self) -> &str {
        let name = self.0.iter().find(|(name, _)| name == "name");
        name.map_or("", |(_, value)| value.trim())
    }
}

/// Those of the first that are not among the second.
fn without(keys: &[String], others: &[String]) -> Vec<String> {
    keys.iter()
        .filter(|key| !others.contains(key))
        .cloned()
        .collect()
}

pub(crate) async fn new(cx: Cx) -> Answer {
    let filled = Filled::of(&cx)?;
    let access = &cx.app()?.access;
    let change = access
        .create_role(filled.name(), &filled.keys("key:"), &cx.by()?, &no_replies)
        .await?;
    cx.committed(change.rows)?;
    Ok(answer::see_other("/roles"))
}

pub(crate) async fn edit(cx: Cx) -> Answer {
    let filled = Filled::of(&cx)?;
    let name: String = cx.param("name")?;
    let access = &cx.app()?.access;
    access.snapshot().role(&name).ok_or(Problem::NotFound)?;
    // Measured by what the person saw: what somebody else changed meanwhile stays changed.
    let (wanted, had) = (filled.keys("key:"), filled.keys("had:"));
    let (add, take) = (without(&wanted, &had), without(&had, &wanted));
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
