//! Huffman codes as deflate has them: the lengths of the codes tell everything.

use super::bits::Bits;

/// Longer codes there are none.
const LONGEST: usize = 15;

/// The first code of each length.
fn firsts(lengths: &[u8]) -> Option<[u32; LONGEST + 1]> {
    let mut counts = [0_u32; LONGEST + 1];
    for length in lengths {
        *counts.get_mut(usize::from(*length))? += 1;
    }
    counts[0] = 0;
    let mut firsts = [0; LONGEST + 1];
    for length in 1..=LONGEST {
        firsts[length] = (firsts[length - 1] + counts[length - 1]) << 1;
    }
    Some(firsts)
}

/// A symbol's code, its first bit being the highest; `None` when it has none.
pub(super) fn value(lengths: &[u8], symbol: usize) -> Option<u32> {
    let length = *lengths.get(symbol).filter(|length| **length > 0)?;
    let before = lengths[..symbol].iter().filter(|l| **l == length).count();
    Some(firsts(lengths)?[usize::from(length)] + u32::try_from(before).ok()?)
}

/// Reads symbols: the next bits are the place in a table.
pub(super) struct Code {
    /// Symbol and length; a length of zero where no code leads.
    table: Vec<(u16, u8)>,
}

impl Code {
    pub(super) fn new(lengths: &[u8]) -> Option<Self> {
        let mut next = firsts(lengths)?;
        let longest = lengths.iter().copied().max().unwrap_or_default();
        let mut table = vec![(0, 0); 1 << longest];
        for (symbol, length) in lengths.iter().copied().enumerate().filter(|(_, l)| *l > 0) {
            let code = next[usize::from(length)];
            next[usize::from(length)] += 1;
            // Bits come lowest first, codes highest first.
            let first = (code.reverse_bits() >> (32 - u32::from(length))) as usize;
            let mut place = first;
            while let Some(entry) = table.get_mut(place) {
                *entry = (u16::try_from(symbol).ok()?, length);
                place += 1 << length;
            }
        }
        Some(Self { table })
    }

    /// `None` at the end of the stream, or where no code leads.
    pub(super) fn read(&self, bits: &mut Bits<'_>) -> Option<usize> {
        let place = bits.peek() as usize & (self.table.len() - 1);
        let (symbol, length) = self.table[place];
        bits.skip(length.into());
        (length > 0 && bits.is_inside()).then_some(symbol.into())
    }
}
