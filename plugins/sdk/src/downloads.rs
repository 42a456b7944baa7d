//! Links by which others download the plugin's files (capability `downloads`), counted exactly.
//!
//! 1. In the transaction of its own row the plugin says how often:
//!    `effects.set_download_rule(c, &key, &Rule::most(3))`.
//! 2. When a person asks for the file (on its landing page, by a POST), [`Downloads::grant`]
//!    reserves one download and answers the link: redirect there.
//! 3. How it ended comes as a job of kind [`JOB`], whose payload is [`Download`].
//!
//! Whoever is quick gets a grant, and nobody else: the last one is given out once. A download that
//! breaks off can go on within the lease under the same link; else it is given back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vahta_rows::DownloadId;

pub use vahta_rows::downloads::{Counted, Download, JOB, Outcome, Rule};

use crate::{CallError, Ctx, Error, Host};

/// The right to download one file once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Grant {
    /// As the job calls it.
    pub grant: DownloadId,
    /// A path of this site, for one person: not to be shown to others or logged.
    pub path: String,
}

/// Why nothing was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// All are taken or under way; one that is under way may be given back.
    Exhausted,
    /// The rule's time is over.
    Expired,
    /// The rule is closed, or there is none.
    Closed,
    /// The file is not there any more.
    Gone,
}

/// Downloads, as one delivery or the plugin itself grants them.
#[derive(Clone)]
pub struct Downloads {
    host: Host,
    delivery: u64,
}

impl Ctx {
    /// Links to the plugin's files, in the name of this delivery.
    pub fn downloads(&self) -> Downloads {
        Downloads {
            host: self.host().clone(),
            delivery: self.number(),
        }
    }
}

impl Host {
    /// Links to the plugin's files, for work that no delivery caused.
    pub fn downloads(&self) -> Downloads {
        Downloads {
            host: self.clone(),
            delivery: 0,
        }
    }
}

impl Downloads {
    /// Reserves one download of the rule `key`: of this file, under this name or the one that it
    /// was stored with. `meta` (4 KiB of JSON at most) comes back with the job.
    ///
    /// # Errors
    /// The host's. That there is none to be had is no error but [`Refused`].
    pub async fn grant(
        &self,
        key: &str,
        blob: &str,
        name: Option<&str>,
        meta: &impl Serialize,
    ) -> Result<Result<Grant, Refused>, Error> {
        let meta: Value = serde_json::to_value(meta)?;
        let body = json!({ "key": key, "blob": blob, "name": name, "meta": meta });
        let granted = self
            .host
            .call_in(self.delivery, "downloads.grant", &body)
            .await;
        match granted {
            Ok(grant) => Ok(Ok(grant)),
            Err(Error::Call(error)) => Ok(Err(Refused::of(error)?)),
            Err(error) => Err(error),
        }
    }
}

impl Refused {
    fn of(error: CallError) -> Result<Self, CallError> {
        // What a rule says has a detail; the border's own `closed` has none.
        match (error.code.as_str(), &error.detail) {
            ("exhausted", Some(_)) => Ok(Self::Exhausted),
            ("expired", Some(_)) => Ok(Self::Expired),
            ("closed", Some(_)) => Ok(Self::Closed),
            ("gone", Some(_)) => Ok(Self::Gone),
            _ => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_closed_is_no_host_that_is() {
        let mut error = CallError::new("closed", "it is not open for downloads");
        assert_eq!(Refused::of(error.clone()), Err(error.clone()));
        error.detail = Some(json!({ "key": "photos" }));
        assert_eq!(Refused::of(error), Ok(Refused::Closed));
        let late = CallError::new("later", "the database is away");
        assert_eq!(Refused::of(late.clone()), Err(late));
    }
}
