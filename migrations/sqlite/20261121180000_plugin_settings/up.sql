-- Raised by each change of a plugin's settings: whoever saves says which one they saw.
ALTER TABLE plugins ADD COLUMN settings_version BIGINT NOT NULL DEFAULT 0;

-- Where a plugin is switched on or off; what is not here is as the manifest says.
CREATE TABLE plugin_chats (
    plugin TEXT NOT NULL,
    -- 0: all groups that have no row of their own.
    chat_id BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (plugin, chat_id)
);
