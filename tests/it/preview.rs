//! What the edition will look like: as files, and as a local page.

use crate::browser::{answer, becomes, ends, get, listen, next_event, open};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

#[test]
fn the_pages_are_written_to_files() {
    let room = Newsroom::new();
    let output = room.run(&["preview", "--out", "out"]).exits(0);
    assert_eq!(
        room.list("out"),
        ["digest.eml", "digest.html", "digest.txt", "web.html"]
    );
    assert_eq!(
        output.stdout.lines().collect::<Vec<_>>(),
        [
            "out/digest.html",
            "out/digest.txt",
            "out/digest.eml",
            "out/web.html"
        ]
    );
    let (html, text, letter) = (
        room.read("out/digest.html"),
        room.read("out/digest.txt"),
        room.read("out/digest.eml"),
    );
    let web = room.read("out/web.html");
    assert!(
        web.contains("og:title") && web.contains("A very fat seal"),
        "{web}"
    );
    assert!(
        !web.contains("mailto:leave@"),
        "nobody can leave a page for everybody"
    );
    for words in [
        "A very fat seal",
        "1 Quay Street, Port Ellery",
        "mailto:leave@harbourtimes.example",
    ] {
        assert!(html.contains(words), "digest.html does not hold `{words}`");
        assert!(text.contains(words), "digest.txt does not hold `{words}`");
    }
    assert!(
        text.lines()
            .all(|line| line.chars().count() <= 72 || line.contains("://")),
        "{text}"
    );
    // RFC 5322 section 2.1.1 and RFC 2045 section 6.7; the one long line allowed is an unbreakable URI in a header.
    assert!(
        letter.is_ascii()
            && letter
                .lines()
                .all(|line| line.len() <= 78 || line.contains("://")),
        "{letter}"
    );
    let parsed = mail_parser::MessageParser::default()
        .parse(letter.as_bytes())
        .unwrap();
    assert_eq!(
        parsed
            .body_text(0)
            .unwrap()
            .replace("\r\n", "\n")
            .trim_end(),
        text.trim_end()
    );
    assert_eq!(
        parsed
            .body_html(0)
            .unwrap()
            .replace("\r\n", "\n")
            .trim_end(),
        html.trim_end()
    );
    assert!(
        !room.has(&format!("editions/{TODAY}.toml")) && !room.has("newsdigest.db"),
        "looking writes nothing"
    );
}

/// What is looked at is what is sent, to the character, also in the one place that differs from reader to reader.
#[test]
fn the_files_hold_what_the_letter_holds() {
    let newsletter = |leave: &str| {
        format!(
            "name = \"Harbour in your inbox\"\nfrom = \"digest@harbourtimes.example\"\nsite = \"https://harbourtimes.example/\"\n\
             address = \"1 Quay Street\"\n{leave}"
        )
    };
    for leave in [
        "unsubscribe = \"https://harbourtimes.example/leave?list=harbour&from=mail\"",
        "",
    ] {
        let room = Newsroom::new().config("newsletter", &newsletter(leave));
        room.run(&["preview", "--out", "out"]).exits(0);
        let letter = room.read("out/digest.eml");
        let letter = mail_parser::MessageParser::new().parse(&letter).unwrap();
        let same = |part: Option<std::borrow::Cow<'_, str>>, file: &str| {
            let part = part.unwrap().replace("\r\n", "\n");
            assert_eq!(
                part.trim_end(),
                room.read(file).trim_end(),
                "{file}, {leave}"
            );
        };
        same(letter.body_html(0), "out/digest.html");
        same(letter.body_text(0), "out/digest.txt");
    }
}

#[test]
fn a_link_of_her_own_is_previewed_as_one_of_nobody() {
    let room = Newsroom::new().config("public", "url = \"https://news.harbourtimes.example/\"");
    room.run(&["preview", "--out", "out"]).exits(0);
    let letter = room.read("out/digest.eml");
    for field in [
        "\r\nList-Unsubscribe:\r\n <https://news.harbourtimes.example/leave/",
        "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ] {
        assert!(letter.contains(field), "no `{field}` in:\n{letter}");
    }
    assert!(!room.has("secret.key"), "looking writes nothing");
}

#[test]
fn a_frozen_edition_is_shown_under_its_own_letterhead() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let room = room.config(
        "newsletter",
        "id = \"harbour\"\nname = \"Another name\"\nfrom = \"new@elsewhere.example\"\nsite = \"https://elsewhere.example/\"\n\
         address = \"2 Quay Street\"\nunsubscribe = \"https://elsewhere.example/leave\"\ntime_zone = \"Europe/Lisbon\"",
    );
    room.run(&["preview", "--out", "out"]).exits(0);
    let (html, letter) = (room.read("out/digest.html"), room.read("out/digest.eml"));
    assert!(html.contains("mailto:leave@harbourtimes.example"));
    assert!(!letter.contains("elsewhere.example"), "{letter}");
}

#[test]
fn programs_and_services_are_not_asked_again_at_each_change() {
    let room = Newsroom::new().config("[readership]", "command = [\"./views\"]");
    room.file(
        "views",
        "#!/bin/sh\necho asked >> asked.txt\necho url,views\necho /story-1,30\n",
    );
    let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(room.path("views"), runs).unwrap();
    let (running, address) = open(&room);
    let mut events = listen(&address);
    let subscribers = room.read("subscribers.toml");
    for reader in ["ines", "tomas"] {
        let one = format!(
            "{subscribers}\n[[subscriber]]\nemail = \"{reader}@example.net\"\nsections = [\"{reader}\"]\n"
        );
        room.file("subscribers.toml", one);
        next_event(&mut events);
    }
    assert_eq!(room.read("asked.txt"), "asked\n");
    let config = room.read("newsdigest.toml");
    room.file(
        "newsdigest.toml",
        config.replace("The Harbour", "The Other Harbour"),
    );
    becomes(&mut events, &address, "The Other Harbour");
    assert_eq!(room.read("asked.txt"), "asked\nasked\n");
    drop(running);
}

#[test]
fn the_page_follows_a_change_and_shows_a_broken_file() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let (running, address) = open(&room);
    assert!(get(&address, "/").contains("A very fat seal"));
    let mut events = listen(&address);
    let path = format!("editions/{TODAY}.toml");
    let good = room.read(&path);
    room.file(&path, good.replace("A very fat seal", "A thin seal"));
    becomes(&mut events, &address, "A thin seal");
    room.file(&path, good.replace("headline =", "headlin ="));
    becomes(&mut events, &address, "unknown key");
    let page = get(&address, "/?compare=1");
    for change in [
        "<del>A very fat seal",
        "<ins>A thin seal",
        "Desktop, before",
        "Desktop, now",
    ] {
        assert!(page.contains(change), "no `{change}` in:\n{page}");
    }
    ends(running);
}

#[test]
fn a_proof_goes_the_way_of_all_proofs() {
    let post = PostOffice::open().reply_to("emil@example.org", "550 5.1.1 no such user");
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["draft"]).exits(0);
    let (running, address) = open(&room);
    let place = format!("handed to <code>127.0.0.1:{}</code>", post.port());
    for (to, told) in [
        ("nora%40example.org", format!("one letter {place}")),
        (
            "emil%40example.org",
            "refused: <code>550 5.1.1 no such user</code>".to_owned(),
        ),
        ("nobody", "<strong>Proof: </strong>".to_owned()),
    ] {
        let page = get(&address, "/");
        assert!(page.contains(&place), "{page}");
        let (_, token) = page.split_once("name=\"token\" value=\"").unwrap();
        let token = token.split('"').next().unwrap();
        post_form(&address, &format!("token={token}&to={to}"));
        let page = get(&address, "/");
        assert!(page.contains(&told), "no `{told}` in:\n{page}");
    }
    assert_eq!(post.accepted_for(), ["nora@example.org"]);
    let letter = &post.accepted()[0];
    assert!(letter.header("Subject").unwrap().starts_with("[Proof] "));
    ends(running);
    // The ledger, which the draft made, never hears of it.
    let ledger = rusqlite::Connection::open(room.path("newsdigest.db")).unwrap();
    for table in ["run", "reader", "copy"] {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: u64 = ledger.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[test]
fn everyone_is_counted_under_her_sections_frozen_or_not() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    let one = |name: &str, sections: &str| {
        format!("[[subscriber]]\nemail = \"{name}@example.org\"\n{sections}\n")
    };
    let city = "sections = [\"City\"]";
    room.file(
        "subscribers.toml",
        [
            one("ada", ""),
            one("bela", city),
            one("dov", city),
            one("emil", "sections = [\"city\"]\npaused = true"),
            one("nora", "sections = [\"Opinion\", \"Business\"]"),
        ]
        .concat(),
    );
    let told = || {
        let (running, address) = open(&room);
        let state = get(&address, "/state.json");
        ends(running);
        let json: serde_json::Value =
            serde_json::from_str(state.split_once("\r\n\r\n").unwrap().1).unwrap();
        let variants = json["variants"].as_array().unwrap().iter();
        let told: Vec<String> = variants
            .map(|one| format!("{} {}", one["name"], one["readers"]))
            .collect();
        told.join(", ")
    };
    let drafted = r#""All sections" 1, "City" 2, "Business, Opinion" 1"#;
    assert_eq!(told(), drafted);
    room.run(&["send"]).exits(0);
    assert_eq!(told(), drafted);
    // Frozen letters keep their names, whatever becomes of their readers and of the template.
    room.file("subscribers.toml", one("ada", "") + &one("bela", city));
    let room = room.config("template", "use = \"bulletin\"");
    let (running, address) = open(&room);
    let page = get(&address, "/");
    for option in [
        "All sections · 1 subscriber<",
        "City · 1 subscriber<",
        "Business, Opinion<",
    ] {
        assert!(page.contains(option), "no `{option}` in:\n{page}");
    }
    ends(running);
}

/// Whose readers they are the config says: it may change while their file does not.
#[test]
fn readers_are_counted_anew_when_the_config_changes_whose_they_are() {
    let room = Newsroom::new();
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\n\n[[subscriber]]\nemail = \"bela@example.org\"\nnewsletters = [\"evening\"]\n",
    );
    let (running, address) = open(&room);
    let mut events = listen(&address);
    let page = get(&address, "/");
    assert!(page.contains("to 1 subscriber<"), "{page}");
    let config = room.read("newsdigest.toml");
    let config = config.replacen("id = \"harbour\"", "id = \"evening\"", 1);
    room.file("newsdigest.toml", config);
    becomes(&mut events, &address, "to 2 subscribers<");
    ends(running);
}

/// Sends the form that asks for a proof; the answer leads back to the page.
fn post_form(address: &str, form: &str) {
    let request = format!(
        "POST /proof HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = answer(address, &request);
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
}

#[test]
fn a_taken_port_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    Newsroom::new()
        .run(&["preview", "--port", &port])
        .exits(1)
        .says(&port)
        .says("--port 0");
}
