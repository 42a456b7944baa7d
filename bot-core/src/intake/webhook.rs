//! What a webhook route needs: the secret compared in constant time, the body stored, then 200.
//! Source: Bot API, `setWebhook`. The route itself is admin-web's.

use serde_json::value::RawValue;
use subtle::ConstantTimeEq as _;

use super::Intake;
use crate::config::Secret;

/// Largest body taken: an update is a few kilobytes.
pub const MAX_BODY: u64 = 1024 * 1024;

/// Why a webhook request is not acknowledged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WebhookError {
    /// Answer 403: it did not come from Telegram.
    #[error("the secret token is missing or wrong")]
    Forbidden,
    /// Answer 400.
    #[error("the body is not an update")]
    NoUpdate,
    /// Answer 503: Telegram repeats it later.
    #[error("the update could not be stored")]
    Unavailable,
}

/// Receives what Telegram posts; cheap to clone.
#[derive(Clone)]
pub struct Webhook {
    intake: Intake,
    secret: Secret,
    health: crate::health::Health,
}

impl Webhook {
    pub fn new(intake: Intake, secret: Secret, health: crate::health::Health) -> Self {
        Self {
            intake,
            secret,
            health,
        }
    }

    /// Does the header `X-Telegram-Bot-Api-Secret-Token` hold the secret? For a look before the body
    /// is read.
    pub fn is_telegram(&self, secret: Option<&str>) -> bool {
        let given = secret.unwrap_or_default().as_bytes();
        bool::from(given.ct_eq(self.secret.expose().as_bytes()))
    }

    /// Stores one update; `Ok` may be answered with 200. `secret` is the header
    /// `X-Telegram-Bot-Api-Secret-Token`.
    pub async fn receive(&self, secret: Option<&str>, body: &[u8]) -> Result<(), WebhookError> {
        if !self.is_telegram(secret) {
            return Err(WebhookError::Forbidden);
        }
        let raw: &RawValue = serde_json::from_slice(body).map_err(|_| WebhookError::NoUpdate)?;
        super::Envelope::read(raw.get().as_bytes()).map_err(|_| WebhookError::NoUpdate)?;
        match self.intake.accept(&[raw]).await {
            Ok(_) => {
                self.health.received();
                Ok(())
            }
            Err(error) => {
                self.health.intake_failed(error.to_string());
                Err(WebhookError::Unavailable)
            }
        }
    }
}
