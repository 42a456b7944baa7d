-- When the task comes again once it is done: JSON, as `repeat.rs` says. NULL: never.
ALTER TABLE task_tasks ADD COLUMN repeat TEXT;
-- The task that it is the next one of: each has one next at most.
ALTER TABLE task_tasks ADD COLUMN follows BIGINT;
CREATE UNIQUE INDEX task_tasks_follows ON task_tasks (follows);
-- The morning digest looks for parts that are due.
CREATE INDEX task_steps_due ON task_steps (done, due_at);
