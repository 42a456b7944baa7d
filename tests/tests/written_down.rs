//! What README and the example files promise exists, and what exists is written down.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bot_core::config::ENVIRONMENT;

/// Variables that only `make dev` and Docker read.
const OF_DEVELOPMENT: &[&str] = &["VAHTA_SANDBOX_ADDR", "POSTGRES_PASSWORD", "REDIS_PASSWORD"];

fn read(name: &str) -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Ok(fs::read_to_string(root.join(name))?)
}

/// What stands before the first `=` of each line, comment signs removed.
fn names_before_equals(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('='))
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| !name.is_empty() && !name.contains(' '))
        .collect()
}

#[test]
fn the_example_files_name_each_setting_and_no_other() -> anyhow::Result<()> {
    let variables = ENVIRONMENT.iter().map(|(variable, _)| *variable);
    let expected: BTreeSet<String> = variables
        .chain(OF_DEVELOPMENT.iter().copied())
        .map(str::to_owned)
        .collect();
    assert_eq!(names_before_equals(&read(".env.example")?), expected);

    let settings: BTreeSet<String> = ENVIRONMENT
        .iter()
        .map(|(_, setting)| (*setting).to_owned())
        .collect();
    assert_eq!(names_before_equals(&read("vahta.example.toml")?), settings);
    Ok(())
}

#[test]
fn each_variable_of_the_readme_exists() -> anyhow::Result<()> {
    let readme = read("README.md")?;
    let in_code = readme.split('`').skip(1).step_by(2);
    for name in in_code.filter(|code| code.starts_with("VAHTA_") || code.ends_with("_URL")) {
        let known = ENVIRONMENT.iter().any(|(variable, _)| *variable == name);
        assert!(
            known || OF_DEVELOPMENT.contains(&name),
            "{name} is in README.md only"
        );
    }
    Ok(())
}

#[test]
fn each_make_command_of_the_documents_is_a_target() -> anyhow::Result<()> {
    let makefile = read("Makefile")?;
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    for file in [
        "README.md",
        "CONTRIBUTING.md",
        ".env.example",
        "docker-compose.yml",
    ] {
        let text = read(file)?;
        for after in text.split("make ").skip(1) {
            let end = after
                .find(|c: char| !c.is_ascii_lowercase())
                .unwrap_or(after.len());
            let (target, rest) = after.split_at(end);
            let command = rest.starts_with(['`', '\n', ')']) || rest.starts_with("  ");
            assert!(
                !command || targets.contains(target),
                "{file}: `make {target}` is no target"
            );
        }
    }
    Ok(())
}
