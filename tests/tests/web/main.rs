//! Stories of the admin site, over real HTTP.

mod announcements;
mod api;
mod approvals;
mod audit;
mod crawl;
mod desks;
mod files;
mod fuzz;
mod keys;
mod live;
mod live_load;
mod log_pages;
mod login;
mod mini_app;
mod passwords;
mod plugin_acts;
mod plugin_pages;
mod plugin_settings;
mod programs;
mod roles;
mod sessions;
mod sign_up;
mod tasks;
mod totp;
mod ways_in;
