-- Names and passwords for the web; a person may have one.
CREATE TABLE web_passwords (
    user_id BIGINT PRIMARY KEY REFERENCES bot_users (id),
    -- In lower case.
    username TEXT NOT NULL UNIQUE,
    -- Argon2id in the PHC string format.
    hash TEXT NOT NULL,
    set_at BIGINT NOT NULL
);

-- Second factors (RFC 6238).
CREATE TABLE web_totp (
    user_id BIGINT PRIMARY KEY REFERENCES bot_users (id),
    -- "clear:" or "v1:" (encrypted with VAHTA_SECRET) and the secret.
    secret TEXT NOT NULL,
    -- NULL until a first code was right.
    confirmed_at BIGINT,
    -- The time step of the last code that was taken: no code works twice.
    last_step BIGINT NOT NULL
);
CREATE TABLE web_recovery_codes (
    hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES bot_users (id),
    used_at BIGINT
);
CREATE INDEX web_recovery_codes_user ON web_recovery_codes (user_id);

-- Tries to log in, by account, address or both; the key is a hash, for people type passwords into
-- the wrong field.
CREATE TABLE login_attempts (
    key TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    -- Before this instant nothing is tried.
    open_at BIGINT NOT NULL,
    -- How many were turned away since the last try.
    refused BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX login_attempts_age ON login_attempts (last_at);

-- What Telegram signed and was used to log in: it works once.
CREATE TABLE login_proofs (
    hash TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX login_proofs_age ON login_proofs (at);
