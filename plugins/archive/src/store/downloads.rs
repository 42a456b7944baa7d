//! Who took an archive.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn};

use super::schema::archive_downloads::dsl;
use crate::archive::{ArchiveId, Download};

/// Downloads on either connection.
#[async_trait::async_trait]
pub trait DownloadRows {
    /// False when it was written down before.
    async fn put_download(&mut self, download: &Download) -> Result<bool, DbError>;

    /// The newest first.
    async fn downloads(&mut self, archive: ArchiveId, most: i64) -> Result<Vec<Download>, DbError>;

    /// How many took all of it.
    async fn taken(&mut self, archive: ArchiveId) -> Result<i64, DbError>;

    /// Whole downloads since then: when each ended.
    async fn ended(&mut self, archive: ArchiveId, since: Micros) -> Result<Vec<i64>, DbError>;

    /// Where whole downloads came from, the most frequent first.
    async fn referers(
        &mut self,
        archive: ArchiveId,
        most: usize,
    ) -> Result<Vec<(String, i64)>, DbError>;
}

macro_rules! download_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl DownloadRows for $conn {
            async fn put_download(&mut self, download: &Download) -> Result<bool, DbError> {
                let put = diesel::insert_into(dsl::archive_downloads)
                    .values(download)
                    .on_conflict(dsl::grant_id)
                    .do_nothing();
                Ok(put.execute(self).await? > 0)
            }

            async fn downloads(
                &mut self,
                archive: ArchiveId,
                most: i64,
            ) -> Result<Vec<Download>, DbError> {
                let query = dsl::archive_downloads
                    .filter(dsl::archive_id.eq(archive.0))
                    .order((dsl::ended_at.desc(), dsl::id.desc()))
                    .limit(most)
                    .select(Download::as_select());
                Ok(query.load(self).await?)
            }

            async fn taken(&mut self, archive: ArchiveId) -> Result<i64, DbError> {
                let query = dsl::archive_downloads
                    .filter(dsl::archive_id.eq(archive.0))
                    .filter(dsl::is_whole.eq(true));
                Ok(query.count().get_result(self).await?)
            }

            async fn ended(
                &mut self,
                archive: ArchiveId,
                since: Micros,
            ) -> Result<Vec<i64>, DbError> {
                let query = dsl::archive_downloads
                    .filter(dsl::archive_id.eq(archive.0))
                    .filter(dsl::is_whole.eq(true))
                    .filter(dsl::ended_at.ge(since.0))
                    .select(dsl::ended_at);
                Ok(query.load(self).await?)
            }

            async fn referers(
                &mut self,
                archive: ArchiveId,
                most: usize,
            ) -> Result<Vec<(String, i64)>, DbError> {
                let query = dsl::archive_downloads
                    .filter(dsl::archive_id.eq(archive.0))
                    .filter(dsl::is_whole.eq(true))
                    .group_by(dsl::referer)
                    .select((dsl::referer, diesel::dsl::count_star()));
                let counted: Vec<(String, i64)> = query.load(self).await?;
                Ok(by_host(counted, most))
            }
        }
    };
}
download_rows!(SqliteConn);
download_rows!(PgConn);

/// `https://example.org/a` and `https://example.org/b` are one place.
fn by_host(counted: Vec<(String, i64)>, most: usize) -> Vec<(String, i64)> {
    let mut hosts = BTreeMap::<String, i64>::new();
    for (referer, count) in counted {
        *hosts.entry(host(&referer)).or_default() += count;
    }
    let mut hosts: Vec<_> = hosts.into_iter().collect();
    hosts.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    hosts.truncate(most);
    hosts
}

/// Nothing for a link that was typed, or opened from a message. Source: RFC 3986, section 3.2.
fn host(referer: &str) -> String {
    let rest = referer.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_one_host_are_one_place() {
        let counted = vec![
            ("https://a.example/x".to_owned(), 2),
            ("https://A.example/y?z".to_owned(), 3),
            ("http://b.example:8080".to_owned(), 4),
            (String::new(), 1),
        ];
        let hosts = by_host(counted, 2);
        let wanted = [("a.example", 5), ("b.example:8080", 4)];
        assert_eq!(hosts, wanted.map(|(host, n)| (host.to_owned(), n)));
        assert_eq!(host("javascript:alert(1)"), "");
        assert_eq!(host("https://ada:secret@c.example/"), "c.example");
    }
}
