//! The claim and invitations: the web leads to Telegram, where people begin.

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::{Ground, Stage, stories};

stories![
    the_claim_code_leads_to_telegram_until_there_is_an_admin,
    an_invitation_is_made_shown_once_and_withdrawn,
    who_may_not_let_people_in_sees_no_invitations,
];

async fn the_claim_code_leads_to_telegram_until_there_is_an_admin(ground: Ground) -> Result<()> {
    let app = Stage::on(ground)
        .await?
        .with("VAHTA_ADMINS", "")
        .start()
        .await?;
    let web = app.web().await?;
    let code = app.app.access.claim_code(app.app.instance).await?;
    let code = code.context("nobody is in charge")?;
    let mut stranger = web.stranger()?;
    ensure!(stranger.get("/login").await?.text.contains("/claim"));
    let got = stranger
        .post("/claim", &[("code", "AAAAAAAAAAAAAAAAAAAAAA")])
        .await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let got = stranger.post("/claim", &[("code", code.expose())]).await?;
    let link = format!("?start={}", code.expose());
    ensure!(
        got.text.contains(&link) && got.text.contains("<svg"),
        "{got:?}"
    );
    ensure!(stranger.cookie.is_none());
    // Looking used nothing up.
    app.ada().says(&format!("/start {}", code.expose())).await?;
    app.ada().sees("You are the first admin").await?;
    for got in [
        stranger.get("/claim").await?,
        stranger.post("/claim", &[("code", "x")]).await?,
    ] {
        ensure!(got.status == StatusCode::NOT_FOUND, "{got:?}");
    }
    app.shutdown().await
}

async fn an_invitation_is_made_shown_once_and_withdrawn(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    let mut ada = web.browser_of(ADA).await?;
    ensure!(
        ada.get("/invites")
            .await?
            .text
            .contains("No invitation is open")
    );
    let fields = [("role", "operator"), ("seconds", "3600")];
    let got = ada.post("/invites", &fields).await?;
    ensure!(got.text.contains("<svg"), "{got:?}");
    let (_, rest) = got.text.split_once("?start=").context("a link")?;
    let token: String = rest.chars().take(22).collect();
    let listed = ada.get("/invites").await?.text;
    ensure!(
        listed.contains("operator") && !listed.contains(&token),
        "{listed}"
    );
    app.gus().says(&format!("/start {token}")).await?;
    app.gus().sees("You have the role").await?;

    ada.post("/invites", &fields).await?;
    let listed = ada.get("/invites").await?.text;
    let (_, rest) = listed
        .split_once("name=\"invite\" value=\"")
        .context("a row")?;
    let hash = rest.split('"').next().unwrap_or_default().to_owned();
    let got = ada.post("/invites/withdraw", &[("invite", &hash)]).await?;
    ensure!(got.status == StatusCode::SEE_OTHER, "{got:?}");
    ensure!(
        ada.get("/invites")
            .await?
            .text
            .contains("No invitation is open")
    );
    let got = ada
        .post("/invites", &[("role", "guest"), ("seconds", "3600")])
        .await?;
    ensure!(got.status == StatusCode::UNPROCESSABLE_ENTITY, "{got:?}");
    let got = ada
        .post("/invites", &[("role", "operator"), ("seconds", "1")])
        .await?;
    ensure!(got.status == StatusCode::BAD_REQUEST, "{got:?}");
    app.shutdown().await
}

async fn who_may_not_let_people_in_sees_no_invitations(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    let web = app.web().await?;
    app.lim_is_operator().await?;
    let mut lim = web.browser_of(LIM).await?;
    ensure!(lim.get("/invites").await?.status == StatusCode::FORBIDDEN);
    let got = lim
        .post("/invites", &[("role", "admin"), ("seconds", "3600")])
        .await?;
    ensure!(got.status == StatusCode::FORBIDDEN, "{got:?}");
    app.shutdown().await
}
