//! One block of an entry: how it is packed, and its checksum.

use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor};

use crate::options::Level;
use crate::seam;

/// What one worker takes at once. Larger ones would pack a little better and take more memory.
pub(crate) const BLOCK: usize = 512 * 1024;

/// At level 1 the compressor makes a block of each 64 KiB; then its end is found without reading
/// its codes (see `seam`).
const FAST_PIECE: usize = 64 * 1024 - 1;

/// A sample is taken at the beginning, in the middle and at the end.
const SAMPLE: usize = 4 * 1024;
/// Of so many bytes and more; smaller ones are just tried.
const SAMPLED: usize = 16 * SAMPLE;

/// How an entry's bytes stand in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflated,
}

/// Where a block belongs in its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is all there is, so its method is free.
    Whole,
    /// One of several, of an entry that has its method.
    Part { method: Method, last: bool },
}

/// A block that is ready to be written.
pub(crate) struct Packed {
    pub(crate) bytes: Bytes,
    pub(crate) method: Method,
    pub(crate) crc: u32,
    /// Bytes before packing.
    pub(crate) input: u64,
}

/// Packs blocks; one a thread.
pub(crate) struct Press {
    compressor: Compressor,
    sampler: Compressor,
    piece: usize,
}

impl Press {
    pub(crate) fn new(level: Level) -> Self {
        Self {
            compressor: compressor(level),
            sampler: compressor(Level::FASTEST),
            piece: if level == Level::FASTEST {
                FAST_PIECE
            } else {
                BLOCK
            },
        }
    }

    pub(crate) fn pack(&mut self, block: Bytes, place: Place) -> Packed {
        let crc = crc32fast::hash(&block);
        let input = block.len() as u64;
        let (bytes, method) = match place {
            Place::Whole => self.whole(block),
            Place::Part { method, last } => match method {
                Method::Stored => (block, method),
                Method::Deflated => (self.part(&block, last).into(), method),
            },
        };
        Packed {
            bytes,
            method,
            crc,
            input,
        }
    }

    fn whole(&mut self, block: Bytes) -> (Bytes, Method) {
        if !helps(&mut self.sampler, &block) {
            return (block, Method::Stored);
        }
        let mut stream = Vec::new();
        if self.deflate(&mut stream, &block) && stream.len() < block.len() {
            (stream.into(), Method::Deflated)
        } else {
            (block, Method::Stored)
        }
    }

    fn part(&mut self, block: &[u8], last: bool) -> Vec<u8> {
        let mut stream = Vec::with_capacity(block.len() / 2);
        // A tape archive has texts and pictures: each block decides for itself.
        if !helps(&mut self.sampler, block) {
            seam::carry(&mut stream, block, last);
            return stream;
        }
        let pieces = block.len().div_ceil(self.piece);
        let mut piece = Vec::new();
        for (at, bytes) in block.chunks(self.piece).enumerate() {
            let last = last && at + 1 == pieces;
            piece.clear();
            if self.deflate(&mut piece, bytes) && (last || seam::open(&mut piece)) {
                stream.extend_from_slice(&piece);
            } else {
                seam::carry(&mut stream, bytes, last);
            }
        }
        stream
    }

    /// False when the compressor found no room, which its bound excludes.
    fn deflate(&mut self, out: &mut Vec<u8>, bytes: &[u8]) -> bool {
        out.resize(self.compressor.deflate_compress_bound(bytes.len()), 0);
        match self.compressor.deflate_compress(bytes, out) {
            Ok(length) => {
                out.truncate(length);
                true
            }
            Err(_) => false,
        }
    }
}

/// The method of an entry of several blocks, by its first one.
pub(crate) fn method(first: &[u8]) -> Method {
    if helps(&mut compressor(Level::FASTEST), first) {
        Method::Deflated
    } else {
        Method::Stored
    }
}

/// Does a sample get smaller by three percent at least?
fn helps(sampler: &mut Compressor, block: &[u8]) -> bool {
    if block.len() < SAMPLED {
        return !block.is_empty();
    }
    let mut out = vec![0; sampler.deflate_compress_bound(SAMPLE)];
    let middle = block.len() / 2;
    let samples = [
        &block[..SAMPLE],
        &block[middle..middle + SAMPLE],
        &block[block.len() - SAMPLE..],
    ];
    let packed: usize = samples
        .into_iter()
        .map(|sample| sampler.deflate_compress(sample, &mut out).unwrap_or(SAMPLE))
        .sum();
    packed * 100 < samples.len() * SAMPLE * 97
}

fn compressor(level: Level) -> Compressor {
    let level = CompressionLvl::new(level.get().into()).unwrap_or_default();
    Compressor::new(level)
}
