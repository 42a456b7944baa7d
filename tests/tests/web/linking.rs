//! One person on the web and in Telegram: an invitation taken up on the web, links both ways, and
//! what does not become one.

use anyhow::{Context as _, Result, ensure};
use bot_core::access::{By, Who, no_replies};
use bot_core::flow::Sender;
use reqwest::StatusCode;
use vahta_rows::UserId;
use vahta_tests::stage::{ADA, GUS, LIM};
use vahta_tests::web::WebClient;
use vahta_tests::{Ground, Stage, TestApp, Web, stories};

use crate::passwords::GOOD;

stories![
    an_invitation_is_taken_up_on_the_web_once,
    a_web_account_links_telegram,
    telegram_links_a_web_account,
    wrong_expired_and_reused_tokens_get_one_answer_and_are_counted,
    of_twenty_at_once_one_is_linked,
    two_who_both_have_a_past_are_not_made_one,
    telegram_is_let_go_when_another_way_in_remains,
    what_is_forged_links_nothing,
];

const BAD: &str = "unknown, used or expired";

async fn stage(ground: Ground) -> Result<TestApp> {
    let app = Stage::on(ground).await?.start().await?;
    app.lim_is_operator().await?;
    app.lim().asks("/start").await?;
    app.idle().await?;
    Ok(app)
}

async fn invitation(web: &Web) -> Result<String> {
    let mut ada = web.browser_of(ADA).await?;
    let fields = [("role", "operator"), ("seconds", "3600")];
    let made = ada.post("/invites", &fields).await?;
    let code = made
        .text
        .split("/join#")
        .nth(1)
        .context("a link for the web")?;
    Ok(code.chars().take(22).collect())
}

async fn joins(client: &mut WebClient, code: &str, username: &str) -> Result<StatusCode> {
    let fields = [
        ("code", code),
        ("name", "Kim"),
        ("username", username),
        ("password", GOOD),
        ("again", GOOD),
    ];
    Ok(client.post("/join", &fields).await?.status)
}

/// Kim is on the web alone.
async fn kim(web: &Web) -> Result<WebClient> {
    let code = invitation(web).await?;
    let mut kim = web.stranger()?;
    let status = joins(&mut kim, &code, "kim").await?;
    ensure!(status == StatusCode::SEE_OTHER, "{status}");
    let page = kim.get("/account").await?;
    ensure!(page.text.contains("Link Telegram"), "{page:?}");
    Ok(kim)
}

/// What stands in Kim's link for the bot.
async fn token_of(kim: &mut WebClient) -> Result<String> {
    let page = kim.post("/account/telegram", &[]).await?;
    ensure!(page.text.contains("<svg"), "no QR: {page:?}");
    let token = page.text.split("?start=").nth(1).context("a link")?;
    Ok(token.chars().take(22).collect())
}

async fn id_of_kim(app: &TestApp) -> Result<i64> {
    let sql = "SELECT user_id AS number FROM web_passwords WHERE username = 'kim'";
    app.database.number(sql).await
}

async fn number_of(app: &TestApp, action: &str) -> Result<i64> {
    let sql = format!("SELECT count(*) AS number FROM audit_log WHERE action = '{action}'");
    app.database.number(&sql).await
}

async fn an_invitation_is_taken_up_on_the_web_once(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let code = invitation(&web).await?;
    let mut kim = web.stranger()?;
    let fields = [
        ("code", code.as_str()),
        ("name", "Kim <b>"),
        ("username", "kim"),
        ("password", "short"),
        ("again", "short"),
    ];
    let weak = kim.post("/join", &fields).await?;
    ensure!(
        weak.status == 422 && weak.text.contains("8 characters"),
        "{weak:?}"
    );
    ensure!(
        weak.text.contains("Kim &lt;b&gt;"),
        "what was typed is kept: {weak:?}"
    );
    ensure!(joins(&mut kim, &code, "kim").await? == StatusCode::SEE_OTHER);
    ensure!(
        kim.get("/users").await?.status == StatusCode::FORBIDDEN,
        "an operator"
    );
    let mut late = web.stranger()?;
    for (code, name) in [
        (code.as_str(), "lea"),
        ("AAAAAAAAAAAAAAAAAAAAAA", "lea"),
        ("", "lea"),
    ] {
        ensure!(joins(&mut late, code, name).await? == 422);
    }
    let other = invitation(&web).await?;
    ensure!(
        joins(&mut late, &other, "kim").await? == 422,
        "the name is taken"
    );
    ensure!(joins(&mut late, &other, "lea").await? == StatusCode::SEE_OTHER);
    ensure!(number_of(&app, "access.accept").await? == 2);
    let bare = "SELECT count(*) AS number FROM bot_users WHERE telegram_id IS NULL";
    ensure!(
        app.database.number(bare).await? == 2,
        "nobody was half made"
    );
    app.shutdown().await
}

async fn a_web_account_links_telegram(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    app.gus().asks("/start").await?;
    app.idle().await?;
    let mut kim = kim(&web).await?;
    let token = token_of(&mut kim).await?;
    let user = id_of_kim(&app).await?;
    app.gus().says(&format!("/start {token}")).await?;
    app.gus()
        .sees("Link this chat to the web account of Kim")
        .await?;
    // In a group nobody is asked, and nobody else can send it any more.
    app.lim().says(&format!("/start {token}")).await?;
    app.lim().sees(BAD).await?;
    app.gus().presses("Yes, that is me").await?;
    app.gus().sees("are one now").await?;
    app.gus().says("/whoami").await?;
    app.gus().sees("operator").await?;
    let find = format!("SELECT telegram_id AS number FROM bot_users WHERE id = {user}");
    ensure!(app.database.number(&find).await? == GUS);
    let rows = format!("SELECT count(*) AS number FROM bot_users WHERE telegram_id = {GUS}");
    ensure!(app.database.number(&rows).await? == 1);
    ensure!(number_of(&app, "account.link").await? == 1);
    let page = kim.get("/account").await?;
    ensure!(page.text.contains("is linked to Gus"), "{page:?}");
    let told = kim.get("/notices").await?;
    ensure!(
        told.text
            .contains("Your account is linked to Telegram now: Gus"),
        "{told:?}"
    );
    // The press comes again, and changes nothing.
    let card = app.gus().last_message().await?;
    app.gus().presses_data(&card, "c:link:yes").await?;
    ensure!(number_of(&app, "account.link").await? == 1);
    // Both ways in are the same person now.
    app.gus().says("/login").await?;
    app.gus().sees("logs you in on the web").await?;
    app.shutdown().await
}

/// The code that the bot sent to a stranger who asked for it.
async fn offered(app: &TestApp) -> Result<String> {
    app.gus().says("/link").await?;
    let message = app.gus().sees("/account/link#").await?;
    let code = message.text.split('#').nth(1).context("a code")?;
    Ok(code.chars().take(22).collect())
}

async fn telegram_links_a_web_account(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut kim = kim(&web).await?;
    let code = offered(&app).await?;
    let mut nobody = web.stranger()?;
    let page = nobody.get("/account/link").await?;
    ensure!(page.text.contains("Log in to the account"), "{page:?}");
    let got = kim.post("/account/link", &[("code", &code)]).await?;
    ensure!(got.location() == Some("/account/link/confirm"), "{got:?}");
    let page = kim.get("/account/link/confirm").await?;
    ensure!(page.text.contains("Link Gus"), "{page:?}");
    // Another account comes too late: the code is this browser's.
    let mut lim = web.browser_of(LIM).await?;
    let other = lim.post("/account/link", &[("code", &code)]).await?;
    ensure!(other.status == 422 && other.text.contains(BAD), "{other:?}");
    let done = kim.post("/account/link/confirm", &[]).await?;
    ensure!(done.location() == Some("/account"), "{done:?}");
    let again = kim.post("/account/link/confirm", &[]).await?;
    ensure!(again.status == 422 && again.text.contains(BAD), "{again:?}");
    app.gus().says("/whoami").await?;
    app.gus().sees("operator").await?;
    ensure!(number_of(&app, "account.link").await? == 1);
    // Whoever has rights here needs no second account.
    app.gus().says("/link").await?;
    app.gus().sees("You need no link").await?;
    app.shutdown().await
}

async fn wrong_expired_and_reused_tokens_get_one_answer_and_are_counted(
    ground: Ground,
) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut kim = kim(&web).await?;
    let (expired, wrong) = (token_of(&mut kim).await?, "AAAAAAAAAAAAAAAAAAAAAA");
    app.database
        .change("UPDATE link_tokens SET expires_at = 1 WHERE purpose = 'link_telegram'")
        .await?;
    let mut answers = Vec::new();
    for token in [wrong, &expired, wrong, wrong] {
        app.lim().says(&format!("/start {token}")).await?;
        answers.push(app.lim().sees(BAD).await?.text);
    }
    answers.dedup();
    ensure!(answers.len() == 1, "{answers:?}");
    let counted =
        "SELECT CAST(failures AS BIGINT) AS number FROM login_attempts WHERE key LIKE 'telegram:%'";
    ensure!(app.database.number(counted).await? == 4);
    // After the fifth there is a wait, for good ones too.
    app.lim().says(&format!("/start {wrong}")).await?;
    app.lim().sees(BAD).await?;
    let good = token_of(&mut kim).await?;
    app.database
        .change("UPDATE login_attempts SET open_at = 9000000000000000 WHERE key LIKE 'telegram:%'")
        .await?;
    app.lim().says(&format!("/start {good}")).await?;
    app.lim().sees("Too many wrong links").await?;
    // A stranger's are refusals: some, and the door is shut.
    app.gus().says(&format!("/start {wrong}")).await?;
    app.gus().sees_where("a refusal", |_| true).await?;
    let refused = format!(
        "SELECT CAST(refusals AS BIGINT) AS number FROM bot_users WHERE telegram_id = {GUS}"
    );
    ensure!(app.database.number(&refused).await? == 1);

    // On the web: wrong, expired and somebody's login link look alike, and are counted.
    let code = offered(&app).await?;
    app.database
        .change("UPDATE link_tokens SET expires_at = 1 WHERE purpose = 'link_web'")
        .await?;
    let mut pages = Vec::new();
    for code in [wrong, &code, &good, "", "short"] {
        let got = kim.post("/account/link", &[("code", code)]).await?;
        ensure!(got.status == 422 && got.text.contains(BAD), "{got:?}");
        pages.push(got.text);
    }
    pages.dedup();
    ensure!(pages.len() == 1, "they differ");
    let counted =
        "SELECT CAST(failures AS BIGINT) AS number FROM login_attempts WHERE key LIKE 'linking:%'";
    ensure!(app.database.number(counted).await? == 5);
    let shut = kim.post("/account/link", &[("code", wrong)]).await?;
    ensure!(shut.status == StatusCode::TOO_MANY_REQUESTS, "{shut:?}");
    app.shutdown().await
}

async fn of_twenty_at_once_one_is_linked(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut kim = kim(&web).await?;
    let token = token_of(&mut kim).await?;
    let user = UserId(id_of_kim(&app).await?);
    let sender = |telegram_id| Sender {
        telegram_id,
        is_bot: false,
        first_name: "Many".into(),
        last_name: None,
        username: None,
        language: None,
    };
    for n in 0..20 {
        let name = format!("Many{n}");
        app.control.add_person(5_000 + n, &name).await?;
    }
    // Twenty people send it: it is the first one's.
    let sending = (0..20).map(|n| {
        let (accounts, token) = (app.app.accounts.clone(), token.clone());
        async move {
            accounts
                .sent_token(&token, 5_000 + n)
                .await
                .map(|got| (n, got))
        }
    });
    let sent = futures_of(sending).await?;
    let won: Vec<i64> = sent
        .iter()
        .filter(|(_, account)| *account == Some(user))
        .map(|(n, _)| *n)
        .collect();
    ensure!(won.len() == 1, "{sent:?}");
    // That one presses twenty times, and so do the others.
    let by = By {
        user: None,
        source: "telegram",
        correlation: "story".into(),
        instance: app.app.instance,
    };
    let pressing = (0..40).map(|n| {
        let (app, by) = (app.app.clone(), by.clone());
        let who = if n % 2 == 0 { won[0] } else { n / 2 };
        async move {
            let sender = sender(5_000 + who);
            let told = "told";
            let linked = app
                .accounts
                .link_telegram(&app.access, &sender, told, &by, &no_replies);
            Ok::<_, vahta_rows::DbError>(linked.await.is_ok())
        }
    });
    let linked = futures_of(pressing).await?;
    ensure!(linked.iter().filter(|is| **is).count() == 1, "{linked:?}");
    ensure!(number_of(&app, "account.link").await? == 1);
    let find = format!("SELECT telegram_id AS number FROM bot_users WHERE id = {user}");
    ensure!(app.database.number(&find).await? == 5_000 + won[0]);
    app.person(5_000 + won[0]).sees("told").await?;
    app.shutdown().await
}

/// All at once, each a task of its own.
async fn futures_of<T, F>(work: impl Iterator<Item = F>) -> Result<Vec<T>>
where
    F: Future<Output = Result<T, vahta_rows::DbError>> + Send + 'static,
    T: Send + 'static,
{
    let tasks: Vec<_> = work.map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await??);
    }
    Ok(done)
}

async fn two_who_both_have_a_past_are_not_made_one(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut kim = kim(&web).await?;
    let token = token_of(&mut kim).await?;
    let grants = "SELECT count(*) AS number FROM grants";
    let before = app.database.number(grants).await?;
    app.lim().says(&format!("/start {token}")).await?;
    app.lim().presses("Yes, that is me").await?;
    app.lim()
        .sees("Two people who both have a past are not made one")
        .await?;
    // One who had a role and lost it has a past as well.
    app.ada().asks(&format!("/revoke {LIM} operator")).await?;
    app.lim().says(&format!("/start {token}")).await?;
    app.lim().presses("Yes, that is me").await?;
    app.lim()
        .sees("Two people who both have a past are not made one")
        .await?;
    ensure!(app.database.number(grants).await? == before - 1);
    ensure!(number_of(&app, "account.link").await? == 0);
    let lim = app.app.access.find(&Who::Telegram(LIM)).await?;
    ensure!(lim.is_some(), "nobody went");
    // The token was not used up: Gus has no past.
    let token = token_of(&mut kim).await?;
    app.gus().says(&format!("/start {token}")).await?;
    app.gus().presses("Yes, that is me").await?;
    app.gus().sees("are one now").await?;
    // An account has one Telegram user.
    let third = kim.post("/account/telegram", &[]).await?;
    let third = third.text.split("?start=").nth(1).context("a link")?;
    let third: String = third.chars().take(22).collect();
    app.control.add_person(1_099, "Nia").await?;
    let nia = app.person(1_099);
    nia.says(&format!("/start {third}")).await?;
    nia.presses("Yes, that is me").await?;
    nia.sees("has a Telegram user already").await?;
    app.shutdown().await
}

async fn telegram_is_let_go_when_another_way_in_remains(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut lim = web.browser_of(LIM).await?;
    let only = lim.post("/account/telegram/off", &[]).await?;
    ensure!(
        only.status == 422 && only.text.contains("another way to log in"),
        "{only:?}"
    );
    crate::passwords::set_password(&mut lim, GOOD).await?;
    let mut other = web.browser_of(LIM).await?;
    app.lim().says("/login").await?;
    let link = app.lim().sees("/login#").await?;
    let code: String = link
        .text
        .split('#')
        .nth(1)
        .context("a code")?
        .chars()
        .take(22)
        .collect();
    let done = lim.post("/account/telegram/off", &[]).await?;
    ensure!(done.location() == Some("/account"), "{done:?}");
    ensure!(
        other.get("/sessions").await?.status == StatusCode::SEE_OTHER,
        "other browsers end"
    );
    let mut thief = web.stranger()?;
    let stale = thief.post("/login/link", &[("code", &code)]).await?;
    ensure!(
        stale.status == 422,
        "the bot's link died as well: {stale:?}"
    );
    let page = lim.get("/account").await?;
    ensure!(page.text.contains("Link Telegram"), "{page:?}");
    app.lim().says("/whoami").await?;
    app.lim()
        .sees_where("a refusal", |m| !m.text.contains("operator"))
        .await?;
    ensure!(number_of(&app, "account.unlink").await? == 1);
    // And linked again: what the bot noted of the stranger in between is no past.
    let token = token_of(&mut lim).await?;
    app.lim().says(&format!("/start {token}")).await?;
    app.lim().presses("Yes, that is me").await?;
    app.lim().sees("are one now").await?;
    app.lim().says("/whoami").await?;
    app.lim().sees("operator").await?;
    // What the configuration gives, comes back at every start.
    let mut ada = web.browser_of(ADA).await?;
    crate::passwords::set_password(&mut ada, GOOD).await?;
    let kept = ada.post("/account/telegram/off", &[]).await?;
    ensure!(
        kept.status == 422 && kept.text.contains("configuration"),
        "{kept:?}"
    );
    app.shutdown().await
}

async fn what_is_forged_links_nothing(ground: Ground) -> Result<()> {
    let app = stage(ground).await?;
    let web = app.web().await?;
    let mut kim = kim(&web).await?;
    let code = offered(&app).await?;
    let got = kim.post("/account/link", &[("code", &code)]).await?;
    ensure!(got.location() == Some("/account/link/confirm"), "{got:?}");
    let csrf = kim.csrf.clone();
    for path in [
        "/account/telegram",
        "/account/telegram/off",
        "/account/link",
        "/account/link/confirm",
        "/account/settings",
    ] {
        // The page that says so brings the right one again.
        kim.csrf = Some("forged".into());
        let got = kim.post(path, &[("code", &code)]).await?;
        ensure!(got.status == StatusCode::FORBIDDEN, "{path}: {got:?}");
    }
    kim.csrf = csrf;
    // A press that nobody was offered counts as a stranger's try.
    let message = app.gus().last_message().await?;
    app.gus().presses_data(&message, "c:link:yes").await?;
    app.idle().await?;
    let refused = format!(
        "SELECT CAST(refusals AS BIGINT) AS number FROM bot_users WHERE telegram_id = {GUS}"
    );
    ensure!(app.database.number(&refused).await? == 2);
    let shown = app.lim().last_message().await?;
    let told = app.lim().presses_data(&shown, "c:link:yes").await?;
    ensure!(told.contains(BAD), "{told}");
    ensure!(number_of(&app, "account.link").await? == 0);
    // A login of long ago changes nothing about how one logs in.
    app.database
        .change("UPDATE web_sessions SET created_at = 1")
        .await?;
    let stale = kim.post("/account/link/confirm", &[]).await?;
    ensure!(stale.status == 422, "{stale:?}");
    ensure!(number_of(&app, "account.link").await? == 0);
    app.shutdown().await
}
