-- Files that come in parts: whoever holds a grant's token brings them, in as many requests as it
-- takes, to whichever process answers.

-- How many parts a file has; 0: it is one thing in the store, under its id.
ALTER TABLE blobs ADD COLUMN chunks INTEGER NOT NULL DEFAULT 0;

-- One part: a thing of its own in the store.
CREATE TABLE blob_chunks (
    -- Its name there.
    object TEXT PRIMARY KEY,
    blob TEXT NOT NULL,
    -- Where it begins in the file.
    start BIGINT NOT NULL,
    size BIGINT NOT NULL,
    -- 0 being written, 1 whole, 2 on its way out.
    state SMALLINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX blob_chunks_blob ON blob_chunks (blob, start);
CREATE INDEX blob_chunks_state ON blob_chunks (state, created_at);

-- The right to bring files to a plugin.
CREATE TABLE upload_grants (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash TEXT NOT NULL,
    -- Whose files they will be.
    plugin TEXT NOT NULL,
    -- The plugin's own name for what they are for.
    key TEXT NOT NULL,
    max_bytes BIGINT NOT NULL,
    max_files INTEGER NOT NULL,
    -- A JSON list; empty: every kind.
    media_types TEXT NOT NULL,
    -- In whose name the files come, where that is known.
    user_id BIGINT,
    -- The plugin's own, in JSON; it comes back with each file.
    meta TEXT NOT NULL,
    -- 0 open, 1 revoked.
    state SMALLINT NOT NULL,
    -- Reserved by files under way, and used by those that are whole.
    taken_bytes BIGINT NOT NULL,
    taken_files INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX upload_grants_token ON upload_grants (token_hash);
CREATE INDEX upload_grants_key ON upload_grants (plugin, key);
CREATE INDEX upload_grants_expiry ON upload_grants (expires_at);

-- One file on its way, and for a while after it arrived.
CREATE TABLE uploads (
    -- Of its blob, too.
    id TEXT PRIMARY KEY,
    grant_id BIGINT NOT NULL,
    -- With the folders that it comes from, cleaned.
    path TEXT NOT NULL,
    -- NULL: said by its end.
    length BIGINT,
    -- What of the grant's bytes is its.
    reserved BIGINT NOT NULL,
    -- What has arrived.
    size BIGINT NOT NULL,
    chunks INTEGER NOT NULL,
    -- Of SHA-256 after so many bytes, in hexadecimal.
    sha TEXT NOT NULL,
    -- Raised by whoever goes on with it; nobody else may add to it then.
    epoch INTEGER NOT NULL,
    -- 0 under way, 1 whole.
    state SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Under way: when it is given up. Whole: when nobody asks for it any more.
    expires_at BIGINT NOT NULL
);
CREATE INDEX uploads_grant ON uploads (grant_id);
CREATE INDEX uploads_expiry ON uploads (state, expires_at);
