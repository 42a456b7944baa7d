-- Updates that were kept for a person to look at: 2 is unparsed, 3 is parked. Runs on both databases.
SELECT id, kind, chat_key, state, attempts, error, received_at AS received_at_us
FROM updates
WHERE state > 1
ORDER BY id DESC
LIMIT 100;
