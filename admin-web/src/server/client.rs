//! Who is at the other end, as far as it can be believed.

use std::net::{IpAddr, SocketAddr};

use bot_core::config::Network;
use warp::http::HeaderMap;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// The person's connection is encrypted: ours, or that of a proxy we trust.
    pub(crate) secure: bool,
}

impl Client {
    /// `X-Forwarded-*` counts only from a trusted proxy. Each proxy adds at the end whom it talked
    /// to, so the list is read from there: the first one who is no proxy of ours is the client, and
    /// what stands before it is that client's own claim.
    pub(super) fn of(
        trusted: &[Network],
        peer: SocketAddr,
        tls: bool,
        headers: &HeaderMap,
    ) -> Self {
        let is_trusted = |address| is_trusted(trusted, address);
        let mut client = Self {
            address: peer.ip().to_canonical(),
            secure: tls,
        };
        if !is_trusted(client.address) {
            return client;
        }
        for word in list(headers, "x-forwarded-for").into_iter().rev() {
            // Some proxies add the port.
            let with_port = || word.parse::<SocketAddr>().map(|addr| addr.ip());
            let Ok(address) = word.parse::<IpAddr>().or_else(|_| with_port()) else {
                break;
            };
            client.address = address.to_canonical();
            if !is_trusted(client.address) {
                break;
            }
        }
        if let Some(proto) = list(headers, "x-forwarded-proto").last() {
            client.secure = proto.eq_ignore_ascii_case("https");
        }
        client
    }
}

/// Is this a proxy of ours?
pub(super) fn is_trusted(trusted: &[Network], address: IpAddr) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|network| network.contains(address))
}

/// The words of all headers of that name, in order.
fn list<'h>(headers: &'h HeaderMap, name: &str) -> Vec<&'h str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(trusted: &str, peer: &str, forwarded: &str, proto: &str) -> (String, bool) {
        let trusted: Vec<Network> = trusted.split_whitespace().flat_map(str::parse).collect();
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-forwarded-for", forwarded), ("x-forwarded-proto", proto)] {
            if !value.is_empty() {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let peer = format!("{peer}:4000").parse().unwrap();
        let client = Client::of(&trusted, peer, false, &headers);
        (client.address.to_string(), client.secure)
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
        let claimed = seen("", "192.0.2.1", "127.0.0.1", "https");
        assert_eq!(claimed, ("192.0.2.1".into(), false));
        let claimed = seen("10.0.0.0/8", "192.0.2.1", "127.0.0.1", "https");
        assert_eq!(claimed, ("192.0.2.1".into(), false));
    }

    #[test]
    fn behind_our_proxies_the_first_foreign_address_counts() {
        let real = seen(
            "10.0.0.0/8",
            "10.0.0.1",
            "127.0.0.1, 198.51.100.7, 10.0.0.2",
            "https",
        );
        assert_eq!(real, ("198.51.100.7".into(), true));
        let broken = seen("10.0.0.0/8", "10.0.0.1", "198.51.100.7, nonsense", "http");
        assert_eq!(broken, ("10.0.0.1".into(), false));
        assert_eq!(seen("10.0.0.1", "10.0.0.1", "", "").0, "10.0.0.1");
    }
}
