-- How often something may be downloaded. Part of the plugin contract: changes only by addition.
CREATE TABLE download_rules (
    plugin TEXT NOT NULL,
    -- The plugin's own name for what is given out.
    key TEXT NOT NULL,
    -- How many downloads in all; NULL: any number.
    most BIGINT,
    -- Complete ones so far.
    taken BIGINT NOT NULL,
    -- Grants that are neither complete nor given back.
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    -- From then on nothing new is granted.
    expires_at BIGINT,
    open BOOLEAN NOT NULL,
    PRIMARY KEY (plugin, key)
);

-- Grants: the right to download one file once. Part of the plugin contract: changes only by addition.
CREATE TABLE downloads (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of what the link carries.
    token_hash TEXT NOT NULL,
    plugin TEXT NOT NULL,
    key TEXT NOT NULL,
    blob TEXT NOT NULL,
    -- What the file is called when it is saved.
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- 0 reserved, 1 streaming, 2 committed, 3 released.
    state SMALLINT NOT NULL,
    -- On the database's clock: a grant that nobody uses until then is over.
    lease_until BIGINT NOT NULL,
    -- Which process answered last.
    instance BIGINT NOT NULL,
    -- How many answers with bytes were begun; each has its number.
    epoch BIGINT NOT NULL,
    -- Who came first: by trusted proxies only.
    address TEXT,
    agent TEXT,
    -- The plugin's own, in JSON.
    meta TEXT NOT NULL,
    -- What was sent, as merged ranges in JSON.
    covered TEXT NOT NULL,
    -- What answers under way, or cut off by a crash, may have sent besides, in JSON.
    claimed TEXT NOT NULL,
    -- Bytes handed to connections; what was sent twice counts twice.
    sent BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE UNIQUE INDEX downloads_token ON downloads (token_hash);
-- What housekeeping looks for: leases that are over.
CREATE INDEX downloads_live ON downloads (lease_until) WHERE state IN (0, 1);
-- What a rule that goes away ends.
CREATE INDEX downloads_rule ON downloads (plugin, key) WHERE state IN (0, 1);
-- A file with a live grant stays.
CREATE INDEX downloads_blob ON downloads (blob) WHERE state IN (0, 1);
CREATE INDEX downloads_ended ON downloads (ended_at) WHERE ended_at IS NOT NULL;
