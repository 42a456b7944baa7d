use proptest::prelude::*;

use super::build::{File, build, file, noise, options, text};
use super::programs::{all_accept, all_round_trip, python_lists};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// One of each kind.
fn kinds() -> Vec<File> {
    let mixed = [text(700_000), noise(1_500_000), text(900_000)].concat();
    vec![
        file("empty.txt", ""),
        file("one byte", "x"),
        file("docs/read me.txt", text(3_000)),
        file("a block.txt", text(512 * 1024)),
        file("more than a block.txt", text(512 * 1024 + 1)),
        file("docs/long.txt", text(5_000_000)),
        file("noise.bin", noise(200_000)),
        file("long noise.bin", noise(3_000_000)),
        file("mixed.tar", mixed),
        file("zeros", vec![0; 4_000_000]),
        file("отчёт 2026.txt", text(10_000)),
    ]
}

#[tokio::test]
async fn every_program_reads_every_kind_of_file_at_every_level() {
    let files = kinds();
    for level in [1, 2, 6, 9] {
        let built = build(&files, &["empty folder/"], &options(level)).await;
        all_accept(&built.path);
        all_round_trip(&built.path, &files);
        assert_eq!(built.summary.entries, files.len() as u64 + 1);
        let input: usize = files.iter().map(|file| file.bytes.len()).sum();
        assert_eq!(built.summary.input, input as u64);
    }
}

#[tokio::test]
async fn what_deflate_cannot_make_smaller_is_stored() {
    let built = build(&kinds(), &[], &options(1)).await;
    let stored: Vec<String> = python_lists(&built.path)
        .into_iter()
        .filter(|seen| seen.method == STORED)
        .map(|seen| seen.name)
        .collect();
    let expected = ["empty.txt", "one byte", "noise.bin", "long noise.bin"];
    assert_eq!(stored, expected);
    // An empty file is nothing that could be made smaller.
    assert_eq!(built.summary.stored, 3);
}

/// The noise in the middle costs a stored block's head now and then, not more.
#[tokio::test]
async fn noise_inside_a_text_is_carried_as_it_is() {
    let (before, middle, after) = (text(1 << 20), noise(4 << 20), text(1 << 20));
    let texts = build(&[file("t", [&*before, &*after].concat())], &[], &options(1)).await;
    let mixed = build(
        &[file("m", [before, middle, after].concat())],
        &[],
        &options(1),
    )
    .await;
    let noise = mixed.summary.output - texts.summary.output;
    assert!(noise < (4 << 20) + 2_000, "the noise took {noise} bytes");
    assert_eq!(python_lists(&mixed.path)[0].method, DEFLATED);
}

#[tokio::test]
async fn times_and_flags_are_as_other_programs_want_them() {
    const UTF_8: u16 = 1 << 11;
    const DESCRIPTOR: u16 = 1 << 3;
    let files = [file("plain.txt", "x"), file("ä.txt", "x")];
    let built = build(&files, &["folder/"], &options(1)).await;
    let seen = python_lists(&built.path);
    for entry in &seen {
        assert_eq!(entry.time, "2026-01-02 03:04:06");
    }
    assert_eq!(seen[0].flags, DESCRIPTOR);
    assert_eq!(seen[1].flags, DESCRIPTOR | UTF_8);
    // `unzip` sets the exact time from the extended field, whatever the zone.
    let out = tempfile::tempdir().unwrap();
    let arguments = ["-qq", built.path.to_str().unwrap(), "-d"];
    let said = std::process::Command::new("unzip")
        .args(arguments)
        .arg(out.path())
        .env("TZ", "Asia/Tokyo")
        .status();
    assert!(said.unwrap().success());
    let written = std::fs::metadata(out.path().join("plain.txt")).unwrap();
    let since = written
        .modified()
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH);
    assert_eq!(since.unwrap().as_secs(), super::build::MODIFIED as u64);
}

fn contents() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0..2_000_000_usize).prop_map(text),
        (0..1_500_000_usize).prop_map(noise),
        (any::<u8>(), 0..1_500_000_usize).prop_map(|(byte, size)| vec![byte; size]),
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_files_in_any_pieces_come_out_as_they_went_in(
        contents in prop::collection::vec((contents(), 1..700_000_usize), 0..6),
        level in 1..=9_u8,
    ) {
        let files: Vec<File> = contents
            .into_iter()
            .enumerate()
            .map(|(at, (bytes, pieces))| File { name: format!("{at}.bin"), bytes, pieces: pieces.max(500) })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let built = runtime.block_on(build(&files, &[], &options(level)));
        if files.is_empty() {
            prop_assert!(python_lists(&built.path).is_empty());
        } else {
            all_accept(&built.path);
            all_round_trip(&built.path, &files);
        }
    }
}
