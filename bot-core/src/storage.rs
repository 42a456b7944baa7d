//! What is kept: schema, migrations and the journal of hot writes.

pub mod checkpoint;
pub mod journal;
pub mod schema;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use vahta_rows::migrate::Sets;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// The core's migrations for both databases.
pub fn migrations() -> Sets {
    Sets {
        sqlite: SQLITE,
        postgres: POSTGRES,
    }
}
