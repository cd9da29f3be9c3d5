//! Command lines that cannot be understood.

use super::transcript;
use crate::newsroom::Newsroom;

#[test]
fn wrong_usage() {
    let commands = [
        "sned",
        "draft --date 2026-02-30",
        "draft --date today",
        "send --now 7am",
        "status yesterday",
        "proof",
        "suppress",
        "suppress --list ada@example.org",
        "preview --port 0 --out page",
        "draft -q -v",
        "check --sample --config x.toml",
        "init --sample",
        "completions cmd",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest sned
    error: unrecognized subcommand 'sned'

      tip: some similar subcommands exist: 'schedule', 'send'

    Usage: newsdigest [OPTIONS] <COMMAND>

    For more information, try '--help'.
    = 2

    $ newsdigest draft --date 2026-02-30
    error: invalid value '2026-02-30' for '--date <DAY>': expected a day such as 2026-08-24, or 2026-08-24b for a second edition of that day

    For more information, try '--help'.
    = 2

    $ newsdigest draft --date today
    error: invalid value 'today' for '--date <DAY>': expected a day such as 2026-08-24, or 2026-08-24b for a second edition of that day

    For more information, try '--help'.
    = 2

    $ newsdigest send --now 7am
    error: invalid value '7am' for '--now <TIME>': expected a time with its offset, such as 2026-08-24T06:45:00+01:00

    For more information, try '--help'.
    = 2

    $ newsdigest status yesterday
    error: invalid value 'yesterday' for '[DAY]': expected a day such as 2026-08-24, or 2026-08-24b for a second edition of that day

    For more information, try '--help'.
    = 2

    $ newsdigest proof
    error: the following required arguments were not provided:
      <ADDRESS>...

    Usage: newsdigest proof --now <TIME> <ADDRESS>...

    For more information, try '--help'.
    = 2

    $ newsdigest suppress
    error: the following required arguments were not provided:
      <ADDRESS>...

    Usage: newsdigest suppress --now <TIME> <ADDRESS>...

    For more information, try '--help'.
    = 2

    $ newsdigest suppress --list ada@example.org
    error: the argument '--list' cannot be used with '[ADDRESS]...'

    Usage: newsdigest suppress --list --now <TIME> [ADDRESS]...

    For more information, try '--help'.
    = 2

    $ newsdigest preview --port 0 --out page
    error: the argument '--port <PORT>' cannot be used with '--out <DIR>'

    Usage: newsdigest preview --port <PORT> --now <TIME>

    For more information, try '--help'.
    = 2

    $ newsdigest draft -q -v
    error: the argument '--quiet' cannot be used with '--verbose'

    Usage: newsdigest draft --quiet --now <TIME>

    For more information, try '--help'.
    = 2

    $ newsdigest check --sample --config x.toml
    error: the argument '--sample' cannot be used with '--config <FILE>'

    Usage: newsdigest check --sample --now <TIME>

    For more information, try '--help'.
    = 2

    $ newsdigest init --sample
    error: `--sample` makes its own newsroom: it cannot be used with `init`

    Usage: newsdigest [OPTIONS] <COMMAND>

    For more information, try '--help'.
    = 2

    $ newsdigest completions cmd
    error: invalid value 'cmd' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

    For more information, try '--help'.
    = 2
    ");
}
