//! Where everything is, once it is up.

use super::DEV;
use super::settings::Settings;

pub(super) fn show(settings: &Settings) {
    let telegram = match settings.sandbox {
        Some(address) => format!("sandbox, no token needed: chat at  http://{address}"),
        None => "the real one: write to your bot".to_owned(),
    };
    DEV.say(&format!(
        "
┌──────────────────────────────────────────────────────────────────────
│ Vahta is up
│
│ Web       http://{web}
│ Telegram  {telegram}
│ Database  {database}
│ Plugins   {plugins}  (rebuilt and reloaded when you save)
│
│ Ctrl-C stops everything. Settings: .env
└──────────────────────────────────────────────────────────────────────
 ",
        web = settings.web,
        database = without_password(&settings.database),
        plugins = settings
            .plugins
            .strip_prefix(&settings.root)
            .unwrap_or(&settings.plugins)
            .display(),
    ));
}

/// `postgres://user:secret@host/db` without the secret.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, place)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{place}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn the_banner_shows_no_password() {
        assert_eq!(
            without_password("postgres://u:p@ss@h:5/db"),
            "postgres://u:***@h:5/db"
        );
        assert_eq!(
            without_password("sqlite:data/vahta.db"),
            "sqlite:data/vahta.db"
        );
    }
}
