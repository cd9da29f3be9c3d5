//! `subscribers` and `suppress`.

use super::transcript;
use crate::newsroom::Newsroom;

#[test]
fn subscribers() {
    let room = Newsroom::new();
    room.file(
        "new.csv",
        "e-mail,name,shoe size\ndora@example.org,Dora,38\nnobody,,\nada@example.org,,\n",
    );
    room.file("no.csv", "a;b\n1;2\n");
    let commands = [
        "subscribers list",
        "subscribers list --json",
        "subscribers add dora@example.org emil@example.org --sections News,City",
        "subscribers add dora@example.org",
        "subscribers add dora@example.org emil@example.org --name Dora",
        "subscribers add dora",
        "subscribers remove dora@example.org nobody@example.org",
        "subscribers import new.csv -v",
        "subscribers import new.csv",
        "subscribers import no.csv",
        "subscribers import none.csv",
        "subscribers export",
        "subscribers check",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @r#"
    $ newsdigest subscribers list
    3 subscribers
    > ada@example.org
    > bob@example.org
    > cleo@example.net
    = 0

    $ newsdigest subscribers list --json
    > [
    >   {
    >     "consent": null,
    >     "email": "ada@example.org",
    >     "name": null,
    >     "paused": false,
    >     "sections": [],
    >     "since": null
    >   },
    >   {
    >     "consent": null,
    >     "email": "bob@example.org",
    >     "name": null,
    >     "paused": false,
    >     "sections": [],
    >     "since": null
    >   },
    >   {
    >     "consent": null,
    >     "email": "cleo@example.net",
    >     "name": null,
    >     "paused": false,
    >     "sections": [],
    >     "since": null
    >   }
    > ]
    = 0

    $ newsdigest subscribers add dora@example.org emil@example.org --sections News,City
    2 subscribers added to `subscribers.toml`
    = 0

    $ newsdigest subscribers add dora@example.org
    0 subscribers added to `subscribers.toml`, 1 already there
    = 0

    $ newsdigest subscribers add dora@example.org emil@example.org --name Dora
    error: `--name` goes with one address, but found 2
    nothing was changed
    = 1

    $ newsdigest subscribers add dora
    error: `dora` is not an email address: expected `name@domain`, but found no `@`
    nothing was changed or sent
    = 1

    $ newsdigest subscribers remove dora@example.org nobody@example.org
    1 subscriber removed from `subscribers.toml`, 1 not in it

    hint: an import of an old list would bring them back: `--for-good` puts them on the suppression list too
    = 0

    $ newsdigest subscribers import new.csv -v
    warning: new.csv:3: `nobody` is not an email address: expected `name@domain`, but found no `@`
    not read: the columns `shoe size`
    1 subscriber added to `subscribers.toml`, 1 already there, 1 line not taken
    = 3

    $ newsdigest subscribers import new.csv
    warning: new.csv:3: `nobody` is not an email address: expected `name@domain`, but found no `@`
    not read: the columns `shoe size`
    0 subscribers added to `subscribers.toml`, 2 already there, 1 line not taken
    = 3

    $ newsdigest subscribers import no.csv
    error: the first line must name a column `email`, but found `a`, `b`
    nothing was changed
    = 1

    $ newsdigest subscribers import none.csv
    error: `none.csv` cannot be read: no such file or directory
    nothing was changed
    = 1

    $ newsdigest subscribers export
    > email,name,sections,since,consent,paused
    > ada@example.org,,,,,
    > bob@example.org,,,,,
    > cleo@example.net,,,,,
    > emil@example.org,,News; City,2026-08-24,,
    > dora@example.org,Dora,,,,
    = 0

    $ newsdigest subscribers check
    `subscribers.toml`: 5 subscribers, no problem
    = 0
    "#);
}

#[test]
fn subscribers_in_a_broken_file() {
    let room = Newsroom::new();
    room.file("subscribers.toml", "[[subscriber]]\nemail = 3\n");
    let commands = [
        "subscribers list",
        "send",
        "subscribers add dora@example.org",
        "send",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @"
    $ newsdigest subscribers list
    error: `email` must be a string, but found integer
      ──▶ subscribers.toml:2:9
      │
    2 │ email = 3
      │         ^
    0 subscribers
    = 3

    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    error: `email` must be a string, but found integer
      ──▶ subscribers.toml:2:9
      │
    2 │ email = 3
      │         ^
    nothing was sent
    = 1

    $ newsdigest subscribers add dora@example.org
    1 subscriber added to `subscribers.toml`
    = 0

    $ newsdigest send
    error: `email` must be a string, but found integer
      ──▶ subscribers.toml:2:9
      │
    2 │ email = 3
      │         ^
    warning: 1 block of `subscribers.toml` cannot be read: who it is for gets nothing until it is mended
    Harbour in your inbox, 2026-08-24: frozen for 1 recipient, 0 left out
    1 letter lies in `[newsroom]/outbox`: a rehearsal, nobody was mailed
    Harbour in your inbox, 2026-08-24: 1 accepted (1 subscriber)
    = 0
    ");
    room.file("subscribers.toml", b"\xff\xfe");
    insta::assert_snapshot!(transcript(&room, &["subscribers list", "check"]), @"
    $ newsdigest subscribers list
    error: `subscribers.toml` must be UTF-8 text, but line 1 holds bytes that are not
    nothing was changed
    = 1

    $ newsdigest check
    sections that the sources give, and stories of each: `News` 2; `Business` 1; `City` 1; `Opinion` 1; `Sport` 1
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    error: `subscribers.toml` must be UTF-8 text, but line 1 holds bytes that are not
    1 problem
    = 1
    ");
    // Nothing is frozen yet.
    for file in ["subscribers.toml", "newsdigest.db", ".harbour.ledger"] {
        std::fs::remove_file(room.path(file)).unwrap();
    }
    insta::assert_snapshot!(transcript(&room, &["subscribers list", "check", "send"]), @"
    $ newsdigest subscribers list
    error: `subscribers.toml` does not exist
    nothing was changed

    hint: `newsdigest subscribers add ADDRESS` makes the file
    = 1

    $ newsdigest check
    sections that the sources give, and stories of each: `News` 2; `Business` 1; `City` 1; `Opinion` 1; `Sport` 1
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    error: `subscribers.toml` does not exist
    1 problem

    hint: `newsdigest subscribers add ADDRESS` makes the file
    = 1

    $ newsdigest send
    error: `subscribers.toml` does not exist
    nothing was sent

    hint: `newsdigest subscribers add ADDRESS` makes the file
    = 1
    ");
}

#[test]
fn suppress() {
    let commands = [
        "suppress --list",
        "suppress ada@example.org",
        "suppress ada@example.org bob@example.org",
        "suppress --list",
        "subscribers add ada@example.org",
        "unsuppress ada@example.org cleo@example.net",
        "suppress nobody",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest suppress --list
    the suppression list is empty
    = 0

    $ newsdigest suppress ada@example.org
    1 address put on the suppression list
    = 0

    $ newsdigest suppress ada@example.org bob@example.org
    1 address put on the suppression list, 1 already there
    = 0

    $ newsdigest suppress --list
    > 2026-08-24  by hand       ada@example.org
    > 2026-08-24  by hand       bob@example.org
    = 0

    $ newsdigest subscribers add ada@example.org
    0 subscribers added to `subscribers.toml`, 1 already there
    warning: `ada@example.org` is on the suppression list (by hand) and gets nothing until `newsdigest unsuppress ada@example.org` lifts it
    = 0

    $ newsdigest unsuppress ada@example.org cleo@example.net
    1 address taken off the suppression list, 1 not on it
    = 0

    $ newsdigest suppress nobody
    error: `nobody` is not an email address: expected `name@domain`, but found no `@`
    nothing was changed or sent
    = 1
    ");
}
