//! Links and e-mail addresses in plain text. A link without a protocol needs a top-level domain
//! that exists; brackets that were opened before it do not belong to it.

use super::domains::is_top_level;
use super::{Found, before, run_of};
use crate::types::EntityKind;

/// What may not stand at the end of a path.
const NO_END: [char; 10] = ['.', ':', ';', ',', '(', '\'', '?', '!', '`', '"'];

pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    telegrams_own(text, found);
    let mut from = 0;
    while let Some(dot) = text[from..].find('.').map(|at| from + at) {
        from = dot + 1;
        let begin = dot - run_back(&text[..dot], is_domain);
        let end = dot + run_of(&text[dot..], is_domain);
        from = from.max(end);
        let host = text[begin..end].trim_end_matches(['.', '-', '~']);
        if begin == dot || !host.contains('.') || host.starts_with('.') || host.contains("..") {
            continue;
        }
        let end = begin + host.len();
        if before(text, begin) == Some('@')
            && let Some(local) = local_part(&text[..begin - 1])
        {
            if is_mail_host(host) {
                found.push((EntityKind::Email, begin - 1 - local, end));
            }
            continue;
        }
        let scheme = scheme_before(&text[..begin]);
        if scheme == Scheme::Unknown || (scheme == Scheme::None && !is_web_host(host)) {
            continue;
        }
        let tail = port_and_path(&text[end..]);
        let first = begin - scheme.length();
        found.push((EntityKind::Url, first, end + tail));
        from = from.max(end + tail);
    }
    // Hosts without a dot are links only behind a protocol, and Telegram takes none of those.
}

/// `tg://…`, `ton://…`.
fn telegrams_own(text: &str, found: &mut Vec<Found>) {
    for (at, _) in text.match_indices("://") {
        for scheme in ["tg", "ton", "tonsite"] {
            let Some(begin) = at.checked_sub(scheme.len()) else {
                continue;
            };
            let named = text.get(begin..at);
            if named.is_none_or(|named| !named.eq_ignore_ascii_case(scheme))
                || before(text, begin).is_some_and(char::is_alphanumeric)
            {
                continue;
            }
            let rest = &text[at + 3..];
            let name = run_of(rest, |c| {
                c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
            });
            if name == 0 {
                continue;
            }
            let tail = path(&rest[name..]);
            let mut end = at + 3 + name + tail;
            if tail == 0 {
                end -= name - rest[..name].trim_end_matches(['-', '.']).len();
            }
            found.push((EntityKind::Url, begin, end));
        }
    }
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '~')
}

/// Length in bytes of what fits at the end.
fn run_back(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.len() - text.trim_end_matches(fits).len()
}

/// The part before the `@` of an address, or `None`.
fn local_part(text: &str) -> Option<usize> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | ':');
    let length = run_back(text, fits);
    let begin = text.len() - length;
    let stands_free = before(text, begin).is_none_or(|c| !c.is_alphanumeric());
    (length > 0 && stands_free).then_some(length)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    None,
    Known(usize),
    /// Something like `file://`, which makes it no link.
    Unknown,
}

impl Scheme {
    fn length(self) -> usize {
        match self {
            Self::Known(length) => length,
            _ => 0,
        }
    }
}

fn scheme_before(text: &str) -> Scheme {
    // A login before the host belongs to it.
    let (text, login) = match text.strip_suffix('@') {
        Some(rest) => {
            let length = run_back(rest, |c| !c.is_whitespace() && c != '/');
            (&rest[..rest.len() - length], length + 1)
        }
        None => (text, 0),
    };
    let Some(rest) = text.strip_suffix("://") else {
        return Scheme::None;
    };
    let length = run_back(rest, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '+' | '-')
    });
    let name = rest[rest.len() - length..].to_ascii_lowercase();
    match name.as_str() {
        "http" | "https" | "ftp" => Scheme::Known(length + 3 + login),
        // Telegram looks at the end of a longer word.
        _ if name.ends_with("https") => Scheme::Known(5 + 3 + login),
        _ if name.ends_with("http") => Scheme::Known(4 + 3 + login),
        _ => Scheme::Unknown,
    }
}

/// A name with a top-level domain that exists.
fn is_web_host(host: &str) -> bool {
    let Some((rest, top)) = host.rsplit_once('.') else {
        return false;
    };
    !rest.ends_with(['-', '_', '~']) && !host.contains('~') && is_top_level(top)
}

fn is_mail_host(host: &str) -> bool {
    is_web_host(host) && host.is_ascii() && !host.contains('_')
}

/// Bytes of `:port` and the path.
fn port_and_path(text: &str) -> usize {
    let port = match text.strip_prefix(':') {
        Some(rest) => {
            let digits = run_of(rest, |c| c.is_ascii_digit());
            let value: u32 = rest[..digits].parse().unwrap_or(0);
            if (1..=65_535).contains(&value) {
                1 + digits
            } else {
                0
            }
        }
        None => 0,
    };
    port + path(&text[port..])
}

/// Bytes of a path, a query or a fragment, without what ends the sentence.
fn path(text: &str) -> usize {
    if !text.starts_with(['/', '?', '#']) {
        return 0;
    }
    let fits = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !matches!(
                c,
                '<' | '>' | '"' | '«' | '»' | '\u{2000}'
                    ..='\u{200b}' | '“' | '”' | '‘' | '’' | '\u{feff}'
            )
    };
    let mut kept = &text[..run_of(text, fits)];
    loop {
        let shorter = kept.trim_end_matches(NO_END);
        let shorter = without_stray_bracket(shorter);
        if shorter.len() == kept.len() {
            break;
        }
        kept = shorter;
    }
    // A fragment sign alone leads nowhere; a slash does.
    match kept {
        "?" | "#" => 0,
        kept => kept.len(),
    }
}

/// A closing bracket at the end counts only if it was opened inside.
fn without_stray_bracket(text: &str) -> &str {
    for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
        if let Some(rest) = text.strip_suffix(close) {
            let balance = text.matches(open).count() >= text.matches(close).count();
            return if balance { text } else { rest };
        }
    }
    text
}
