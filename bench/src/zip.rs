//! G5: archives of source text, of what cannot be made smaller, and of four gigabytes, beside `zip`
//! and `pigz`. Each run is a process of its own that reads files and writes one.

mod corpus;
mod pack;
mod packer;
mod table;

use anyhow::{Result, ensure};

use crate::runner::{Binaries, Folder, Machine};
use corpus::Corpus;
use packer::{Packer, Run};
use table::Outcome;

pub(crate) use pack::{Pack, pack};

#[derive(clap::Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 5)]
    pairs: usize,
    /// Only this work.
    #[arg(long)]
    work: Option<Work>,
    /// Megabytes of each work but the large one.
    #[arg(long, default_value_t = 200)]
    megabytes: u64,
    /// Cargo's home; its sources are the source text.
    #[arg(long, env = "CARGO_HOME")]
    cargo_home: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Work {
    /// Source text in one file.
    Text,
    /// The same as the files that it is.
    Files,
    /// Random bytes in one file.
    Noise,
    /// Four gigabytes of source text in one file.
    Large,
}

impl Work {
    const ALL: [Self; 4] = [Self::Text, Self::Files, Self::Noise, Self::Large];

    /// What is measured beside ours; `pigz` packs one file only.
    fn peers(self) -> &'static [Packer] {
        match self {
            Self::Text | Self::Noise => &[Packer::Zip(1), Packer::Zip(6), Packer::Pigz],
            Self::Files => &[Packer::Zip(1), Packer::Zip(6)],
            Self::Large => &[Packer::Zip(1), Packer::Pigz],
        }
    }
}

pub(crate) async fn run(options: &Options) -> Result<()> {
    let binaries = Binaries::find()?;
    let folder = Folder::new(&binaries.target)?;
    println!("# Archives\n\n{}\n", Machine::look());
    let mut missed = 0;
    for work in Work::ALL {
        if options.work.is_some_and(|only| only != work) {
            continue;
        }
        let corpus = Corpus::make(work, options, &folder.0)?;
        let outcome = measure(work, &corpus, options, &folder.0).await?;
        println!("{outcome}");
        missed += outcome.missed();
        corpus.remove()?;
    }
    for peer in [Packer::Zip(1), Packer::Pigz] {
        println!("- {}", peer.version().await);
    }
    ensure!(missed == 0, "{missed} goals missed");
    Ok(())
}

/// A B C D, then D C B A and so on: slow changes of the machine hit all of them.
async fn measure(
    work: Work,
    corpus: &Corpus,
    options: &Options,
    folder: &std::path::Path,
) -> Result<Outcome> {
    let mut packers = vec![Packer::Ours];
    for peer in work.peers() {
        if peer.is_there().await {
            packers.push(*peer);
        } else {
            eprintln!("{peer} is not measured: it is not installed");
        }
    }
    let rounds = if work == Work::Large {
        1
    } else {
        options.pairs.max(1)
    };
    let mut outcome = Outcome::new(work, corpus, &packers);
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..packers.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        let mut runs = vec![Run::default(); packers.len()];
        for place in order {
            let run = packers[place].run(corpus, folder).await?;
            eprintln!("{work:?} {} {:<12} {run:?}", round + 1, packers[place]);
            runs[place] = run;
        }
        outcome.add(runs);
    }
    Ok(outcome)
}
