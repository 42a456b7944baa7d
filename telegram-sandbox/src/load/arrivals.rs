//! When updates arrive.

use std::str::FromStr;
use std::time::Duration;

/// A pattern; rates are updates a second, all chats together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrivals {
    /// All at once.
    Burst,
    /// The same time between any two.
    Even(f64),
    /// As independent people write: the times between are exponential.
    Poisson(f64),
}

impl FromStr for Arrivals {
    type Err = String;

    /// `burst`, `500` or `poisson:500`.
    fn from_str(text: &str) -> Result<Self, String> {
        let rate = |text: &str| match text.parse::<f64>() {
            Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
            _ => Err(format!(
                "`{text}` is no rate; it can be burst, 500 or poisson:500"
            )),
        };
        match text.split_once(':') {
            None if text == "burst" => Ok(Self::Burst),
            None => rate(text).map(Self::Even),
            Some(("poisson", text)) => rate(text).map(Self::Poisson),
            Some(_) => rate(text).map(Self::Even),
        }
    }
}

/// Says how many updates should have come by now.
#[derive(Debug)]
pub(super) struct Schedule {
    arrivals: Arrivals,
    /// When the next one of a Poisson process comes, in seconds.
    next_at: f64,
    random: u64,
}

impl Arrivals {
    pub(super) fn schedule(self) -> Schedule {
        Schedule {
            arrivals: self,
            next_at: 0.0,
            // The same arrivals in every run, so that two bots can be compared.
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }
}

impl Schedule {
    /// The number of updates that are due after `elapsed`, of which `before` have come.
    pub(super) fn due(&mut self, elapsed: Duration, before: usize) -> usize {
        let seconds = elapsed.as_secs_f64();
        match self.arrivals {
            Arrivals::Burst => usize::MAX,
            Arrivals::Even(rate) => ((seconds * rate) as usize + 1).max(before),
            Arrivals::Poisson(rate) => {
                let mut due = before;
                while self.next_at <= seconds {
                    due += 1;
                    self.next_at -= (1.0 - self.uniform()).ln() / rate;
                }
                due
            }
        }
    }

    /// From 0 to 1, without 1 (splitmix64).
    fn uniform(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read() {
        assert_eq!("burst".parse(), Ok(Arrivals::Burst));
        assert_eq!("250".parse(), Ok(Arrivals::Even(250.0)));
        assert_eq!("poisson:10".parse(), Ok(Arrivals::Poisson(10.0)));
        for wrong in ["", "0", "-1", "poisson", "often:3", "poisson:x"] {
            assert!(wrong.parse::<Arrivals>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_poisson_process_has_its_rate_and_is_not_even() {
        let mut schedule = Arrivals::Poisson(1_000.0).schedule();
        let mut counts = Vec::new();
        let mut before = 0;
        for ms in 1..=10_000 {
            let due = schedule.due(Duration::from_millis(ms), before);
            counts.push(due - before);
            before = due;
        }
        assert!((9_500..10_500).contains(&before), "{before}");
        let empty = counts.iter().filter(|count| **count == 0).count();
        // e⁻¹ of all milliseconds.
        assert!((3_400..3_950).contains(&empty), "{empty}");
    }

    #[test]
    fn an_even_rate_is_even() {
        let mut schedule = Arrivals::Even(100.0).schedule();
        assert_eq!(schedule.due(Duration::from_millis(5), 0), 1);
        assert_eq!(schedule.due(Duration::from_millis(995), 1), 100);
    }
}
