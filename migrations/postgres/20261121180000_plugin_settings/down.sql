DROP TABLE plugin_chats;
ALTER TABLE plugins DROP COLUMN settings_version;
