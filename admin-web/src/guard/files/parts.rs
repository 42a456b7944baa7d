//! A body's pieces on their way to the parser, which keeps what it is given until it can use it.
//!
//! multer reads as long as there is something to read, and looks for the end of a part's head however
//! far it is: one piece at a time, and only so much without a result, keeps it small.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use tokio::sync::mpsc;

/// What the parser may hold: some pieces, and a head.
const MOST: usize = 512 * 1024;

/// Bytes that the parser has and made nothing of.
#[derive(Clone, Default)]
pub(crate) struct Unread(Arc<AtomicUsize>);

impl Unread {
    /// It made something of them.
    pub(crate) fn none(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// What goes wrong on the way; the text is for the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("the body broke off")]
    Off,
    #[error("the body is no form with files")]
    NoForm,
}

/// The pieces of one body; `None` among them is the end.
pub(crate) struct Parts {
    pieces: mpsc::Receiver<Option<Bytes>>,
    unread: Unread,
    gave: bool,
    ended: bool,
}

impl Parts {
    pub(crate) fn new(pieces: mpsc::Receiver<Option<Bytes>>, unread: Unread) -> Self {
        Self {
            pieces,
            unread,
            gave: false,
            ended: false,
        }
    }
}

impl Stream for Parts {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if std::mem::take(&mut self.gave) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match ready!(self.pieces.poll_recv(cx)) {
            Some(Some(piece)) => {
                let before = self.unread.0.fetch_add(piece.len(), Ordering::Relaxed);
                if before > MOST {
                    return Poll::Ready(Some(Err(Broken::NoForm)));
                }
                self.gave = true;
                Poll::Ready(Some(Ok(piece)))
            }
            Some(None) => {
                self.ended = true;
                Poll::Ready(None)
            }
            None => Poll::Ready(Some(Err(Broken::Off))),
        }
    }
}

#[cfg(test)]
mod tests {
    use multer::Multipart;

    use super::*;

    async fn first_field(body: &[u8]) -> Result<Option<String>, String> {
        let (send, pieces) = mpsc::channel(1);
        let unread = Unread::default();
        let parts = Parts::new(pieces, unread.clone());
        let body: Vec<Bytes> = body.chunks(16 * 1024).map(Bytes::copy_from_slice).collect();
        let feeding = tokio::spawn(async move {
            for piece in body {
                if send.send(Some(piece)).await.is_err() {
                    return;
                }
            }
            let _ = send.send(None).await;
        });
        let mut form = Multipart::new(parts, "b");
        let field = form.next_field().await;
        let name = field.map(|field| field.and_then(|f| f.name().map(str::to_owned)));
        drop(form);
        feeding.await.unwrap();
        name.map_err(|error| match error {
            multer::Error::StreamReadFailed(error) => error.to_string(),
            error => error.to_string(),
        })
    }

    #[tokio::test]
    async fn a_form_is_read() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--\r\n";
        assert_eq!(first_field(body).await, Ok(Some("x".into())));
    }

    #[tokio::test]
    async fn a_head_without_end_fills_no_memory() {
        let mut endless = b"--b\r\nContent-Disposition: form-data; name=\"".to_vec();
        endless.resize(4 * 1024 * 1024, b'a');
        let error = first_field(&endless).await.unwrap_err();
        assert_eq!(error, "the body is no form with files");
        // Nor one that never begins.
        let error = first_field(&vec![b'-'; 4 * 1024 * 1024]).await.unwrap_err();
        assert_eq!(error, "the body is no form with files");
    }
}
