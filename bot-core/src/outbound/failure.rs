//! What a failed call means. Source: Bot API, "Making requests" and `ResponseParameters`.

use std::time::Duration;

use vahta_rows::ChatId;

/// Why a call to Telegram gave no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// Telegram answered `ok: false`.
    #[error("Telegram answered {code}: {description}")]
    Telegram {
        code: i32,
        description: String,
        retry_after: Option<u64>,
        migrate_to: Option<ChatId>,
    },
    /// The request cannot have reached Telegram.
    #[error("cannot reach Telegram: {0}")]
    Unreachable(String),
    /// The request may have reached Telegram, the answer did not come.
    #[error("Telegram's answer was lost: {0}")]
    InDoubt(String),
    /// Something else than a Bot API answer.
    #[error("the answer is not the Bot API's (HTTP {status})")]
    Garbage { status: u16 },
    /// Not sent: the bot was blocked there, or thrown out, and nobody has written since.
    #[error("the bot cannot write to this chat")]
    ChatClosed,
    /// Not sent: a file that it names cannot be read.
    #[error("the file to send: {0}")]
    File(String),
    #[error("the scheduler has stopped")]
    Stopped,
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The chat is flooded: pause it, then send again.
    Pause(Duration),
    /// Send again later; it cannot have arrived.
    Retry,
    /// Send again later; it may have arrived.
    RetryInDoubt,
    /// The group became a supergroup: send there.
    Migrate(ChatId),
    /// This chat can no longer be written to.
    DisableChat,
    /// Nothing changed because it already is so: that is what was wanted.
    AlreadySo,
    /// Sending it again would fail again.
    GiveUp,
}

impl CallError {
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Telegram {
                code: 429,
                retry_after,
                ..
            } => Verdict::Pause(Duration::from_secs(
                retry_after.unwrap_or(5).clamp(1, 3_600),
            )),
            Self::Telegram {
                migrate_to: Some(chat),
                ..
            } => Verdict::Migrate(*chat),
            Self::Telegram { code: 500.., .. } | Self::Garbage { .. } | Self::InDoubt(_) => {
                Verdict::RetryInDoubt
            }
            Self::Telegram { code: 403, .. } => Verdict::DisableChat,
            Self::Telegram {
                code: 400,
                description,
                ..
            } => bad_request(description),
            Self::Unreachable(_) => Verdict::Retry,
            Self::Telegram { .. } | Self::ChatClosed | Self::File(_) | Self::Stopped => {
                Verdict::GiveUp
            }
        }
    }

    /// HTTP-like status for the log; 0 without an answer.
    pub fn status(&self) -> i32 {
        match self {
            Self::Telegram { code, .. } => *code,
            Self::Garbage { status } => i32::from(*status),
            _ => 0,
        }
    }
}

fn bad_request(description: &str) -> Verdict {
    let text = description.to_ascii_lowercase();
    if text.contains("message is not modified") {
        Verdict::AlreadySo
    } else if text.contains("chat not found") || text.contains("user is deactivated") {
        Verdict::DisableChat
    } else {
        Verdict::GiveUp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telegram(code: i32, description: &str) -> CallError {
        CallError::Telegram {
            code,
            description: description.into(),
            retry_after: None,
            migrate_to: None,
        }
    }

    #[test]
    fn each_answer_of_telegram_has_one_verdict() {
        let flood = CallError::Telegram {
            code: 429,
            description: "Too Many Requests: retry after 7".into(),
            retry_after: Some(7),
            migrate_to: None,
        };
        assert_eq!(flood.verdict(), Verdict::Pause(Duration::from_secs(7)));
        assert_eq!(
            telegram(502, "Bad Gateway").verdict(),
            Verdict::RetryInDoubt
        );
        assert_eq!(
            telegram(403, "Forbidden: bot was blocked by the user").verdict(),
            Verdict::DisableChat
        );
        assert_eq!(
            telegram(400, "Bad Request: chat not found").verdict(),
            Verdict::DisableChat
        );
        assert_eq!(
            telegram(400, "Bad Request: message is not modified: …").verdict(),
            Verdict::AlreadySo
        );
        assert_eq!(
            telegram(400, "Bad Request: BUTTON_DATA_INVALID").verdict(),
            Verdict::GiveUp
        );
        assert_eq!(telegram(401, "Unauthorized").verdict(), Verdict::GiveUp);
    }
}
