-- One link for each row of audit_log, made after its commit. `mac` covers this link and the one
-- before it under a key that is not in the database, so no link can be changed, taken out or put in
-- without it. `payload` is keyed as well: it tells nothing of a row that was erased.
CREATE TABLE audit_chain (
    position BIGINT PRIMARY KEY,
    audit_id BIGINT NOT NULL UNIQUE,
    payload TEXT NOT NULL,
    mac TEXT NOT NULL,
    linked_at BIGINT NOT NULL
);
