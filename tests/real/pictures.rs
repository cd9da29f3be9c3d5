//! The pictures in docs/: the sample edition as its readers see it, and the preview. Not a test: `.ci/pictures` runs it.

use std::path::Path;

use newsdigest::render::Template;

use crate::chromium::{Chromium, Scheme};
use crate::newsroom::Newsroom;

/// The windows a letter is seen in, with their widths and heights in pixels: as far as lede, seconds and a section go.
const WINDOWS: [(&str, u32, u32); 2] = [("phone", 390, 2_000), ("desktop", 800, 2_400)];

#[test]
#[ignore = "makes pictures; `.ci/pictures` runs it"]
fn pictures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let mut chromium = Chromium::start();
    for template in Template::NAMES {
        let room = Newsroom::bare();
        room.run(&["init", "."]).exits(0);
        let config = room.read("newsdigest.toml");
        let chosen = format!("use = \"{template}\"");
        room.file(
            "newsdigest.toml",
            config.replace("use = \"broadsheet\"", &chosen),
        );
        room.run(&["preview", "--out", "out"]).exits(0);
        let url = format!("file://{}", room.path("out/digest.html").display());
        for scheme in Scheme::ALL {
            for (window, width, height) in WINDOWS {
                chromium.show(&url, scheme, width, height);
                let name = format!("{template}-{window}-{}.png", scheme.name());
                chromium.picture(&folder.join(name));
            }
        }
        if template == "broadsheet" {
            let mut running = room.spawn(&["preview", "--port", "0"]);
            chromium.show(
                &running.says("http://127.0.0.1:"),
                Scheme::Light,
                1_400,
                900,
            );
            chromium.picture(&folder.join("preview.png"));
        }
    }
}
