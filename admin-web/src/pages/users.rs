//! `/users`: who is here.

use bot_core::access::Which;
use maud::html;
use serde::Deserialize;

use crate::answer::Answer;
use crate::cx::Cx;

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    page: u32,
}

const PAGE: u32 = 50;

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { page } = cx.query()?;
    let people = cx.app()?.access.people(Which::Everyone, page, PAGE).await?;
    let content = html! {
        section.card {
            h1 { (cx.t("users-title", &[])) }
            ul.rows {
                @for person in &people.people {
                    li { strong { (person.name) } @if let Some(name) = &person.username { span.quiet { "@" (name) } } }
                }
            }
            @if people.has_more { a href=(format!("/users?page={}", page + 1)) { (cx.t("more", &[])) } }
        }
    };
    cx.page(&cx.t("users-title", &[]), &content)
}
