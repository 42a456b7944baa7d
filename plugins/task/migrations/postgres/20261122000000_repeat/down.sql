DROP INDEX task_steps_due;
DROP INDEX task_tasks_follows;
ALTER TABLE task_tasks DROP COLUMN follows;
ALTER TABLE task_tasks DROP COLUMN repeat;
