//! The account's Telegram user: linking one, and letting it go.

use bot_core::access::{Person, Who, no_replies};
use bot_core::accounts::attempts::Bucket;
use bot_core::accounts::linking::{LinkError, Refused};
use bot_core::accounts::links::LINK;
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::UserId;
use vahta_texts::{Arg, escape_html};
use warp::http::StatusCode;

use super::super::login::finish;
use super::{changer, render};
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::problem::Problem;
use crate::{page, qr};

pub(super) async fn card(cx: &Cx, user: UserId, is_fresh: bool) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let person = app.access.find(&Who::User(user)).await?;
    let telegram = person
        .as_ref()
        .filter(|person| person.telegram_id.is_some());
    let has_password = app.accounts.name_of(user).await?.is_some();
    let bot = Arg::from(app.me.username.as_str());
    Ok(html! {
        section.card {
            h2 { "Telegram" }
            @if let Some(person) = telegram {
                p { (cx.t("account-telegram-is", &[("name", Arg::from(named(person)))])) }
                @if !has_password {
                    p.quiet { (cx.t("account-unlink-last", &[])) }
                } @else if is_fresh {
                    form method="post" action="/account/telegram/off" data-confirm=(cx.t("account-unlink-ask", &[])) {
                        (page::csrf(cx))
                        button.danger { (cx.t("account-unlink", &[])) }
                    }
                }
            } @else {
                p.quiet { (cx.t("account-telegram-how", &[("bot", bot)])) }
                @if is_fresh {
                    form method="post" action="/account/telegram" {
                        (page::csrf(cx))
                        button.main { (cx.t("account-link", &[])) }
                    }
                }
            }
        }
    })
}

/// "Gus (@gus)".
fn named(person: &Person) -> String {
    match &person.username {
        Some(username) => format!("{} (@{username})", person.name),
        None => person.label(),
    }
}

/// Shows the link for the bot, once: only its hash is kept.
pub(crate) async fn begin(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let app = cx.app()?;
    let token = app.accounts.telegram_token(user).await?;
    let link = token.link(&app.me.username);
    let minutes = (LINK.as_secs() / 60).to_string();
    let content = html! {
        div.head { h1 { (cx.t("account-link", &[])) } }
        section.card {
            p { (cx.t("account-link-open", &[("minutes", Arg::from(minutes))])) }
            p { a.break href=(link) { (link) } }
            (qr::svg(&link, &cx.t("account-link", &[])))
            p { a href="/account" { "← " (cx.t("account-title", &[])) } }
        }
    };
    cx.page(&cx.t("account-link", &[]), &content)
}

/// `/account/link`: where the bot's link leads, to whoever is logged in or not.
pub(crate) async fn show(cx: Cx) -> Answer {
    code_page(&cx, None)
}

fn code_page(cx: &Cx, fault: Option<&str>) -> Answer {
    let session = cx.viewer.session.as_ref();
    let content = html! {
        div.head { h1 { (cx.t("account-link", &[])) } }
        @if let Some(fault) = fault { div.note.bad.fault role="alert" { (cx.t(fault, &[])) } }
        section.card {
            @if session.is_some_and(|session| session.is_fresh()) {
                p { (cx.t("account-link-code-how", &[])) }
                form.stack method="post" action="/account/link" #login-link {
                    (page::csrf(cx))
                    label { (cx.t("login-code", &[]))
                        input name="code" required autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="64"; }
                    button.main { (cx.t("next", &[])) }
                }
                script src="/assets/login-2.js" defer {}
            } @else {
                p { (cx.t("account-link-login", &[])) }
                p { a.button href="/login?back=/account/link" { (cx.t("login-link", &[])) } }
            }
        }
    };
    let mut response = cx.page(&cx.t("account-link", &[]), &content)?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Shown {
    code: String,
}

/// Binds the bot's link to this browser.
pub(crate) async fn present(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let Shown { code } = cx.form()?;
    let accounts = &cx.app()?.accounts;
    let buckets = [
        Bucket::address(&finish::address(&cx)),
        Bucket::linking(user),
    ];
    finish::attempt(&cx, "account-link", &buckets).await?;
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    if accounts
        .shown_token(code.trim(), &session.hash)
        .await?
        .is_none()
    {
        finish::failed(&cx, "account-link", Some(user)).await?;
        return code_page(&cx, Some("account-link-bad"));
    }
    for bucket in &buckets {
        accounts.take_back(bucket).await?;
    }
    Ok(answer::see_other("/account/link/confirm"))
}

/// "Link Gus (@gus) to this account?"
pub(crate) async fn ask(cx: Cx) -> Answer {
    let Some(person) = shown(&cx).await? else {
        return code_page(&cx, Some("account-link-bad"));
    };
    let name = Arg::from(named(&person));
    let content = html! {
        div.head { h1 { (cx.t("account-link-confirm", &[("name", name)])) } }
        section.card {
            p { (cx.t("account-link-why", &[])) }
            form.stack method="post" action="/account/link/confirm" {
                (page::csrf(&cx))
                button.main { (cx.t("login-yes", &[])) }
            }
            p { a href="/account" { (cx.t("login-no", &[])) } }
        }
    };
    cx.page(&cx.t("account-link", &[]), &content)
}

/// Whose link this browser has shown.
async fn shown(cx: &Cx) -> Result<Option<Person>, Problem> {
    let app = cx.app()?;
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    Ok(match app.accounts.shown_by(&session.hash).await? {
        Some(user) => app.access.find(&Who::User(user)).await?,
        None => None,
    })
}

/// "Yes, it is me."
pub(crate) async fn confirm(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let (app, by) = (cx.app()?, cx.by()?);
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    let Some(person) = shown(&cx).await? else {
        return code_page(&cx, Some("account-link-bad"));
    };
    let name = escape_html(&named(&person));
    let tell = app.texts.get(
        &cx.viewer.language,
        "link-told",
        &[("name", Arg::from(name))],
    );
    let linked = app
        .accounts
        .link_web(&app.access, user, &session.hash, &tell, &by, &no_replies);
    match linked.await {
        Ok(change) => {
            cx.committed(change.rows)?;
            app.notices.wake();
            Ok(answer::see_other("/account"))
        }
        Err(LinkError::Db(error)) => Err(error.into()),
        Err(LinkError::Refused(Refused::BadToken)) => code_page(&cx, Some("account-link-bad")),
        Err(LinkError::Refused(refused)) => render(&cx, Some(fault(refused)), None).await,
    }
}

/// Lets the Telegram user go; whoever is logged in elsewhere may have come by it.
pub(crate) async fn drop(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let (app, by) = (cx.app()?, cx.by()?);
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    match app.accounts.unlink(&app.access, user, &by).await {
        Ok(change) => cx.committed(change.rows)?,
        Err(LinkError::Db(error)) => return Err(error.into()),
        Err(LinkError::Refused(refused)) => {
            return render(&cx, Some(fault(refused)), None).await;
        }
    }
    app.accounts.end_other_sessions(user, &session.hash).await?;
    Ok(answer::see_other("/account"))
}

fn fault(refused: Refused) -> &'static str {
    match refused {
        Refused::BadToken => "account-link-bad",
        Refused::HasTelegram => "account-link-has",
        Refused::HasPast => "account-link-both",
        Refused::NoTelegram => "account-unlink-none",
        Refused::LastWayIn => "account-unlink-last",
        Refused::Configured => "account-unlink-configured",
    }
}
