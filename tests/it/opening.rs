//! `[opening]`: subject and opening by a command of the newsroom's, and how long they are a machine's.

use crate::newsroom::{Newsroom, TODAY};

const FILE: &str = "editions/2026-08-24.toml";
const SAYS: &str = "cat > told.json\necho 'thinking of seals' >&2\necho 'subject: Fares up, <b>seal</b> down'\necho\necho 'Good morning.'\necho 'Mind the seal.'\n";

fn room(script: &str) -> Newsroom {
    let room = Newsroom::new().config("opening", "command = [\"sh\", \"opening.sh\", \"--short\"]");
    room.file("opening.sh", script);
    room
}

fn edit(room: &Newsroom, from: &str, to: &str) {
    let text = room.read(FILE);
    assert!(text.contains(from), "{from} is not in:\n{text}");
    room.file(FILE, text.replacen(from, to, 1));
}

/// What `check` says of the machine's lines.
fn remark(room: &Newsroom) -> String {
    let said = room.run(&["check"]).exits(0).words();
    let mut lines = said.lines().filter(|line| line.contains("a machine's"));
    lines.next().unwrap_or_default().to_owned()
}

#[test]
fn they_are_a_machines_until_a_person_touches_them() {
    let room = room(SAYS);
    let said = room.run(&["draft"]).exits(0).words();
    assert!(said.contains("sh: thinking of seals"), "{said}");
    assert!(
        said.contains("subject and opening by a machine: read before it goes out"),
        "{said}"
    );
    let told: serde_json::Value = serde_json::from_str(&room.read("told.json")).unwrap();
    assert_eq!(
        (&told["edition"], &told["schema"]),
        (&TODAY.into(), &1.into())
    );
    assert_eq!(
        told["lists"]["top"][0]["dek"],
        "What is known about it, in one sentence."
    );
    let drafted = room.read(FILE);
    assert!(drafted.contains("subject = \"Fares up, <b>seal</b> down\"\nopening = \"Good morning. Mind the seal.\"\nmachine_written = [\"subject "), "{drafted}");
    assert!(remark(&room).contains("subject and opening of the edition is a machine's"));
    room.run(&["send", "--dry-run"])
        .exits(0)
        .says("the opening: is a machine's, and no person has touched it");
    room.run(&["preview", "--out", "out"]).exits(0);
    assert!(
        room.read("out/digest.html")
            .contains("Fares up, &lt;b&gt;seal&lt;/b&gt; down")
    );

    // A person's words are a person's, whatever is done with the mark.
    edit(&room, "Mind the seal.", "Mind the ferry.");
    assert!(
        remark(&room).contains(": subject of the edition"),
        "{}",
        remark(&room)
    );
    // The machine's are its own again when they come back.
    edit(&room, "Mind the ferry.", "Mind the seal.");
    assert!(remark(&room).contains("subject and opening"));
    edit(&room, "Mind the seal.", "Mind the ferry.");
    room.run(&["draft", "--force"]).exits(0);
    assert!(
        room.read(FILE)
            .contains("opening = \"Good morning. Mind the ferry.\"")
    );
    assert!(remark(&room).contains(": subject of the edition"));
    // Without its mark they are a person's, and stay when it would say something else.
    let text = room.read(FILE);
    let mark = text
        .lines()
        .find(|line| line.starts_with("machine_written"))
        .unwrap()
        .to_owned();
    edit(&room, &format!("{mark}\n"), "");
    assert_eq!(remark(&room), "");
    room.file("opening.sh", "echo 'Something else.'\n");
    room.run(&["draft", "--force"]).exits(0);
    let text = room.read(FILE);
    assert!(
        text.contains("Mind the ferry.")
            && text.contains("Fares up")
            && !text.contains("machine_written"),
        "{text}"
    );
}

#[test]
fn an_approval_makes_them_the_papers() {
    let room = room(SAYS).config("approval", "by = [\"bea@harbourtimes.example\"]");
    room.run(&["draft"]).exits(0);
    assert!(remark(&room).contains("a machine's"));
    room.run(&["approve"]).exits(0);
    assert_eq!(remark(&room), "");
    let said = room.run(&["send", "--dry-run"]).exits(0).words();
    assert!(!said.contains("machine"), "{said}");
    edit(&room, "Ines Duarte", "Rui Falk");
    assert!(
        remark(&room).contains("a machine's"),
        "nobody approved it as it is"
    );
}

#[test]
fn what_fails_is_a_miss_and_the_edition_is_made() {
    for (script, why) in [
        (
            "echo 'no model today' >&2\necho 'subject: Half'\nexit 3\n",
            "`sh` ended with 3",
        ),
        ("cat > /dev/null\n", "says nothing"),
        ("kill -9 $$\n", "`sh` was killed"),
        ("yes\n", "says more than 8000 octets"),
        ("echo $SMTP_PASSWORD\n", "says nothing"),
    ] {
        let room = room(script).environment("SMTP_PASSWORD", "secret");
        let said = room.run(&["draft"]).exits(0).words();
        assert!(
            said.contains(&format!("opening of `sh`: {why}")),
            "{script}: {said}"
        );
        assert_eq!(
            said.contains("sh: no model today"),
            script.contains("model"),
            "{said}"
        );
        let text = room.read(FILE);
        assert!(
            !text.contains("machine_written") && text.contains("\nsubject = \"A very fat seal"),
            "{text}"
        );
    }
    let room = Newsroom::new().config("opening", "command = [\"./none\"]");
    room.run(&["draft"])
        .exits(0)
        .says("opening of `./none`: `./none` cannot be run");
    room.run(&["explain"]).exits(0);
    for broken in [
        "command = []",
        "command = [\"\"]",
        "file = \"a\"",
        "command = \"a\"",
    ] {
        let room = Newsroom::new().config("opening", broken);
        room.run(&["check"]).exits(1);
    }
}
