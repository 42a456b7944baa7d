//! Bytes from the store to a connection, by leave of [`Sending`].

use std::future::Future;
use std::ops::Range;
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::sending::{Leave, Sending};
use super::{DownloadError, Downloads, Grant, Sent, Visitor};
use crate::blobs::BlobError;

/// A lease is renewed so often within its length.
const BEATS: u32 = 3;
/// And so often at least: what a resumed download has to send again is what was not written down.
const BEAT: Duration = Duration::from_secs(10);

type Piece = Result<bytes::Bytes, BlobError>;

impl Downloads {
    /// Begins an answer with these bytes of a grant's file; they flow as fast as they are taken.
    ///
    /// # Errors
    /// [`DownloadError::Over`], [`DownloadError::Busy`], the database's, the store's.
    pub async fn open(
        &self,
        grant: &Grant,
        visitor: &Visitor,
        range: Range<u64>,
    ) -> Result<Sent, DownloadError> {
        let sending = Sending::begin(self, grant, visitor, range.clone()).await?;
        let bytes = match self.0.blobs.read(&grant.blob, range).await {
            Ok(bytes) => bytes,
            Err(BlobError::Gone) => {
                self.give_back(grant.id, &grant.plugin, &grant.key).await?;
                return Err(DownloadError::Over);
            }
            Err(error) => {
                sending.stop().await?;
                return Err(error.into());
            }
        };
        let beat = (self.0.lease / BEATS)
            .min(BEAT)
            .max(Duration::from_millis(1));
        let mut beats = interval_at(Instant::now() + beat, beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // One piece waits, no more: what a client that goes away was not sent, is not counted.
        let (to, from) = mpsc::channel(1);
        tokio::spawn(pump(Answer { sending, beats }, bytes, to));
        let pieces = stream::unfold(from, |mut from| async {
            from.recv().await.map(|piece| (piece, from))
        });
        Ok(pieces.boxed())
    }
}

struct Answer {
    sending: Sending,
    beats: Interval,
}

/// Why an answer ends before its end.
enum Broken {
    /// Nobody reads any more, or the store broke and the connection was told.
    Off,
    /// The grant is over, or nobody knows whether it is.
    Over,
}

async fn pump(mut answer: Answer, mut bytes: Sent, to: mpsc::Sender<Piece>) {
    let ended = answer.send_all(&mut bytes, &to).await;
    if let Err(Broken::Over) = ended {
        // The length that was promised is not reached: clients see that it is not whole.
        let _ = to.try_send(Err(BlobError::Gone));
    }
    if let Err(error) = answer.sending.stop().await {
        tracing::warn!(%error, "how far a download came could not be written down");
    }
}

impl Answer {
    async fn send_all(&mut self, bytes: &mut Sent, to: &mpsc::Sender<Piece>) -> Result<(), Broken> {
        loop {
            let piece = self.beating(bytes.next()).await?;
            let place = self.beating(to.reserve()).await?.map_err(|_| Broken::Off)?;
            match piece {
                Some(Ok(piece)) => {
                    self.may_send(piece.len() as u64).await?;
                    place.send(Ok(piece));
                }
                Some(Err(error)) => {
                    tracing::error!(%error, "a download broke off: the blob store does not answer");
                    place.send(Err(error));
                    return Err(Broken::Off);
                }
                // An empty file has no byte that it could wait for.
                None => return self.may_send(0).await,
            }
        }
    }

    /// Waits, and keeps the lease meanwhile.
    async fn beating<T>(&mut self, what: impl Future<Output = T>) -> Result<T, Broken> {
        let mut what = pin!(what);
        loop {
            tokio::select! {
                done = &mut what => return Ok(done),
                _ = self.beats.tick() => {}
            }
            match self.sending.beat().await {
                Ok(Leave::Go) => {}
                Ok(Leave::Stop) => return Err(Broken::Over),
                // The lease lasts for two more tries.
                Err(error) => tracing::warn!(%error, "a download's lease could not be renewed"),
            }
        }
    }

    async fn may_send(&mut self, length: u64) -> Result<(), Broken> {
        match self.sending.may_send(length).await {
            Ok(Leave::Go) => Ok(()),
            Ok(Leave::Stop) => Err(Broken::Over),
            Err(error) => {
                tracing::warn!(%error, "a download broke off: it could not be written down");
                Err(Broken::Over)
            }
        }
    }
}
