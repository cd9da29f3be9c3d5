//! The pictures in docs/: the sample edition as its readers see it. Not a test: `docs/pictures` runs it.

use newsdigest::render::Template;

use crate::chromium::{Chromium, Scheme};
use crate::newsroom::Newsroom;

/// What a picture shows, its name and its size in pixels.
const WINDOWS: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desktop", 800, 844)];

#[test]
#[ignore = "makes pictures; `docs/pictures` runs it"]
fn pictures() {
    let folder = std::env::var_os("PICTURES").expect("the folder to put them in, in `PICTURES`");
    let mut chromium = Chromium::start();
    for template in Template::NAMES {
        let room = Newsroom::bare();
        room.run(&["init", "paper"]).exits(0);
        let config = room.read("paper/newsdigest.toml");
        let with = config.replace("use = \"broadsheet\"", &format!("use = \"{template}\""));
        room.file("paper/newsdigest.toml", with);
        room.run(&[
            "preview",
            "--config",
            "paper/newsdigest.toml",
            "--out",
            "out",
        ])
        .exits(0);
        let url = format!("file://{}", room.path("out/digest.html").display());
        for scheme in Scheme::ALL {
            for (window, width, height) in WINDOWS {
                chromium.show(&url, scheme, width, height);
                let name = format!("{template}-{window}-{}.png", scheme.name());
                chromium.picture(&std::path::Path::new(&folder).join(name));
            }
        }
    }
}
