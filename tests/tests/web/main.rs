//! Stories of the admin site, over real HTTP.

mod plugin_pages;
mod live;
mod sessions;
