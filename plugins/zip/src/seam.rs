//! Joins deflate streams that were made apart into one.
//!
//! The compressor makes whole streams only, each with a last block that ends anywhere in a byte. To
//! let another stream follow, [`open`] clears the mark of the last block and fills the byte up with
//! an empty stored block, as zlib's `Z_SYNC_FLUSH` does. Where the stream ends in its last byte
//! stands nowhere; but its last code is the end-of-block code, which the block's head tells. The
//! last set bit of the stream is the last set bit of that code, and what is behind it in the code
//! is known, so the rest is filling. Only blocks before the last one are read code by code.
//!
//! Source: RFC 1951, section 3.2.

mod bits;
mod code;

use bits::Bits;
use code::Code;

const END_OF_BLOCK: usize = 256;
/// Bits behind the codes 257 to 285 (lengths) and 0 to 29 (distances).
const LENGTH_EXTRA: [u8; 29] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_EXTRA: [u8; 30] = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13,
    13,
];

/// Makes a whole stream one that another can follow, at a byte's border. False, and nothing has
/// changed, when these bytes are not one.
#[must_use]
pub(crate) fn open(stream: &mut Vec<u8>) -> bool {
    let Some(last) = find_last(stream) else {
        return false;
    };
    stream[last.head / 8] &= !(1 << (last.head % 8));
    let filling = stream.len() * 8 - last.end;
    if filling > 0 {
        // Not last, stored (three bits), filled up; then no bytes, as a length and its complement.
        if filling < 3 {
            stream.push(0);
        }
        stream.extend([0, 0, 0xff, 0xff]);
    }
    true
}

/// Appends bytes as they are; a stored block takes at most 65,535 of them.
pub(crate) fn carry(stream: &mut Vec<u8>, bytes: &[u8], last: bool) {
    let blocks = bytes.len().div_ceil(usize::from(u16::MAX));
    for (at, block) in bytes.chunks(usize::from(u16::MAX)).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(last && at + 1 == blocks));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
}

/// Bits of a stream, counted from its beginning.
struct Last {
    /// Where its last block begins.
    head: usize,
    /// Where it ends.
    end: usize,
}

fn find_last(stream: &[u8]) -> Option<Last> {
    let mut bits = Bits::new(stream);
    loop {
        let head = bits.at();
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => {
                bits.align();
                let length = bits.take(16)?;
                bits.skip(16 + 8 * usize::try_from(length).ok()?);
            }
            1 => walk(&mut bits, &fixed_lengths(), &[5; 30])?,
            2 => {
                let lengths = read_lengths(&mut bits)?;
                let end = ends_with(stream, &lengths.literals).filter(|_| is_last);
                if let Some(end) = end {
                    return Some(Last { head, end });
                }
                walk(&mut bits, &lengths.literals, &lengths.distances)?;
            }
            _ => return None,
        }
        if is_last {
            let end = bits.at();
            // Less than a byte of filling: nothing is behind.
            let whole = end.div_ceil(8) == stream.len();
            return whole.then_some(Last { head, end });
        }
    }
}

/// Where a stream ends whose last code is this end-of-block code; `None` when that is all zeros.
fn ends_with(stream: &[u8], literals: &[u8]) -> Option<usize> {
    let code = code::value(literals, END_OF_BLOCK)?;
    if code == 0 {
        return None;
    }
    let set = stream.iter().rposition(|byte| *byte != 0)?;
    let last_one = set * 8 + 7 - stream[set].leading_zeros() as usize;
    // Codes begin with their highest bit.
    let end = last_one + 1 + code.trailing_zeros() as usize;
    (end <= stream.len() * 8 && end.div_ceil(8) == stream.len()).then_some(end)
}

/// Reads codes up to the end of the block.
fn walk(bits: &mut Bits<'_>, literals: &[u8], distances: &[u8]) -> Option<()> {
    let literals = Code::new(literals)?;
    let distances = Code::new(distances)?;
    loop {
        let symbol = literals.read(bits)?;
        if symbol == END_OF_BLOCK {
            return Some(());
        }
        if symbol > END_OF_BLOCK {
            bits.skip((*LENGTH_EXTRA.get(symbol - 257)?).into());
            let distance = distances.read(bits)?;
            bits.skip((*DISTANCE_EXTRA.get(distance)?).into());
        }
    }
}

/// Code lengths of a block.
struct Lengths {
    literals: Vec<u8>,
    distances: Vec<u8>,
}

fn fixed_lengths() -> Vec<u8> {
    let runs = [(8, 144), (9, 112), (7, 24), (8, 8)];
    runs.into_iter()
        .flat_map(|(length, count)| std::iter::repeat_n(length, count))
        .collect()
}

fn read_lengths(bits: &mut Bits<'_>) -> Option<Lengths> {
    /// The order in which the lengths of the lengths' own code come.
    const ORDER: [usize; 19] = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ];
    let literals = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let given = bits.take(4)? as usize + 4;
    let mut own = [0; 19];
    for place in ORDER.iter().take(given) {
        own[*place] = u8::try_from(bits.take(3)?).ok()?;
    }
    let code = Code::new(&own)?;
    let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
    while lengths.len() < literals + distances {
        let (length, times) = match code.read(bits)? {
            16 => (*lengths.last()?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (u8::try_from(length).ok()?, 1),
        };
        lengths.extend(std::iter::repeat_n(length, times as usize));
    }
    let distances = lengths.split_off(literals);
    Some(Lengths {
        literals: lengths,
        distances,
    })
}

#[cfg(test)]
mod tests;
