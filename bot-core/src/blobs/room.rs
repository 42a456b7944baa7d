//! Is the disk full?

use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;

use nix::sys::statvfs::statvfs;

use super::BlobError;

/// Refuses when the disk has less room than `reserve`.
pub(super) async fn check(root: PathBuf, reserve: u64) -> Result<(), BlobError> {
    // A folder somewhere on the network may take its time.
    let looked = tokio::task::spawn_blocking(move || statvfs(&root)).await;
    match looked {
        Ok(Ok(disk)) => {
            let free = u128::from(disk.blocks_available()) * u128::from(disk.fragment_size());
            if free < u128::from(reserve) {
                return Err(BlobError::NoRoom);
            }
        }
        Ok(Err(error)) => tracing::warn!(%error, "how much room the blob folder has is not known"),
        Err(error) => tracing::warn!(%error, "how much room the blob folder has is not known"),
    }
    Ok(())
}

/// Does an error come from a disk or a quota without room?
pub(super) fn is_full(error: &(dyn Error + 'static)) -> bool {
    let mut error = Some(error);
    while let Some(this) = error {
        if let Some(io) = this.downcast_ref::<std::io::Error>()
            && matches!(
                io.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
            )
        {
            return true;
        }
        error = this.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_disk_that_has_too_little_left_takes_nothing() {
        let here = PathBuf::from(".");
        assert!(check(here.clone(), 0).await.is_ok());
        let refused = check(here, u64::MAX).await;
        assert!(matches!(refused, Err(BlobError::NoRoom)));
    }

    #[test]
    fn a_full_disk_is_told_from_other_faults() {
        let of = |kind: ErrorKind| object_store::Error::Generic {
            store: "folder",
            source: Box::new(object_store::Error::Generic {
                store: "folder",
                source: Box::new(std::io::Error::from(kind)),
            }),
        };
        assert!(is_full(&of(ErrorKind::StorageFull)));
        assert!(is_full(&of(ErrorKind::QuotaExceeded)));
        assert!(!is_full(&of(ErrorKind::PermissionDenied)));
    }
}
