-- Browsers that are logged in. The id is in the cookie; here is only its SHA-256.
CREATE TABLE web_sessions (
    hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES bot_users (id),
    -- How it came to be: "link", "password", "mini_app".
    login TEXT NOT NULL,
    user_agent TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    -- Absolute; idle expiry follows from seen_at.
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX web_sessions_user ON web_sessions (user_id, seen_at);
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);
