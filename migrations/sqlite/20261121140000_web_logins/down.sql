DROP TABLE login_proofs;
DROP TABLE login_attempts;
DROP TABLE web_recovery_codes;
DROP TABLE web_totp;
DROP TABLE web_passwords;
