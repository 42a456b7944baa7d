-- What one person is to be told. Part of the plugin contract: changes only by addition.
CREATE TABLE notices (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT NOT NULL,
    -- Who tells.
    plugin TEXT NOT NULL,
    -- The writer's own name for it: nobody is told the same twice.
    key TEXT NOT NULL,
    -- Such as "task.due".
    kind TEXT NOT NULL,
    -- What it says, in JSON: text (Telegram HTML), keyboard (Telegram's), link (opens it in
    -- Telegram), web_path (opens it on the web).
    body TEXT NOT NULL,
    -- Comes in quiet hours too.
    urgent BOOLEAN NOT NULL,
    -- 0 fresh, 1 offered to open pages, 2 waiting for the end of quiet hours, 3 over.
    state SMALLINT NOT NULL,
    -- When there is something to do; NULL: never again.
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    -- A page has shown it to them.
    shown_at BIGINT,
    -- It became a row of the outbox.
    sent_at BIGINT,
    read_at BIGINT
);
CREATE UNIQUE INDEX notices_key ON notices (user_id, plugin, key);
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
-- What nobody has seen yet can be taken back.
CREATE INDEX notices_waiting ON notices (plugin, key) WHERE due_at IS NOT NULL;
CREATE INDEX notices_user ON notices (user_id, id);
CREATE INDEX notices_unread ON notices (user_id, id) WHERE read_at IS NULL;

-- What people choose for themselves. NULL: as their Telegram says.
ALTER TABLE bot_users ADD COLUMN chosen_language TEXT;

-- Where somebody's notices go, and when not; no row: the defaults.
CREATE TABLE notice_settings (
    user_id BIGINT PRIMARY KEY,
    -- 0 to an open page, else Telegram; 1 Telegram; 2 both.
    whither SMALLINT NOT NULL,
    -- Quiet hours, in minutes after midnight of their own day; both or neither.
    quiet_from SMALLINT,
    quiet_to SMALLINT
);
