CREATE TABLE archive_archives (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Who made it: bot_users.id, and as they were called then.
    owner BIGINT NOT NULL,
    owner_name TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- 0 collecting, 1 building, 2 ready, 3 failed, 4 cancelled, 5 revoked, 6 expired
    state SMALLINT NOT NULL,
    -- Of the short link.
    token TEXT NOT NULL UNIQUE,
    -- Argon2id, in PHC's form.
    password TEXT,
    -- The ZIP's own; forgotten when it is built.
    zip_password TEXT,
    is_encrypted BOOLEAN NOT NULL,
    lifetime_s BIGINT NOT NULL,
    most_downloads INTEGER,
    -- Bytes of the build, and which file it is at.
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    -- Why it failed: a code, and the file that it is about.
    fault TEXT,
    fault_about TEXT,
    -- The ZIP.
    blob TEXT,
    size BIGINT NOT NULL,
    -- Where it is collected, and the message that shows it.
    chat_id BIGINT,
    thread_id INTEGER,
    message_id INTEGER,
    source_message_id BIGINT,
    language TEXT NOT NULL,
    -- An album whose parts may still come.
    album TEXT,
    album_at BIGINT NOT NULL,
    -- Where browsers bring files, for as long as it is collected.
    upload_path TEXT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    ready_at BIGINT,
    expires_at BIGINT,
    version INTEGER NOT NULL,
    UNIQUE (chat_id, source_message_id)
);
CREATE INDEX archive_archives_owner ON archive_archives (owner, id DESC);
CREATE INDEX archive_archives_state ON archive_archives (state, changed_at);

CREATE TABLE archive_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    archive_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- What makes it this file: Telegram's unique id, or an upload's hash and path.
    source TEXT NOT NULL,
    -- Telegram's, until it is fetched.
    file_id TEXT,
    media_type TEXT NOT NULL,
    blob TEXT,
    modified_at BIGINT NOT NULL,
    UNIQUE (archive_id, source)
);

-- Links with which people without an account bring files.
CREATE TABLE archive_requests (
    archive_id BIGINT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    -- The core's way in.
    path TEXT NOT NULL
);

CREATE TABLE archive_downloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    archive_id BIGINT NOT NULL,
    -- The core's number: its job may come twice.
    grant_id BIGINT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    referer TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    is_whole BOOLEAN NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL
);
CREATE INDEX archive_downloads_archive ON archive_downloads (archive_id, ended_at);

-- Wrong passwords: by archive, and by archive and address.
CREATE TABLE archive_tries (
    what TEXT PRIMARY KEY,
    wrong INTEGER NOT NULL,
    wait_until BIGINT NOT NULL
);
