use super::*;

const SOUND: &str = r#"
[newsletter]
name = "H"
from = "H <d@h.example>"
site = "https://h.example/"
address = "1 Quay Street"
[[source]]
feed = "h.xml"
"#;

/// `line:column: what (hint)` for each problem.
fn check(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("newsdigest.toml");
    std::fs::write(&file, text).unwrap();
    let mine = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, mine).unwrap();
    let surroundings = Surroundings {
        environment: &|name| (name == "SET").then(|| "secret".to_owned()),
        zoneinfo: Path::new("/nowhere"),
    };
    let problems = Newsroom::read(&file, &surroundings)
        .err()
        .unwrap_or_default();
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| {
            let place = problem
                .place
                .as_ref()
                .map_or_else(String::new, |at| format!("{}:{}: ", at.line, at.column));
            let hint = problem
                .hint
                .as_ref()
                .map_or_else(String::new, |hint| format!(" ({hint})"));
            format!("{place}{}{hint}", problem.what)
        })
        .collect();
    lines
        .join("\n")
        .replace(&folder.path().display().to_string(), "DIR")
}

fn and(text: &str) -> String {
    check(&format!("{SOUND}{text}"))
}

#[test]
fn a_sound_config_has_no_problem() {
    assert_eq!(and(""), "");
}

#[test]
fn words_about_the_newsletter() {
    let text = r#"[newsletter]
name = ""
from = "digest"
reply_to = 3
site = "ftp://h.example"
address = "  "
unsubscribe = "leave"
language = "??"
time_zone = "Mars/Olympus"
id = "The Harbour"
nmae = "x"
"#;
    insta::assert_snapshot!(check(text), @r#"
    1:1: no `[[source]]` is given: stories must come from somewhere (`[[source]]` with `feed = "https://.."` or `stories = "stories/*.toml"`)
    2:8: `name` is empty, but every letter prints it
    3:8: `digest` is not an email address: expected `name@domain`, but found no `@`
    4:12: `reply_to` must be a string, but found integer
    5:8: `ftp://h.example` is not a web address: expected `https` or `http`, but found `ftp`
    6:11: `address` is empty, but every letter prints it
    7:15: `leave` is not a web address: expected `https://..`, or `mailto:..`
    8:12: `??` is not a language tag: expected one such as `en` or `pt-BR`
    9:13: `Mars/Olympus` is not a time zone: expected a name such as `Europe/Lisbon`
    10:6: `The Harbour` cannot be an id: expected up to 40 small letters, digits and hyphens
    11:1: unknown key `nmae` (did you mean `name`?)
    "#);
    insta::assert_snapshot!(check("[newsletter]\nname = \"x\"\n[links]\nadd = \"a b\"\nplus = 1\n"), @r#"
    1:1: `[newsletter]` must give `from`, `site` and `address`
    1:1: no `[[source]]` is given: stories must come from somewhere (`[[source]]` with `feed = "https://.."` or `stories = "stories/*.toml"`)
    4:7: `a b` is no query: expected letters such as `utm_source=newsletter&utm_medium=email`
    5:1: unknown key `plus` (known keys here: `add`)
    "#);
    insta::assert_snapshot!(check("newsletter = 3\nsource = 4\n"), @"
    1:14: `newsletter` must be a table, but found integer
    2:10: `source` must be a list of tables, each under `[[source]]`, but found integer
    ");
}

#[test]
fn words_about_sources_and_readership() {
    insta::assert_snapshot!(and("[[source]]\n[[source]]\nfeed = \"a\"\nstories = \"b\"\n[[source]]\nfeed = \"\"\n[[source]]\nfeed = \"ftp://x.example\"\n"), @"
    9:1: a `[[source]]` must give exactly one of `feed`, `stories`, `sitemap` and `page`
    10:1: a `[[source]]` must give exactly one of `feed`, `stories`, `sitemap` and `page`
    14:8: an empty text is neither a web address nor a path
    16:8: `ftp://x.example` is not a web address: expected `https` or `http`, but found `ftp`
    ");
    insta::assert_snapshot!(and("[[readership]]\n[[readership]]\ncounts = 3\n[[readership]]\ncuonts = \"a\"\n"), @"
    9:1: a `[[readership]]` must give exactly one of `counts`, `access_log`, `page`, `command`, `ga4`, `plausible`, `matomo`, `umami`, `goatcounter`, `parsely`, `chartbeat`, `cloudflare`, `clickhouse`, `postgres`, `bigquery`
    11:10: `counts` must be a string, but found integer
    12:1: a `[[readership]]` must give exactly one of `counts`, `access_log`, `page`, `command`, `ga4`, `plausible`, `matomo`, `umami`, `goatcounter`, `parsely`, `chartbeat`, `cloudflare`, `clickhouse`, `postgres`, `bigquery`
    13:1: unknown key `cuonts` (did you mean `counts`?)
    ");
}

#[test]
fn words_about_pages_and_logs() {
    insta::assert_snapshot!(and("[[source]]\npage = \"https://h.example/\"\n[[source]]\npage = \"front.html\"\nstory = \".item [\"\nsection = \".kicker\"\n[[source]]\nfeed = \"a\"\nstory = \"li\"\nenrich = 1\n"), @r#"
    9:1: a `page` needs `story`, a CSS selector of each story on it (`story = ".latest .item"`)
    13:9: `.item [` is not a CSS selector: a `[` or `]` has no partner
    17:1: unknown key `story` (known keys here: `feed`, `stories`, `sitemap`, `page`, `enrich`, `name`, `time_zone`, `must`, `max_stale`, `section`)
    18:10: `enrich` must be true or false, but found integer
    "#);
    insta::assert_snapshot!(and("[[readership]]\npage = \"https://h.example/\"\n[[readership]]\naccess_log = \"https://h.example/log\"\n[[readership]]\naccess_log = \"log\"\ncounts = \"views.csv\"\n[[readership]]\ncounts = \"views.csv\"\nformat = \"%h\"\n"), @r#"
    9:1: a `page` needs `story`, a CSS selector of the links of its most-read list (`story = ".most-read li a"`)
    12:14: an access log is read from disk or a bucket: expected a path, or an address such as `s3://bucket/logs/{date}/*.gz`
    13:1: a `[[readership]]` must give exactly one of `counts`, `access_log`, `page`, `command`, `ga4`, `plausible`, `matomo`, `umami`, `goatcounter`, `parsely`, `chartbeat`, `cloudflare`, `clickhouse`, `postgres`, `bigquery`
    18:1: unknown key `format` (known keys here: `max_age`, `name`, `counts`, `page`, `access_log`, `command`, `url`, `views`, `time`)
    "#);
}

#[test]
fn words_about_selection() {
    insta::assert_snapshot!(and("[selection]\ntop = -1\nminimum = 0\nlatest = 101\noverlap = \"no\"\nwindow = \"always\"\nno_repeat_for = \"7x\"\nreadership_max_age = \"9999d\"\n"), @"
    10:7: `top` must be from 0 to 100, but found -1
    11:11: `minimum` must be from 1 to 100, but found 0
    12:10: `latest` must be from 0 to 100, but found 101
    13:11: `overlap` must be true or false, but found string
    14:10: `always` is not a window: expected `since last edition` or a length of time such as `24h`
    15:17: `7x` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
    16:22: `9999d` is too long: expected at most `3650d`
    ");
    insta::assert_snapshot!(and("[selection]\nnever = \"Sponsored\"\n[[selection.boost]]\nsection = \"Opinion\"\nby = 0\n[[selection.boost]]\nby = 2\n[[selection.boost]]\nsection = \"City\"\nby = 1.5\n[[selection.boost]]\nsection = \"CITY\"\nby = 2\n"), @"
    10:9: `never` must be a list of strings, but found string
    13:6: `by` must be from 0.01 to 100, but found 0
    14:1: a `[[selection.boost]]` must give `section` and `by`
    19:1: `CITY` is boosted twice
    ");
}

#[test]
fn words_about_the_relay() {
    insta::assert_snapshot!(and("[relay]\nhost = \"a b\"\nport = 0\nsecurity = \"ssl\"\nusername = \"u\"\npassword_env = \"UNSET\"\nrate = \"fast\"\nconnections = 0\nretry_after = \"soon\"\n"), @"
    10:8: `a b` is not a host name
    11:8: `port` must be from 1 to 65535, but found 0
    12:12: `ssl` is no security: expected `starttls`, `tls` or `none`
    15:8: `fast` is not a rate: expected a number of letters per time, such as `50/s`, `600/min`, `10000/h` or `50/s, 40000/day`
    16:15: `connections` must be from 1 to 100, but found 0
    17:15: `soon` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
    ");
    insta::assert_snapshot!(and("[relay]\nhost = \"h.example\"\noutbox = \"o\"\nusername = \"u\"\npassword = \"hunter2\"\n"), @"
    10:8: `outbox` and `host` are both given: letters go to one of them
    12:12: `username` needs `password_env` or `password_file`
    13:1: unknown key `password` (did you mean `password_env`?)
    ");
    insta::assert_snapshot!(and("[relay]\nport = 25\npassword_env = \"SET\"\n"), @"
    9:1: `[relay]` must give `host` with `port`, `security` or `username`
    11:16: a password is given, but no `username`
    ");
    insta::assert_snapshot!(and("[relay]\nhost = \"h.example\"\nusername = \"u\"\npassword_env = \"SET\"\npassword_file = \"newsdigest.toml\"\n"), @"11:12: `password_env` and `password_file` are both given: the password comes from one of them");
    insta::assert_snapshot!(and("[relay]\nhost = \"h.example\"\nusername = \"u\"\n"), @"11:12: `username` needs `password_env` or `password_file`");
}

#[test]
fn words_about_readers_and_bounces() {
    insta::assert_snapshot!(and("[public]\nurl = \"http://news.h.example/\"\nlisten = \"8025\"\narchive = 1\n[bounces]\ndomain = \"b h\"\n"), @"
    10:7: `http://news.h.example/` must begin with `https`: mail providers offer one-click for nothing else
    11:10: `8025` is no address to listen on: expected one such as `127.0.0.1:8025`
    12:11: `archive` must be true or false, but found integer
    14:10: the domain is not a valid name
    ");
    insta::assert_snapshot!(and("[bounces]\nsoft = 0\nwithin = \"a while\"\nhard = 1\n"), @"
    10:8: `soft` must be from 1 to 100, but found 0
    11:10: `a while` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
    12:1: unknown key `hard` (known keys here: `domain`, `soft`, `within`)
    ");
    insta::assert_snapshot!(and("[public]\nlisten = \"127.0.0.1:80\"\nsecret = \"s\"\n"), @"
    9:1: `[public]` must give `url`, the address at which readers reach `serve`
    11:1: unknown key `secret` (known keys here: `url`, `secret_file`, `listen`, `archive`, `sections`, `consent`, `privacy`, `forms`, `thanks`, `keep_client`, `trusted_proxies`)
    ");
    insta::assert_snapshot!(and("[public]\nurl = \"https://news.h.example/\"\ntrusted_proxies = [\"10.0.0.0/8\", \"0.0.0.0/0\", \"proxy\"]\n"), @"
    11:34: `0.0.0.0/0` is the whole internet: name a smaller network
    11:47: `proxy` is no network: expected one such as `10.0.0.0/8` or `fd00::/8`
    ");
    let long = format!("[bounces]\ndomain = \"{}h.example\"\n", "long.".repeat(40));
    insta::assert_snapshot!(and(&long), @"10:10: expected a domain of at most 198 octets, but found one of 209");
    assert_eq!(
        and(
            "[public]\nurl = \"https://news.h.example/\"\n[bounces]\ndomain = \"b.h.example\"\nsoft = 3\nwithin = \"30d\"\n"
        ),
        ""
    );
}

#[test]
fn words_about_pictures() {
    insta::assert_snapshot!(and("[pictures]\nfit = true\n"), @"9:1: `fit = true` makes copies of pictures, but nothing says where readers find them (`[public]` has them served by `serve`; or give `url`, the address at which a server of yours has `folder`)");
    insta::assert_snapshot!(and("[pictures]\nfit = \"yes\"\nurl = \"http://cdn.example/\"\nsize = 3\n"), @"
    10:7: `fit` must be true or false, but found string
    11:7: `http://cdn.example/` must begin with `https`: many mail programs show no other pictures
    12:1: unknown key `size` (known keys here: `folder`, `url`, `fit`)
    ");
    for sound in [
        "[pictures]\nfit = false\n",
        "[pictures]\nurl = \"https://cdn.example/mail\"\nfolder = \"/srv/mail\"\n",
        "[public]\nurl = \"https://news.h.example/\"\n[pictures]\nfit = true\n",
    ] {
        assert_eq!(and(sound), "");
    }
}

#[test]
fn words_about_template_and_ledger() {
    insta::assert_snapshot!(and("[template]\nuse = \"tabloid\"\n[ledger]\npath = 3\n"), @"
    10:7: `tabloid` is neither a built-in template (`broadsheet`, `bulletin`, `gallery`) nor a folder
    12:8: `path` must be a string, but found integer
    ");
    insta::assert_snapshot!(and("[template]\nuse = \".\"\n"), @"`DIR/./template.toml` does not exist");
}

#[test]
fn words_about_the_schedule() {
    insta::assert_snapshot!(and("[schedule]\ndays = \"weekdays\"\ncut_off = \"6:45\"\nsend_at = 07:00:00\nnot_after = \"24:00\"\nholidays = [2026-12-25, \"2026-13-01\", 3]\nholidays_file = \"days.txt\"\nproof_to = [\"desk\"]\nuntil = 3\n"), @"
    10:8: `weekdays` are no days: expected `daily`, or such as `mon-fri` or `mon,wed,fri`
    11:11: `6:45` is no time: expected `HH:MM` from `00:00` to `23:59`, such as `07:00`
    12:11: `send_at` must be a string, but found datetime
    13:13: `24:00` is no time: expected `HH:MM` from `00:00` to `23:59`, such as `07:00`
    14:25: `holidays` must be a list of days such as 2026-08-24, but found string in it
    14:39: `holidays` must be a list of days such as 2026-08-24, but found integer in it
    15:17: `DIR/days.txt` does not exist
    16:13: `desk` is not an email address: expected `name@domain`, but found no `@`
    17:1: unknown key `until` (known keys here: `days`, `cut_off`, `send_at`, `not_after`, `more`, `holidays`, `holidays_file`, `proof_to`)
    ");
    insta::assert_snapshot!(and("[schedule]\ndays = \"daily\"\n"), @r#"9:1: `[schedule]` must give `send_at` (`send_at = "07:00"` sends at seven)"#);
    insta::assert_snapshot!(and("[schedule]\nsend_at = \"07:00\"\ncut_off = \"07:30\"\nholidays = 2026-12-25\n"), @"
    11:11: `cut_off` must not be later than `send_at` (07:00), but found `07:30`
    12:12: `holidays` must be a list of days such as 2026-08-24, but found datetime
    ");
    insta::assert_snapshot!(and("[schedule]\nsend_at = \"07:00\"\ncut_off = \"07:30\"\n"), @"11:11: `cut_off` must not be later than `send_at` (07:00), but found `07:30`");
    insta::assert_snapshot!(and("[schedule]\nsend_at = \"23:30\"\nnot_after = \"00:30\"\n"), @"11:13: `not_after` must be later than `send_at` (23:30) on the same day, but found `00:30`; `00:30 next day` is on the day after");
    insta::assert_snapshot!(and("[schedule]\nsend_at = \"23:59\"\n"), @"10:11: `not_after` must be later than `send_at` (23:59) on the same day, but found `23:59`; `23:59 next day` is on the day after");
    insta::assert_snapshot!(and("[schedule]\nsend_at = \"07:00\"\nholidays_file = \"newsdigest.toml\"\n"), @r#"
    2:1: `[newsletter]` is no day: expected one such as `2026-12-25`, and words only behind `#`
    3:1: `name = "H"` is no day: expected one such as `2026-12-25`, and words only behind `#`
    4:1: `from = "H <d@h.example>"` is no day: expected one such as `2026-12-25`, and words only behind `#`
    "#);
}

#[test]
fn words_about_the_file() {
    insta::assert_snapshot!(check(""), @r#"
    1:1: the section `[newsletter]` is missing: it must give `name`, `from`, `site` and `address`
    1:1: no `[[source]]` is given: stories must come from somewhere (`[[source]]` with `feed = "https://.."` or `stories = "stories/*.toml"`)
    "#);
    insta::assert_snapshot!(and("[newsletter]\n[relay\n"), @"
    9:2: `newsletter` appears here a second time
    10:7: unclosed table, expected `]` (`[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it)
    ");
    insta::assert_snapshot!(check(&"#".repeat(1_000_001)), @"`DIR/newsdigest.toml` is larger than 1 MB");
}

#[test]
fn words_about_services() {
    insta::assert_snapshot!(and("[[readership]]\nga4 = \"UA-1\"\nkey_env = \"SET\"\n[[readership]]\nplausable = \"h.example\"\n[[readership]]\nplausible = \"h.example\"\n[[readership]]\nmatomo = 1\nkey_env = \"SET\"\n[[readership]]\numami = \"../x\"\nusername = \"a\"\n[[readership]]\nplausible = \"h.example\"\nkey = \"secret\"\nkey_env = \"SET\"\nevery = \"5s\"\n[[readership]]\npostgres = \"host=db password=x\"\n[[readership]]\nclickhouse = \"http://db:8123\"\nsql = \"SELECT {day}\"\n"), @r#"
    10:7: `UA-1` is no property: expected its number, as in `properties/1234`
    12:1: a `[[readership]]` must give exactly one of `counts`, `access_log`, `page`, `command`, `ga4`, `plausible`, `matomo`, `umami`, `goatcounter`, `parsely`, `chartbeat`, `cloudflare`, `clickhouse`, `postgres`, `bigquery`
    13:1: unknown key `plausable` (did you mean `plausible`?)
    14:1: neither `key_env` nor `key_file` is set: the service answers nobody it does not know (`key_file = "analytics.key"`, readable by you alone)
    16:1: `server` is not set: this service runs on a machine of your own or of its maker's (`server = "https://stats.paper.example"`)
    19:1: neither `password_env` nor `password_file` is set: the service answers nobody it does not know (`password_file = "analytics.key"`, readable by you alone)
    20:9: `../x` is no name that a service gives: expected letters, digits, `-` and `.`, without `https://`
    24:1: unknown key `key` (known keys here: `max_age`, `name`, `counts`, `page`, `access_log`, `command`, `hosts`, `time_limit`, `time_zone`, `every`, `plausible`, `server`, `key_env`, `key_file`)
    26:9: expected a minute or more
    27:1: a warehouse needs `sql`, a statement that returns `url`, `views` and, if it can, `time` (`sql = "SELECT url, views, time FROM views_by_hour WHERE time >= {from} AND time < {to}"`)
    28:12: a password does not belong into the config: `password_env` or `password_file` says where it is
    31:7: `{day}` is not known in a statement: expected `{from}` or `{to}`
    "#);
    // What is not set stops only what needs it.
    assert_eq!(
        and(
            "[[readership]]\nplausible = \"h.example\"\nkey_env = \"UNSET\"\n[[readership]]\nga4 = \"1\"\nkey_file = \"none.json\"\n"
        ),
        ""
    );
}
