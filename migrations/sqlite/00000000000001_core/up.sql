-- Instants are microseconds since 1970 UTC. Enumerations are small integers, named in the code.

-- Server processes and their heartbeats on the database's clock: a row claimed by an instance
-- whose heartbeat is old may be claimed again.
CREATE TABLE instances (
    id BIGINT PRIMARY KEY,
    host TEXT NOT NULL,
    pid BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    heartbeat_at BIGINT NOT NULL
);

-- The durable inbox. The raw body is blanked when the update is done.
CREATE TABLE updates (
    id BIGINT PRIMARY KEY,
    chat_key BIGINT NOT NULL,
    kind TEXT NOT NULL,
    raw BLOB NOT NULL,
    state SMALLINT NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    received_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX updates_open ON updates (chat_key, id) WHERE state = 0;
CREATE INDEX updates_kept ON updates (state, id) WHERE state > 1;
CREATE INDEX updates_done ON updates (done_at) WHERE state = 1;

CREATE TABLE bot_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    telegram_id BIGINT UNIQUE,
    username TEXT,
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT,
    language TEXT,
    time_zone TEXT NOT NULL DEFAULT 'UTC',
    refusals INTEGER NOT NULL DEFAULT 0,
    -- The update that was refused last: running it again does not count twice.
    refused_update BIGINT,
    -- What the command menu of this person's private chat holds now.
    menu_hash BIGINT,
    blocked_at BIGINT,
    block_reason TEXT,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);
CREATE INDEX bot_users_username ON bot_users (lower(username));
CREATE INDEX bot_users_blocked ON bot_users (id) WHERE blocked_at IS NOT NULL;

CREATE TABLE chats (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT,
    username TEXT,
    disabled_at BIGINT,
    disabled_reason TEXT,
    migrated_to BIGINT,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);

-- A role is a set of permission keys; `builtin` roles cannot be deleted.
CREATE TABLE roles (
    name TEXT PRIMARY KEY,
    builtin BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE role_keys (
    role TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    permission TEXT NOT NULL,
    PRIMARY KEY (role, permission)
);
-- Permission keys ever announced by core or a manifest: a key's default roles are given once, when
-- it is new, so that what an admin took away stays away.
CREATE TABLE permissions (
    name TEXT PRIMARY KEY,
    plugin TEXT NOT NULL,
    first_seen BIGINT NOT NULL
);
-- chat_id 0 is everywhere (NULL would escape the unique index).
CREATE TABLE grants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES bot_users (id) ON DELETE CASCADE,
    role TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    chat_id BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT,
    granted_by BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, role, chat_id)
);

-- One-time tokens: only their SHA-256 is kept.
CREATE TABLE link_tokens (
    hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    used_by BIGINT
);
CREATE INDEX link_tokens_open ON link_tokens (purpose) WHERE used_at IS NULL;

-- Dialogs: at most one open a person and chat.
CREATE TABLE user_sessions (
    chat_id BIGINT NOT NULL,
    telegram_id BIGINT NOT NULL,
    plugin TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (chat_id, telegram_id)
);
CREATE INDEX user_sessions_expiry ON user_sessions (expires_at);

CREATE TABLE message_logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    outgoing BOOLEAN NOT NULL,
    chat_id BIGINT NOT NULL,
    telegram_id BIGINT,
    message_id BIGINT,
    update_id BIGINT,
    kind TEXT NOT NULL,
    text TEXT,
    meta TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX message_logs_chat ON message_logs (chat_id, id);

CREATE TABLE api_logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    method TEXT NOT NULL,
    chat_id BIGINT,
    plugin TEXT NOT NULL,
    lane SMALLINT NOT NULL,
    status INTEGER NOT NULL,
    error TEXT,
    attempt INTEGER NOT NULL,
    waited_us BIGINT NOT NULL,
    elapsed_us BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- Part of the plugin contract: changes only by addition.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dedup_key TEXT NOT NULL UNIQUE,
    plugin TEXT NOT NULL,
    chat_id BIGINT NOT NULL,
    method TEXT NOT NULL,
    payload TEXT NOT NULL,
    lane SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    owner BIGINT,
    epoch INTEGER NOT NULL,
    message_id BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX outbox_queued ON outbox (due_at, id) WHERE state = 0;
CREATE INDEX outbox_sent ON outbox (created_at) WHERE state = 1;

-- Part of the plugin contract: changes only by addition.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plugin TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    unique_key TEXT,
    priority SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    owner BIGINT,
    epoch INTEGER NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX jobs_ready ON jobs (priority DESC, id) WHERE state = 0;
CREATE INDEX jobs_running ON jobs (owner) WHERE state = 1;
CREATE INDEX jobs_scheduled ON jobs (due_at) WHERE state = 5;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state IN (2, 4);
CREATE UNIQUE INDEX jobs_unique ON jobs (plugin, unique_key) WHERE state IN (0, 1, 5);

-- Part of the plugin contract: changes only by addition.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    xid BIGINT NOT NULL DEFAULT 0,
    topic TEXT NOT NULL,
    object TEXT NOT NULL,
    payload TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX events_order ON events (xid, id);

-- Every administrative act. `correlation` ties it to the update or request that caused it.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    actor BIGINT,
    source TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    correlation TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- What every process converges to, and what it last reported.
CREATE TABLE plugins (
    name TEXT PRIMARY KEY,
    enabled BOOLEAN NOT NULL,
    generation BIGINT NOT NULL,
    sha256 TEXT,
    settings TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
