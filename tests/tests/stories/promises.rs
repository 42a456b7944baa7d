//! What README and help texts promise, tried out.

use anyhow::{Context as _, Result, ensure};
use vahta_tests::{Ground, Stage, stories};

stories![
    every_command_of_the_readme_exists,
    every_usage_example_is_understood
];

/// Commands in the first column of README's table, without the slash.
fn of_readme() -> Result<Vec<String>> {
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme)?;
    let (_, table) = readme
        .split_once("## Commands")
        .context("README has no commands")?;
    let (table, _) = table
        .split_once("\n## ")
        .context("README ends with its commands")?;
    let cells = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `/")?.split(" |").next());
    let names = cells.flat_map(|cell| {
        cell.split('/').map(|part| {
            let is_names = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_';
            part.chars().take_while(is_names).collect::<String>()
        })
    });
    Ok(names.filter(|name| !name.is_empty()).collect())
}

async fn every_command_of_the_readme_exists(ground: Ground) -> Result<()> {
    let stage = Stage::on(ground).await?.with_plugins(&["archive"])?;
    let app = stage.start().await?;
    let names = of_readme()?;
    ensure!(names.len() > 12, "only {names:?} found");
    for name in &names {
        app.ada().says(&format!("/{name}")).await?;
        let answer = app
            .ada()
            .sees_where(&format!("an answer to /{name}"), |_| true)
            .await?;
        ensure!(
            !answer.text.contains("There is no command"),
            "/{name} is in README only"
        );
    }
    // And what /help offers is in README.
    let help = app.ada().asks("/help").await?.text;
    for line in help.lines().filter_map(|line| line.strip_prefix('/')) {
        let name = line.split(' ').next().unwrap_or_default();
        ensure!(
            names.iter().any(|known| known == name),
            "/{name} is not in README"
        );
    }
    app.shutdown().await
}

/// Each "Example:" of a usage text does what it says instead of answering with the usage again.
async fn every_usage_example_is_understood(ground: Ground) -> Result<()> {
    let app = Stage::on(ground).await?.start().await?;
    // Somebody must have been seen for "@gus" and "@lim" to mean anybody.
    for person in [app.gus(), app.lim()] {
        person.says("/start").await?;
        person.sees("let in").await?;
    }
    for command in ["/why", "/grant", "/revoke", "/block", "/unblock", "/plugin"] {
        let usage = app.ada().asks(command).await?.text;
        let example = usage
            .split("Example: ")
            .nth(1)
            .with_context(|| format!("{command}: no example in\n{usage}"))?;
        let ada = if example.contains(" here") {
            app.ada().in_chat(vahta_tests::stage::OPS)
        } else {
            app.ada()
        };
        let answer = ada.asks(example.trim()).await?.text;
        ensure!(
            !answer.contains("Usage:") && !answer.contains("There is no"),
            "{example}: {answer}"
        );
    }
    app.shutdown().await
}
