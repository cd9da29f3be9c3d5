//! The subscribers file and the suppression list.

use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;

#[test]
fn adding_and_removing_keeps_comments_and_order() {
    let room = Newsroom::new();
    room.file(
        "subscribers.toml",
        "# Our readers\n\n[[subscriber]] # the first\nemail = \"ada@example.org\"   # since ever\nname = \"Ada\"\n\n[[subscriber]]\nemail = \"bob@example.org\"\n",
    );
    room.run(&[
        "subscribers",
        "add",
        "cleo@example.net",
        "--name",
        "Cleo",
        "--sections",
        "News,City",
        "--consent",
        "form",
    ])
    .exits(0);
    room.run(&["subscribers", "remove", "bob@example.org"])
        .exits(0);
    insta::assert_snapshot!(room.read("subscribers.toml"), @r#"
    # Our readers

    [[subscriber]] # the first
    email = "ada@example.org"   # since ever
    name = "Ada"

    [[subscriber]]
    email = "cleo@example.net"
    name = "Cleo"
    sections = ["News", "City"]
    since = 2026-08-24
    consent = "form"
    "#);
}

#[test]
fn nobody_stands_in_the_file_twice() {
    let room = Newsroom::new();
    room.run(&["subscribers", "add", "ADA@example.org", "dora@example.org"])
        .exits(0)
        .says("1 subscriber added")
        .says("already");
    assert_eq!(
        room.read("subscribers.toml")
            .matches("[[subscriber]]")
            .count(),
        4
    );
    room.run(&["subscribers", "check"]).exits(0);
    let room = room.subscribers(&["ada@example.org", "Ada@Example.ORG"]);
    room.run(&["subscribers", "check"])
        .exits(1)
        .says("subscribers.toml");
}

#[test]
fn what_is_no_address_is_refused_whole() {
    let room = Newsroom::new();
    let before = room.read("subscribers.toml");
    room.run(&["subscribers", "add", "dora@example.org", "jane.example.org"])
        .exits(1)
        .says("expected `name@domain`")
        .says("nothing was changed");
    assert_eq!(room.read("subscribers.toml"), before);
}

#[test]
fn lists_for_people_and_for_programs() {
    let room = Newsroom::new();
    let output = room.run(&["subscribers", "list"]).exits(0);
    assert_eq!(
        output.stdout.lines().collect::<Vec<_>>(),
        ["ada@example.org", "bob@example.org", "cleo@example.net"]
    );
    let json = room.run(&["subscribers", "list", "--json"]).exits(0).json();
    assert_eq!(json[1]["email"], "bob@example.org");
}

#[test]
fn out_as_csv_and_in_again() {
    let room = Newsroom::new();
    room.run(&[
        "subscribers",
        "add",
        "müller@bücher.example",
        "--name",
        "Müller, Jürgen \"J\"",
        "--sections",
        "News",
    ])
    .exits(0);
    let csv = room.run(&["subscribers", "export"]).exits(0).stdout;
    let other = Newsroom::new();
    other.file("subscribers.toml", "");
    other
        .run_with_input(&["subscribers", "import", "-"], &csv)
        .exits(0)
        .says("4 subscribers added");
    assert_eq!(other.run(&["subscribers", "export"]).exits(0).stdout, csv);
    assert!(csv.contains("@xn--bcher-kva.example"), "{csv}");
}

#[test]
fn an_import_names_each_bad_line_and_takes_the_rest() {
    let room = Newsroom::new();
    room.file("new.csv", "Email,Name\ndora@example.org,Dora\nno-address,Nobody\nada@example.org,Ada\n\"broken\nemil@example.org,Emil\n");
    room.run(&["subscribers", "import", "new.csv"])
        .exits(3)
        .says("new.csv:3")
        .says("1 already there");
    assert!(room.read("subscribers.toml").contains("dora@example.org"));
    room.file("other.csv", "a,b\n1,2\n");
    room.run(&["subscribers", "import", "other.csv"])
        .exits(1)
        .says("email")
        .says("nothing was changed");
    room.run(&["subscribers", "import", "missing.csv"])
        .exits(1)
        .says("missing.csv");
}

#[test]
fn the_suppression_list_wins_over_the_file() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["suppress", "BOB@example.org"]).exits(0);
    let listed = room.run(&["suppress", "--list", "--json"]).exits(0).json();
    assert_eq!(
        (
            listed[0]["email"]
                .as_str()
                .map(str::to_lowercase)
                .as_deref(),
            listed[0]["reason"].as_str()
        ),
        (Some("bob@example.org"), Some("by hand"))
    );
    room.run(&["subscribers", "add", "bob@example.org"])
        .exits(0)
        .says("suppression list");
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted_for(), ["ada@example.org", "cleo@example.net"]);
    assert_eq!(room.tally().left_out, 1);
    room.run(&["unsuppress", "bob@example.org"]).exits(0);
    assert_eq!(
        room.run(&["suppress", "--list", "--json"])
            .exits(0)
            .json()
            .as_array()
            .map(Vec::len),
        Some(0)
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_said() {
    let room = Newsroom::new().config("newsletter", "name = \"x\"\nfrom = \"a@b.example\"\nsite = \"https://b.example/\"\naddress = \"x\"\nsubscribers = \"none/there/subscribers.toml\"");
    room.run(&["subscribers", "list"])
        .exits(1)
        .says("none/there/subscribers.toml");
}

/// The subscribers file and the suppression list after an import, which ends with `code`.
fn imported(room: &Newsroom, text: &str, more: &[&str], code: i32) -> crate::newsroom::Output {
    room.file("list.csv", text);
    let mut arguments = vec!["subscribers", "import", "list.csv"];
    arguments.extend(more);
    room.run(&arguments).exits(code)
}

fn suppression(room: &Newsroom) -> String {
    room.run(&["suppress", "--list", "--csv"]).exits(0).stdout
}

#[test]
fn an_import_subscribes_nobody_who_left() {
    let room = Newsroom::new();
    let before = room.read("subscribers.toml");
    let list = "email,status,unsubscribed_at\n\
        dora@example.org,active,\n\
        emil@example.org,Unsubscribed,2024-05-06 07:08:09\n\
        finn@example.org,cleaned,\n\
        gita@example.org,pending,\n\
        bob@example.org,complained,2025-01-02\n";
    imported(&room, list, &["--dry-run"], 0)
        .says("1 subscriber would be added")
        .says("3 addresses would be put on the suppression list: 1 unsubscribed, 1 bounced, 1 complained")
        .says("nothing was changed");
    assert_eq!(room.read("subscribers.toml"), before);
    assert_eq!(suppression(&room), "address,reason,date\n");
    imported(&room, list, &[], 0)
        .says("who may be mailed is read from `status`, `unsubscribed_at`")
        .says("1 subscriber added")
        .says("1 address left out: not confirmed")
        .says("`bob@example.org` left, and is in")
        .says("newsdigest subscribers remove bob@example.org");
    assert!(room.read("subscribers.toml").contains("dora@example.org"));
    for left in ["emil", "finn", "gita"] {
        assert!(!room.read("subscribers.toml").contains(left), "{left}");
    }
    let listed = "address,reason,date\nemil@example.org,unsubscribed,2024-05-06\nbob@example.org,complained,2025-01-02\nfinn@example.org,bounced,2026-08-24\n";
    assert_eq!(suppression(&room), listed);
    // The old list of readers, once more: who left is not added.
    imported(&room, "email\nemil@example.org\n", &[], 0)
        .says("1 address not added: on the suppression list")
        .says("0 subscribers added");
    // And what went out comes in elsewhere.
    let other = Newsroom::new();
    other
        .run_with_input(&["suppress", "--import", "-"], listed)
        .exits(0)
        .says("3 addresses put on the suppression list");
    assert_eq!(suppression(&other), listed);
    other
        .run_with_input(
            &["suppress", "--import", "-"],
            "emil@example.org\nhugo@example.org\n",
        )
        .exits(0)
        .says("1 address put")
        .says("1 already there");
    assert!(suppression(&other).contains("hugo@example.org,by hand,2026-08-24"));
}

#[test]
fn a_word_that_is_not_known_ends_an_import_before_anything_is_changed() {
    let room = Newsroom::new();
    let before = room.read("subscribers.toml");
    let list = "email,status\ndora@example.org,active\nemil@example.org,on hold\nfinn@example.org,unsubscribed\n";
    imported(&room, list, &[], 1)
        .says("`status`")
        .says("`on hold` (1)")
        .says("--means 'status:on hold=left'")
        .says("nothing was changed");
    assert_eq!(room.read("subscribers.toml"), before);
    assert!(!suppression(&room).contains("finn"));
    imported(&room, list, &["--means", "status:on hold=unconfirmed"], 0)
        .says("1 subscriber added")
        .says("1 address left out");
    assert!(suppression(&room).contains("finn@example.org,unsubscribed"));
}

#[test]
fn who_subscribed_here_after_leaving_there_stays() {
    let room = Newsroom::new();
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\nsince = 2026-08-01\n",
    );
    let list = "Email Address,UNSUB_TIME\nada@example.org,2024-05-06 07:08:09\n";
    imported(&room, list, &[], 0)
        .says("looks like Mailchimp's export of who unsubscribed")
        .says("`ada@example.org` left there, and subscribed here after that: they stay");
    assert!(!suppression(&room).contains("ada"));
    imported(
        &room,
        "Email Address,UNSUB_TIME\nada@example.org,2026-08-02\n",
        &[],
        0,
    )
    .says("1 address put on the suppression list");
    assert!(suppression(&room).contains("ada@example.org,unsubscribed,2026-08-02"));
}

#[test]
fn names_and_sections_change_when_asked() {
    let room = Newsroom::new();
    let list = "email,name,tags\nbob@example.org,Robert,\"News, City\"\n";
    imported(&room, list, &["--sections-from", "tags"], 0)
        .says("1 subscriber differs in name or sections: `--update`");
    assert!(!room.read("subscribers.toml").contains("Robert"));
    imported(&room, list, &["--sections-from", "tags", "--update"], 0);
    let text = room.read("subscribers.toml");
    assert!(
        text.contains("name = \"Robert\"") && text.contains("sections = [\"News\", \"City\"]"),
        "{text}"
    );
    room.run(&[
        "subscribers",
        "set",
        "BOB@example.org",
        "--name",
        "Bob",
        "--sections",
        "",
    ])
    .exits(0)
    .says("changed in");
    let text = room.read("subscribers.toml");
    assert!(
        text.contains("name = \"Bob\"") && !text.contains("sections"),
        "{text}"
    );
    let rhythm = [
        "--frequency",
        "weekly",
        "--alerts",
        "true",
        "--time-zone",
        "Asia/Tokyo",
    ];
    room.run(&[&["subscribers", "set", "bob@example.org"][..], &rhythm].concat())
        .exits(0);
    let list = room.run(&["subscribers", "list"]).exits(0).stdout;
    assert!(
        list.contains("bob@example.org  Bob  weekly  alerts  in Asia/Tokyo"),
        "{list}"
    );
    let table = room.run(&["subscribers", "export"]).exits(0).stdout;
    std::fs::remove_file(room.path("subscribers.toml")).unwrap();
    imported(&room, &table, &[], 0);
    let text = room.read("subscribers.toml");
    assert!(
        text.contains(
            "name = \"Bob\"\nfrequency = \"weekly\"\nalerts = true\ntime_zone = \"Asia/Tokyo\""
        ),
        "{text}"
    );
    let back = [
        "--frequency",
        "daily",
        "--alerts",
        "false",
        "--time-zone",
        "",
    ];
    room.run(&[&["subscribers", "set", "bob@example.org"][..], &back].concat())
        .exits(0);
    let text = room.read("subscribers.toml");
    assert!(
        !text.contains("weekly") && !text.contains("alerts") && !text.contains("Tokyo"),
        "{text}"
    );
    room.run(&[
        "subscribers",
        "set",
        "bob@example.org",
        "--time-zone",
        "../x",
    ])
    .exits(2)
    .says("is not a time zone");
    room.run(&["subscribers", "set", "nobody@example.org", "--name", "x"])
        .exits(1)
        .says("is not in")
        .says("nothing was changed");
}

#[test]
fn removed_for_good_is_not_brought_back() {
    let room = Newsroom::new();
    room.run(&["subscribers", "remove", "ada@example.org"])
        .exits(0)
        .says("--for-good");
    imported(&room, "email\nada@example.org\n", &[], 0).says("1 subscriber added");
    room.run(&["subscribers", "remove", "ada@example.org", "--for-good"])
        .exits(0)
        .says("on the suppression list");
    imported(&room, "email\nada@example.org\n", &[], 0).says("0 subscribers added");
    assert!(!room.read("subscribers.toml").contains("ada@"));
}

#[test]
fn a_subscribers_file_that_is_none_is_not_waited_for() {
    let room = Newsroom::new();
    std::fs::remove_file(room.path("subscribers.toml")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(room.path("subscribers.toml"))
        .status();
    assert!(made.unwrap().success());
    room.run(&["subscribers", "list"])
        .exits(1)
        .says("is not a file");
    std::fs::remove_file(room.path("subscribers.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", room.path("subscribers.toml")).unwrap();
    room.run(&["subscribers", "list"])
        .exits(1)
        .says("is not a file");
}
