//! HOTP and TOTP with SHA-1, six digits, 30 seconds: what every authenticator can do.
//! Sources: RFC 4226, RFC 6238; RFC 4648 for base32; Google's "Key Uri Format" for the URL.

use ring::hmac;
use subtle::ConstantTimeEq as _;
use vahta_rows::Micros;

pub(super) const DIGITS: usize = 6;
const STEP_SECONDS: i64 = 30;
/// Clocks differ: the code before and the one after count as well.
const SKEW: i64 = 1;

/// Steps since 1970.
pub(super) fn step(now: Micros) -> i64 {
    now.0.div_euclid(1_000_000 * STEP_SECONDS)
}

/// The code of a step.
pub(super) fn at(secret: &[u8], step: i64, digits: usize) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // Dynamic truncation: the last four bits say where to read. RFC 4226, section 5.3.
    let offset = usize::from(tag[tag.len() - 1] & 0x0f);
    let number = tag[offset..offset + 4]
        .iter()
        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
        & 0x7fff_ffff;
    let modulus = 10_u64.pow(u32::try_from(digits).unwrap_or(6));
    format!("{:0digits$}", u64::from(number) % modulus)
}

/// The step whose code this is, near now. Looks at each, so that time tells nothing.
pub(super) fn matching_step(secret: &[u8], code: &str, now: Micros) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let now = step(now);
    let mut found = None;
    for step in now - SKEW..=now + SKEW {
        let expected = at(secret, step, DIGITS);
        if bool::from(expected.as_bytes().ct_eq(code.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Without padding, as authenticators want it.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = [0_u8; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            let index = bits >> (35 - 5 * place) & 0x1f;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

/// `None` when a character is none of base32.
pub(super) fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 5 | u32::try_from(value).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

pub(super) fn url(secret: &str, issuer: &str, label: &str) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(b).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    let (issuer, label) = (encode(issuer), encode(label));
    format!("otpauth://totp/{issuer}:{label}?secret={secret}&issuer={issuer}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        for (seconds, expected) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = step(Micros(seconds * 1_000_000));
            assert_eq!(at(SECRET, step, 8), expected, "{seconds} s");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_4226_appendix_d() {
        let expected = ["755224", "287082", "359152", "969429", "338314"];
        for (counter, code) in (0..).zip(expected) {
            assert_eq!(at(SECRET, counter, DIGITS), code);
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648_without_padding() {
        for (plain, text) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
            assert_eq!(from_base32(text).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn a_code_of_the_neighbouring_step_counts_and_no_other() {
        let now = Micros(1_234_567_890 * 1_000_000);
        let code = |steps: i64| at(SECRET, step(now) + steps, DIGITS);
        for steps in -1..=1 {
            let found = matching_step(SECRET, &code(steps), now);
            assert_eq!(found, Some(step(now) + steps));
        }
        assert_eq!(matching_step(SECRET, &code(2), now), None);
        assert_eq!(matching_step(SECRET, "", now), None);
    }

    #[test]
    fn the_url_names_issuer_and_person() {
        let url = url("MZXQ", "Duty bot", "Ada L");
        assert_eq!(
            url,
            "otpauth://totp/Duty%20bot:Ada%20L?secret=MZXQ&issuer=Duty%20bot"
        );
    }
}
