//! How a refused change is told.

use vahta_texts::{Arg, escape_html};

use super::Cx;
use crate::access::{AccessError, Change, Refused};
use crate::flow::FlowError;
use crate::notices::quiet::QuietFault;

impl Cx {
    /// Ends a change: its replies go out, or the refusal is told. `None` when it was refused.
    pub(super) async fn finish<T>(
        &self,
        change: Result<Change<T>, AccessError>,
    ) -> Result<Option<T>, FlowError> {
        match change {
            Ok(change) => {
                self.committed(change.rows);
                Ok(Some(change.done))
            }
            Err(AccessError::Refused(refused)) => {
                self.say(&self.refusal(&refused)).await?;
                Ok(None)
            }
            Err(AccessError::Db(error)) => Err(error.into()),
            Err(error) => Err(FlowError::Other(error.to_string())),
        }
    }

    pub(super) fn refusal(&self, refused: &Refused) -> String {
        let with = |id: &str, name: &str, value: &str| {
            let value = escape_html(value);
            self.t(id, &[(name, Arg::from(value.as_str()))])
        };
        match refused {
            Refused::NoSuchRole(role) => with("no-such-role", "role", role),
            Refused::RoleExists(role) => with("role-exists", "role", role),
            Refused::BadRoleName(role) => with("bad-role-name", "role", role),
            Refused::BuiltinRole(role) => with("builtin-role", "role", role),
            Refused::UnknownPermission(key) => with("unknown-permission", "permission", key),
            Refused::NotYours(keys) => with("not-yours", "permissions", &keys.join(", ")),
            Refused::LastAdmin => self.t("last-admin", &[]),
            Refused::Yourself => self.t("not-yourself", &[]),
            Refused::NoSuchUser => self.t("no-such-user", &[]),
            Refused::NoSuchGrant => self.t("no-such-grant", &[]),
            Refused::HasItAlready => self.t("invite-unneeded", &[]),
            Refused::NoSuchTimeZone { name, near } => match near {
                Some(near) => {
                    let args = [
                        ("name", Arg::from(escape_html(name))),
                        ("near", Arg::from(escape_html(near))),
                    ];
                    self.t("no-such-time-zone-near", &args)
                }
                None => with("no-such-time-zone", "name", name),
            },
            Refused::NoSuchLanguage { name, known } => {
                let args = [
                    ("name", Arg::from(escape_html(name))),
                    ("known", Arg::from(known)),
                ];
                self.t("no-such-language", &args)
            }
            Refused::BadQuiet(QuietFault::NoTime(typed)) if typed.is_empty() => {
                self.t("quiet-one-time", &[])
            }
            Refused::BadQuiet(QuietFault::NoTime(typed)) => with("quiet-no-time", "time", typed),
            Refused::BadQuiet(QuietFault::Equal(time)) => with("quiet-equal", "time", time),
            Refused::BadQuiet(QuietFault::Reversed { from, to }) => {
                let args = [("from", Arg::from(from)), ("to", Arg::from(to))];
                self.t("quiet-reversed", &args)
            }
            Refused::NoSuchPlace(place) => with("no-such-place", "place", place),
            // Only the web asks for names.
            Refused::NameTaken => refused.to_string(),
            Refused::BadToken => self.t("token-bad", &[]),
        }
    }
}
