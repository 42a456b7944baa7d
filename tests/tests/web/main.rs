//! Stories of the admin site, over real HTTP.

mod sessions;
