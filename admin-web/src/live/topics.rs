//! Which topic takes which key. What no line names is heard by whoever may open a page that its
//! plugin shows anew after it, and by whoever may do everything.

use std::sync::Arc;

use bot_core::access::{KeySet, keys};
use bot_core::events::Recorded;
use bot_core::plugin_host::Routes;
use bot_core::plugin_host::manifest::Surface;
use vahta_rows::UserId;

/// The beginning of a topic, the key that it takes, and whether people see what is about
/// themselves without that key.
const RULES: &[(&str, &str, bool)] = &[
    ("access.", keys::USERS_VIEW, true),
    ("account.", keys::USERS_MANAGE, true),
    ("core.session.", keys::SESSIONS_MANAGE, true),
    ("session.", keys::SESSIONS_MANAGE, true),
    ("key.", keys::SESSIONS_MANAGE, true),
    ("plugin.", keys::PLUGINS_VIEW, false),
    ("outbox.", keys::STATUS_VIEW, false),
    ("job.", keys::STATUS_VIEW, false),
    ("update.", keys::STATUS_MANAGE, false),
    ("limits.", keys::STATUS_VIEW, false),
    ("settings.", keys::SETTINGS_MANAGE, false),
    ("audit.", keys::AUDIT_VIEW, false),
    ("announcement.", keys::ANNOUNCE, false),
    // Who may decide hears as well: see `hears`.
    (APPROVAL, keys::APPROVALS_VIEW, false),
    // Not in the events table: the guard makes them.
    (TICK, keys::STATUS_VIEW, false),
    (LOG, keys::LOGS_VIEW, false),
];

/// What a person is told: theirs alone, whatever anybody holds.
pub(super) const NOTICE: &str = "notice.";
/// What happens to approvals.
const APPROVAL: &str = "approval.";
/// Every two seconds: figures have moved on.
pub(super) const TICK: &str = "tick";
/// Messages or calls were logged.
pub(super) const LOG: &str = "log.written";

/// Whose stream it is, and what they may do everywhere.
#[derive(Debug, Clone)]
pub(super) struct Rights {
    pub(super) user: UserId,
    pub(super) keys: Arc<KeySet>,
    /// Events with this object are about themselves.
    own: String,
    /// Beginnings of plugins' topics.
    plugins: Vec<String>,
}

impl Rights {
    pub(super) fn new(user: UserId, keys: Arc<KeySet>) -> Self {
        Self {
            user,
            keys,
            own: format!("user:{user}"),
            plugins: Vec::new(),
        }
    }

    /// With what plugins say of their pages. A plugin lets people hear its own topics only.
    pub(super) fn with_plugins(mut self, routes: &Routes) -> Self {
        for (plugin, route) in routes.web_routes() {
            let may = route
                .permission
                .as_deref()
                .is_some_and(|key| self.keys.contains(key));
            if route.surface == Surface::Page && may {
                let own = format!("{plugin}.");
                let topics = route.live.iter().filter(|topic| topic.starts_with(&own));
                self.plugins.extend(topics.cloned());
            }
        }
        self
    }

    /// An approval's events say whom it concerns: whoever asked, and whoever holds its permission.
    pub(super) fn hears(&self, event: &Recorded) -> bool {
        let about = &event.payload["detail"];
        let concerns = event.topic.starts_with(APPROVAL)
            && (about["requested_by"] == self.user.0
                || about["permission"]
                    .as_str()
                    .is_some_and(|key| self.keys.contains(key)));
        concerns || self.see(&event.topic, &event.object)
    }

    pub(super) fn see(&self, topic: &str, object: &str) -> bool {
        if topic.starts_with(NOTICE) {
            return object == self.own;
        }
        match RULES
            .iter()
            .find(|(beginning, ..)| topic.starts_with(beginning))
        {
            Some((_, key, own)) => {
                self.keys.contains(key) || (*own && !self.own.is_empty() && object == self.own)
            }
            None => {
                self.keys.is_everything()
                    || self
                        .plugins
                        .iter()
                        .any(|beginning| topic.starts_with(beginning.as_str()))
            }
        }
    }
}

/// What a client asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted(Vec<String>);

impl Wanted {
    /// More beginnings than any page has, so that nobody makes every event expensive.
    const MOST: usize = 32;

    pub(super) fn parse(list: &str) -> Self {
        let topics = list.split(',').map(str::trim).filter(|t| !t.is_empty());
        Self(topics.take(Self::MOST).map(str::to_owned).collect())
    }

    pub(super) fn takes(&self, topic: &str) -> bool {
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|beginning| topic.starts_with(beginning.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(keys: &[&str]) -> Rights {
        Rights::new(UserId(7), Arc::new(keys.iter().copied().collect()))
    }

    #[test]
    fn whoever_has_no_key_sees_nothing_but_what_is_about_themselves() {
        let nobody = with(&[]);
        for (topic, ..) in RULES {
            assert!(!nobody.see(&format!("{topic}x"), "user:8"), "{topic}");
        }
        assert!(!nobody.see("task.done", "task:1") && !nobody.see("whatever", ""));
        assert!(nobody.see("access.grant", "user:7") && !nobody.see("access.grant", "user:70"));
        assert!(!nobody.see("plugin.reload", "user:7"));
    }

    #[test]
    fn a_notice_is_heard_by_its_person_alone() {
        assert!(with(&[]).see("notice.new", "user:7"));
        let admin = with(&["*"]);
        assert!(!admin.see("notice.new", "user:8") && !admin.see("notice.new", ""));
    }

    #[test]
    fn each_topic_takes_exactly_its_key() {
        for (topic, key, _) in RULES {
            assert!(with(&[key]).see(topic, "x"), "{topic}");
            let others: Vec<&str> = RULES
                .iter()
                .map(|rule| rule.1)
                .filter(|k| k != key)
                .collect();
            assert!(!with(&others).see(topic, "x"), "{topic}");
        }
        let mut pages = with(&["task.view"]);
        assert!(!pages.see("task.done", "task:1"), "a key alone is no page");
        pages.plugins.push("task.".into());
        assert!(pages.see("task.done", "task:1") && !pages.see("tasks.done", "task:1"));
        assert!(
            !pages.see("access.grant", "user:1"),
            "a plugin opens no topic of the core's"
        );
        assert!(with(&["*"]).see("anything.at.all", ""));
    }

    #[test]
    fn no_topics_means_all_that_one_may_see() {
        assert!(Wanted::parse("").takes("access.grant"));
        let some = Wanted::parse("access., plugin.");
        assert!(some.takes("plugin.reload") && !some.takes("outbox.resend"));
    }
}
