DROP TABLE task_tasks;
