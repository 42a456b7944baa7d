//! Stories of the admin site, over real HTTP.

mod live;
mod plugin_pages;
mod sessions;
