//! Where a request says that it comes from: for logs of plugins, and to tell bots apart.

mod bots;

use serde::Serialize;
use vahta_rows::tidy;
use warp::http::header;

use crate::guard::Request;

/// Characters of what a client says of itself; what is longer is cut.
const LENGTH: usize = 500;

/// What is known of a client; only the address is more than its own words.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Origin {
    /// By trusted proxies only.
    pub(crate) address: Option<String>,
    pub(crate) agent: Option<String>,
    referer: Option<String>,
    /// A program that looks at links for others, by its own words.
    pub(crate) bot: bool,
}

impl Origin {
    pub(crate) fn of(request: &Request) -> Self {
        let agent = said(request, header::USER_AGENT);
        Self {
            address: request.address().map(|address| address.to_string()),
            bot: agent.as_deref().is_some_and(bots::is_bot),
            agent,
            referer: said(request, header::REFERER),
        }
    }
}

fn said(request: &Request, name: header::HeaderName) -> Option<String> {
    let value = request.headers.get(name)?;
    let text = tidy(&String::from_utf8_lossy(value.as_bytes()));
    Some(text.chars().take(LENGTH).collect())
}
