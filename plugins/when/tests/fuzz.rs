//! Valid phrases, damaged in a way that is the same each time: nothing panics, every error points
//! into the text and brings an example that parses.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::Zoned;
use vahta_when::{find, next_after, parse, relative};

/// xorshift64*: the same damage everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let wide = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(wide).unwrap() % most.max(1)
    }
}

const BITS: [&str; 24] = [
    "0",
    "9",
    "99",
    "-",
    "/",
    ":",
    ".",
    ",",
    " ",
    "x",
    "×",
    "*",
    "every ",
    "каждый ",
    "until ",
    "до ",
    "last ",
    "31",
    "T",
    "Z",
    "ß",
    "😀",
    "\u{301}",
    "\u{a0}",
];

fn damage(text: &str, other: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(chars.len() + 1);
        match dice.below(5) {
            0 if at < chars.len() => {
                chars.remove(at);
            }
            1 if at < chars.len() => {
                let to = dice.below(chars.len());
                chars.swap(at, to);
            }
            2 => {
                let tail: Vec<char> = other.chars().collect();
                let from = dice.below(tail.len() + 1);
                chars.truncate(at);
                chars.extend(&tail[from..]);
            }
            3 => {
                let twice = chars.clone();
                chars.splice(at..at, twice);
            }
            _ => {
                let bit = BITS[dice.below(BITS.len())];
                chars.splice(at..at, bit.chars());
            }
        }
    }
    chars.into_iter().take(200).collect()
}

#[test]
fn damaged_phrases_never_panic() {
    let phrases: Vec<&str> = include_str!("tables/phrases.txt")
        .lines()
        .filter(|line| !line.starts_with("# ") && !line.starts_with("now "))
        .filter_map(|line| line.split(" |").next())
        .filter(|phrase| !phrase.is_empty())
        .collect();
    let presents: Vec<Zoned> = [
        "2026-07-15T12:07:33[Europe/Berlin]",
        "2027-03-28T01:59:59[Europe/Berlin]",
        "2028-02-29T23:59:59[America/St_Johns]",
        "9998-12-31T23:00:00[UTC]",
    ]
    .iter()
    .map(|now| now.parse().unwrap())
    .collect();
    let mut dice = Dice(0x0BAD_5EED);
    for round in 0..20_000 {
        let phrase = phrases[dice.below(phrases.len())];
        let other = phrases[dice.below(phrases.len())];
        let text = damage(phrase, other, &mut dice);
        let now = &presents[round % presents.len()];
        match parse(&text, now) {
            Ok(parsed) => {
                assert!(text.get(parsed.span.clone()).is_some(), "{text:?}");
                let apart = parsed.apart.is_none_or(|apart| text.get(apart).is_some());
                assert!(apart, "{text:?}");
                let next = next_after(&parsed.when, now.timestamp(), now.time_zone());
                assert!(next.is_some_and(|at| at > now.timestamp()), "{text:?}");
            }
            Err(error) => {
                assert!(text.get(error.span.clone()).is_some(), "{text:?}");
                // Near the year 9999 even tomorrow is too far.
                if now.year() < 9000 {
                    let example = parse(&error.example, now);
                    assert!(example.is_ok(), "{text:?}: {error}: {example:?}");
                }
            }
        }
        if let Ok(Some(found)) = find(&text, now) {
            assert!(found.due > now.timestamp(), "{text:?}");
            assert!(found.without(&text).len() <= text.len(), "{text:?}");
        }
        let _ = relative(&text);
    }
}
