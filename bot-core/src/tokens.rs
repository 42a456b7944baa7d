//! One-time tokens: what a link carries, and how it is used exactly once.
//!
//! A token is 128 bits from the system's generator, written in 22 of `A-Z a-z 0-9 _ -`, so that it
//! fits into the payload of `/start` (64 characters). Only its SHA-256 is kept. Using one is a
//! compare-and-set on `used_at`: of two people who race, one gets the row.

mod rows;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

pub use rows::{Consumed, NewToken, TokenRows};

/// What a token is for; `link_tokens.purpose`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Makes the first person who sends it an admin.
    Claim,
    /// Gives a role to whoever opens the link.
    Invite,
    /// No secret: a role that waits for a username's first update.
    Name,
    /// Logs the person who asked the bot for it in on the web.
    Login,
    /// The first step of a login was made; the second factor is still asked for.
    SecondStep,
    /// Links the Telegram user who sends it to the web account that made it.
    LinkTelegram,
    /// Links the Telegram user who asked for it to the web account that shows it.
    LinkWeb,
}

impl Purpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Invite => "invite",
            Self::Name => "name",
            Self::Login => "login",
            Self::SecondStep => "second_step",
            Self::LinkTelegram => "link_telegram",
            Self::LinkWeb => "link_web",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Claim,
            Self::Invite,
            Self::Name,
            Self::Login,
            Self::SecondStep,
            Self::LinkTelegram,
            Self::LinkWeb,
        ]
        .into_iter()
        .find(|p| p.as_str() == text)
    }
}

/// A fresh token in clear: shown once, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The system's random generator does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the system's random generator failed: {0}")]
pub struct NoRandomness(String);

impl From<String> for NoRandomness {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

impl Token {
    pub fn fresh() -> Result<Self, NoRandomness> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|error| NoRandomness(error.to_string()))?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text itself: for the message or console that hands it out.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> String {
        hash(&self.0)
    }

    /// The link that opens the bot with this token.
    pub fn link(&self, bot_username: &str) -> String {
        format!("https://t.me/{bot_username}?start={}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// SHA-256 in 43 of `A-Z a-z 0-9 _ -`: short enough for a button's 64 bytes.
pub fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// Could this text be a token at all? Spares the database what people type.
pub fn is_well_formed(text: &str) -> bool {
    text.len() == 22
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_fits_into_a_start_link_and_never_prints() {
        let token = Token::fresh().unwrap();
        assert!(is_well_formed(token.expose()));
        assert_eq!(
            token.link("vahta_bot"),
            format!("https://t.me/vahta_bot?start={}", token.expose())
        );
        assert_eq!(format!("{token:?}"), "Token(***)");
        assert_ne!(token, Token::fresh().unwrap());
    }

    #[test]
    fn a_hash_is_short_enough_for_a_button() {
        assert_eq!(hash("anything").len(), 43);
        assert_ne!(hash("a"), hash("b"));
    }
}
