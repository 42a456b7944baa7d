//! Where files are kept.

use super::{BlobPlace, Blobs, S3, Secret};

/// The settings as they were written.
pub(super) struct Raw {
    pub(super) url: String,
    pub(super) reserve_mb: u64,
    pub(super) region: String,
    pub(super) endpoint: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
}

pub(super) fn check(raw: Raw, fault: &mut dyn FnMut(String)) -> Blobs {
    let reserve_bytes = raw.reserve_mb.saturating_mul(1024 * 1024);
    let place = match raw.url.strip_prefix("s3://") {
        Some(rest) => BlobPlace::S3(s3(rest, &raw, fault)),
        None => BlobPlace::Folder(folder(&raw.url, fault).into()),
    };
    Blobs {
        place,
        reserve_bytes,
    }
}

/// `data/blobs`, or `file:data/blobs` as with databases.
fn folder<'r>(url: &'r str, fault: &mut dyn FnMut(String)) -> &'r str {
    let path = url.strip_prefix("file:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains("://") {
        fault("BLOB_URL must be a folder, or s3://bucket/prefix".into());
    }
    path
}

fn s3(rest: &str, raw: &Raw, fault: &mut dyn FnMut(String)) -> S3 {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_matches('/');
    // Source: Amazon S3, "General purpose bucket naming rules".
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
    if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(legal) {
        fault("BLOB_URL must name its bucket as in s3://bucket/prefix".into());
    }
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    let parts = prefix.split('/');
    if !prefix.is_empty()
        && (!prefix.bytes().all(legal)
            || parts
                .into_iter()
                .any(|part| matches!(part, "" | "." | "..")))
    {
        fault("BLOB_URL may have a prefix of A-Z a-z 0-9 - _ . and / after the bucket".into());
    }
    let endpoint = raw.endpoint.trim_end_matches('/');
    if !endpoint.is_empty() && !endpoint.starts_with("https://") && !endpoint.starts_with("http://")
    {
        fault("AWS_ENDPOINT_URL must start with https:// or http://".into());
    }
    if raw.access_key.is_empty() != raw.secret_key.is_empty() {
        fault("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: both or neither".into());
    }
    let secret = |text: &str| (!text.is_empty()).then(|| Secret::new(text));
    S3 {
        bucket: bucket.to_string(),
        prefix: prefix.to_string(),
        region: raw.region.clone(),
        endpoint: (!endpoint.is_empty()).then(|| endpoint.to_string()),
        access_key: secret(&raw.access_key),
        secret_key: secret(&raw.secret_key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, more: &[(&str, &str)]) -> Result<Blobs, Vec<String>> {
        let get = |name: &str| {
            let found = more.iter().find(|(key, _)| *key == name);
            found.map_or(String::new(), |(_, value)| (*value).to_owned())
        };
        let raw = Raw {
            url: url.into(),
            reserve_mb: 1,
            region: "eu-central-1".into(),
            endpoint: get("endpoint"),
            access_key: get("access_key"),
            secret_key: get("secret_key"),
        };
        let mut faults = Vec::new();
        let blobs = check(raw, &mut |fault| faults.push(fault));
        if faults.is_empty() {
            Ok(blobs)
        } else {
            Err(faults)
        }
    }

    #[test]
    fn a_folder_is_written_with_or_without_a_scheme() {
        for url in ["data/blobs", "file:data/blobs", "file://data/blobs"] {
            let blobs = read(url, &[]).unwrap();
            assert_eq!(blobs.place, BlobPlace::Folder("data/blobs".into()), "{url}");
            assert_eq!(blobs.reserve_bytes, 1024 * 1024);
        }
        let absolute = read("file:///var/lib/vahta", &[]).unwrap().place;
        assert_eq!(absolute, BlobPlace::Folder("/var/lib/vahta".into()));
    }

    #[test]
    fn a_bucket_may_have_a_prefix_and_a_server_of_its_own() {
        let place = |url: &str, more: &[(&str, &str)]| match read(url, more).unwrap().place {
            BlobPlace::S3(s3) => s3,
            BlobPlace::Folder(folder) => panic!("{folder:?}"),
        };
        let s3 = place("s3://files", &[]);
        assert_eq!((s3.bucket.as_str(), s3.prefix.as_str()), ("files", ""));
        assert_eq!(s3.endpoint, None);
        let endpoint = ("endpoint", "http://127.0.0.1:9000/");
        let keys = [endpoint, ("access_key", "id"), ("secret_key", "hunter2")];
        let s3 = place("s3://files/vahta/prod/", &keys);
        assert_eq!(s3.prefix, "vahta/prod");
        assert_eq!(s3.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert!(!format!("{s3:?}").contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_a_place_is_refused_without_being_printed() {
        for url in [
            "",
            "file:",
            "https://hunter2@files",
            "s3://",
            "s3://UP",
            "s3://id:hunter2@files/x",
            "s3://files/../hunter2",
            "s3://files/a//hunter2",
        ] {
            let faults = read(url, &[]).expect_err(url);
            assert!(!faults.join(" ").contains("hunter2"), "{faults:?}");
        }
        let half = [("access_key", "id"), ("endpoint", "hunter2")];
        let faults = read("s3://files", &half).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
