//! Bots of other libraries, if their runtimes are here.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use async_process::Command;

use super::build::root;
use super::contender::Contender;

/// Installs them below `target`; says which are not measured.
pub(crate) async fn find(target: &Path) -> Result<Vec<Contender>> {
    let folder = target.join("bench/peers");
    std::fs::create_dir_all(&folder)?;
    let mut found = Vec::new();
    for (name, peer) in [
        ("grammY", grammy(&folder).await),
        ("aiogram", aiogram(&folder).await),
    ] {
        match peer {
            Ok(peer) => found.push(peer),
            Err(error) => eprintln!("{name} is not measured: {error:#}"),
        }
    }
    Ok(found)
}

async fn grammy(folder: &Path) -> Result<Contender> {
    let from = root().join("bench/peers/grammy");
    let to = folder.join("grammy");
    std::fs::create_dir_all(&to)?;
    for file in ["package.json", "package-lock.json", "bot.js"] {
        std::fs::copy(from.join(file), to.join(file))?;
    }
    let mut install = Command::new("npm");
    run(install
        .args(["ci", "--no-audit", "--no-fund", "--silent"])
        .current_dir(&to))
    .await?;
    let node = run(Command::new("node").arg("--version")).await?;
    let list = run(Command::new("npm")
        .args(["ls", "--parseable=false"])
        .current_dir(&to))
    .await?;
    let version = |package: &str| {
        let at = list
            .split_once(&format!("{package}@"))
            .map_or("", |(_, after)| after);
        at.split_whitespace().next().unwrap_or_default().to_owned()
    };
    Ok(Contender::Peer {
        name: format!(
            "grammY {} + runner {} (node {node})",
            version(" grammy"),
            version("@grammyjs/runner")
        ),
        command: vec![PathBuf::from("node"), to.join("bot.js")],
    })
}

async fn aiogram(folder: &Path) -> Result<Contender> {
    let from = root().join("bench/peers/aiogram");
    let to = folder.join("aiogram");
    let python = to.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&to)).await?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "-r"])
        .arg(from.join("requirements.txt"));
    run(&mut pip).await?;
    let ask = "import aiogram, platform; print(aiogram.__version__, platform.python_version())";
    let versions = run(Command::new(&python).args(["-c", ask])).await?;
    let (own, language) = versions.split_once(' ').unwrap_or_default();
    Ok(Contender::Peer {
        name: format!("aiogram {own} (Python {language})"),
        command: vec![python, from.join("bot.py")],
    })
}

/// What it printed.
async fn run(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().await;
    let output = output.map_err(|error| anyhow::anyhow!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {}", said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
