//! Running a story.

use std::future::Future;

use anyhow::Context as _;

use crate::notes::Notes;

/// Which database a story plays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    Sqlite,
    Postgres,
}

/// Makes a test on SQLite and one on PostgreSQL of each story.
#[macro_export]
macro_rules! stories {
    (on $ground:ident: $($story:ident),+ $(,)?) => {
        $(#[test]
        fn $story() -> anyhow::Result<()> {
            $crate::story::tell($crate::Ground::$ground, told::$story)
        })+
    };
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $story() -> anyhow::Result<()> {
                $crate::story::tell($crate::Ground::Sqlite, super::$story)
            })+
        }
        mod postgres {
            $(#[test]
            fn $story() -> anyhow::Result<()> {
                $crate::story::tell($crate::Ground::Postgres, super::$story)
            })+
        }
    };
}

/// Runs a story on a runtime of its own, whose threads write into the story's own [`Notes`].
///
/// # Errors
/// The story's, with the last lines that its bot logged.
pub fn tell<F, Fut>(ground: Ground, story: F) -> anyhow::Result<()>
where
    F: FnOnce(Ground) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let notes = Notes::begin();
    let for_threads = notes.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .on_thread_start(move || for_threads.adopt_thread())
        .build()
        .context("the story's runtime cannot start")?;
    notes.adopt_thread();
    let told = runtime.block_on(Box::pin(story(ground)));
    runtime.shutdown_background();
    told.map_err(|error| {
        let lines = notes.last(60).join("\n");
        error.context(format!(
            "the bot's last lines:\n{lines}\n\nthe story failed"
        ))
    })
}

/// `make soak`: the counts of the product's promises, with figures; else modest ones.
pub fn is_soak() -> bool {
    xtask::environment::var("VAHTA_SOAK").is_some()
}

/// How many: modestly, or in a soak.
pub fn count(modest: usize, soak: usize) -> usize {
    if is_soak() { soak } else { modest }
}
