//! The other programs. What is missing is installed by `cargo xtask deps`.

use std::path::Path;
use std::process::{Command, Output};

use super::build::File;

pub(super) fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .output()
        .unwrap_or_else(|error| panic!("{program} does not start ({error}): cargo xtask deps"))
}

fn must(program: &str, arguments: &[&str]) -> String {
    let said = run(program, arguments);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let faults = String::from_utf8_lossy(&said.stderr);
    assert!(
        said.status.success() && !text.to_lowercase().contains("warning"),
        "{program} {arguments:?}: {}\n{text}\n{faults}",
        said.status
    );
    text
}

/// `unzip -t`, `7zz t` and Python's `testzip` find nothing wrong.
pub(super) fn all_accept(path: &Path) {
    let path = path.to_str().unwrap();
    must("unzip", &["-tqq", path]);
    must("7zz", &["t", path]);
    must("python3", &["-c", TEST, path]);
}

const TEST: &str = "import sys, zipfile
bad = zipfile.ZipFile(sys.argv[1]).testzip()
sys.exit(bad)";

pub(super) fn seven_zip_accepts(path: &Path, password: &str) -> bool {
    let password = format!("-p{password}");
    run("7zz", &["t", &password, path.to_str().unwrap()])
        .status
        .success()
}

/// The bytes of one entry, as 7-Zip takes them out.
pub(super) fn seven_zip_reads(path: &Path, name: &str, password: &str) -> Vec<u8> {
    let password = format!("-p{password}");
    let path = path.to_str().unwrap();
    run("7zz", &["x", "-so", &password, path, name]).stdout
}

/// What Python sees of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) size: usize,
    pub(super) method: u16,
    pub(super) flags: u16,
    pub(super) time: String,
}

pub(super) fn python_lists(path: &Path) -> Vec<Seen> {
    let text = must("python3", &["-c", LIST, path.to_str().unwrap()]);
    let seen = |line: &str| {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap();
        Seen {
            size: next().parse().unwrap(),
            method: next().parse().unwrap(),
            flags: next().parse().unwrap(),
            time: next().to_owned(),
            name: next().to_owned(),
        }
    };
    text.lines().map(seen).collect()
}

const LIST: &str = "import sys, zipfile
for i in zipfile.ZipFile(sys.argv[1]).infolist():
    when = '%04d-%02d-%02d %02d:%02d:%02d' % i.date_time
    print(i.file_size, i.compress_type, i.flag_bits, when, i.filename, sep='\\t')";

/// Every file comes out as it went in, by Python and on the disk by `unzip` and 7-Zip.
pub(super) fn all_round_trip(path: &Path, files: &[File]) {
    for program in ["python3", "unzip", "7zz"] {
        let out = tempfile::tempdir().unwrap();
        let (archive, to) = (path.to_str().unwrap(), out.path().to_str().unwrap());
        match program {
            "python3" => must("python3", &["-m", "zipfile", "-e", archive, to]),
            "unzip" => must("unzip", &["-qq", archive, "-d", to]),
            _ => must("7zz", &["x", "-y", &format!("-o{to}"), archive]),
        };
        for file in files {
            let written = std::fs::read(out.path().join(&file.name));
            let written = written
                .unwrap_or_else(|error| panic!("{program} did not write {:?}: {error}", file.name));
            assert!(
                written == file.bytes,
                "{program} wrote other bytes to {:?}",
                file.name
            );
        }
    }
}
