//! Many entries, and large ones.

use std::io;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use vahta_zip::{Entry, Names, Writer};

use super::build::{Disk, build, file, options};
use super::programs::{all_accept, python_lists};

#[tokio::test]
async fn seventy_thousand_entries_are_read_by_every_program() {
    let mut names = Names::new();
    let files: Vec<_> = (0..70_000)
        .map(|n| file(&names.unique_safe_name("photo.jpg"), format!("{n}\n")))
        .collect();
    let built = build(&files, &[], &options(1)).await;
    all_accept(&built.path);
    let seen = python_lists(&built.path);
    assert_eq!(seen.len(), 70_000);
    assert_eq!(seen[69_999].name, "photo (70000).jpg");
}

/// More than four gigabytes in one entry, and entries behind it: sizes and places take eight bytes.
async fn write_huge(path: &std::path::Path, block: &Bytes, blocks: usize) {
    let mut writer = Writer::new(Disk::new(path), &options(1)).unwrap();
    let size = (block.len() * blocks) as u64;
    for (name, size) in [("huge.bin", Some(size)), ("unknown size.bin", None)] {
        let entry = Entry {
            name,
            modified: None,
            size,
        };
        let bytes = stream::repeat(block.clone()).take(blocks);
        writer.add(entry, bytes.map(io::Result::Ok)).await.unwrap();
    }
    let entry = Entry {
        name: "behind.txt",
        modified: None,
        size: None,
    };
    let small = stream::iter([Ok(Bytes::from_static(b"still here"))]);
    writer.add(entry, small).await.unwrap();
    let summary = writer.finish().await.result.unwrap();
    assert_eq!(summary.input, 2 * size + 10);
}

#[tokio::test]
#[ignore = "takes minutes and disk; make soak runs it"]
async fn entries_beyond_four_gigabytes_are_read_by_every_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.zip");
    let kinds = [
        // Small in the archive, large outside; then large in both.
        Bytes::from(vec![0; 1 << 20]),
        Bytes::from(super::build::noise(1 << 20)),
    ];
    for block in kinds {
        write_huge(&path, &block, 4100).await;
        all_accept(&path);
        let sizes: Vec<_> = python_lists(&path)
            .into_iter()
            .map(|seen| seen.size)
            .collect();
        assert_eq!(sizes, [4100 << 20, 4100 << 20, 10]);
    }
}
