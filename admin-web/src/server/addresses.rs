//! How much one address holds at once, so that a single one cannot take every place.
//!
//! A direct peer is counted by its connections. Behind a proxy of ours all connections are the
//! proxy's, so there the requests under way count, by the address that the proxy names: a stream
//! counts as long as it lasts.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, SizeHint};

pub(super) struct Addresses {
    most: usize,
    open: Mutex<HashMap<IpAddr, Open>>,
}

#[derive(Default)]
struct Open {
    count: usize,
    /// It was over the limit and the log says so: once until everything of it has ended.
    told: bool,
}

/// One of an address's places, until it is dropped.
pub(super) struct Held {
    addresses: Arc<Addresses>,
    key: IpAddr,
}

impl Addresses {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let open = Mutex::default();
        Arc::new(Self { most, open })
    }

    /// `None`: this address has all that one may have.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Held> {
        let key = network(address);
        let mut all = self.lock();
        let open = all.entry(key).or_default();
        if open.count < self.most {
            open.count += 1;
            let addresses = self.clone();
            return Some(Held { addresses, key });
        }
        if !open.told {
            open.told = true;
            tracing::warn!(
                %address,
                most = self.most,
                "an address has all connections that one may have; a proxy of yours belongs into \
                 VAHTA_TRUSTED_PROXIES"
            );
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = self.addresses.lock();
        if let Some(open) = all.get_mut(&self.key) {
            open.count -= 1;
            if open.count == 0 {
                all.remove(&self.key);
            }
        }
    }
}

/// Who has one address of IPv6 has 2⁶⁴ of them. Source: RFC 6177.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

/// A body that holds its place until it has been sent or given up.
pub(super) struct Holding<B> {
    body: B,
    _held: Option<Held>,
}

impl<B> Holding<B> {
    pub(super) fn new(body: B, held: Option<Held>) -> Self {
        Self { body, _held: held }
    }
}

impl<B: Body + Unpin> Body for Holding<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_that_is_given_back_can_be_had_again() {
        let addresses = Addresses::new(2);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = addresses.enter(one).unwrap();
        let _second = addresses
            .enter("::ffff:192.0.2.1".parse().unwrap())
            .unwrap();
        assert!(addresses.enter(one).is_none());
        assert!(addresses.enter(other).is_some());
        drop(first);
        assert!(addresses.enter(one).is_some());
        assert_eq!(addresses.lock().len(), 1, "nothing is kept of who has left");
    }

    #[test]
    fn neighbours_of_ipv6_are_one() {
        let addresses = Addresses::new(1);
        let _one = addresses.enter("2001:db8:0:1::1".parse().unwrap()).unwrap();
        assert!(
            addresses
                .enter("2001:db8:0:1:ffff::2".parse().unwrap())
                .is_none()
        );
        assert!(
            addresses
                .enter("2001:db8:0:2::1".parse().unwrap())
                .is_some()
        );
    }
}
