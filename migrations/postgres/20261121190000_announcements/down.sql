DROP TABLE announcement_messages;
DROP TABLE announcements;
