//! System packages: what is needed, what is missing, and the line that brings it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::{browser, environment};

/// Something that cargo cannot fetch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    CCompiler,
    Sqlite,
    Postgres,
    Redis,
    Chromium,
    Node,
    Npm,
    Archivers,
}

/// `make dev` without a database server of its own.
pub const DEV: &[Need] = &[Need::CCompiler, Need::Sqlite];
/// `make test` and `make ci`.
pub const TEST: &[Need] = &[
    Need::CCompiler,
    Need::Sqlite,
    Need::Postgres,
    Need::Redis,
    Need::Chromium,
    Need::Node,
    Need::Npm,
    Need::Archivers,
];

impl Need {
    fn what(self) -> &'static str {
        match self {
            Need::CCompiler => "a C compiler (`cc`)",
            Need::Sqlite => "SQLite's header and library (`sqlite3.h`, `-lsqlite3`)",
            Need::Postgres => "PostgreSQL's server programs (`initdb`, `postgres`)",
            Need::Redis => "`redis-server`",
            Need::Chromium => "Chromium (`chromium`), for the tests of the admin site",
            Need::Node => {
                "Node.js 20 or newer (`node`), for the same tests; Debian 12 itself has 18, so there it \
                 comes from https://nodejs.org or its packages"
            }
            Need::Npm => "npm (`npm`), for their packages",
            Need::Archivers => {
                "`unzip`, 7-Zip (`7zz`) and Python (`python3`), which must accept our archives"
            }
        }
    }

    fn apt(self) -> &'static str {
        match self {
            Need::CCompiler => "gcc libc6-dev",
            Need::Sqlite => "libsqlite3-dev",
            Need::Postgres => "postgresql",
            Need::Redis => "redis-server",
            Need::Chromium => "chromium fonts-dejavu-core",
            Need::Node => "nodejs",
            Need::Npm => "npm",
            Need::Archivers => "unzip 7zip python3",
        }
    }

    fn present(self) -> bool {
        match self {
            Need::CCompiler => compiles("int main(void) { return 0; }", &[]),
            Need::Sqlite => compiles(
                "#include <sqlite3.h>\nint main(void) { return sqlite3_libversion_number() == 0; }",
                &["-lsqlite3"],
            ),
            Need::Postgres => find_postgres().is_some(),
            Need::Redis => find_program("redis-server").is_some(),
            Need::Chromium => browser::chromium().is_some(),
            Need::Node => node_version().is_some_and(|major| major >= NODE),
            Need::Npm => find_program("npm").is_some(),
            Need::Archivers => ["unzip", "7zz", "python3"]
                .iter()
                .all(|program| find_program(program).is_some()),
        }
    }
}

/// What Playwright wants at least.
const NODE: u32 = 20;

/// The major version of the `node` that would be run; `None` when it does not start.
fn node_version() -> Option<u32> {
    let said = Command::new("node").arg("--version").output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    text.trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// `cargo xtask deps`: everything that development and tests want.
///
/// # Errors
/// If something is missing and cannot be installed from here.
pub fn run() -> Result<ExitCode> {
    ensure(TEST)?;
    browser::install()?;
    Ok(ExitCode::SUCCESS)
}

/// Installs what is missing when that is possible without asking anybody (root on a system with
/// apt); otherwise says what is missing and which line brings it.
///
/// # Errors
/// Names each missing thing and the line.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let packages = packages(&missing);
    let line = format!("{APT} {}", packages.join(" "));
    if find_program("apt-get").is_none() {
        bail!(
            "missing on this machine:\n{}\n(there is no apt-get here; on Debian or Ubuntu the packages \
             are {})\n",
            names(&missing),
            packages.join(" ")
        );
    }
    if !nix::unistd::geteuid().is_root() {
        bail!(
            "missing on this machine:\n{}\nonly root may install it:\n\n  sudo apt-get update\n  sudo {line}\n",
            names(&missing)
        );
    }
    println!("missing:\n{}\ninstalling with `{line}`", names(&missing));
    // A fresh machine has no lists of packages, or old ones.
    let installed = apt(&packages)? || (apt_update()? && apt(&packages)?);
    let left = self::missing(needs);
    match (installed, left.as_slice()) {
        (_, []) => Ok(()),
        (true, left) => bail!(
            "`{line}` went well, and this is still missing or too old:\n{}",
            names(left)
        ),
        (false, left) => bail!("`{line}` failed; still missing:\n{}", names(left)),
    }
}

/// The line is the same whether it is run here or shown to somebody.
const APT: &str = "apt-get install -y --no-install-recommends";

fn names(needs: &[Need]) -> String {
    let lines: Vec<_> = needs
        .iter()
        .map(|need| format!("  - {}", need.what()))
        .collect();
    lines.join("\n")
}

fn packages(needs: &[Need]) -> Vec<&'static str> {
    needs
        .iter()
        .flat_map(|need| need.apt().split(' '))
        .collect()
}

fn missing(needs: &[Need]) -> Vec<Need> {
    needs
        .iter()
        .copied()
        .filter(|need| !need.present())
        .collect()
}

fn apt(packages: &[&str]) -> Result<bool> {
    let mut words = APT.split(' ');
    let status = Command::new(words.next().unwrap_or_default())
        .args(words)
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()
        .context("apt-get did not start")?;
    Ok(status.success())
}

fn apt_update() -> Result<bool> {
    let status = Command::new("apt-get")
        .arg("update")
        .status()
        .context("apt-get did not start")?;
    Ok(status.success())
}

/// Linking is the only honest test: a library without its header, or the reverse, is no use.
fn compiles(source: &str, flags: &[&str]) -> bool {
    let child = Command::new("cc")
        .args(["-x", "c", "-o", "/dev/null", "-"])
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let written = child
        .stdin
        .take()
        .is_some_and(|mut to| to.write_all(source.as_bytes()).is_ok());
    child.wait().is_ok_and(|status| written && status.success())
}

/// A program on the `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = environment::var("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The folder with `initdb` and `postgres`: the newest of Debian's, else where the `PATH` has both.
pub(crate) fn find_postgres() -> Option<PathBuf> {
    let complete = |bin: &PathBuf| bin.join("initdb").is_file() && bin.join("postgres").is_file();
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = versions
        .filter_map(|v| {
            Some((
                v.file_name().to_str()?.parse::<u32>().ok()?,
                v.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| complete(bin))
        .max();
    newest.map(|(_, bin)| bin).or_else(|| {
        let bin = find_program("initdb")?
            .canonicalize()
            .ok()?
            .parent()?
            .to_owned();
        complete(&bin).then_some(bin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_thing_is_named_with_its_package_and_nothing_else() {
        let needs = [Need::Npm, Need::Chromium];
        assert_eq!(packages(&needs), ["npm", "chromium", "fonts-dejavu-core"]);
        let said = names(&needs);
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(said.contains("`npm`") && !said.contains("`node`"), "{said}");
    }
}
