//! Stories of the admin site, over real HTTP.

mod plugin_pages;
mod api;
mod audit;
mod crawl;
mod keys;
mod programs;
mod sessions;
