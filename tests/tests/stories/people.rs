//! Ada, Lim and Gus, as README's "What you see" tells it.

use anyhow::{Result, ensure};
use serde_json::json;
use vahta_tests::{Ground, Stage, stories};

stories![
    start_says_hello_by_name,
    help_lists_only_what_this_person_may_do,
    whoami_tells_roles_and_permissions,
    an_unknown_command_gets_the_nearest_one,
    wrong_arguments_get_the_usage,
    small_talk_gets_a_hint_and_cancel_has_nothing_to_cancel,
    a_language_follows_the_persons_telegram,
];

async fn start_says_hello_by_name(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/start").await?;
    app.ada().sees("Hello, Ada!").await?;
    app.ada().says("/start@sandbox_bot").await?;
    app.shutdown().await
}

async fn help_lists_only_what_this_person_may_do(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with_plugins(&["echo"])?
        .start()
        .await?;
    let all = app.ada().asks("/help").await?.text;
    for command in ["/help", "/whoami", "/grant", "/plugin ", "/limits", "/echo"] {
        ensure!(all.contains(command), "Ada's /help lacks {command}:\n{all}");
    }
    app.lim_is_operator().await?;
    let some = app.lim().asks("/help").await?.text;
    for command in ["/help", "/whoami", "/plugins", "/status", "/echo"] {
        ensure!(
            some.contains(command),
            "Lim's /help lacks {command}:\n{some}"
        );
    }
    for command in ["/grant", "/block", "/invite", "/role", "/users"] {
        ensure!(
            !some.contains(command),
            "Lim's /help offers {command}:\n{some}"
        );
    }
    app.shutdown().await
}

async fn whoami_tells_roles_and_permissions(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let ada = app.ada().asks("/whoami").await?.text;
    ensure!(
        ada.contains("1001") && ada.contains("admin") && ada.contains("every permission"),
        "{ada}"
    );
    app.lim_is_operator().await?;
    let lim = app.lim().asks("/whoami").await?.text;
    ensure!(
        lim.contains("operator") && lim.contains("core.status.view"),
        "{lim}"
    );
    ensure!(!lim.contains("core.users.manage"), "{lim}");
    app.shutdown().await
}

async fn an_unknown_command_gets_the_nearest_one(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("/hlep").await?;
    app.ada()
        .sees("There is no command /hlep. Did you mean /help?")
        .await?;
    app.ada().says("/weather").await?;
    app.ada()
        .sees("There is no command /weather. /help shows")
        .await?;
    // What Lim may not use is not suggested to her either.
    app.lim_is_operator().await?;
    app.lim().says("/gratn @gus admin").await?;
    app.lim()
        .sees("There is no command /gratn. /help shows")
        .await?;
    app.shutdown().await
}

async fn wrong_arguments_get_the_usage(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    for (wrong, usage) in [
        ("/grant", "Usage: /grant"),
        ("/grant @lim operator tomorrow maybe", "Usage: /grant"),
        ("/revoke", "Usage: /revoke"),
        ("/block", "Usage: /block"),
        ("/unblock", "Usage: /unblock"),
        ("/why", "Usage: /why"),
        ("/invite operator 2d 3d", "Usage: /invite"),
        ("/plugin", "Usage: /plugin"),
        ("/grant @lim emperor", "There is no role emperor"),
        ("/block @nobody_ever", "I know nobody by that name"),
        ("/plugin tsak reload", "Did you mean task?"),
    ] {
        app.ada().says(wrong).await?;
        app.ada().sees(usage).await?;
    }
    app.shutdown().await
}

async fn small_talk_gets_a_hint_and_cancel_has_nothing_to_cancel(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    app.ada().says("good morning").await?;
    app.ada().sees("I answer to commands").await?;
    app.ada().says("/cancel").await?;
    app.ada().sees("Nothing is open here").await?;
    app.shutdown().await
}

async fn a_language_follows_the_persons_telegram(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    for language in ["de", "pt-br"] {
        let ada = json!({
            "id": 1001, "first_name": "Ada", "username": "ada", "language_code": language,
        });
        app.control.post("users", ada).await?;
        let text = app.ada().asks("/whoami").await?.text;
        ensure!(text.contains(&format!("Language: {language}")), "{text}");
        let kept = "SELECT language AS text FROM bot_users WHERE telegram_id = 1001";
        ensure!(
            app.database.texts(kept).await? == [language],
            "it is not kept"
        );
        // What is written to her without her asking is in it as well.
        let known = app.app.access.snapshot();
        let known = known.by_telegram(1001).and_then(|ada| ada.language.clone());
        ensure!(known.as_deref() == Some(language), "{known:?}");
    }
    app.shutdown().await
}
