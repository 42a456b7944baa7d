//! Stories of the admin site, over real HTTP.

mod live;
mod live_load;
mod login;
mod mini_app;
mod passwords;
mod plugin_pages;
mod sessions;
mod totp;
mod ways_in;
