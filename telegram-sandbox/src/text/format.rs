//! From what a bot sends (`text`, `parse_mode`, `entities`) to what is shown,
//! <https://core.telegram.org/bots/api#formatting-options>.

use super::{html, markdown, markdown_legacy, tidy};
use crate::error::ApiError;
use crate::types::Entity;

/// Text with entities, tidied.
pub(crate) type Formatted = (String, Vec<Entity>);

/// Parses by mode; without a mode the given entities count.
pub(crate) fn format(
    text: &str,
    parse_mode: Option<&str>,
    entities: Vec<Entity>,
) -> Result<Formatted, ApiError> {
    let parsed = match parse_mode.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "none") => Ok((text.to_owned(), entities)),
        Some("html") => html::parse(text),
        Some("markdownv2") => markdown::parse(text),
        Some("markdown") => markdown_legacy::parse(text),
        Some(_) => return Err(ApiError::bad_request("unsupported parse_mode")),
    };
    let (text, entities) =
        parsed.map_err(|fault| ApiError::bad_request(format!("can't parse entities: {fault}")))?;
    Ok(tidy::tidy(&text, entities))
}
