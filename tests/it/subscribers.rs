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
        .says("1 stood there already");
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
