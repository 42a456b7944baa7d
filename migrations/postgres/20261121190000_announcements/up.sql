-- One text to many chats. Who got it stands in the outbox, until that forgets; then the counts here
-- are what is left.
CREATE TABLE announcements (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- "everybody", "role:<name>" or "chat:<id>".
    target TEXT NOT NULL,
    text TEXT NOT NULL,
    -- 0 draft, 1 sent, 2 dropped.
    state SMALLINT NOT NULL,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    total BIGINT NOT NULL,
    -- Written once nothing waits any more.
    delivered BIGINT,
    failed BIGINT
);

-- The outbox's row of each chat, until the counts are written.
CREATE TABLE announcement_messages (
    announcement_id BIGINT NOT NULL REFERENCES announcements (id),
    outbox_id BIGINT NOT NULL,
    PRIMARY KEY (announcement_id, outbox_id)
);
