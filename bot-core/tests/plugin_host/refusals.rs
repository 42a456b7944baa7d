//! What is not loaded, and what the admin reads about it.

use std::fs;
use std::sync::{Arc, Mutex};

use bot_core::plugin_host::Approve;

use crate::fixtures;
use crate::world::{Setup, World};

/// A library with a manifest, without a plugin: enough for everything that is refused earlier.
fn manifest_only(name: &str, rest: &str) -> String {
    format!(
        r#"
#include "vahta_plugin.h"
VAHTA_MANIFEST("{{\"name\":\"{name}\",\"version\":\"1\",\"title\":\"T\",\"publisher\":\"p\"{}}}");
"#,
        rest.replace('"', "\\\"")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_no_plugins_say_so_and_the_others_start() {
    let world = World::new(&["echo", "wrong-abi", "bundles-sqlite"]);
    let text = fixtures::workspace().join("tests/fixtures/not_a_library.so");
    fs::copy(text, world.dir.join("not_a_library.so")).unwrap();
    fs::write(world.dir.join("empty.so"), "").unwrap();
    fixtures::c_library_of(&world.dir, "stranger", "int stranger(void) { return 1; }");
    world.host.load_all().await;
    assert_eq!(world.state("echo"), "started");
    assert!(
        world
            .state("not_a_library.so")
            .starts_with("refused: not a library: ")
    );
    assert!(
        world
            .state("empty.so")
            .starts_with("refused: not a library: ")
    );
    let stranger = "refused: no `.vahta` section: not a Vahta plugin";
    assert_eq!(world.state("libstranger.so"), stranger);
    let abi = "refused: the plugin speaks ABI 2, this host speaks ABI 1";
    assert_eq!(world.state("libfixture_wrong_abi.so"), abi);
    let sqlite = world.state("libfixture_bundles_sqlite.so");
    assert!(
        sqlite.starts_with("refused: brings its own SQLite"),
        "{sqlite}"
    );
    world.command("echo", "/echo unharmed").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_manifest_names_its_field() {
    let world = World::new(&[]);
    let source = manifest_only("odd", r#","capabilities":["telegram.send","root"]"#);
    fixtures::c_library_of(&world.dir, "odd", &source);
    world.host.load_all().await;
    let state = world.state("libodd.so");
    assert!(
        state.starts_with(r#"refused: manifest: capabilities[1]: "root" is unknown"#),
        "{state}"
    );
}

/// A Rust library with a manifest and nothing else.
const RUST: &str = r##"
const MANIFEST: [u8; 58] = *br#"{"name":"rusty","version":"1","title":"T","publisher":"p"}"#;

#[unsafe(no_mangle)]
#[unsafe(link_section = ".vahta")]
pub static SECTION: SectionBytes = SectionBytes(*b"VAHTAPLG", 1, 58, MANIFEST);

#[repr(C)]
pub struct SectionBytes([u8; 8], u32, u32, [u8; 58]);

#[unsafe(no_mangle)]
pub extern "C" fn keep(n: usize) -> u8 {
    assert!(n < 58, "a message with a path of the standard library near by");
    SECTION.3[n]
}
"##;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rust_that_aborts_on_panic_is_refused_even_when_stripped() {
    let world = World::new(&[]);
    let abort = ["-Cpanic=abort", "-Cstrip=symbols", "-Copt-level=2"];
    fixtures::rust_library(&world.dir, "aborts", RUST, &abort);
    world.host.load_all().await;
    let state = world.state("libaborts.so");
    assert!(
        state.starts_with(r#"refused: built with panic = "abort""#),
        "{state}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rust_that_unwinds_gets_past_that_check() {
    let world = World::new(&[]);
    fixtures::rust_library(&world.dir, "unwinds", RUST, &["-Cpanic=unwind"]);
    world.host.load_all().await;
    // It has no functions, and says so after dlopen.
    let state = world.state("rusty");
    assert!(
        state.ends_with("it does not export vahta_abi_version"),
        "{state}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_library_that_lies_about_its_abi_is_not_entered() {
    let world = World::new(&[]);
    let source = manifest_only("liar", "")
        + r"
uint32_t vahta_abi_version(void) { return 7; }
const vahta_plugin *vahta_plugin_entry(void) { __builtin_trap(); }
";
    fixtures::c_library_of(&world.dir, "liar", &source);
    world.host.load_all().await;
    assert_eq!(
        world.state("liar"),
        "failed: the plugin speaks ABI 7, this host speaks ABI 1"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_approved_bytes_are_loaded() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let approved = Arc::new(Mutex::new(String::new()));
    let approve = {
        let (asked, approved) = (asked.clone(), approved.clone());
        Approve::Sha256(Arc::new(move |name, sha256| {
            asked
                .lock()
                .unwrap()
                .push((name.to_owned(), sha256.to_owned()));
            *approved.lock().unwrap() == sha256
        }))
    };
    let world = World::with(
        &["echo"],
        Setup {
            approve,
            ..Setup::default()
        },
    );
    world.host.load_all().await;
    let (name, sha256) = asked.lock().unwrap()[0].clone();
    assert_eq!((name.as_str(), sha256.len()), ("echo", 64));
    let refused = format!("refused: not approved: an admin must approve SHA-256 {sha256}");
    assert_eq!(world.state("echo"), refused);
    assert_eq!(world.mapped(), Vec::<String>::new());
    assert!(!world.host.routes().command("echo").unwrap().running);
    *approved.lock().unwrap() = sha256;
    world.host.enable("echo").await.unwrap();
    world.command("echo", "/echo allowed now").await.unwrap();
    // Another byte, another file: the approval does not hold for it, and the old one goes on.
    let file = world.host.info("echo").unwrap().path;
    let mut bytes = fs::read(&file).unwrap();
    bytes.push(0);
    fs::write(&file, bytes).unwrap();
    let error = world.host.reload("echo").await.unwrap_err().to_string();
    assert!(error.starts_with("not approved"), "{error}");
    world.command("echo", "/echo the old one").await.unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_anybody_may_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new(&["echo"]);
    let file = world.dir.join("libfixture_echo.so");
    fs::set_permissions(file, fs::Permissions::from_mode(0o757)).unwrap();
    world.host.load_all().await;
    let state = world.state("libfixture_echo.so");
    assert_eq!(
        state,
        "refused: anybody may write to it (mode 757); use chmod o-w"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_one_plugin_cannot_be_claimed_by_another() {
    let reserved = vec!["help".to_owned()];
    let world = World::with(
        &["echo"],
        Setup {
            reserved,
            ..Setup::default()
        },
    );
    let command = |name| format!(r#","commands":[{{"name":"{name}","description":{{"en":"x"}}}}]"#);
    for (file, name, rest) in [
        ("z_command", "second", command("echo")),
        ("z_core", "third", command("help")),
        ("z_name", "echo", String::new()),
        ("z_prefix_a", "first_with_x", r#","prefix":"x""#.to_owned()),
        ("z_prefix_b", "second_with_x", r#","prefix":"x""#.to_owned()),
    ] {
        fixtures::c_library_of(&world.dir, file, &manifest_only(name, &rest));
    }
    world.host.load_all().await;
    assert_eq!(
        world.state("libz_command.so"),
        "refused: the command /echo belongs to plugin echo (libfixture_echo.so) already, \
         libz_command.so wants it too"
    );
    assert_eq!(
        world.state("libz_core.so"),
        "refused: the command /help belongs to plugin core (built in) already, \
         libz_core.so wants it too"
    );
    assert_eq!(
        world.state("libz_name.so"),
        "refused: the name \"echo\" belongs to plugin echo (libfixture_echo.so) already, \
         libz_name.so wants it too"
    );
    assert_eq!(
        world.state("libz_prefix_b.so"),
        "refused: the button prefix \"x\" belongs to plugin first_with_x (libz_prefix_a.so) \
         already, libz_prefix_b.so wants it too"
    );
    world.command("echo", "/echo mine").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_is_not_there_is_named() {
    let world = World::started(&["echo"]).await;
    let error = world.host.enable("ecko").await.unwrap_err().to_string();
    assert!(
        error.starts_with("there is no plugin \"ecko\" in "),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_comes_later_can_be_enabled() {
    let world = World::started(&[]).await;
    let library = fixtures::library("echo");
    fs::copy(&library, world.dir.join("libfixture_echo.so")).unwrap();
    world.host.enable("echo").await.unwrap();
    world.command("echo", "/echo late").await.unwrap();
}
