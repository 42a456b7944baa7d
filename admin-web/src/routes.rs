//! [`ALL`]: every route that a person or a key may ask for, with what it takes. The guard knows
//! nothing else, so a route that is not here does not exist, and one that names no permission is
//! open to whoever is logged in.

use std::sync::OnceLock;

use bot_core::access::keys;
use futures::future::BoxFuture;
use warp::http::Method;

use crate::answer::Answer;
use crate::api::{self, Doc};
use crate::cx::Cx;
use crate::guard::files::Wanted;
use crate::guard::pieces::{self, Pieces};
use crate::problem::Problem;
use crate::{live, pages, uploads};

pub(crate) type Run = fn(Cx) -> BoxFuture<'static, Answer>;

/// Says which files somebody may bring, before their body is read.
pub(crate) type Upload = fn(&Cx) -> Result<Option<Wanted>, Problem>;

/// Reads a body itself, and answers.
pub(crate) type Takes = fn(Cx, Pieces) -> BoxFuture<'static, Answer>;

/// What a request must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing: pages for strangers. Unsafe methods are refused when another site sends them.
    Nothing,
    /// Somebody who is logged in and not blocked.
    Login,
    /// Somebody who holds this key everywhere.
    Key(&'static str),
}

/// One route.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// `/users/{id}`; the parameter is `cx.param("id")`.
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    pub(crate) run: Run,
    /// What the OpenAPI document says of it; pages have none.
    pub(crate) doc: Option<&'static Doc>,
    /// `None`: takes no files.
    pub(crate) upload: Option<Upload>,
    /// Instead of `run`: reads the body itself.
    pub(crate) takes: Option<Takes>,
}

macro_rules! route {
    ($method:ident $path:literal, $needs:expr, $run:path) => {
        Route {
            method: Method::$method,
            path: $path,
            needs: $needs,
            run: |cx| Box::pin($run(cx)),
            doc: None,
            upload: None,
            takes: None,
        }
    };
}

/// A route that reads its body piece by piece.
macro_rules! takes {
    ($method:ident $path:literal, $run:path) => {
        Route {
            takes: Some(|cx, pieces| Box::pin($run(cx, pieces))),
            ..route!($method $path, Needs::Nothing, pieces::never)
        }
    };
}

/// A route that may take files.
macro_rules! files {
    ($method:ident $path:literal, $needs:expr, $run:path, $upload:path) => {
        Route {
            upload: Some($upload),
            ..route!($method $path, $needs, $run)
        }
    };
}

/// A route of `/api/v1`: rates, repeats and its part of the OpenAPI document come with it.
macro_rules! api {
    ($method:ident $path:literal, $needs:expr, $run:path, $doc:path) => {
        Route {
            method: Method::$method,
            path: concat!("/api/v1", $path),
            needs: $needs,
            run: |cx| Box::pin(api::run(cx, |cx| Box::pin($run(cx)), &$doc)),
            doc: Some(&$doc),
            upload: None,
            takes: None,
        }
    };
}

pub(crate) static ALL: &[Route] = &[
    route!(GET "/", Needs::Nothing, pages::home::show),
    route!(GET "/live", Needs::Login, live::stream),
    route!(GET "/sessions", Needs::Login, pages::sessions::show),
    route!(POST "/sessions/end", Needs::Login, pages::sessions::end),
    route!(POST "/sessions/end-others", Needs::Login, pages::sessions::end_others),
    route!(GET "/users/{id}/sessions", Needs::Key(keys::SESSIONS_MANAGE), pages::sessions::of_user::show),
    route!(POST "/users/{id}/sessions/end", Needs::Key(keys::SESSIONS_MANAGE), pages::sessions::of_user::end),
    route!(POST "/users/{id}/totp/off", Needs::Key(keys::SESSIONS_MANAGE), pages::sessions::of_user::drop_totp),
    route!(GET "/login", Needs::Nothing, pages::login::show),
    route!(POST "/login/link", Needs::Nothing, pages::login::link::present),
    route!(GET "/login/confirm", Needs::Nothing, pages::login::link::ask),
    route!(POST "/login/confirm", Needs::Nothing, pages::login::link::confirm),
    route!(POST "/login/password", Needs::Nothing, pages::login::password::enter),
    route!(GET "/login/second", Needs::Nothing, pages::login::second::show),
    route!(POST "/login/second", Needs::Nothing, pages::login::second::enter),
    route!(GET "/login/telegram", Needs::Nothing, pages::login::telegram::ask),
    route!(POST "/login/telegram", Needs::Nothing, pages::login::telegram::confirm),
    route!(GET "/mini-app", Needs::Nothing, pages::mini_app::show),
    route!(POST "/mini-app/login", Needs::Nothing, pages::mini_app::login),
    route!(GET "/claim", Needs::Nothing, pages::claim::show),
    route!(POST "/claim", Needs::Nothing, pages::claim::hand_over),
    route!(GET "/account", Needs::Login, pages::account::show),
    route!(POST "/account/settings", Needs::Login, pages::account::own::set),
    route!(POST "/account/password", Needs::Login, pages::account::password::set),
    route!(POST "/account/password/off", Needs::Login, pages::account::password::drop),
    route!(POST "/account/telegram", Needs::Login, pages::account::telegram::begin),
    route!(POST "/account/telegram/off", Needs::Login, pages::account::telegram::drop),
    route!(GET "/account/link", Needs::Nothing, pages::account::telegram::show),
    route!(POST "/account/link", Needs::Login, pages::account::telegram::present),
    route!(GET "/account/link/confirm", Needs::Login, pages::account::telegram::ask),
    route!(POST "/account/link/confirm", Needs::Login, pages::account::telegram::confirm),
    route!(GET "/join", Needs::Nothing, pages::join::show),
    route!(POST "/join", Needs::Nothing, pages::join::join),
    route!(POST "/account/totp/begin", Needs::Login, pages::account::totp::begin),
    route!(POST "/account/totp/confirm", Needs::Login, pages::account::totp::confirm),
    route!(POST "/account/totp/off", Needs::Login, pages::account::totp::drop),
    route!(GET "/invites", Needs::Key(keys::USERS_MANAGE), pages::invites::list),
    route!(POST "/invites", Needs::Key(keys::USERS_MANAGE), pages::invites::make),
    route!(POST "/invites/withdraw", Needs::Key(keys::USERS_MANAGE), pages::invites::withdraw),
    route!(POST "/logout", Needs::Login, pages::sessions::logout),
    route!(GET "/p/{plugin}", Needs::Login, pages::plugin::page),
    files!(POST "/p/{plugin}", Needs::Login, pages::plugin::page, pages::plugin::files_of_page),
    route!(GET "/p/{plugin}/{*rest}", Needs::Login, pages::plugin::page),
    files!(POST "/p/{plugin}/{*rest}", Needs::Login, pages::plugin::page, pages::plugin::files_of_page),
    route!(GET "/api/v1/p/{plugin}/{*rest}", Needs::Login, pages::plugin::api),
    files!(POST "/api/v1/p/{plugin}/{*rest}", Needs::Login, pages::plugin::api, pages::plugin::files_of_api),
    files!(PUT "/api/v1/p/{plugin}/{*rest}", Needs::Login, pages::plugin::api, pages::plugin::files_of_api),
    route!(PATCH "/api/v1/p/{plugin}/{*rest}", Needs::Login, pages::plugin::api),
    route!(DELETE "/api/v1/p/{plugin}/{*rest}", Needs::Login, pages::plugin::api),
    route!(GET "/pub/{plugin}/{*rest}", Needs::Nothing, pages::plugin::public),
    route!(POST "/pub/{plugin}/{*rest}", Needs::Nothing, pages::plugin::public),
    route!(GET "/d/{token}", Needs::Nothing, pages::download::fetch),
    route!(GET "/u/{token}", Needs::Nothing, uploads::look::show),
    takes!(POST "/u/{token}", uploads::form::take),
    route!(OPTIONS "/u/{token}/files", Needs::Nothing, uploads::look::options),
    takes!(POST "/u/{token}/files", uploads::create::create),
    route!(GET "/u/{token}/files/{id}", Needs::Nothing, uploads::look::upload),
    takes!(PATCH "/u/{token}/files/{id}", uploads::append::append),
    route!(DELETE "/u/{token}/files/{id}", Needs::Nothing, uploads::look::give_up),
    route!(GET "/users", Needs::Key(keys::USERS_VIEW), pages::users::list),
    route!(GET "/users/{id}", Needs::Key(keys::USERS_VIEW), pages::user::show),
    route!(POST "/users/{id}/grant", Needs::Key(keys::USERS_MANAGE), pages::user::grant),
    route!(POST "/users/{id}/revoke", Needs::Key(keys::USERS_MANAGE), pages::user::revoke),
    route!(POST "/users/{id}/block", Needs::Key(keys::USERS_MANAGE), pages::user::block),
    route!(POST "/users/{id}/unblock", Needs::Key(keys::USERS_MANAGE), pages::user::unblock),
    route!(GET "/roles", Needs::Key(keys::USERS_VIEW), pages::roles::list),
    route!(POST "/roles", Needs::Key(keys::ROLES_MANAGE), pages::roles::new),
    route!(POST "/roles/{name}", Needs::Key(keys::ROLES_MANAGE), pages::roles::edit),
    route!(POST "/roles/{name}/delete", Needs::Key(keys::ROLES_MANAGE), pages::roles::delete),
    route!(GET "/chats", Needs::Key(keys::USERS_VIEW), pages::chats::list),
    route!(GET "/chats/{id}", Needs::Key(keys::USERS_VIEW), pages::chats::one),
    route!(GET "/messages", Needs::Key(keys::LOGS_VIEW), pages::messages::list),
    route!(GET "/calls", Needs::Key(keys::LOGS_VIEW), pages::calls::list),
    route!(GET "/announcements", Needs::Key(keys::ANNOUNCE), pages::announcements::list),
    route!(POST "/announcements", Needs::Key(keys::ANNOUNCE), pages::announcements::draft),
    route!(GET "/announcements/{id}", Needs::Key(keys::ANNOUNCE), pages::announcements::show),
    route!(POST "/announcements/{id}/send", Needs::Key(keys::ANNOUNCE), pages::announcements::send),
    route!(POST "/announcements/{id}/drop", Needs::Key(keys::ANNOUNCE), pages::announcements::drop),
    route!(GET "/plugins", Needs::Key(keys::PLUGINS_VIEW), pages::plugins::list),
    route!(GET "/plugins/{name}", Needs::Key(keys::PLUGINS_VIEW), pages::plugins::one),
    route!(GET "/plugins/{name}/settings", Needs::Key(keys::PLUGINS_MANAGE), pages::plugins::settings::show),
    route!(POST "/plugins/{name}/settings", Needs::Key(keys::PLUGINS_MANAGE), pages::plugins::settings::save),
    route!(POST "/plugins/{name}/chats", Needs::Key(keys::PLUGINS_MANAGE), pages::plugins::chats::set_chat),
    route!(POST "/chats/{id}/plugins", Needs::Key(keys::PLUGINS_MANAGE), pages::plugins::chats::set_plugin),
    route!(POST "/plugins/{name}/enable", Needs::Key(keys::PLUGINS_MANAGE), pages::plugins::enable),
    route!(POST "/plugins/{name}/disable", Needs::Key(keys::PLUGINS_MANAGE), pages::plugins::disable),
    route!(POST "/plugins/{name}/reload", Needs::Key(keys::PLUGINS_MANAGE), pages::plugins::reload),
    route!(GET "/approvals", Needs::Login, pages::approvals::list),
    route!(POST "/approvals/{id}/approve", Needs::Login, pages::approvals::approve),
    route!(POST "/approvals/{id}/reject", Needs::Login, pages::approvals::reject),
    route!(POST "/approvals/{id}/withdraw", Needs::Login, pages::approvals::withdraw),
    route!(GET "/notices", Needs::Login, pages::notices::list),
    route!(GET "/notices/offered", Needs::Login, pages::notices::offered),
    route!(POST "/notices/shown", Needs::Login, pages::notices::shown),
    route!(POST "/notices/read", Needs::Login, pages::notices::read_all),
    route!(POST "/notices/{id}/read", Needs::Login, pages::notices::read),
    route!(GET "/jobs", Needs::Key(keys::STATUS_VIEW), pages::jobs::list),
    route!(POST "/jobs/{id}/run", Needs::Key(keys::STATUS_MANAGE), pages::jobs::run),
    route!(POST "/jobs/{id}/cancel", Needs::Key(keys::STATUS_MANAGE), pages::jobs::cancel),
    route!(GET "/outbox", Needs::Key(keys::STATUS_VIEW), pages::outbox::list),
    route!(POST "/outbox/retry", Needs::Key(keys::STATUS_MANAGE), pages::outbox::retry_all),
    route!(POST "/outbox/{id}/retry", Needs::Key(keys::STATUS_MANAGE), pages::outbox::retry),
    route!(GET "/updates", Needs::Key(keys::STATUS_MANAGE), pages::updates::list),
    route!(GET "/updates/{id}", Needs::Key(keys::STATUS_MANAGE), pages::updates::one),
    route!(POST "/updates/{id}/retry", Needs::Key(keys::STATUS_MANAGE), pages::updates::retry),
    route!(GET "/settings", Needs::Login, pages::settings::show),
    route!(POST "/settings/own", Needs::Login, pages::settings::set_own),
    route!(POST "/settings/sign-up", Needs::Key(keys::USERS_MANAGE), pages::settings::set_sign_up),
    route!(POST "/settings/limits", Needs::Key(keys::LIMITS_MANAGE), pages::settings::set_limit),
    route!(GET "/audit", Needs::Key(keys::AUDIT_VIEW), pages::audit::list),
    route!(POST "/audit/verify", Needs::Key(keys::AUDIT_VIEW), pages::audit::verify),
    route!(GET "/keys", Needs::Login, pages::keys::list),
    route!(POST "/keys", Needs::Login, pages::keys::create),
    route!(POST "/keys/revoke", Needs::Login, pages::keys::revoke),
    route!(GET "/api", Needs::Login, pages::api::show),
    route!(POST "/api", Needs::Login, pages::api::try_it),
    // The API.
    api!(GET "/users", Needs::Key(keys::USERS_VIEW), api::users::list, api::users::LIST),
    api!(GET "/users/{id}", Needs::Key(keys::USERS_VIEW), api::users::one, api::users::ONE),
    api!(POST "/users/{id}/block", Needs::Key(keys::USERS_MANAGE), api::users::block, api::users::BLOCK),
    api!(POST "/users/{id}/unblock", Needs::Key(keys::USERS_MANAGE), api::users::unblock, api::users::UNBLOCK),
    api!(GET "/users/{id}/explain", Needs::Key(keys::USERS_VIEW), api::users::explain, api::users::EXPLAIN),
    api!(POST "/users/{id}/grants", Needs::Key(keys::USERS_MANAGE), api::grants::give, api::grants::GIVE),
    api!(DELETE "/users/{id}/grants", Needs::Key(keys::USERS_MANAGE), api::grants::take, api::grants::TAKE),
    api!(GET "/users/{id}/sessions", Needs::Key(keys::SESSIONS_MANAGE), api::sessions::of_user, api::sessions::OF_USER),
    api!(DELETE "/users/{id}/sessions", Needs::Key(keys::SESSIONS_MANAGE), api::sessions::end_all, api::sessions::END_ALL),
    api!(GET "/roles", Needs::Key(keys::ROLES_MANAGE), api::roles::list, api::roles::LIST),
    api!(POST "/roles", Needs::Key(keys::ROLES_MANAGE), api::roles::create, api::roles::CREATE),
    api!(PATCH "/roles/{name}", Needs::Key(keys::ROLES_MANAGE), api::roles::edit, api::roles::EDIT),
    api!(DELETE "/roles/{name}", Needs::Key(keys::ROLES_MANAGE), api::roles::delete, api::roles::DELETE),
    api!(GET "/permissions", Needs::Key(keys::ROLES_MANAGE), api::roles::permissions, api::roles::PERMISSIONS),
    api!(GET "/invites", Needs::Key(keys::USERS_MANAGE), api::invites::list, api::invites::LIST),
    api!(POST "/invites", Needs::Key(keys::USERS_MANAGE), api::invites::create, api::invites::CREATE),
    api!(DELETE "/invites/{invite}", Needs::Key(keys::USERS_MANAGE), api::invites::withdraw, api::invites::WITHDRAW),
    api!(GET "/chats", Needs::Key(keys::USERS_VIEW), api::chats::list, api::chats::LIST),
    api!(GET "/chats/{id}", Needs::Key(keys::USERS_VIEW), api::chats::one, api::chats::ONE),
    api!(GET "/announcements", Needs::Key(keys::ANNOUNCE), api::announcements::list, api::announcements::LIST),
    api!(POST "/announcements", Needs::Key(keys::ANNOUNCE), api::announcements::draft, api::announcements::DRAFT),
    api!(GET "/announcements/{id}", Needs::Key(keys::ANNOUNCE), api::announcements::one, api::announcements::ONE),
    api!(POST "/announcements/{id}/send", Needs::Key(keys::ANNOUNCE), api::announcements::send, api::announcements::SEND),
    api!(DELETE "/announcements/{id}", Needs::Key(keys::ANNOUNCE), api::announcements::drop, api::announcements::DROP),
    api!(GET "/plugins", Needs::Key(keys::PLUGINS_VIEW), api::plugins::list, api::plugins::LIST),
    api!(GET "/plugins/{name}", Needs::Key(keys::PLUGINS_VIEW), api::plugins::one, api::plugins::ONE),
    api!(GET "/plugins/{name}/settings-schema", Needs::Key(keys::PLUGINS_VIEW), api::plugins::schema, api::plugins::SCHEMA),
    api!(GET "/plugins/{name}/settings", Needs::Key(keys::PLUGINS_MANAGE), api::plugin_settings::show, api::plugin_settings::SHOW),
    api!(PUT "/plugins/{name}/settings", Needs::Key(keys::PLUGINS_MANAGE), api::plugin_settings::set, api::plugin_settings::SET),
    api!(GET "/plugins/{name}/chats", Needs::Key(keys::PLUGINS_VIEW), api::plugin_chats::list, api::plugin_chats::LIST),
    api!(PUT "/plugins/{name}/chats/{id}", Needs::Key(keys::PLUGINS_MANAGE), api::plugin_chats::set, api::plugin_chats::SET),
    api!(PUT "/plugins/{name}/groups", Needs::Key(keys::PLUGINS_MANAGE), api::plugin_chats::set_groups, api::plugin_chats::SET_GROUPS),
    api!(POST "/plugins/{name}/enable", Needs::Key(keys::PLUGINS_MANAGE), api::plugins::enable, api::plugins::ENABLE),
    api!(POST "/plugins/{name}/disable", Needs::Key(keys::PLUGINS_MANAGE), api::plugins::disable, api::plugins::DISABLE),
    api!(POST "/plugins/{name}/reload", Needs::Key(keys::PLUGINS_MANAGE), api::plugins::reload, api::plugins::RELOAD),
    api!(GET "/approvals", Needs::Login, api::approvals::list, api::approvals::LIST),
    api!(GET "/approvals/{id}", Needs::Login, api::approvals::one, api::approvals::ONE),
    api!(POST "/approvals/{id}/approve", Needs::Login, api::approvals::approve, api::approvals::APPROVE),
    api!(POST "/approvals/{id}/reject", Needs::Login, api::approvals::reject, api::approvals::REJECT),
    api!(POST "/approvals/{id}/withdraw", Needs::Login, api::approvals::withdraw, api::approvals::WITHDRAW),
    api!(GET "/me/settings", Needs::Login, api::me::settings, api::me::SETTINGS),
    api!(PUT "/me/settings", Needs::Login, api::me::set, api::me::SET),
    api!(GET "/notices", Needs::Login, api::notices::list, api::notices::LIST),
    api!(POST "/notices/read", Needs::Login, api::notices::read_all, api::notices::READ_ALL),
    api!(POST "/notices/{id}/read", Needs::Login, api::notices::read, api::notices::READ),
    api!(GET "/jobs", Needs::Key(keys::STATUS_VIEW), api::jobs::list, api::jobs::LIST),
    api!(POST "/jobs/{id}/run", Needs::Key(keys::STATUS_MANAGE), api::jobs::run, api::jobs::RUN),
    api!(POST "/jobs/{id}/cancel", Needs::Key(keys::STATUS_MANAGE), api::jobs::cancel, api::jobs::CANCEL),
    api!(GET "/outbox", Needs::Key(keys::STATUS_VIEW), api::outbox::list, api::outbox::LIST),
    api!(POST "/outbox/retry", Needs::Key(keys::STATUS_MANAGE), api::outbox::retry_all, api::outbox::RETRY_ALL),
    api!(POST "/outbox/{id}/retry", Needs::Key(keys::STATUS_MANAGE), api::outbox::retry, api::outbox::RETRY),
    api!(GET "/updates", Needs::Key(keys::STATUS_MANAGE), api::updates::list, api::updates::LIST),
    api!(GET "/updates/{id}", Needs::Key(keys::STATUS_MANAGE), api::updates::one, api::updates::ONE),
    api!(POST "/updates/{id}/retry", Needs::Key(keys::STATUS_MANAGE), api::updates::retry, api::updates::RETRY),
    api!(GET "/messages", Needs::Key(keys::LOGS_VIEW), api::messages::list, api::messages::LIST),
    api!(GET "/calls", Needs::Key(keys::LOGS_VIEW), api::calls::list, api::calls::LIST),
    api!(GET "/audit", Needs::Key(keys::AUDIT_VIEW), api::audit::list, api::audit::LIST),
    api!(GET "/audit/verify", Needs::Key(keys::AUDIT_VIEW), api::audit::verify, api::audit::VERIFY),
    api!(GET "/sessions", Needs::Login, api::sessions::own, api::sessions::OWN),
    api!(DELETE "/sessions/{session}", Needs::Login, api::sessions::end, api::sessions::END),
    api!(GET "/keys", Needs::Login, api::keys::list, api::keys::LIST),
    api!(POST "/keys", Needs::Login, api::keys::create, api::keys::CREATE),
    api!(DELETE "/keys/{key}", Needs::Login, api::keys::revoke, api::keys::REVOKE),
    api!(GET "/sign-up", Needs::Key(keys::USERS_VIEW), api::sign_up::show, api::sign_up::SHOW),
    api!(PUT "/sign-up", Needs::Key(keys::USERS_MANAGE), api::sign_up::set, api::sign_up::SET),
    api!(GET "/limits", Needs::Key(keys::STATUS_VIEW), api::limits::show, api::limits::SHOW),
    api!(PUT "/limits", Needs::Key(keys::LIMITS_MANAGE), api::limits::set, api::limits::SET),
    api!(GET "/status", Needs::Key(keys::STATUS_VIEW), api::status::status, api::status::STATUS),
    api!(GET "/health", Needs::Nothing, api::status::health, api::status::HEALTH),
    api!(GET "/openapi.json", Needs::Login, api::openapi::show, api::openapi::DOC),
];

/// One line of the table of permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    pub method: String,
    /// `/users/{id}`.
    pub path: &'static str,
    /// "nothing", "login" or a permission key.
    pub needs: &'static str,
}

/// What every route takes, in the order of the list: for tests, which ask for each of them.
pub fn route_table() -> Vec<TableRow> {
    ALL.iter()
        .map(|route| TableRow {
            method: route.method.to_string(),
            path: route.path,
            needs: match route.needs {
                Needs::Nothing => "nothing",
                Needs::Login => "login",
                Needs::Key(key) => key,
            },
        })
        .collect()
}

/// The routes of one path, with the parameters found in it.
pub(crate) struct Found<'p> {
    pub(crate) routes: &'static [&'static Route],
    pub(crate) params: Vec<(String, &'p str)>,
}

/// Finds the routes of a path; several differ by method.
pub(crate) fn find(path: &str) -> Option<Found<'_>> {
    static PATHS: OnceLock<matchit::Router<&'static [&'static Route]>> = OnceLock::new();
    let found = PATHS.get_or_init(index).at(path).ok()?;
    let params = found
        .params
        .iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect();
    Some(Found {
        routes: found.value,
        params,
    })
}

fn index() -> matchit::Router<&'static [&'static Route]> {
    let mut by_path: std::collections::BTreeMap<&str, Vec<&'static Route>> = Default::default();
    for route in ALL {
        by_path.entry(route.path).or_default().push(route);
    }
    let mut router = matchit::Router::new();
    for (path, routes) in by_path {
        // Made once and kept as long as the program.
        if let Err(error) = router.insert(path, &*routes.leak()) {
            tracing::error!(path, %error, "two routes share a path; the second one is not served");
        }
    }
    router
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_list_is_found() {
        for route in ALL {
            let path = route.path.replace(['{', '}', '*'], "");
            let found = find(&path).unwrap_or_else(|| panic!("{path}"));
            let same = found.routes.iter().any(|r| std::ptr::eq(*r, route));
            assert!(same, "{} {}", route.method, route.path);
        }
    }
}
