//! Readership out of a real PostgreSQL, as Debian packages it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::newsroom::Newsroom;

/// A server of its own in a folder, on a socket there. Dropped, it is gone.
struct Server {
    folder: tempfile::TempDir,
    child: Child,
}

/// Debian has the programs of each version in a folder of its own.
fn program(name: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is installed")
        .map(|version| version.unwrap().path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL has its programs")
}

/// The server does not run as root.
fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program)
        .current_dir("/");
    command
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let done = Command::new("chown")
            .args(["postgres:postgres"])
            .arg(folder.path())
            .status();
        assert!(done.unwrap().success());
        let data = folder.path().join("data");
        let done = as_postgres(&program("initdb"))
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(done.unwrap().success());
        let done = as_postgres(&program("pg_ctl"))
            .args(["start", "-w", "-s", "-D"])
            .arg(&data)
            .args([
                "-o",
                &format!(
                    "-F -c listen_addresses= -c unix_socket_directories={}",
                    folder.path().display()
                ),
            ])
            .arg("-l")
            .arg(folder.path().join("log"))
            .stdout(Stdio::null())
            .spawn();
        let mut child = done.unwrap();
        assert!(child.wait().unwrap().success());
        Self { folder, child }
    }

    fn run(&self, sql: &str) -> String {
        let output = Command::new(program("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "postgres",
                "-h",
            ])
            .arg(self.folder.path())
            .args(["-c", sql])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The Harbour with that statement, and what it is told of its stories 1 to 3.
    fn asked(&self, sql: &str) -> (Vec<Option<u64>>, String) {
        let room = Newsroom::new().config(
            "[readership]",
            &format!(
                "postgres = \"host={} dbname=postgres\"\nusername = \"digest\"\npassword_env = \"DB\"\ntime_limit = \"2s\"\nsql = \"\"\"{sql}\"\"\"",
                self.folder.path().display()
            ),
        );
        let told = room
            .environment("DB", "never-shown")
            .run(&["explain", "--json"])
            .exits(0);
        assert!(!told.stderr.contains("never-shown") && !told.stdout.contains("never-shown"));
        let told = told.json();
        let views = (1..=3).map(|number| {
            let url = format!("https://harbourtimes.example/story-{number}");
            let all = told["candidates"].as_array().unwrap();
            all.iter()
                .find(|story| story["url"] == url.as_str())
                .unwrap()["views"]
                .as_u64()
        });
        let misses = told["misses"].as_array().unwrap();
        let misses = misses
            .iter()
            .map(|miss| miss["what"].as_str().unwrap().to_owned());
        (views.collect(), misses.collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        _ = as_postgres(&program("pg_ctl"))
            .args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(data)
            .status();
        _ = self.child.wait();
    }
}

#[test]
fn a_statement_is_read_only_bounded_and_takes_its_window_as_parameters() {
    let server = Server::start();
    server.run("CREATE ROLE digest LOGIN; CREATE TABLE view (url text, at timestamptz, local timestamp, n numeric);
        INSERT INTO view VALUES ('/story-1', '2026-08-24T05:10Z', '2026-08-24 06:10', 30), ('/story-1', '2026-08-24T04:10Z', '2026-08-24 05:10', 12.4),
            ('https://harbourtimes.example/story-2', '2026-08-24T05:00Z', '2026-08-24 06:00', 7), ('/story-2', '2026-08-20T05:00Z', '2026-08-20 06:00', 900),
            ('/story-3', '2026-08-24T05:00Z', '2026-08-24 06:00', -1);
        GRANT ALL ON view TO digest;");
    let (views, misses) = server.asked("SELECT url, n AS views, at AS time FROM view WHERE at >= {from} AND at < {to} -- the window");
    assert_eq!(views, [Some(42), Some(7), None], "{misses}");
    assert!(
        misses.starts_with("row 5: expected a number of views, but found `-1`")
            || misses.contains("expected a number of views, but found `-1`"),
        "{misses}"
    );
    // Times without a zone are those of the newsletter, here one hour ahead of UTC; one parameter is enough.
    let (views, _) = server.asked("SELECT url, n::bigint AS views, local AS \"time\" FROM view WHERE local > {from} AND n > 0");
    assert_eq!(views, [Some(42), Some(7), None]);
    let (views, _) = server.asked("SELECT url, sum(n) AS views FROM view WHERE n > 0 GROUP BY url");
    assert_eq!(views[0], Some(42));
    for (sql, said) in [
        ("DELETE FROM view", "answered `syntax error at or near"),
        (
            "SELECT 1 AS views; DROP TABLE view",
            "answered `syntax error at or near",
        ),
        (
            "WITH gone AS (DELETE FROM view RETURNING url) SELECT url, 1 AS views FROM gone",
            "answered `WITH clause containing a data-modifying statement must be at the top level`",
        ),
        (
            "SELECT url, nextval('s') AS views FROM view",
            "answered `relation \"s\" does not exist`",
        ),
        (
            "SELECT url, n AS views, pg_sleep(60) FROM view",
            "answered `canceling statement due to statement timeout`",
        ),
        (
            "SELECT link FROM view",
            "answered `column \"link\" does not exist`",
        ),
        (
            "SELECT url FROM view",
            "its statement returns no `views`, but `url`",
        ),
    ] {
        let (views, misses) = server.asked(sql);
        assert_eq!(views, [None, None, None], "{sql}");
        assert!(
            misses.contains(said)
                || (sql.contains("pg_sleep") && misses.contains("took longer than 2 s")),
            "{sql}: {misses}"
        );
    }
    // A function that writes is refused by the transaction.
    server.run("CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'DELETE FROM view; SELECT 1';");
    let (_, misses) = server.asked("SELECT '/story-1' AS url, sly() AS views");
    assert!(
        misses.contains("cannot execute DELETE in a read-only transaction"),
        "{misses}"
    );
    assert_eq!(server.run("SELECT count(*) FROM view"), "5");
}
