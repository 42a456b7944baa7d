//! Stories of the admin site, over real HTTP.

mod api;
mod audit;
mod crawl;
mod keys;
mod plugin_pages;
mod programs;
mod sessions;
