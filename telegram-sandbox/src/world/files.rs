//! Uploaded files, in memory, bounded: the oldest go first.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use crate::params::Upload;
use crate::types::PhotoSize;

/// Bytes kept, all together.
const KEPT_BYTES: usize = 512 << 20;
/// The largest file that `getFile` hands out, as in the cloud.
pub(crate) const DOWNLOADABLE: usize = 20 << 20;

#[derive(Debug, Default)]
pub(crate) struct FileStore {
    next: u64,
    by_id: HashMap<String, Stored>,
    order: VecDeque<String>,
    bytes: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) file_id: String,
    pub(crate) file_unique_id: String,
    /// Where `/file/bot<token>/` finds it.
    pub(crate) path: String,
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) thumbnail: Option<PhotoSize>,
    pub(crate) bytes: Bytes,
    /// Photos are photos for ever, and nothing else becomes one.
    pub(crate) is_photo: bool,
}

impl FileStore {
    /// Forgets the files but not the number of the last: no `file_id` is given twice.
    pub(crate) fn clear(&mut self) {
        *self = Self {
            next: self.next,
            ..Self::default()
        };
    }

    pub(crate) fn start_at(&mut self, first: u64) {
        self.next = self.next.max(first);
    }

    /// Stores a file in a folder ("documents", "photos" …).
    pub(crate) fn put(
        &mut self,
        folder: &str,
        is_photo: bool,
        upload: &Upload,
        thumbnail: Option<PhotoSize>,
    ) -> Stored {
        let name = upload.name.clone();
        // What a file is, its name says; what the part calls itself counts without one.
        let by_name = name.as_deref().and_then(|name| {
            let guess = mime_guess::from_path(name).first_raw()?;
            Some(guess.to_owned())
        });
        let number = self.next;
        self.next += 1;
        let dotted = name
            .as_deref()
            .and_then(|name| name.rsplit_once('.'))
            .map(|(_, extension)| extension)
            .filter(|ext| ext.len() <= 8 && ext.chars().all(|c| c.is_ascii_alphanumeric()));
        let extension = match dotted {
            Some(extension) => format!(".{extension}"),
            None => String::new(),
        };
        let stored = Stored {
            file_id: format!("BQACAgIAAxkBsandbox{number:08}"),
            file_unique_id: format!("AgADsandbox{number:06}"),
            path: format!("{folder}/file_{number}{extension}"),
            name,
            mime: by_name.or_else(|| upload.mime.clone()),
            thumbnail,
            bytes: upload.bytes.clone(),
            is_photo,
        };
        self.bytes += stored.bytes.len();
        self.order.push_back(stored.file_id.clone());
        self.by_id.insert(stored.file_id.clone(), stored.clone());
        while self.bytes > KEPT_BYTES && self.order.len() > 1 {
            let oldest = self.order.pop_front().and_then(|id| self.by_id.remove(&id));
            self.bytes -= oldest.map_or(0, |file| file.bytes.len());
        }
        stored
    }

    pub(crate) fn get(&self, file_id: &str) -> Option<&Stored> {
        self.by_id.get(file_id)
    }

    /// A file by its `file_path`; its number says which it is, so no index is needed.
    pub(crate) fn at_path(&self, path: &str) -> Option<&Stored> {
        let number = path.rsplit_once("/file_")?.1;
        let number: u64 = number.split('.').next()?.parse().ok()?;
        self.by_id
            .get(&format!("BQACAgIAAxkBsandbox{number:08}"))
            .filter(|file| file.path == path)
    }
}
