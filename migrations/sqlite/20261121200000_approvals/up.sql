-- Somebody asks, others decide. Part of the plugin contract: changes only by addition.
CREATE TABLE approvals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Whose it is: the outcome goes there, as a job.
    plugin TEXT NOT NULL,
    -- The owner's own name for it; one is open at a time.
    key TEXT NOT NULL,
    -- What it is about, in JSON: object, title, detail, link (opens it in Telegram, such as
    -- /task_12), web_path (opens it on the web, such as /p/task/12).
    about TEXT NOT NULL,
    -- Who may decide: whoever holds this key there.
    permission TEXT NOT NULL,
    -- 0: everywhere.
    chat_id BIGINT NOT NULL,
    needed INTEGER NOT NULL CHECK (needed BETWEEN 1 AND 10),
    -- May whoever asked decide as well?
    own_counts BOOLEAN NOT NULL,
    requested_by BIGINT,
    -- 0 open, 1 approved, 2 rejected, 3 expired, 4 withdrawn.
    state SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    decided_at BIGINT,
    decided_by BIGINT,
    -- Raised by each change of what its messages show.
    version BIGINT NOT NULL,
    -- The version that all its messages show, or will by a row of the outbox.
    told_version BIGINT NOT NULL
);
CREATE UNIQUE INDEX approvals_open ON approvals (plugin, key) WHERE state = 0;
-- Whole ones: SQLite takes no partial index for a state that is bound.
CREATE INDEX approvals_state ON approvals (state, id);
CREATE INDEX approvals_due ON approvals (state, expires_at);
CREATE INDEX approvals_untold ON approvals (id) WHERE told_version < version;

CREATE TABLE approval_votes (
    approval_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    -- TRUE approves, FALSE rejects.
    approves BOOLEAN NOT NULL,
    reason TEXT,
    -- "telegram", "web" or "api".
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (approval_id, user_id)
);

-- The message that shows an approval to one of those who may decide.
CREATE TABLE approval_notices (
    approval_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    chat_id BIGINT NOT NULL,
    -- Of the outbox row that wrote or changed the message last.
    dedup_key TEXT NOT NULL,
    -- NULL: not sent yet.
    message_id BIGINT,
    -- The version that the last row shows.
    shown_version BIGINT NOT NULL,
    -- It could not be sent; nobody tries again.
    lost BOOLEAN NOT NULL,
    PRIMARY KEY (approval_id, user_id)
);
