//! How a refused change is told.

use vahta_texts::{Arg, escape_html};

use super::Cx;
use crate::access::{AccessError, Change, Refused};
use crate::flow::FlowError;

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

    fn refusal(&self, refused: &Refused) -> String {
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
            Refused::NoSuchTimeZone(name) => self.t(
                "no-such-time-zone",
                &[("name", Arg::from(escape_html(name)))],
            ),
            Refused::BadToken => self.t("token-bad", &[]),
        }
    }
}
