//! What core and plugins share of the database: the Db handle, ids, outbox, job and event rows
