-- Instants are microseconds since 1970 UTC. Enumerations are small integers, named in the code.

CREATE TABLE task_tasks (
    -- Never given twice: old buttons name it.
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title TEXT NOT NULL,
    state SMALLINT NOT NULL,
    chat_id BIGINT NOT NULL,
    -- The message that asked for the task; NULL when there was none.
    source_message_id BIGINT,
    created_by_user BIGINT,
    created_by_telegram BIGINT,
    created_at BIGINT NOT NULL,
    done_by_user BIGINT,
    done_by_telegram BIGINT,
    -- What that person was called then.
    done_by_name TEXT,
    done_at BIGINT,
    -- When the state became what it is: lists are in this order.
    changed_at BIGINT NOT NULL,
    -- Grows with each change.
    version INTEGER NOT NULL,
    -- A message makes one task, however often its update runs.
    UNIQUE (chat_id, source_message_id)
);
CREATE INDEX task_tasks_chat ON task_tasks (chat_id, state, changed_at DESC, id DESC);
CREATE INDEX task_tasks_creator ON task_tasks (created_by_user, state, changed_at DESC, id DESC);
CREATE INDEX task_tasks_all ON task_tasks (state, changed_at DESC, id DESC);
