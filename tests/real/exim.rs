//! Exim, which answers without enhanced codes and lets a conversation bring so many letters only.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::newsroom::{Newsroom, TODAY};
use crate::{answers, free_port, is_root, open_folder, wait_until};

/// A running Exim with a configuration of its own. Dropped, it is killed.
struct Exim {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Exim {
    /// Mailboxes for `ada` to `dan` of `example.org`; nobody else, and no other domain.
    fn start() -> Self {
        // Postfix and Exim cannot both be installed: this one lies beside what Cargo builds.
        let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .unwrap();
        let program = target.join("exim/usr/sbin/exim4");
        assert!(
            program.exists(),
            "`{}` is missing: `.ci/run` puts it there",
            program.display()
        );
        assert!(
            is_root(),
            "Exim listens as root only: run this test as root"
        );
        let (folder, port) = (open_folder(), free_port());
        let path = folder.path().display();
        let shown = program.display();
        let config = format!(
            "primary_hostname = exim.example\nexim_path = {shown}\nspool_directory = {path}/spool\nlog_file_path = {path}/log-%slog\npid_file_path = {path}/pid\n\
             keep_environment =\ndomainlist here = example.org\nacl_smtp_rcpt = rcpt\nacl_smtp_data = accept_all\nsmtp_accept_max_per_connection = 3\n\
             never_users =\nexim_user = root\nexim_group = root\nhost_lookup =\nrfc1413_query_timeout = 0s\n\
             begin acl\nrcpt:\n  require message = relay not permitted\n    domains = +here\n  require verify = recipient\n  accept\naccept_all:\n  accept\n\
             begin routers\nbox:\n  driver = accept\n  domains = +here\n  local_parts = ada : bob : cleo : dan\n  transport = box\n\
             begin transports\nbox:\n  driver = appendfile\n  file = {path}/$local_part_data\n  user = nobody\n  create_file = anywhere\n"
        );
        fs::write(folder.path().join("exim.conf"), config).unwrap();
        let child = Command::new(&program)
            .arg("-C")
            .arg(folder.path().join("exim.conf"))
            .args(["-bdf", "-oX", &format!("127.0.0.1:{port}")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut exim = Self {
            child,
            folder,
            port,
        };
        wait_until("Exim listens", || {
            let ended = exim.child.try_wait().unwrap();
            assert!(ended.is_none(), "Exim ended: {}", exim.log());
            answers(port)
        });
        exim
    }

    fn log(&self) -> String {
        ["panic", "main"]
            .iter()
            .filter_map(|log| {
                fs::read_to_string(self.folder.path().join(format!("log-{log}log"))).ok()
            })
            .collect()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn exim_takes_what_it_knows() {
    let exim = Exim::start();
    let readers = ["ada", "bob", "nobody", "cleo", "dan"].map(|name| format!("{name}@example.org"));
    let room = Newsroom::new()
        .relay(exim.port, 1)
        .subscribers(&readers.each_ref().map(String::as_str));
    room.run(&["send"]).exits(3);
    let tally = room.tally();
    assert_eq!(
        (tally.accepted, tally.rejected),
        (4, 1),
        "{tally:?}\n{}",
        exim.log()
    );
    let rejected = room.run(&["status", TODAY, "--rejected"]).exits(0).stdout;
    assert!(
        rejected.starts_with("nobody@example.org  550 "),
        "{rejected}"
    );
    for reader in ["ada", "bob", "cleo", "dan"] {
        let mailbox = exim.folder.path().join(reader);
        wait_until("the letter is delivered", || {
            fs::read_to_string(&mailbox).is_ok_and(|text| text.ends_with("--\n\n"))
        });
        let text = fs::read_to_string(&mailbox).unwrap();
        assert_eq!(text.matches("\nSubject: ").count(), 1, "{text}");
    }
}

#[test]
fn exim_that_does_not_relay_is_about_us() {
    let exim = Exim::start();
    let room = Newsroom::new()
        .relay(exim.port, 1)
        .subscribers(&["ada@elsewhere.example"]);
    room.run(&["send"]).exits(75).says("1 queued");
}
