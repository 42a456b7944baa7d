DROP TABLE uploads;
DROP TABLE upload_grants;
DROP TABLE blob_chunks;
ALTER TABLE blobs DROP COLUMN chunks;
