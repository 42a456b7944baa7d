DROP TABLE archive_tries;
DROP TABLE archive_downloads;
DROP TABLE archive_requests;
DROP TABLE archive_files;
DROP TABLE archive_archives;
