//! Stories of the admin site, over real HTTP.

mod live;
mod live_load;
mod plugin_pages;
mod sessions;
