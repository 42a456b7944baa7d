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
    let url = url.to_lowercase();
    let rest = url.strip_prefix("tg:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let query = rest.strip_prefix("user")?;
    let query = query.strip_prefix('/').unwrap_or(query).strip_prefix('?')?;
    let query = query.split('#').next()?;
    let mut ids = query.split('&').filter_map(|pair| pair.strip_prefix("id="));
    written_number(ids.next()?).filter(|id| *id > 0)
}

/// A number as it is written: no zeros and no sign before it.
pub(crate) fn written_number(digits: &str) -> Option<i64> {
    let number: i64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

/// The picture that a `tg://emoji?id=…` names, or what is wrong with the link.
pub(crate) fn custom_emoji(url: &str) -> Result<i64, String> {
    let url = url.to_lowercase();
    let rest = url.strip_prefix("tg:");
    let rest = rest.ok_or("Custom emoji URL must have scheme tg")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let query = rest.strip_prefix("emoji");
    let query = query.filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let query = query.ok_or("Custom emoji URL must have host \"emoji\"")?;
    let missing = "Custom emoji URL must have an emoji identifier";
    let query = query.strip_prefix('/').unwrap_or(query);
    let query = query.strip_prefix('?').ok_or(missing)?;
    let query = query.split('#').next().unwrap_or_default();
    let mut ids = query.split('&').filter_map(|pair| pair.strip_prefix("id="));
    let id = ids.next().ok_or(missing)?;
    let number = written_number(id).filter(|number| *number != 0);
    number.ok_or_else(|| "Invalid custom emoji identifier specified".to_owned())
}

/// The link as it is kept; `Err` is "'…' is invalid: …".
pub(crate) fn check(url: &str, only: Only) -> Result<String, String> {
    read(url, only).map_err(|fault| format!("'{url}' is invalid: {fault}"))
}

/// The parts of an address.
struct Address<'a> {
    is_https: bool,
    login: Option<&'a str>,
    host: String,
    is_ipv6: bool,
    port: Option<u16>,
    /// With its slash.
    tail: String,
}

fn read(link: &str, only: Only) -> Result<String, &'static str> {
    let own = ["tg", "ton", "tonsite"].into_iter().find_map(|scheme| {
        let head = link.get(..=scheme.len())?;
        let named = head.strip_suffix(':')?.eq_ignore_ascii_case(scheme);
        named.then(|| (scheme, &link[head.len()..]))
    });
    if let Some((scheme, rest)) = own {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let address = parse(rest)?;
        if only == Only::App {
            return Err("Only HTTPS links are allowed");
        }
        return telegrams_own(scheme, rest, address);
    }
    let address = parse(link)?;
    let here = only == Only::App && is_here(&address.host);
    if only == Only::App && !address.is_https && !here {
        return Err("Only HTTPS links are allowed");
    }
    if !address.host.contains('.') && !address.is_ipv6 && !here {
        return Err("Wrong HTTP URL");
    }
    let scheme = if address.is_https { "https" } else { "http" };
    let login = address.login.map(|login| format!("{login}@"));
    let port = address.port.map(|port| format!(":{port}"));
    Ok(format!(
        "{scheme}://{}{}{}{}",
        login.unwrap_or_default(),
        address.host,
        port.unwrap_or_default(),
        address.tail
    ))
}

fn parse(url: &str) -> Result<Address<'_>, &'static str> {
    let mark = url
        .find([':', '/', '?', '#', '@', '[', ']'])
        .unwrap_or(url.len());
    let (is_https, rest) = match url[mark..].strip_prefix("://") {
        None => (false, url),
        Some(rest) => match url[..mark].to_ascii_lowercase().as_str() {
            "http" => (false, rest),
            "https" => (true, rest),
            _ => return Err("Unsupported URL protocol"),
        },
    };
    let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(length);
    let colon = authority.rfind([':', ']', '@']).filter(|at| *at > 0);
    let colon = colon.filter(|at| authority[*at..].starts_with(':'));
    let (before_port, port) = match colon {
        None => (authority, None),
        Some(at) => {
            let port = authority[at + 1..].parse().ok().filter(|port| *port > 0);
            let port = port.ok_or("Wrong port number specified in the URL")?;
            (&authority[..at], Some(port))
        }
    };
    let (login, host) = match before_port.rsplit_once('@') {
        Some((login, host)) => (Some(login), host),
        None => (None, before_port),
    };
    let is_ipv6 = host.starts_with('[') && host.ends_with(']');
    if is_ipv6
        && host[1..host.len() - 1]
            .parse::<std::net::Ipv6Addr>()
            .is_err()
    {
        return Err("Wrong IPv6 address specified in the URL");
    }
    match host {
        "" => return Err("URL host is empty"),
        "." => return Err("Host is invalid"),
        _ => {}
    }
    let host = host.to_ascii_lowercase();
    if !is_ipv6 {
        check_host(&host)?;
    }
    let login = login.filter(|login| !login.is_empty());
    Ok(Address {
        is_https,
        login,
        host,
        is_ipv6,
        port,
        tail: written_tail(tail),
    })
}

fn check_host(host: &str) -> Result<(), &'static str> {
    let mut rest = host.chars();
    while let Some(c) = rest.next() {
        if c == '%' {
            let is_hex = |c: Option<char>| c.is_some_and(|c| c.is_ascii_hexdigit());
            if !(is_hex(rest.next()) && is_hex(rest.next())) {
                return Err("Wrong percent-encoded symbol in URL host");
            }
        } else if c.is_ascii() && !c.is_ascii_alphanumeric() && !".-_!$,~*'();&+=".contains(c) {
            return Err("Wrong URL host");
        }
    }
    Ok(())
}

/// White space and control characters are written by their numbers; a slash is at the begin.
fn written_tail(tail: &str) -> String {
    let tail = tail.trim_end_matches([' ', '\t', '\r', '\n', '\u{b}']);
    let mut written = String::with_capacity(tail.len() + 1);
    if !tail.starts_with('/') {
        written.push('/');
    }
    for c in tail.chars() {
        if c <= ' ' {
            written += &format!("%{:02X}", u32::from(c));
        } else {
            written.push(c);
        }
    }
    written
}

/// Telegram's own links: a name, and perhaps a query.
fn telegrams_own(scheme: &str, rest: &str, address: Address<'_>) -> Result<String, &'static str> {
    let is_web =
        rest.len() >= 7 && rest.is_char_boundary(7) && rest[..7].eq_ignore_ascii_case("http://");
    let plain = address.login.is_none() && address.port.is_none() && !address.is_ipv6;
    if is_web || address.is_https || !plain {
        return Err(match scheme {
            "tg" => "Wrong tg URL",
            "ton" => "Wrong ton URL",
            _ => "Wrong tonsite URL",
        });
    }
    let fits = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || (c == '.' && scheme == "tonsite")
    };
    if !address.host.chars().all(fits) {
        return Err("Unallowed characters in URL host");
    }
    let tail = match address.tail.strip_prefix("/?") {
        Some(query) => format!("?{query}"),
        None => address.tail,
    };
    Ok(format!("{scheme}://{}{tail}", address.host))
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
            ("http://example.org:80/x", "http://example.org:80/x"),
            ("tg:google_com", "tg://google_com/"),
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
            (
                "http://localhost:3000",
                "'http://localhost:3000' is invalid: Wrong HTTP URL",
            ),
            (
                "ftp://example.org",
                "'ftp://example.org' is invalid: Unsupported URL protocol",
            ),
            ("https://", "'https://' is invalid: URL host is empty"),
            ("tg://", "'tg://' is invalid: URL host is empty"),
            ("not a link", "'not a link' is invalid: Wrong URL host"),
            (
                "http:example.org",
                "'http:example.org' is invalid: Wrong port number specified in the URL",
            ),
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
        assert_eq!(person("tg://user?id=007"), None);
        assert_eq!(person("https://example.org"), None);
    }
}
