//! Links as Telegram reads them: which are refused, and in what form the others are kept.

/// Which links a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only {
    Any,
    /// Mini Apps and logins: `https`. Plain `http` is taken on this machine, where Mini Apps are
    /// tried out.
    App,
}

/// The person that a `tg://user?id=…` names.
pub(crate) fn person(url: &str) -> Option<i64> {
    let rest = strip_prefix_in_any_case(url.trim(), "tg:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let query = strip_prefix_in_any_case(rest, "user")?;
    let query = query.strip_prefix('/').unwrap_or(query).strip_prefix('?')?;
    let ids = query.split(['&', '#']).filter_map(|pair| pair.strip_prefix("id="));
    ids.filter_map(|id| id.parse().ok()).find(|id| *id > 0)
}

fn strip_prefix_in_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// The link as it is kept; `Err` is "'…' is invalid: …".
pub(crate) fn check(url: &str, only: Only) -> Result<String, String> {
    read(url.trim(), only).map_err(|fault| format!("'{url}' is invalid: {fault}"))
}

fn read(link: &str, only: Only) -> Result<String, &'static str> {
    for scheme in ["tg", "ton", "tonsite"] {
        let prefix = format!("{scheme}:");
        if let Some(rest) = strip_prefix_in_any_case(link, &prefix) {
            if only == Only::App {
                return Err("Only HTTPS links are allowed");
            }
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            return own(scheme, rest);
        }
    }
    let (scheme, rest) = match link.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), link),
    };
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err("Unsupported URL protocol");
    }
    let authority_length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(authority_length);
    let (login, address) = match authority.rsplit_once('@') {
        Some((login, address)) => (Some(login), address),
        None => (None, authority),
    };
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !address.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    };
    if host.is_empty() {
        return Err("URL host is empty");
    }
    let is_ipv6 = host.starts_with('[') && host.ends_with(']');
    let fits = |c: char| {
        !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '%' | '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=')
    };
    if !is_ipv6 && !host.chars().all(fits) {
        return Err("Wrong URL host");
    }
    let port: Option<u16> = match port {
        None => None,
        Some(port) => {
            let number = port.parse().ok().filter(|port| *port != 0);
            Some(number.ok_or("Wrong port number specified in the URL")?)
        }
    };
    if only == Only::App && scheme == "http" && !is_here(host) {
        return Err("Only HTTPS links are allowed");
    }
    if !host.contains('.') && !is_ipv6 && !(only == Only::App && is_here(host)) {
        return Err("Wrong HTTP URL");
    }
    let usual = if scheme == "https" { 443 } else { 80 };
    let mut kept = format!("{scheme}://");
    if let Some(login) = login {
        kept += &format!("{login}@");
    }
    kept += &host.to_lowercase();
    if let Some(port) = port.filter(|port| *port != usual) {
        kept += &format!(":{port}");
    }
    if !tail.starts_with('/') {
        kept.push('/');
    }
    for c in tail.chars() {
        // White space and control characters are written by their numbers.
        if c <= ' ' {
            kept += &format!("%{:02X}", u32::from(c));
        } else {
            kept.push(c);
        }
    }
    Ok(kept)
}

/// Telegram's own links: a name, and perhaps a query.
fn own(scheme: &str, rest: &str) -> Result<String, &'static str> {
    let wrong = match scheme {
        "tg" => "Wrong tg URL",
        "ton" => "Wrong ton URL",
        _ => "Wrong tonsite URL",
    };
    let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (name, tail) = rest.split_at(length);
    if name.is_empty() || name.contains([':', '@']) {
        return Err(wrong);
    }
    let name_fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.chars().all(name_fits) {
        return Err(wrong);
    }
    let tail = tail.strip_prefix('/').filter(|rest| !rest.is_empty() && scheme == "tg");
    let tail = match tail {
        Some(rest) if rest.starts_with('?') => rest.to_owned(),
        Some(rest) => format!("/{rest}"),
        None if length < rest.len() && rest[length..] != *"/" => rest[length..].to_owned(),
        None => String::new(),
    };
    Ok(format!("{scheme}://{}{tail}", name.to_lowercase()))
}

/// This machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_kept_with_a_scheme_and_a_path() {
        for (given, kept) in [
            ("example.org", "http://example.org/"),
            ("HTTPS://Example.ORG", "https://example.org/"),
            ("https://example.org?a=b c", "https://example.org/?a=b%20c"),
            ("http://example.org:80/x", "http://example.org/x"),
            ("http://example.org:8080/x", "http://example.org:8080/x"),
            ("tg://resolve?domain=x", "tg://resolve?domain=x"),
            ("tg:resolve?domain=x", "tg://resolve?domain=x"),
        ] {
            assert_eq!(check(given, Only::Any).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn other_links_are_refused_with_telegrams_words() {
        for (given, fault) in [
            ("nodot", "'nodot' is invalid: Wrong HTTP URL"),
            ("http://localhost:3000", "'http://localhost:3000' is invalid: Wrong HTTP URL"),
            ("ftp://example.org", "'ftp://example.org' is invalid: Unsupported URL protocol"),
            ("https://", "'https://' is invalid: URL host is empty"),
            ("tg://", "'tg://' is invalid: Wrong tg URL"),
        ] {
            assert_eq!(check(given, Only::Any).err().as_deref(), Some(fault));
        }
        assert!(check("http://example.org", Only::App).is_err());
        assert!(check("http://127.0.0.1:80/app", Only::App).is_ok());
    }

    #[test]
    fn people_are_named_by_their_id() {
        assert_eq!(person("tg://user?id=7"), Some(7));
        assert_eq!(person("TG:user?id=7"), Some(7));
        assert_eq!(person("tg://user?id=x"), None);
        assert_eq!(person("https://example.org"), None);
    }
}
