//! SHA-256 over a file whose parts come in different requests, to different processes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::digest::common::hazmat::SerializableState as _;
use sha2::{Digest as _, Sha256};

use crate::blobs::hex;

#[derive(Clone, Default)]
pub(super) struct Sha(Sha256);

impl Sha {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Where it stands, for the row.
    pub(super) fn written(&self) -> String {
        STANDARD_NO_PAD.encode(self.0.serialize())
    }

    /// `None`: somebody else wrote the row.
    pub(super) fn read(written: &str) -> Option<Self> {
        let bytes = STANDARD_NO_PAD.decode(written).ok()?;
        let state = bytes.as_slice().try_into().ok()?;
        Sha256::deserialize(&state).ok().map(Self)
    }

    /// In hexadecimal.
    pub(super) fn hex(&self) -> String {
        hex(&self.0.clone().finalize())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_sum_that_was_written_down_goes_on_as_if_it_had_not_been() {
        let text: Vec<u8> = (0..1_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut apart = Sha::default();
        for piece in text.chunks(77) {
            apart.update(piece);
            apart = Sha::read(&apart.written()).unwrap();
        }
        assert_eq!(apart.hex(), hex(&Sha256::digest(&text)));
        assert!(Sha::read("").is_none() && Sha::read("!").is_none());
    }
}
