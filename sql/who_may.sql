-- Every grant in force, with its keys: who may do what, where, until when. Runs on both databases.
SELECT bot_users.id AS user_id,
       bot_users.username,
       bot_users.first_name,
       grants.role,
       CASE WHEN grants.chat_id = 0 THEN 'everywhere' ELSE CAST(grants.chat_id AS TEXT) END AS place,
       grants.expires_at AS expires_at_us,
       role_keys.permission
FROM grants
JOIN bot_users ON bot_users.id = grants.user_id
LEFT JOIN role_keys ON role_keys.role = grants.role
WHERE bot_users.blocked_at IS NULL
ORDER BY bot_users.id, grants.role, role_keys.permission;
