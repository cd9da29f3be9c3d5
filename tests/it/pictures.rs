//! Pictures: looked at when an edition is drafted, copied for the mail, served to readers. One file: three stages of the same pictures.

use std::fmt::Write as _;

use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::{Newsroom, TODAY};
use crate::serve::{self, HOST, Serving};

/// A JPEG with some grain: no two sizes have the same octets.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let photo = RgbImage::from_fn(width.into(), height.into(), |x, y| {
        let part = |at: u32, by: u32| u8::try_from(at * by % 251).unwrap();
        Rgb([part(x, 1), part(y, 1), part(x + y, 7)])
    });
    let mut octets = Vec::new();
    let encoder = Encoder::new(&mut octets, 90);
    encoder
        .encode(&photo, width, height, ColorType::Rgb)
        .unwrap();
    octets
}

/// A feed of one story for each list of pictures, newest first.
fn feed(feeds: &FeedServer, stories: &[&[&str]]) {
    feed_of(feeds, "24 Aug", stories);
}

fn feed_of(feeds: &FeedServer, day: &str, stories: &[&[&str]]) {
    let mut items = String::new();
    for (number, pictures) in stories.iter().enumerate() {
        let minute = 40 - number;
        write!(
            items,
            "<item><title>Story number {number} of {day}</title><link>https://harbourtimes.example/s{number}</link>\
             <pubDate>{day} 2026 05:{minute}:00 GMT</pubDate>"
        )
        .unwrap();
        for picture in *pictures {
            let url = if picture.starts_with('/') {
                feeds.url(picture)
            } else {
                (*picture).to_owned()
            };
            write!(items, "<media:content url=\"{url}\" medium=\"image\"/>").unwrap();
        }
        items.push_str("</item>");
    }
    let rss = format!(
        "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><title>H</title>{items}</channel></rss>"
    );
    feeds.route("/rss", Page::new("application/rss+xml", rss));
}

fn room(feeds: &FeedServer, room: Newsroom) -> Newsroom {
    room.config("[source]", &format!("feed = \"{}\"", feeds.url("/rss")))
        .config("selection", "minimum = 1")
        .config("[readership]", "counts = \"views.csv\"")
}

fn asked(feeds: &FeedServer, path: &str) -> usize {
    let all = feeds.requests();
    all.iter().filter(|request| request.path == path).count()
}

fn edition(room: &Newsroom) -> toml_edit::DocumentMut {
    room.read(&format!("editions/{TODAY}.toml"))
        .parse()
        .unwrap()
}

/// The addresses of the copies of a picture, of those that have any.
fn copies(edition: &toml_edit::DocumentMut, which: usize) -> Vec<String> {
    let pictures = edition["picture"].as_array_of_tables().unwrap().iter();
    let mut copied = pictures.filter(|picture| picture.contains_key("copies"));
    let picture = copied.nth(which).unwrap();
    let copies = picture["copies"].as_array().unwrap().iter();
    copies
        .map(|copy| {
            copy.as_inline_table().unwrap()["url"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn a_portrait_and_the_pictures_of_notices_are_copied_too() {
    let feeds = FeedServer::open();
    feed(&feeds, &[&[]]);
    feeds.route("/marta.jpg", Page::new("image/jpeg", jpeg(600, 900)));
    feeds.route("/boats.jpg", Page::new("image/jpeg", jpeg(1_800, 600)));
    let room = room(&feeds, serve::room()).config(
        "sign_off",
        &format!(
            "name = \"Marta\"\npicture = {{ url = \"{}\" }}",
            feeds.url("/marta.jpg")
        ),
    );
    room.run(&["draft"]).exits(0);
    let file = format!("editions/{TODAY}.toml");
    let notice = format!(
        "\n[[notice]]\nlabel = \"Advertisement\"\ntext = \"Boats.\"\npicture = {{ url = \"{}\", alt = \"A boat\" }}\n\
         [[notice]]\nlabel = \"Advertisement\"\ntext = \"Oars.\"\npicture = {{ url = \"{}\", alt = \"An oar\" }}\n",
        feeds.url("/boats.jpg"),
        feeds.url("/gone.jpg")
    );
    room.file(&file, room.read(&file) + &notice);
    let drafted = room.run(&["draft", "--force"]).exits(0);
    assert!(drafted.stderr.contains("gone.jpg"), "{}", drafted.stderr);
    // Its square, and the whole banner in two sizes.
    assert_eq!(room.list("pictures").len(), 3);
    room.run(&["preview", "--out", "out"]).exits(0);
    let html = room.read("out/digest.html");
    for path in ["/marta.jpg", "/boats.jpg"] {
        assert!(!html.contains(&feeds.url(path)), "{path}");
        assert_eq!(asked(&feeds, path), 1, "{path}");
    }
    assert!(html.contains(&copies(&edition(&room), 0)[0]));
}

#[test]
fn copies_are_made_once_printed_and_served() {
    let feeds = FeedServer::open();
    feed(&feeds, &[&["/lede.jpg"], &["/second.jpg"]]);
    feeds.route("/lede.jpg", Page::new("image/jpeg", jpeg(1_500, 1_000)));
    feeds.route(
        "/second.jpg",
        Page::new("image/webp; charset=iso-8859-1", jpeg(700, 900)),
    );
    let room = room(&feeds, serve::room());
    room.run(&["draft"]).exits(0);
    let first = edition(&room);
    let lede = copies(&first, 0);
    assert_eq!(lede.len(), 4);
    assert_eq!(room.list("pictures").len(), 7);
    for url in &lede {
        let name = url
            .strip_prefix("https://news.harbourtimes.example/pictures/")
            .unwrap();
        assert!(room.has(&format!("pictures/{name}")));
    }
    // Drafted again, nothing is asked again and nothing is another.
    room.run(&["draft", "--force"]).exits(0);
    assert_eq!(
        (asked(&feeds, "/lede.jpg"), asked(&feeds, "/second.jpg")),
        (1, 1)
    );
    assert_eq!(
        edition(&room)["picture"].to_string(),
        first["picture"].to_string()
    );
    // A copy that is gone is made again.
    let name = lede[0].rsplit('/').next().unwrap().to_owned();
    std::fs::remove_file(room.path(&format!("pictures/{name}"))).unwrap();
    room.run(&["draft", "--force"]).exits(0);
    assert_eq!(asked(&feeds, "/lede.jpg"), 2);
    assert!(room.has(&format!("pictures/{name}")));

    room.run(&["preview", "--out", "out"]).exits(0);
    let html = room.read("out/digest.html");
    assert!(html.contains(&lede[0]), "the lede shows its largest copy");
    assert!(
        html.contains(&copies(&first, 1)[2]),
        "a thumbnail shows its smallest"
    );
    assert!(!html.contains(&feeds.url("/")), "no reader asks the source");

    let serving = Serving::start(&room);
    let path = format!("pictures/{name}");
    let whole = serving.pages.octets(&path);
    let head = String::from_utf8_lossy(&whole);
    let (head, _) = head.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    for field in [
        "http/1.1 200 ok",
        "content-type: image/jpeg",
        "cache-control: public, max-age=31536000, immutable",
        "cross-origin-resource-policy: cross-origin",
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'",
    ] {
        assert!(head.contains(field), "{field}: {head}");
    }
    assert!(!head.contains("set-cookie"));
    let file = std::fs::read(room.path(&path)).unwrap();
    assert!(whole.ends_with(&file));
    let tag = head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();
    let known = format!("{HOST}If-None-Match: {tag}\r\n");
    let again = serving.pages.ask(&format!("GET /{path}"), &known, "");
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    // Nothing else of the folder, nor of what is around it.
    room.file("pictures/notes.txt", "mine");
    room.file(
        "pictures/aaaaaaaaaaaaaaaaaaaaaaaaaa.svg",
        "<svg onload=alert(1)>",
    );
    for other in [
        "pictures/notes.txt",
        "pictures/aaaaaaaaaaaaaaaaaaaaaaaaaa.svg",
        "pictures/aaaaaaaaaaaaaaaaaaaaaaaaaa.jpg",
        "pictures/..%2Fsecret.key",
        "pictures/",
    ] {
        assert_eq!(serving.pages.get(other).0, 404, "{other}");
    }
    // It is counted and no line is written of it.
    assert!(
        serving
            .pages
            .watch("metrics")
            .1
            .contains("page=\"picture\",status=\"200\"} 1")
    );
    serving.program.terminate();
    let said = serving.program.wait().exits(0);
    assert!(!said.stderr.contains("page=picture"), "{}", said.stderr);
    assert!(said.stderr.contains("page=metrics"), "{}", said.stderr);
}

#[test]
fn a_picture_that_nobody_sees_gives_way() {
    let feeds = FeedServer::open();
    feed(
        &feeds,
        &[
            &["/gone.jpg", "/page.jpg", "/good.jpg"],
            &["/cut.jpg"],
            &["/inside.jpg", "/good2.jpg"],
            &["/busy.jpg"],
            &["https://h.example/drawn.svg"],
        ],
    );
    let whole = jpeg(900, 600);
    feeds.route("/good.jpg", Page::new("image/jpeg", &whole));
    feeds.route("/good2.jpg", Page::new("image/jpeg", &whole));
    feeds.route(
        "/page.jpg",
        Page::new("image/jpeg", "<!doctype html><p>Log in"),
    );
    feeds.route(
        "/cut.jpg",
        Page::new("image/jpeg", &whole[..whole.len() / 2]),
    );
    feeds.route(
        "/inside.jpg",
        Page::redirect("http://localhost:1/secret.jpg"),
    );
    feeds.route("/busy.jpg", Page::error(503));
    let room = room(&feeds, serve::room());
    let said = room.run(&["draft"]).exits(0);
    for what in [
        "answered 404",
        "is an HTML page, not a picture",
        "cannot be decoded",
        "not on the public internet",
        "1 is shown as the servers give them, without a look: `127.0.0.1` answered 503",
    ] {
        assert!(said.stderr.contains(what), "{what}: {}", said.stderr);
    }
    let drafted = edition(&room);
    let shown = |story: usize| {
        let top = drafted["top"]
            .as_array_of_tables()
            .unwrap()
            .get(story)
            .unwrap();
        top.get("picture")
            .map(|picture| picture["url"].as_str().unwrap().to_owned())
    };
    assert_eq!(shown(0), Some(feeds.url("/good.jpg")));
    assert_eq!(shown(2), Some(feeds.url("/good2.jpg")));
    // The letter goes out, and its editor hears what was left out of it.
    let would = room.run(&["send", "--dry-run"]).exits(0);
    let found = would.stderr.matches("dead-picture").count();
    assert!(found >= 4, "{}", would.stderr);
    room.run(&["preview", "--out", "out"]).exits(0);
    let html = room.read("out/digest.html");
    assert!(!html.contains("/cut.jpg") && html.contains(&feeds.url("/busy.jpg")));
    // Drafted again, what was dead is asked again: somebody may have put it there.
    feeds.route("/cut.jpg", Page::new("image/jpeg", &whole));
    room.run(&["draft", "--force"]).exits(0);
    assert_eq!(asked(&feeds, "/cut.jpg"), 2);
    room.run(&["preview", "--out", "out"]).exits(0);
    // Which of its copies is shown is the template's affair.
    let html = room.read("out/digest.html");
    let of_it = copies(&edition(&room), 1);
    assert!(of_it.iter().any(|url| html.contains(url)), "{of_it:?}");
}

#[test]
fn without_copies_pictures_are_measured() {
    let feeds = FeedServer::open();
    feed(&feeds, &[&["/heavy.jpg"], &["/light.jpg"]]);
    let mut heavy = jpeg(900, 600);
    heavy.resize(600_000, 0);
    feeds.route("/heavy.jpg", Page::new("image/jpeg", heavy));
    feeds.route("/light.jpg", Page::new("image/jpeg", jpeg(300, 200)));
    let room = room(&feeds, Newsroom::new());
    room.run(&["draft"]).exits(0);
    let drafted = room.read(&format!("editions/{TODAY}.toml"));
    assert!(
        drafted.contains("format = \"JPEG\"\nwidth = 900\nheight = 600\nbytes = 600000\n"),
        "{drafted}"
    );
    assert!(!room.has("pictures") && !drafted.contains("copies"));
    let said = room.run(&["send", "--dry-run"]).exits(0);
    assert!(
        said.stderr.contains("heavy-picture") && said.stderr.contains("600 kB"),
        "{}",
        said.stderr
    );
    let html = {
        room.run(&["preview", "--out", "out"]).exits(0);
        room.read("out/digest.html")
    };
    assert!(
        html.contains("width=\"600\" height=\"400\""),
        "the size is the real one: {html}"
    );
}

#[test]
fn another_server_may_have_the_copies() {
    let feeds = FeedServer::open();
    feed(&feeds, &[&["/lede.jpg"]]);
    feeds.route("/lede.jpg", Page::new("image/jpeg", jpeg(700, 500)));
    let cdn = "fit = true\nfolder = \"to-cdn\"\nurl = \"https://cdn.example/mail\"";
    let room = room(&feeds, Newsroom::new()).config("pictures", cdn);
    room.run(&["draft"]).exits(0);
    let copies = copies(&edition(&room), 0);
    assert!(
        copies
            .iter()
            .all(|url| url.starts_with("https://cdn.example/mail/")),
        "{copies:?}"
    );
    assert_eq!(room.list("to-cdn").len(), copies.len());
    let nowhere = room.config("pictures", "fit = true");
    let said = nowhere.run(&["check"]).exits(1);
    assert!(
        said.stderr.contains("nothing says where readers find them"),
        "{}",
        said.stderr
    );
}

#[test]
fn copies_that_no_edition_names_go() {
    let feeds = FeedServer::open();
    feed(&feeds, &[&["/lede.jpg"]]);
    feeds.route("/lede.jpg", Page::new("image/jpeg", jpeg(700, 500)));
    let room = room(&feeds, serve::room());
    // What was written a quarter of an hour ago is kept, what is nine days old is not.
    let name = |letter: &str, ending: &str| format!("pictures/{}.{ending}", letter.repeat(26));
    for file in [
        name("a", "jpg"),
        name("b", "png"),
        "pictures/index.html".to_owned(),
    ] {
        room.file(&file, "x");
    }
    room.run(&["draft"]).exits(0);
    assert_eq!(room.list("pictures").len(), 6);
    let room = room.at("2026-09-02T05:45:00Z");
    let named = room.read(&format!("editions/{TODAY}.toml"));
    room.file(
        &format!("editions/{TODAY}.toml"),
        named.replace("# hold", &format!("# {} hold", name("b", "png"))),
    );
    feed_of(&feeds, "02 Sep", &[&["/lede.jpg"]]);
    room.run(&["draft"]).exits(0);
    let left = room.list("pictures");
    assert!(
        !left.contains(&format!("{}.jpg", "a".repeat(26))),
        "{left:?}"
    );
    assert!(
        left.contains(&format!("{}.png", "b".repeat(26))),
        "{left:?}"
    );
    assert!(left.contains(&"index.html".to_owned()));
}

#[test]
fn pictures_that_a_template_does_not_show_are_not_asked_for() {
    let feeds = FeedServer::open();
    feed(&feeds, &[&["/lede.jpg"], &["/second.jpg"]]);
    let room = room(&feeds, serve::room()).config("template", "use = \"bulletin\"");
    room.run(&["draft"]).exits(0);
    assert_eq!(
        (asked(&feeds, "/lede.jpg"), asked(&feeds, "/second.jpg")),
        (0, 0)
    );
    assert!(!room.has("pictures"));
}
