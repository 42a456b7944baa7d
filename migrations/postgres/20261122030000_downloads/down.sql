DROP TABLE downloads;
DROP TABLE download_rules;
