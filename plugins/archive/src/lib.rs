//! Archives: files that were sent or uploaded become a ZIP behind a link, with a password, a
//! lifetime and a number of downloads.
//!
//! | Module | What |
//! |---|---|
//! | `commands` | `/zip`, `/archives`, `/archive_12` |
//! | `buttons`, `dialogs` | presses, and the files and answers that follow `/zip` |
//! | `web` | pages, the API, and what people without an account see |
//! | `jobs` | building, expiry, uploads and downloads that the core tells of |
//! | `work` | what is done to archives, wherever it comes from |
//! | [`bounds`], [`lifetime`], [`name`], [`password`], [`token`] | what is allowed, and what people write |
//! | [`state`], [`archive`] | the states, and what there is to know |
//! | [`store`] | archives in the database |
//! | `press`, `view` | buttons' data; texts and keyboards, without any I/O |
//!
//! Bytes never come through here: the core takes uploads, fetches Telegram's files, writes the ZIP
//! (`zips.build`) and streams it, by the rule that this plugin sets in the transaction that makes an
//! archive ready. A change, its event and its audit row are one transaction.

pub mod archive;
pub mod bounds;
mod buttons;
mod commands;
mod dialogs;
mod jobs;
pub mod lifetime;
pub mod name;
pub mod password;
mod press;
mod qr;
mod reply;
pub mod state;
pub mod store;
pub mod token;
mod view;
mod web;
mod work;

use bounds::Bounds;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::jobs::PutJob as _;
use vahta_plugin_sdk::rows::{Micros, migrate, with_db};
use vahta_plugin_sdk::texts::Texts;
use vahta_plugin_sdk::web::{Answer, Request};
use view::View;

/// Keys of the manifest that the plugin itself asks for.
mod permission {
    pub(crate) const VIEW_ALL: &str = "archive.view_all";
}

/// The plugin.
pub struct Archives {
    texts: Texts,
    bounds: Bounds,
    /// The site as people reach it; empty when nobody said.
    public_url: String,
}

impl Plugin for Archives {
    async fn start(host: Host, config: Config) -> Result<Self, Error> {
        let bounds: Bounds = config.settings()?;
        bounds.check()?;
        let texts = view::texts().map_err(Error::other)?;
        let db = host.db()?;
        let ran = migrate::run(&db, store::migrations()).await?;
        if !ran.is_empty() {
            tracing::info!(
                migrations = ran.len(),
                "the tables of archives are up to date"
            );
        }
        let sweep = work::next_sweep(host.plugin(), Micros::now());
        with_db!(db, c => c.put_job(&sweep).await)?;
        Ok(Self {
            texts,
            bounds,
            public_url: config.public_url.clone(),
        })
    }

    fn handler() -> Handler {
        let messages = Update::filter_message()
            .branch(route::command("zip").endpoint(commands::zip))
            .branch(route::command("archives").endpoint(commands::list))
            .branch(route::command("archive_").endpoint(commands::open))
            .branch(route::dialog().endpoint(dialogs::answered));
        dptree::entry()
            .branch(messages)
            .branch(Update::filter_callback_query().endpoint(buttons::pressed))
    }

    async fn job(&self, ctx: Ctx, job: Job) -> Result<(), Error> {
        jobs::run(self, &ctx, job).await
    }

    async fn http(&self, ctx: Ctx, request: Request) -> Result<Answer, Error> {
        web::answer(self, &ctx, &request).await
    }
}

impl Archives {
    /// Texts for whoever caused the delivery.
    fn view<'a>(&'a self, ctx: &'a Ctx) -> View<'a> {
        let zone = ctx.actor().and_then(|actor| actor.time_zone.as_deref());
        View::new(&self.texts, ctx.language(), &self.public_url).at(zone, ctx.now())
    }
}

export_plugin!(Archives, "manifest.json");
