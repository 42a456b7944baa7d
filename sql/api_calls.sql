-- Calls to Telegram by method: how many, how many failed, how long they took. Runs on both databases.
--   sqlite3 data/vahta.db < sql/api_calls.sql
--   psql "$DATABASE_URL" -f sql/api_calls.sql
SELECT method,
       COUNT(*) AS calls,
       SUM(CASE WHEN status <> 200 THEN 1 ELSE 0 END) AS failed,
       SUM(CASE WHEN status = 429 THEN 1 ELSE 0 END) AS flooded,
       SUM(CASE WHEN attempt > 1 THEN 1 ELSE 0 END) AS repeated,
       AVG(elapsed_us) / 1000.0 AS mean_ms,
       MAX(elapsed_us) / 1000.0 AS worst_ms,
       AVG(waited_us) / 1000.0 AS mean_queued_ms
FROM api_logs
GROUP BY method
ORDER BY calls DESC;
