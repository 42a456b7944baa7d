//! The admin site: warp routes, pages, server-sent events
