//! The first admin: with nobody in charge, the console shows a code, a link and its QR; the first
//! person to send it becomes admin.

use std::time::Duration;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::json;
use vahta_rows::{InstanceId, Micros, transaction};

use super::record::{Act, By, RecordAct as _};
use super::{Access, AccessError};
use crate::tokens::{NewToken, Purpose, Token, TokenRows as _};

/// How long a code can be used; make a new one when it is over.
pub const LIFETIME: Duration = Duration::from_secs(24 * 3600);

impl Access {
    /// A fresh code, when there is no admin; earlier codes die.
    pub async fn claim_code(&self, instance: InstanceId) -> Result<Option<Token>, AccessError> {
        let now = Micros::now();
        if self.snapshot().has_admin(now) {
            return Ok(None);
        }
        let token = Token::fresh()?;
        let by = By {
            user: None,
            source: "core",
            correlation: "start".into(),
            instance,
        };
        transaction!(self.inner.db, c => {
            let _locked = c.lock_access().await?;
            c.withdraw_all(Purpose::Claim).await?;
            c.put_token(&NewToken {
                hash: token.hash(),
                purpose: Purpose::Claim,
                payload: "{}".into(),
                created_by: None,
                created_at: now,
                expires_at: now.plus(LIFETIME),
            })
            .await?;
            let object = format!("claim:{}", token.hash());
            c.audit(&by, &Act { action: "access.claim.offer", object, detail: json!({}) }).await
        })?;
        Ok(Some(token))
    }
}

/// What the console prints: the code, the link and the link's QR.
pub fn banner(code: &Token, bot_username: &str) -> String {
    let link = code.link(bot_username);
    let qr = qr(&link).unwrap_or_default();
    format!(
        "No admin yet. Within 24 hours, open this link and press Start:\n\n  {link}\n\n{qr}\n\
         or send @{bot_username} the message\n\n  /claim {code}\n\n\
         The first person who does becomes admin; the code then stops working.\n",
        code = code.expose(),
    )
}

/// A QR code in half blocks, two rows a line, dark on light; `None` when the text is too long.
pub fn qr(text: &str) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    // Terminals and Telegram's dark theme are light on dark: swapped, every scanner reads both.
    Some(
        code.render::<Dense1x2>()
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark)
            .quiet_zone(true)
            .build(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_banner_shows_code_link_and_qr() {
        let token = Token::fresh().unwrap();
        let banner = banner(&token, "vahta_bot");
        assert!(banner.contains(&token.link("vahta_bot")));
        assert!(banner.contains(&format!("/claim {}", token.expose())));
        assert!(banner.contains('█'), "{banner}");
    }
}
