use super::build::{build, file, locked, noise, text};
use super::programs::{python_lists, run, seven_zip_accepts, seven_zip_reads};

#[tokio::test]
async fn seven_zip_opens_a_locked_archive_with_its_password_only() {
    let files = [
        file("empty.txt", ""),
        file("short.txt", "a secret"),
        file("long.txt", text(3_000_000)),
        file("noise.bin", noise(1_500_000)),
        file("тайна.txt", text(20_000)),
    ];
    for password in ["correct horse", "пароль ключ", "p\"a's$s"] {
        let built = build(&files, &["folder/"], &locked(password)).await;
        assert!(seven_zip_accepts(&built.path, password), "{password}");
        assert!(!seven_zip_accepts(&built.path, "wrong"));
        for file in &files {
            let read = seven_zip_reads(&built.path, &file.name, password);
            assert!(read == file.bytes, "{} of {password}", file.name);
        }
    }
}

#[tokio::test]
async fn a_locked_archive_tells_its_names_and_nothing_of_its_contents() {
    const AES: u16 = 99;
    let secret = text(5_000);
    let files = [file("a.txt", secret.clone()), file("b.txt", secret.clone())];
    let built = build(&files, &[], &locked("correct horse")).await;
    for seen in python_lists(&built.path) {
        assert_eq!((seen.method, seen.flags & 1, seen.size), (AES, 1, 5_000));
    }
    let bytes = std::fs::read(&built.path).unwrap();
    assert!(!bytes.windows(40).any(|window| window == &secret[..40]));
    // Each entry has a salt of its own: two equal files look different.
    let said = run("7zz", &["l", "-slt", built.path.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("AES-256"), "{said}");
    let half = bytes.len() / 2;
    let first: Vec<&[u8]> = bytes[..half].windows(64).step_by(64).collect();
    assert!(
        !first
            .iter()
            .any(|part| bytes[half..].windows(64).any(|w| w == *part))
    );
}
