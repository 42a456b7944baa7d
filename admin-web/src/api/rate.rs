//! How often one caller may ask.

use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use warp::http::{HeaderMap, HeaderValue};

use crate::cx::Cx;
use crate::problem::Problem;

/// So many at once, then so many a second.
const BURST: u32 = 120;
const PER_SECOND: u32 = 20;
/// Callers that are remembered before those within their rate are forgotten.
const REMEMBERED: usize = 10_000;

type Limiter =
    RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// The callers' rates.
pub(crate) struct Rates(Limiter);

impl Default for Rates {
    fn default() -> Self {
        let number = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(number(PER_SECOND)).allow_burst(number(BURST));
        Self(RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>())
    }
}

/// What a caller has left.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    remaining: u32,
    wait_seconds: Option<u64>,
}

/// Counts a request of the API, before its body is read; the answer will tell what is left.
pub(crate) fn take(cx: &mut Cx) -> Result<(), Problem> {
    cx.rate = caller(cx).map(|caller| count(cx, caller));
    cx.rate.map_or(Ok(()), Rate::allows)
}

/// Counts a request of somebody who is nobody yet, by where it comes from.
pub(crate) fn stranger(cx: &Cx) -> Result<(), Problem> {
    let Some(address) = cx.request.address() else {
        return Ok(());
    };
    count(cx, format!("address:{address}")).allows()
}

fn count(cx: &Cx, caller: String) -> Rate {
    let Rates(limiter) = cx.site.rates();
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
    match limiter.check_key(&caller) {
        Ok(state) => Rate {
            remaining: state.remaining_burst_capacity(),
            wait_seconds: None,
        },
        Err(not_yet) => Rate {
            remaining: 0,
            wait_seconds: Some(
                not_yet
                    .wait_time_from(DefaultClock::default().now())
                    .as_secs()
                    + 1,
            ),
        },
    }
}

/// Whose requests are counted together: a key's, a session's, a person's.
pub(crate) fn caller(cx: &Cx) -> Option<String> {
    let viewer = &cx.viewer;
    let (key, session) = (viewer.key.as_ref(), viewer.session.as_ref());
    key.map(|key| format!("key:{}", key.id))
        .or_else(|| session.map(|session| format!("session:{}", session.hash)))
        .or_else(|| viewer.user.map(|user| format!("user:{user}")))
}

impl Rate {
    fn allows(self) -> Result<(), Problem> {
        match self.wait_seconds {
            Some(seconds) => Err(Problem::TooMany(seconds)),
            None => Ok(()),
        }
    }

    /// Source: draft-ietf-httpapi-ratelimit-headers, in the form that programs know.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let until_full = (BURST - self.remaining.min(BURST)).div_ceil(PER_SECOND);
        headers.insert("ratelimit-limit", HeaderValue::from(BURST));
        headers.insert("ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("ratelimit-reset", HeaderValue::from(until_full));
    }
}
