//! Name and password. An unknown name, a wrong password and a person who may not enter get the same
//! answer after the same work.

use bot_core::accounts::attempts::Bucket;
use bot_core::accounts::passwords::normal_name;
use bot_core::accounts::sessions::Login;
use serde::Deserialize;
use vahta_rows::UserId;

use super::{Back, finish, ways};
use crate::answer::Answer;
use crate::cx::Cx;

#[derive(Deserialize)]
struct Given {
    username: String,
    password: String,
    #[serde(flatten)]
    back: Back,
}

pub(crate) async fn enter(cx: Cx) -> Answer {
    let Given {
        username,
        password,
        back,
    } = cx.form()?;
    let accounts = &cx.app()?.accounts;
    let (name, address) = (normal_name(&username), finish::address(&cx));
    let owner = accounts.owner_of_name(&name).await?;
    // Asked for unknown names as well, for it takes its time.
    let asked = owner.unwrap_or(UserId(0));
    let known = accounts.is_known_address(asked, &address).await?;
    let own = Bucket::account_at(&name, &address, known);
    let mut buckets = vec![own.clone()];
    if !known {
        // What others try elsewhere keeps nobody out of where they have been before.
        buckets = vec![
            Bucket::address(&address),
            own.clone(),
            Bucket::account(&name),
        ];
    }
    finish::attempt(&cx, "password", &buckets).await?;
    let user = accounts.check_password(&name, &password).await?;
    let user = user.filter(|user| {
        cx.app()
            .is_ok_and(|app| bot_core::accounts::may_enter(&app.access, *user))
    });
    let Some(user) = user else {
        finish::failed(&cx, "password", owner).await?;
        return ways(&cx, back.path(), Some("login-password-bad"));
    };
    accounts.forgive(&buckets, &own).await?;
    match finish::step(&cx, user, Login::Password, back.path()).await? {
        Some(response) => Ok(response),
        None => ways(&cx, back.path(), Some("login-password-bad")),
    }
}
