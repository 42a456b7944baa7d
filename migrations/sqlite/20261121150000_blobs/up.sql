-- Files: the bytes lie in the blob store under the id, here is whose they are.
CREATE TABLE blobs (
    id TEXT PRIMARY KEY,
    plugin TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- In hexadecimal; empty until the last byte is there.
    sha256 TEXT NOT NULL,
    -- 0 uploading, 1 ready, 2 being deleted.
    state SMALLINT NOT NULL,
    -- The store's own id of an unfinished upload, to end it after a crash.
    upload TEXT,
    -- Who uploaded it; NULL when the plugin itself wrote it.
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    -- When its upload was last seen alive.
    touched_at BIGINT NOT NULL,
    -- NULL: kept until its plugin deletes it.
    expires_at BIGINT
);
-- What housekeeping looks for: unfinished and half deleted ones, and expired ones.
CREATE INDEX blobs_state ON blobs (state, touched_at);
CREATE INDEX blobs_expiry ON blobs (expires_at) WHERE expires_at IS NOT NULL;
