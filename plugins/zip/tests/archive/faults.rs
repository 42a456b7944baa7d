//! What fails, or is not wanted any more.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use tokio::sync::Semaphore;
use vahta_zip::{Entry, Error, Sink, Writer};

use super::build::{noise, options, text};

/// Takes as many pieces as it is let, then waits; or fails when there are none to come.
struct Gate {
    pieces: Arc<Semaphore>,
    taken: Arc<AtomicU64>,
}

impl Sink for Gate {
    type Error = io::Error;

    async fn write(&mut self, piece: Bytes) -> io::Result<()> {
        let place = self.pieces.acquire().await;
        place
            .map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?
            .forget();
        self.taken.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

fn gate(pieces: usize) -> (Gate, Arc<Semaphore>, Arc<AtomicU64>) {
    let (pieces, taken) = (
        Arc::new(Semaphore::new(pieces)),
        Arc::new(AtomicU64::new(0)),
    );
    let gate = Gate {
        pieces: pieces.clone(),
        taken: taken.clone(),
    };
    (gate, pieces, taken)
}

fn entry(name: &str) -> Entry<'_> {
    Entry {
        name,
        modified: None,
        size: None,
    }
}

#[tokio::test]
async fn a_full_disk_ends_the_archive_and_says_so() {
    let (sink, pieces, _) = gate(2);
    let mut writer = Writer::new(sink, &options(1)).unwrap();
    pieces.close();
    let noise = Bytes::from(noise(1 << 20));
    let endless = stream::repeat_with(|| Ok(noise.clone()));
    let refused = writer.add(entry("endless"), endless).await;
    assert!(matches!(refused, Err(Error::Over)), "{refused:?}");
    let ended = writer.abandon().await;
    assert!(ended.sink.is_some(), "its owner cleans up");
    assert!(
        matches!(ended.result, Err(Error::Sink(fault)) if fault.kind() == io::ErrorKind::StorageFull)
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_ends_the_archive() {
    let (sink, ..) = gate(1000);
    let mut writer = Writer::new(sink, &options(1)).unwrap();
    let pieces = [
        Ok(Bytes::from(text(2 << 20))),
        Err(io::Error::from(io::ErrorKind::NotFound)),
    ];
    let refused = writer.add(entry("gone"), stream::iter(pieces)).await;
    assert!(
        matches!(refused, Err(Error::Source(fault)) if fault.kind() == io::ErrorKind::NotFound)
    );
    let ended = writer.abandon().await;
    assert!(ended.sink.is_some());
    assert!(
        matches!(ended.result, Err(Error::Over)),
        "nothing else had failed"
    );
}

#[tokio::test]
async fn a_name_that_is_too_long_for_the_format_is_refused() {
    let (sink, ..) = gate(1000);
    let mut writer = Writer::new(sink, &options(1)).unwrap();
    let name = "x".repeat(70_000);
    // Taken at once; that it does not fit shows when its turn comes.
    writer.add(entry(&name), stream::empty()).await.unwrap();
    let ended = writer.finish().await;
    assert!(matches!(ended.result, Err(Error::Record(_))));
}

/// Few megabytes are under way, however large the file and however slow the sink.
#[tokio::test]
async fn a_slow_sink_holds_the_reader_back() {
    const MOST: u64 = 8 << 20;
    const PIECE: u64 = 256 << 10;
    let (sink, pieces, taken) = gate(0);
    let read = Arc::new(AtomicU64::new(0));
    let ahead = Arc::new(AtomicU64::new(0));
    let noise = Bytes::from(noise(PIECE as usize));
    let counted = {
        let (read, ahead, taken) = (read.clone(), ahead.clone(), taken.clone());
        stream::iter(0..400).map(move |_| {
            let read = read.fetch_add(PIECE, Ordering::Relaxed) + PIECE;
            ahead.fetch_max(read - taken.load(Ordering::Relaxed), Ordering::Relaxed);
            Ok(noise.clone())
        })
    };
    let mut writer = Writer::new(sink, &options(1)).unwrap();
    let adding = tokio::spawn(async move {
        writer.add(entry("large"), counted).await.unwrap();
        writer.finish().await.result.unwrap()
    });
    // Each piece is let through only when nothing moves any more.
    while !adding.is_finished() {
        let before = read.load(Ordering::Relaxed);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        if read.load(Ordering::Relaxed) == before {
            pieces.add_permits(1);
        }
    }
    let summary = adding.await.unwrap();
    assert_eq!(summary.input, 400 * PIECE);
    let ahead = ahead.load(Ordering::Relaxed);
    assert!(ahead < MOST, "{ahead} bytes were under way");
}

#[tokio::test]
async fn a_writer_that_is_dropped_lets_go_of_its_sink() {
    let (sink, pieces, _) = gate(0);
    let mut writer = Writer::new(sink, &options(1)).unwrap();
    let bytes = Bytes::from(noise(1 << 20));
    writer
        .add(entry("a"), stream::iter([Ok(bytes)]))
        .await
        .unwrap();
    drop(writer);
    // The sink is the other owner; it waits for a place that never comes, and is dropped there.
    while Arc::strong_count(&pieces) > 1 {
        tokio::task::yield_now().await;
    }
}
