-- Keys of programs. The secret is shown once; here is only its SHA-256.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES bot_users (id),
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    -- A JSON list of permission keys.
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at);

-- What was answered to a POST with an Idempotency-Key: asked again, the same is answered.
CREATE TABLE idempotency_keys (
    -- Whose it is and the key as it was sent, hashed together.
    hash TEXT PRIMARY KEY,
    -- SHA-256 of method, path and body.
    request TEXT NOT NULL,
    -- NULL while the first request runs.
    status INTEGER,
    answer TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
