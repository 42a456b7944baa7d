/// Reads bits, the lowest of each byte first.
pub(super) struct Bits<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(stream: &'a [u8]) -> Self {
        Self { stream, at: 0 }
    }

    /// Bits read so far.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// At least the next 25 bits; zeros behind the end.
    pub(super) fn peek(&self) -> u32 {
        let from = self.at / 8;
        let word = match self.stream.get(from..).and_then(|rest| rest.first_chunk()) {
            Some(bytes) => u32::from_le_bytes(*bytes),
            None => {
                let rest = self.stream.get(from..).unwrap_or_default();
                let byte = |word, byte: &u8| (word << 8) | u32::from(*byte);
                rest.iter().rev().fold(0, byte)
            }
        };
        word >> (self.at % 8)
    }

    /// May lead behind the end; then the next [`Self::take`] fails.
    pub(super) fn skip(&mut self, count: usize) {
        self.at += count;
    }

    /// The next bits as a number, 16 at most.
    pub(super) fn take(&mut self, count: usize) -> Option<u32> {
        let bits = self.peek() & ((1 << count) - 1);
        self.at += count;
        self.is_inside().then_some(bits)
    }

    pub(super) fn is_inside(&self) -> bool {
        self.at <= self.stream.len() * 8
    }

    /// On to the next byte's border.
    pub(super) fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}
