//! Where the bytes lie: a folder, or a bucket.
//!
//! A file's place follows from its id alone. Whatever is unfinished there can be found again: in a
//! folder it has the place's name with `#1` behind it, in a bucket the id of its multipart upload,
//! which the row keeps.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, StreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::local::LocalFileSystem;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, GetResultPayload, MultipartUpload, ObjectStore as _, ObjectStoreExt as _,
    PutPayload, RetryConfig,
};

use super::{BlobError, http, room};
use crate::config::{self, BlobPlace};

/// What is read at once of a file in a folder.
const PIECE: u64 = 128 * 1024;
/// How long one request to a bucket is tried again: somebody waits for it.
const RETRY: Duration = Duration::from_secs(10);
/// Parts of a file in a folder.
const FOLDER_PART: usize = 256 * 1024;
/// Parts of a file in a bucket, which takes at most 10,000 of at least 5 MiB: so 78 GiB. Source:
/// Amazon S3, "Multipart upload limits".
const S3_PART: usize = 8 * 1024 * 1024;

pub(super) enum Store {
    Folder {
        files: LocalFileSystem,
        root: PathBuf,
        reserve: u64,
    },
    S3 {
        bucket: Arc<AmazonS3>,
        prefix: Path,
    },
}

/// A file on its way into the store.
pub(super) enum Part {
    Folder(Box<dyn MultipartUpload>),
    S3 {
        bucket: Arc<AmazonS3>,
        path: Path,
        upload: Option<String>,
        parts: Vec<PartId>,
    },
}

impl Store {
    pub(super) fn open(config: &config::Blobs) -> Result<Self, BlobError> {
        match &config.place {
            BlobPlace::Folder(root) => {
                make_folder(root).map_err(|error| {
                    BlobError::Wrong(format!(
                        "the folder of BLOB_URL, {}: {error}",
                        root.display()
                    ))
                })?;
                // What is told to be stored is on the disk, as rows are.
                let files = LocalFileSystem::new_with_prefix(root).map_err(BlobError::Store)?;
                Ok(Self::Folder {
                    files: files.with_fsync(true),
                    root: root.clone(),
                    reserve: config.reserve_bytes,
                })
            }
            BlobPlace::S3(s3) => Ok(Self::S3 {
                bucket: Arc::new(bucket(s3)?),
                prefix: Path::from(s3.prefix.as_str()),
            }),
        }
    }

    /// How many bytes one part has.
    pub(super) fn part_size(&self) -> usize {
        match self {
            Self::Folder { .. } => FOLDER_PART,
            Self::S3 { .. } => S3_PART,
        }
    }

    fn path(&self, id: &str) -> Path {
        // Folders of thousands, not of millions.
        let shelf = id.get(..2).unwrap_or(id);
        match self {
            Self::Folder { .. } => Path::from_iter([shelf, id]),
            Self::S3 { prefix, .. } => prefix.clone().join(shelf).join(id),
        }
    }

    /// Is there room for so many bytes more?
    pub(super) async fn check_room(&self, bytes: u64) -> Result<(), BlobError> {
        match self {
            Self::Folder { root, reserve, .. } => {
                room::check(root.clone(), reserve.saturating_add(bytes)).await
            }
            Self::S3 { .. } => Ok(()),
        }
    }

    pub(super) async fn begin(&self, id: &str) -> Result<Part, BlobError> {
        let path = self.path(id);
        Ok(match self {
            Self::Folder { files, .. } => {
                let files = files.clone();
                // It makes the folder and the file where it is polled, and waits for nothing.
                let begin = move || files.put_multipart(&path).now_or_never();
                let begun = tokio::task::spawn_blocking(begin).await.ok().flatten();
                let begun =
                    begun.ok_or_else(|| BlobError::Wrong("a file cannot be begun".into()))?;
                Part::Folder(begun.map_err(fault)?)
            }
            Self::S3 { bucket, .. } => Part::S3 {
                bucket: Arc::clone(bucket),
                path,
                upload: None,
                parts: Vec::new(),
            },
        })
    }

    pub(super) async fn read(
        &self,
        id: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let path = self.path(id);
        let got = match self {
            Self::Folder { files, .. } => files.get_opts(&path, options).await,
            Self::S3 { bucket, .. } => bucket.get_opts(&path, options).await,
        };
        let got = got.map_err(|error| match error {
            object_store::Error::NotFound { .. } => BlobError::Gone,
            error => fault(error),
        })?;
        let range = got.range.clone();
        Ok(match got.payload {
            GetResultPayload::File(file, _) => pieces(file, range),
            GetResultPayload::Stream(stream) => stream.map(|part| part.map_err(fault)).boxed(),
        })
    }

    /// Deletes whatever there is of a file; nothing is fine, too.
    pub(super) async fn delete(&self, id: &str, upload: Option<&str>) -> Result<(), BlobError> {
        let path = self.path(id);
        match self {
            Self::Folder { files, root, .. } => {
                gone_is_fine(files.delete(&path).await)?;
                remove_unfinished(root.join(format!("{path}#1"))).await
            }
            Self::S3 { bucket, .. } => {
                if let Some(upload) = upload {
                    let upload = upload.to_owned();
                    gone_is_fine(bucket.abort_multipart(&path, &upload).await)?;
                }
                gone_is_fine(bucket.delete(&path).await)
            }
        }
    }
}

impl Part {
    /// The store's id of the upload, once it has one: the row keeps it before any part is sent.
    pub(super) async fn named(&mut self) -> Result<Option<String>, BlobError> {
        match self {
            Self::S3 {
                bucket,
                path,
                upload: upload @ None,
                ..
            } => {
                let id = bucket.create_multipart(path).await.map_err(fault)?;
                *upload = Some(id.clone());
                Ok(Some(id))
            }
            _ => Ok(None),
        }
    }

    /// Writes the next part.
    pub(super) async fn put(&mut self, part: Bytes) -> Result<(), BlobError> {
        match self {
            Self::Folder(file) => file.put_part(PutPayload::from(part)).await.map_err(fault),
            Self::S3 {
                bucket,
                path,
                upload,
                parts,
            } => {
                let upload = upload.as_ref().ok_or(BlobError::Gone)?;
                let sent = bucket.put_part(path, upload, parts.len(), PutPayload::from(part));
                parts.push(sent.await.map_err(fault)?);
                Ok(())
            }
        }
    }

    /// Writes the last part and makes the whole file appear.
    pub(super) async fn finish(&mut self, last: Bytes) -> Result<(), BlobError> {
        if let Self::S3 {
            bucket,
            path,
            upload: None,
            ..
        } = self
        {
            let put = bucket.put(path, PutPayload::from(last)).await;
            return put.map(drop).map_err(fault);
        }
        if !last.is_empty() {
            self.put(last).await?;
        }
        match self {
            Self::Folder(file) => file.complete().await.map(drop).map_err(fault),
            Self::S3 {
                bucket,
                path,
                upload,
                parts,
            } => {
                let upload = upload.as_ref().ok_or(BlobError::Gone)?;
                let parts = std::mem::take(parts);
                let done = bucket.complete_multipart(path, upload, parts).await;
                done.map(drop).map_err(fault)
            }
        }
    }
}

fn bucket(s3: &config::S3) -> Result<AmazonS3, BlobError> {
    let mut builder = AmazonS3Builder::new()
        .with_http_connector(http::Connector)
        .with_retry(RetryConfig {
            max_retries: 2,
            retry_timeout: RETRY,
            ..RetryConfig::default()
        })
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region);
    if let Some(endpoint) = &s3.endpoint {
        builder = builder
            .with_endpoint(endpoint)
            .with_allow_http(endpoint.starts_with("http://"));
    }
    if let (Some(id), Some(secret)) = (&s3.access_key, &s3.secret_key) {
        builder = builder
            .with_access_key_id(id.expose())
            .with_secret_access_key(secret.expose());
    }
    builder.build().map_err(BlobError::Store)
}

/// For our own user alone.
fn make_folder(root: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if root.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(root)
}

/// A file's bytes as they are asked for: whoever reads slowly holds one piece.
fn pieces(file: std::fs::File, range: Range<u64>) -> BoxStream<'static, Result<Bytes, BlobError>> {
    let state = (Some(file), range);
    let next = |(file, range): (Option<std::fs::File>, Range<u64>)| async move {
        let file = file?;
        if range.is_empty() {
            return None;
        }
        let read = tokio::task::spawn_blocking(move || {
            let length = PIECE.min(range.end - range.start);
            let mut piece = vec![0; usize::try_from(length).unwrap_or_default()];
            let read = std::os::unix::fs::FileExt::read_exact_at(&file, &mut piece, range.start);
            (read.map(|()| piece), file, range.start + length..range.end)
        });
        Some(match read.await {
            Ok((Ok(piece), file, rest)) => (Ok(Bytes::from(piece)), (Some(file), rest)),
            Ok((Err(error), _, rest)) => (Err(broken(error)), (None, rest)),
            Err(error) => (Err(broken(error)), (None, 0..0)),
        })
    };
    stream::unfold(state, next).boxed()
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> BlobError {
    BlobError::Store(object_store::Error::Generic {
        store: "folder",
        source: Box::new(error),
    })
}

/// A full disk has an answer of its own.
fn fault(error: object_store::Error) -> BlobError {
    if room::is_full(&error) {
        BlobError::NoRoom
    } else {
        BlobError::Store(error)
    }
}

fn gone_is_fine(result: object_store::Result<()>) -> Result<(), BlobError> {
    match result {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(BlobError::Store(error)),
    }
}

async fn remove_unfinished(file: PathBuf) -> Result<(), BlobError> {
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_file(file)).await;
    match removed {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Ok(Err(error)) => Err(broken(error)),
        Err(error) => Err(broken(error)),
    }
}
