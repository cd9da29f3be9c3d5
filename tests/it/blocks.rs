//! What an edition gets from the config when it is drafted: lines of the day, the sign-off, the question, the lede's first paragraphs.

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::{Newsroom, TODAY};

const FIRST: &str = "The company that runs the ferries says that diesel has become dear.";
const SECOND: &str = "The council found out from a poster on the quay, and will appeal.";
const PUBLIC: &str = "url = \"https://news.harbourtimes.example/\"";

fn edition(room: &Newsroom) -> String {
    room.read(&format!("editions/{TODAY}.toml"))
}

#[test]
fn a_line_of_the_day_comes_from_a_command_or_a_file_and_failing_stops_nothing() {
    let room = Newsroom::new();
    room.file("weather.txt", "14°, rain by noon\nand more\n");
    let mut config = room.read("newsdigest.toml");
    config += r#"
[[line]]
label = "Weather"
file = "weather.txt"

[[line]]
command = ["sh", "-c", "echo Tide at 6.40; echo $HOME"]
url = "https://harbourtimes.example/tides"

[[line]]
label = "Markets"
command = ["./markets"]
"#;
    room.file("newsdigest.toml", &config);
    room.run(&["draft"])
        .exits(0)
        .says("line `Markets`: `./markets` cannot be run");
    let drafted = edition(&room);
    let lines = "[[line]]\nlabel = \"Weather\"\ntext = \"14°, rain by noon\"\n\n[[line]]\ntext = \"Tide at 6.40\"\nurl = \"https://harbourtimes.example/tides\"\n\n[[top]]";
    assert!(drafted.contains(lines), "{drafted}");
    room.run(&["preview", "--out", "out"]).exits(0);
    let text = room.read("out/digest.txt");
    assert!(
        text.contains(
            "\nWeather: 14°, rain by noon\nTide at 6.40\nhttps://harbourtimes.example/tides\n"
        ),
        "{text}"
    );
    // Drafted again it is drawn again, unless an editor changed it.
    room.file("weather.txt", "15°");
    room.run(&["draft", "--force"]).exits(0);
    assert!(edition(&room).contains("text = \"15°\""));
    let mine = edition(&room).replace("15°", "Bring a coat");
    room.file(&format!("editions/{TODAY}.toml"), mine);
    room.file("weather.txt", "16°");
    room.run(&["draft", "--force"]).exits(0);
    assert!(edition(&room).contains("Bring a coat") && !edition(&room).contains("16°"));
}

#[test]
fn a_file_of_another_day_is_no_line_of_this_one() {
    let room = Newsroom::new().config("[line]", "file = \"weather.txt\"\nmax_age = \"6h\"");
    room.file("weather.txt", "14°");
    room.at("2026-08-24T12:00:00Z")
        .run(&["draft"])
        .exits(0)
        .says("weather.txt` was written 6 h ago, and `max_age` allows 6");
}

#[test]
fn slips_in_the_config_are_named() {
    let room = Newsroom::new()
        .config("[line]", "label = \"Weather\"\nmax_age = \"6h\"")
        .config("sign_off", "role = \"editor\"\nportrait = \"a.jpg\"")
        .config("question", "answers = [\"Yes\", \"Yes\"]")
        .config("selection", "lede_paragraphs = 11");
    room.run(&["check"])
        .exits(1)
        .says("`max_age` says nothing without `file`")
        .says("a sign-off must have the `name` of who signs")
        .says("unknown key `portrait`")
        .says("`answers` must be two different answers of at most 40 characters each")
        .says("`lede_paragraphs` must be from 0 to 10, but found 11");
}

#[test]
fn an_editor_signs_and_asks_where_answers_can_be_counted() {
    let sign_off = "name = \"Marta Ilves\"\nrole = \"morning editor\"\npicture = { url = \"https://harbourtimes.example/marta.jpg\", alt = \"Marta\" }";
    let room = Newsroom::new()
        .config("sign_off", sign_off)
        .config("question", "");
    room.run(&["draft"]).exits(0);
    assert!(edition(&room).contains("[sign_off]\nname = \"Marta Ilves\"\nrole = \"morning editor\"\npicture = { url = \"https://harbourtimes.example/marta.jpg\", alt = \"Marta\" }\n"), "{}", edition(&room));
    let room = room.config("public", PUBLIC);
    room.run(&["draft", "--force"]).exits(0);
    assert!(edition(&room).contains("[question]\ntext = \"Was this worth your time?\"\nanswers = [\"Yes, it was\", \"Not today\"]\n"), "{}", edition(&room));
    room.run(&["preview", "--out", "out"]).exits(0);
    let (html, text) = (room.read("out/digest.html"), room.read("out/digest.txt"));
    for page in [html, text] {
        assert!(page.contains("Marta Ilves · morning editor"));
        assert!(page.contains("https://news.harbourtimes.example/answer/2026-08-24/2"));
    }
}

fn feed(link: &str, content: &str) -> String {
    let headlines = [
        "Ferry fares rise on Monday",
        "Fish market reopens",
        "A fat seal returns",
    ];
    let items = headlines.iter().zip(0..).map(|(headline, at)| {
        let hour = 5 - at;
        format!("<item><title>{headline}</title><link>{link}{at}</link><pubDate>Mon, 24 Aug 2026 0{hour}:00:00 GMT</pubDate><content:encoded><![CDATA[{content}]]></content:encoded></item>")
    });
    let items: Vec<String> = items.collect();
    format!(
        "<rss xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Harbour</title>{}</channel></rss>",
        items.concat()
    )
}

fn speaking(source: &str) -> Newsroom {
    Newsroom::bare()
        .config(
            "newsletter",
            "name = \"Harbour\"\nfrom = \"digest@harbourtimes.example\"\nsite = \"https://harbourtimes.example/\"\naddress = \"1 Quay Street\"",
        )
        .config("[source]", source)
        .config("selection", "lede_paragraphs = 2")
}

#[test]
fn the_lede_speaks_from_the_feed_s_own_text() {
    let room = speaking("feed = \"feed.xml\"");
    let text = format!(
        "<p>By Ana Reis</p><p>{FIRST}</p><div class=\"ad\">Buy a boat this summer, they are cheap.</div><p>{SECOND}</p><p>And a third paragraph that is not asked for.</p>"
    );
    room.file("feed.xml", feed("https://harbourtimes.example/", &text));
    room.run(&["draft"]).exits(0);
    let drafted = edition(&room);
    let paragraphs = format!("paragraphs = [\n    \"{FIRST}\",\n    \"{SECOND}\",\n]\n");
    assert_eq!(drafted.matches(&paragraphs).count(), 1, "{drafted}");
    assert_eq!(drafted.matches("paragraphs").count(), 1, "{drafted}");
    room.run(&["preview", "--out", "out"]).exits(0);
    for page in ["out/digest.html", "out/digest.txt"] {
        assert_eq!(room.read(page).matches("Read the whole story").count(), 1);
    }
}

/// Whichever story leads speaks, also one that the editor moved up or that nobody chose; what they take away stays away.
#[test]
fn whichever_story_an_editor_makes_the_lede_speaks() {
    let room = speaking("feed = \"feed.xml\"");
    let text = format!("<p>{FIRST}</p><p>{SECOND}</p>");
    room.file("feed.xml", feed("https://harbourtimes.example/", &text));
    room.run(&["draft"]).exits(0);
    let paragraphs = format!("paragraphs = [\n    \"{FIRST}\",\n    \"{SECOND}\",\n]\n");
    let leads = |headline: &str, speaks: bool| {
        let edition = edition(&room);
        let (_, top) = edition.split_once("[[top]]").unwrap();
        let lede = top.split("[[").next().unwrap();
        assert!(lede.contains(headline), "{edition}");
        assert_eq!(lede.contains(&paragraphs), speaks, "{edition}");
        let all = edition.matches("paragraphs").count();
        assert_eq!(all, usize::from(speaks), "{edition}");
    };
    let again = |text: String| {
        room.file(&format!("editions/{TODAY}.toml"), text);
        room.run(&["draft", "--force"]).exits(0);
    };
    leads("Ferry fares rise on Monday", true);
    let drafted = edition(&room);
    let parts: Vec<&str> = drafted.splitn(4, "[[top]]").collect();
    let [head, first, second, rest] = parts[..] else {
        panic!("{drafted}")
    };
    again([head, second, first, rest].join("[[top]]"));
    leads("Fish market reopens", true);
    again(edition(&room));
    leads("Fish market reopens", true);
    again(edition(&room).replace(&paragraphs, ""));
    leads("Fish market reopens", false);
    again(edition(&room));
    leads("Fish market reopens", false);
    // Dropped from the lists and pinned by its address.
    let seal = "[[top]]\nheadline = \"A fat seal returns\"\nurl = \"https://harbourtimes.example/2\"\npin = true\n\n";
    let first = first.replace(&paragraphs, "");
    again([head, &seal[7..], &first, second].join("[[top]]"));
    leads("A fat seal returns", true);
}

#[test]
fn or_from_its_page_as_a_polite_stranger_reads_it() {
    let web = FeedServer::open();
    let more =
        "And so it went on all morning, with people who had come to the quay as on every day. "
            .repeat(5);
    let page = format!(
        "<title>Ferry fares rise on Monday</title><nav><a href=/>News</a></nav><article><h1>Ferry fares rise on Monday</h1><p>{FIRST}</p><aside>Not this one, which is about something else.</aside><p>{SECOND}</p><p>{more}</p><p>{more}</p></article><footer>All rights reserved by us.</footer>"
    );
    web.route(
        "/rss",
        Page::new("application/rss+xml", feed(&web.url("/story/"), "")),
    );
    web.route("/story/0", Page::new("text/html", &page));
    let source = format!("feed = \"{}\"", web.url("/rss"));
    let room = speaking(&source);
    room.run(&["draft"]).exits(0);
    let paragraphs = format!("paragraphs = [\n    \"{FIRST}\",\n    \"{SECOND}\",\n]\n");
    assert!(edition(&room).contains(&paragraphs), "{}", edition(&room));
    let asked: Vec<String> = web
        .requests()
        .iter()
        .map(|request| request.path.clone())
        .collect();
    assert_eq!(
        asked,
        ["/rss", "/robots.txt", "/story/0"],
        "the lede's page only"
    );

    let miss = |say: &str| {
        let room = speaking(&source);
        room.run(&["draft"])
            .exits(0)
            .says(&format!("the lede's first paragraphs: {say}"));
        assert!(!edition(&room).contains("paragraphs"));
    };
    web.route(
        "/story/0",
        Page::new(
            "text/html",
            format!("<meta name=robots content=nosnippet>{page}"),
        ),
    );
    miss("its page forbids to quote it");
    web.route("/story/0", Page::new("text/html", "<p>Log in.</p>"));
    miss("its page gives no text");
    web.route("/story/0", Page::error(500));
    miss("answered 500");
    let summaries = feed(&web.url("/story/"), &format!("<p>{FIRST}</p>"));
    web.route("/rss", Page::new("application/rss+xml", summaries));
    // A summary that is the dek says nothing a second time.
    miss("answered 500");
    web.route("/story/0", Page::new("text/html", "<div>".repeat(300_000)));
    miss("its page gives no text");
    web.route(
        "/robots.txt",
        Page::new("text/plain", "User-agent: *\nDisallow: /story"),
    );
    miss("`robots.txt` does not want its page read");
}

/// A page whose text a program of the page draws: what it tells machines is that text, unless readers pay for it.
#[test]
fn or_from_what_its_page_tells_machines() {
    let web = FeedServer::open();
    web.route(
        "/rss",
        Page::new("application/rss+xml", feed(&web.url("/story/"), "")),
    );
    let source = format!("feed = \"{}\"", web.url("/rss"));
    let drafted = |about: &str, head: &str| {
        let page = format!(
            "<title>Ferry fares rise on Monday</title>{head}<script type=\"application/ld+json\">{{\"@graph\": [{{\"@type\": \"WebSite\", \"url\": \"/\"}}, {{\"@type\": [\"NewsArticle\"], {about}}}]}}</script>
             <div id=root></div><div class=notice><p>We and our partners store cookies on your device, said in one long sentence.</p></div>"
        );
        web.route("/story/0", Page::new("text/html", page));
        let room = speaking(&source);
        let ran = room.run(&["draft"]).exits(0);
        (edition(&room), ran)
    };
    let told = format!(
        "\"articleBody\": \"{FIRST}\\n{SECOND}\\nAnd a third paragraph that is not asked for.\""
    );
    let paragraphs = format!("paragraphs = [\n    \"{FIRST}\",\n    \"{SECOND}\",\n]\n");
    let own = format!(
        "\"mainEntityOfPage\": \"{}\", {told}",
        web.url("/story/0?utm_source=rss")
    );
    for about in [
        &told,
        &own,
        &format!("{told}, \"isAccessibleForFree\": true"),
    ] {
        assert!(drafted(about, "").0.contains(&paragraphs), "{about}");
    }
    let other = format!("\"url\": \"/story/9\", {told}");
    for about in [
        &other,
        &format!("{told}, \"isAccessibleForFree\": false"),
        &format!("{told}, \"isAccessibleForFree\": \"http://schema.org/False\""),
    ] {
        assert!(!drafted(about, "").0.contains(FIRST), "{about}");
    }
    let (edition, ran) = drafted(&told, "<meta name=robots content=nosnippet>");
    assert!(!edition.contains("paragraphs"));
    ran.says("its page forbids to quote it");
}

/// The document of every key: what is in it can be read, and what can be read is in it.
#[test]
fn every_key_is_in_the_document() {
    let document = include_str!("../../docs/editions.md");
    let mut room = Newsroom::new();
    let mut config = room.read("newsdigest.toml");
    let mut examples = 0;
    for block in document.split("```toml\n").skip(1) {
        let example = block.split("```").next().unwrap();
        if example.starts_with("# editions/") {
            room.file(&format!("editions/{TODAY}.toml"), example);
        } else {
            config += example;
        }
        examples += 1;
    }
    assert_eq!(examples, 4);
    room.file("newsdigest.toml", &config);
    room.run(&["check"]).exits(0);
    room.run(&["preview", "--out", "out"]).exits(0);

    let odd = "zzzzzzzz = 1\n";
    let edition = format!(
        "{odd}[[line]]\n{odd}[[top]]\n{odd}picture = {{ zzzzzzzz = 1 }}\nrelated = [{{ zzzzzzzz = 1 }}]\n\
         [[notice]]\n{odd}picture = {{ zzzzzzzz = 1 }}\n[sign_off]\n{odd}picture = {{ zzzzzzzz = 1 }}\n[question]\n{odd}\
         [[picture]]\n{odd}copies = [{{ zzzzzzzz = 1 }}]\n[[picture]]\nnothing = \"x\"\n{odd}"
    );
    room.file(&format!("editions/{TODAY}.toml"), edition);
    let of_editions = room.run(&["check"]).words();
    room = Newsroom::new()
        .config("[line]", odd)
        .config("sign_off", odd)
        .config("question", odd);
    let words = of_editions + &room.run(&["check"]).words();
    let hints: Vec<&str> = words.split("known keys here: ").skip(1).collect();
    assert_eq!(hints.len(), 16, "{words}");
    for hint in hints {
        for key in hint.lines().next().unwrap().split('`').skip(1).step_by(2) {
            let forms = [format!("`{key}`"), format!("[{key}]")];
            let is_there = forms.iter().any(|form| document.contains(form));
            assert!(is_there, "`{key}` is in no table of docs/editions.md");
        }
    }
}
