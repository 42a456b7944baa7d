DROP TABLE notice_settings;
ALTER TABLE bot_users DROP COLUMN chosen_language;
DROP TABLE notices;
