-- The states are in the order of lists: 0 draft, 1 pending, 2 open, 3 done, 4 rejected, 5 cancelled.
-- Before there were two: 0 open, 1 done.
UPDATE task_tasks SET state = state + 2;

ALTER TABLE task_tasks ADD COLUMN created_by_name TEXT NOT NULL DEFAULT '';
-- 0 low, 1 normal, 2 high, 3 urgent.
ALTER TABLE task_tasks ADD COLUMN priority SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE task_tasks ADD COLUMN assignee BIGINT;
-- As they were called then.
ALTER TABLE task_tasks ADD COLUMN assignee_name TEXT;
ALTER TABLE task_tasks ADD COLUMN due_at BIGINT;
-- Its steps are made when the task is approved, once: then steps_at is no longer NULL.
ALTER TABLE task_tasks ADD COLUMN template_id BIGINT;
ALTER TABLE task_tasks ADD COLUMN steps_at BIGINT;
-- Who approved or rejected it last, and why.
ALTER TABLE task_tasks ADD COLUMN decided_by_name TEXT;
ALTER TABLE task_tasks ADD COLUMN decided_at BIGINT;
ALTER TABLE task_tasks ADD COLUMN reason TEXT;
CREATE INDEX task_tasks_assignee ON task_tasks (assignee, state, changed_at DESC, id DESC);
CREATE INDEX task_tasks_due ON task_tasks (state, due_at);

CREATE TABLE task_steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id BIGINT NOT NULL,
    -- From 1.
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    done BOOLEAN NOT NULL,
    assignee BIGINT,
    assignee_name TEXT,
    due_at BIGINT,
    -- Who did it, as they were called then.
    done_by BIGINT,
    done_by_name TEXT,
    done_at BIGINT,
    UNIQUE (task_id, position)
);
CREATE INDEX task_steps_assignee ON task_steps (assignee, done);

CREATE TABLE task_labels (
    task_id BIGINT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (task_id, label)
);
CREATE INDEX task_labels_label ON task_labels (label, task_id);

CREATE TABLE task_comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id BIGINT NOT NULL,
    by_user BIGINT,
    by_name TEXT NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- The delivery that brought it: run again after a crash, it brings no second one.
    source TEXT NOT NULL UNIQUE
);
CREATE INDEX task_comments_task ON task_comments (task_id, id);

-- Who did what, when, from where.
CREATE TABLE task_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id BIGINT NOT NULL,
    -- Such as task.approved or task.step_done.
    what TEXT NOT NULL,
    by_user BIGINT,
    by_name TEXT NOT NULL,
    -- telegram, web, api or core.
    source TEXT NOT NULL,
    -- A step's title, a reason, the new value.
    detail TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX task_history_task ON task_history (task_id, id);

CREATE TABLE task_templates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As it is written behind the %: lower case, no spaces.
    name TEXT NOT NULL UNIQUE,
    -- JSON: [{"title", "assignee"?, "due"?}].
    steps TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Messages that show a task and are kept true.
CREATE TABLE task_cards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id BIGINT NOT NULL,
    chat_id BIGINT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- Of the outbox row that brought it.
    dedup_key TEXT NOT NULL UNIQUE,
    -- NULL: not sent yet.
    message_id BIGINT,
    -- The task's version that the message shows.
    shown INTEGER NOT NULL
);
CREATE INDEX task_cards_task ON task_cards (task_id);
