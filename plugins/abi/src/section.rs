//! The section that tells the host what a file is before any of its code runs.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 8 | [`MAGIC`] |
//! | 8 | 4 | ABI, little endian |
//! | 12 | 4 | length of the manifest, little endian |
//! | 16 | length | manifest, JSON, UTF-8 |

use crate::VAHTA_ABI;

/// Name of the section in the library.
pub const SECTION: &str = ".vahta";

/// First bytes of the section.
pub const MAGIC: [u8; 8] = *b"VAHTAPLG";

/// Length of what precedes the manifest.
pub const HEADER_LEN: usize = 16;

/// Lays out the section of a plugin of this ABI; `N` is [`HEADER_LEN`] + `manifest.len()`.
///
/// # Panics
/// At compile time, when `N` does not fit.
pub const fn section<const N: usize>(manifest: &[u8]) -> [u8; N] {
    assert!(
        N == HEADER_LEN + manifest.len(),
        "N is HEADER_LEN + manifest.len()"
    );
    assert!(
        manifest.len() <= u32::MAX as usize,
        "the manifest's length is a u32"
    );
    let mut out = [0; N];
    copy(&mut out, 0, &MAGIC);
    copy(&mut out, 8, &VAHTA_ABI.to_le_bytes());
    copy(&mut out, 12, &(manifest.len() as u32).to_le_bytes());
    copy(&mut out, HEADER_LEN, manifest);
    out
}

/// What a section says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    pub abi: u32,
    pub manifest: &'a [u8],
}

/// Why bytes are not such a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// Fewer bytes than a header has.
    Short,
    /// Something else stands where [`MAGIC`] should.
    Magic,
    /// The manifest is said to be longer than the section.
    Length { said: u32, there: usize },
}

impl<'a> Header<'a> {
    /// Reads a section; bytes after the manifest are padding.
    pub fn parse(section: &'a [u8]) -> Result<Self, HeaderError> {
        let (header, rest) = section
            .split_first_chunk::<HEADER_LEN>()
            .ok_or(HeaderError::Short)?;
        let [m @ .., a0, a1, a2, a3, l0, l1, l2, l3] = *header;
        if m != MAGIC {
            return Err(HeaderError::Magic);
        }
        let said = u32::from_le_bytes([l0, l1, l2, l3]);
        let manifest = rest.get(..said as usize).ok_or(HeaderError::Length {
            said,
            there: rest.len(),
        })?;
        Ok(Self {
            abi: u32::from_le_bytes([a0, a1, a2, a3]),
            manifest,
        })
    }
}

const fn copy(out: &mut [u8], at: usize, bytes: &[u8]) {
    let mut i = 0;
    while i < bytes.len() {
        out[at + i] = bytes[i];
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_laid_out_can_be_read_back() {
        const MANIFEST: &[u8] = br#"{"name":"x"}"#;
        const LAID: [u8; HEADER_LEN + MANIFEST.len()] = section(MANIFEST);
        let mut padded = [0; LAID.len() + 4];
        padded[..LAID.len()].copy_from_slice(&LAID);
        let read = Header {
            abi: VAHTA_ABI,
            manifest: MANIFEST,
        };
        assert_eq!(Header::parse(&LAID), Ok(read));
        assert_eq!(Header::parse(&padded), Ok(read));
    }

    #[test]
    fn a_damaged_section_says_what_is_wrong() {
        let mut laid: [u8; 18] = section(b"{}");
        assert_eq!(Header::parse(&laid[..10]), Err(HeaderError::Short));
        laid[12] = 3;
        assert_eq!(
            Header::parse(&laid),
            Err(HeaderError::Length { said: 3, there: 2 })
        );
        laid[0] = b'?';
        assert_eq!(Header::parse(&laid), Err(HeaderError::Magic));
    }
}
