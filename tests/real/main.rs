//! Tests against software that others wrote: Postfix and its test sink, Exim, BIND, aiosmtpd, OpenDKIM, a browser, curl, wrk, checkers of pages and letters.
//! Not part of plain `cargo test`; `.ci/run` installs what they need and runs `cargo test --test real`. A missing tool is a failure, never
//! a skip. Other software gives no sign when it is ready, so these tests wait in small steps; the ones in `it` never do.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has said what it had to say"
)]

#[path = "../it/newsroom/mod.rs"]
#[expect(
    dead_code,
    reason = "the harness of `it`; not all of it is needed here"
)]
mod newsroom;

mod bucket; // moto, which plays S3: access logs in a bucket
mod chromium; // a browser, and axe-core in it
mod desk; // the desk in a browser: by keys alone, two who edit, no connection; axe-core
mod dkim; // dkimpy and OpenDKIM: are our signatures good, and are tampered letters bad?
mod dns; // BIND: every judgement of `check --online` with a real name server, over UDP and TCP
mod door; // readers' own pages: axe-core and Nu again
mod editions; // one edition in four languages
mod exim; // a whole Exim
mod journey; // a reader's whole way in a browser and with curl; wrk; two that serve; what logs say
mod json; // jsonschema: is JSON what its schema says?
mod pages; // Nu, axe-core, SpamAssassin, parsers: is a page what everybody can read?
mod pictures; // the pictures in docs/, made anew
mod postfix; // a whole Postfix: does a letter arrive byte for byte?
mod postgres; // PostgreSQL: statements of a newsroom's own, read-only
mod relay; // aiosmtpd: answers by rule, certificates
mod sink; // smtp-sink: kills, ten thousand readers

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Where Debian puts programs; not all of it is on everybody's `PATH`.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The path of a program of a Debian package. Missing, it fails the test and says how to get it.
fn tool(name: &str, package: &str) -> PathBuf {
    FOLDERS
        .iter()
        .map(|folder| PathBuf::from(folder).join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| {
            panic!("`{name}` is missing: `apt-get install {package}` (`.ci/run` does that)")
        })
}

/// The path of a file of an npm package, installed beside what Cargo builds, as `package-lock.json` has it.
fn npm(file: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("npm/node_modules").join(file);
    assert!(
        path.exists(),
        "`{}` is missing: `.ci/run` installs it",
        path.display()
    );
    path
}

/// The path of a program that comes by pip, installed beside what Cargo builds.
fn python(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("python/bin").join(name);
    assert!(
        path.exists(),
        "`{}` is missing: `.ci/run` installs it",
        path.display()
    );
    path
}

/// Whether the tests run as root, as Postfix demands.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The files of a process belong to its effective user.
    std::fs::metadata("/proc/self").expect("Linux").uid() == 0
}

/// A folder that other users may enter, as Postfix's processes must.
fn open_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::Builder::new().prefix("real-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

/// A port on 127.0.0.1 that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Waits until it is so; fails with `what` if that takes longer than [`newsroom::PATIENCE`].
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + newsroom::PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        sleep(Duration::from_millis(1));
    }
}

/// Whether somebody listens on that port.
fn answers(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Says these lines to an SMTP server, all at once, and waits for it to hang up: proof that a harness works before we are blamed.
fn say(port: u16, lines: &[&str]) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(newsroom::PATIENCE)).unwrap();
    let mut answers = String::new();
    for line in lines {
        // One by one: Postfix refuses a client that talks before it is asked.
        let mut reply = [0; 512];
        let length = stream.read(&mut reply).unwrap();
        answers.push_str(&String::from_utf8_lossy(&reply[..length]));
        stream.write_all(line.as_bytes()).unwrap();
    }
    stream.read_to_string(&mut answers).unwrap();
    answers
}
