use libdeflater::{CompressionLvl, Compressor, Decompressor};
use proptest::prelude::*;

use super::*;

fn deflate(level: i32, bytes: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::new(level).unwrap());
    let mut out = vec![0; compressor.deflate_compress_bound(bytes.len())];
    let length = compressor.deflate_compress(bytes, &mut out).unwrap();
    out.truncate(length);
    out
}

fn joined(level: i32, pieces: &[Vec<u8>]) -> Vec<u8> {
    let (last, before) = pieces.split_last().unwrap();
    let mut whole = Vec::new();
    for piece in before {
        let mut stream = deflate(level, piece);
        assert!(open(&mut stream));
        whole.extend(stream);
    }
    whole.extend(deflate(level, last));
    whole
}

/// A reader of its own, which also says that nothing is left over.
fn inflate(stream: &[u8], size: usize) -> Vec<u8> {
    let mut out = vec![0; size];
    let length = Decompressor::new()
        .deflate_decompress(stream, &mut out)
        .unwrap();
    assert_eq!(length, size);
    out
}

/// Bytes of many kinds: text with repetitions, runs, noise, few and many symbols.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::collection::vec("[a-z]{1,9}[ .\n]", 1..4000).prop_map(|w| w.concat().into());
    let few = prop::collection::vec(prop::sample::select(b"ab".to_vec()), 0..3000);
    let run = (any::<u8>(), 0..200_000_usize).prop_map(|(byte, count)| vec![byte; count]);
    let noise = prop::collection::vec(any::<u8>(), 0..3000);
    // Noise again and again: blocks with more matches than one block holds.
    let again = (prop::collection::vec(any::<u8>(), 1..400), 1..900_usize)
        .prop_map(|(noise, times)| noise.repeat(times));
    prop_oneof![words, few, run, noise, again]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn streams_that_were_made_apart_are_one_stream(
        level in 1..=9_i32,
        pieces in prop::collection::vec(pieces(), 1..5),
    ) {
        let bytes = pieces.concat();
        let stream = joined(level, &pieces);
        prop_assert!(inflate(&stream, bytes.len()) == bytes);
    }

    #[test]
    fn what_is_no_stream_is_left_as_it_is(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut stream = bytes.clone();
        if !open(&mut stream) {
            prop_assert_eq!(stream, bytes);
        }
    }
}

/// Such streams have several blocks, so that the ones before the last are walked through.
#[test]
fn a_stream_of_several_blocks_is_joined() {
    let text: Vec<u8> = (0..60_000_u32)
        .flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    for level in 1..=9 {
        let pieces = [text.clone(), text.clone()];
        assert_eq!(deflate(level, &text)[0] & 1, 0, "more than one block");
        let stream = joined(level, &pieces);
        assert!(inflate(&stream, 2 * text.len()) == pieces.concat());
    }
}

#[test]
fn bytes_are_carried_in_stored_blocks() {
    for size in [0, 1, 65_535, 65_536, 200_000] {
        let bytes: Vec<u8> = (0..size).map(|n: u32| (n % 251) as u8).collect();
        let mut stream = Vec::new();
        carry(&mut stream, &bytes, false);
        carry(&mut stream, b"end", true);
        assert_eq!(
            inflate(&stream, bytes.len() + 3),
            [&bytes, &b"end"[..]].concat()
        );
    }
}

#[test]
fn every_possible_filling_comes_up_and_is_found() {
    let mut seen = [false; 8];
    for size in 1..400_u32 {
        let piece: Vec<u8> = (0..size * 7).map(|n| (n * n % 23) as u8 + b'a').collect();
        let stream = deflate(1, &piece);
        let end = find_last(&stream).unwrap().end;
        seen[stream.len() * 8 - end] = true;
        assert!(
            inflate(&joined(1, &[piece.clone(), piece.clone()]), 2 * piece.len())
                == piece.repeat(2)
        );
    }
    assert_eq!(seen, [true; 8]);
}
