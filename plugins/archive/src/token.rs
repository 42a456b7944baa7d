//! Links that cannot be guessed: 128 random bits, in letters that an address may hold.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vahta_plugin_sdk::Error;

/// # Errors
/// When the system has no randomness.
pub fn fresh() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::other(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Can it be one? What cannot is not looked up.
pub fn is_well_formed(token: &str) -> bool {
    token.len() == 22
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_are_different_and_well_formed() {
        let (a, b) = (super::fresh().unwrap(), super::fresh().unwrap());
        assert!(super::is_well_formed(&a) && a != b);
        for wrong in ["", "a", "../../../../etc/passwd", &a.replace(&a[..1], "%")] {
            assert!(!super::is_well_formed(wrong), "{wrong}");
        }
    }
}
