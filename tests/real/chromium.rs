//! A Chromium driven over its pipe: the DevTools protocol is JSON between zero bytes, so no driver is needed. Nothing is fetched from the
//! network; in place of every picture there is a drawn one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::newsroom::PATIENCE;
use crate::{npm, tool};

/// Light or dark, as a reader's system asks for it.
#[derive(Clone, Copy)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    pub(crate) const ALL: [Self; 2] = [Self::Light, Self::Dark];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A running Chromium with one tab that has axe-core in it. Dropped, it is killed.
pub(crate) struct Chromium {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<Value>,
    session: String,
    last: u64,
    _profile: tempfile::TempDir,
}

impl Chromium {
    pub(crate) fn start() -> Self {
        let axe = npm("axe-core/axe.min.js");
        let profile = tempfile::tempdir().unwrap();
        // Chromium talks on the descriptors 3 and 4, which only a shell gives a child without unsafe code.
        let mut child = Command::new("/bin/sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(tool("chromium", "chromium"))
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let mut pipe = BufReader::new(child.stdout.take().unwrap());
        let (sender, answers) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while pipe
                .read_until(0, &mut message)
                .is_ok_and(|length| length > 0)
            {
                message.pop();
                if sender
                    .send(serde_json::from_slice(&message).unwrap())
                    .is_err()
                {
                    break;
                }
                message.clear();
            }
        });
        let mut chromium = Self {
            child,
            orders,
            answers,
            session: String::new(),
            last: 0,
            _profile: profile,
        };
        let tab = chromium.order("Target.createTarget", &json!({ "url": "about:blank" }));
        let session = chromium.order(
            "Target.attachToTarget",
            &json!({ "targetId": tab["targetId"], "flatten": true }),
        );
        session["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut chromium.session);
        chromium.order("Page.enable", &json!({}));
        chromium.order(
            "Fetch.enable",
            &json!({ "patterns": [{ "urlPattern": "https://*" }] }),
        );
        let axe = std::fs::read_to_string(axe).unwrap();
        chromium.order(
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({ "source": axe }),
        );
        chromium
    }

    /// Shows a page in a window of that size, whole with its pictures.
    pub(crate) fn show(&mut self, url: &str, scheme: Scheme, width: u32, height: u32) {
        self.order(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme.name() }] }),
        );
        self.order(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
        self.order("Page.navigate", &json!({ "url": url }));
        while self.hear()["method"] != "Page.loadEventFired" {}
    }

    /// What an expression gives on the page that is shown; a promise is waited for.
    pub(crate) fn ask(&mut self, expression: &str) -> Value {
        let answer = self.order(
            "Runtime.evaluate",
            &json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
        );
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// Presses a key, as a keyboard does; `modifiers`: 1 for Alt, 2 for Ctrl, 8 for Shift.
    pub(crate) fn key(&mut self, key: &str, modifiers: u32) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "ArrowUp" => 38,
            "ArrowDown" => 40,
            other => u32::from(other.as_bytes()[0].to_ascii_uppercase()),
        };
        let mut down = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers });
        if key.len() == 1 && modifiers == 0 {
            down["text"] = key.into();
        }
        self.order("Input.dispatchKeyEvent", &down);
        let up = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers });
        self.order("Input.dispatchKeyEvent", &up);
    }

    /// Writes text where the cursor is.
    pub(crate) fn write(&mut self, text: &str) {
        self.order("Input.insertText", &json!({ "text": text }));
    }

    /// Presses the first thing of that selector, and waits for the page it leads to.
    pub(crate) fn press(&mut self, selector: &str) {
        let found = format!("document.querySelector({})", json!(selector));
        let is_there = self.ask(&format!("{found} !== null"));
        assert_eq!(is_there, true, "`{selector}` is not on the page");
        // A moment later: the page must not be there before the answer to this.
        self.ask(&format!("setTimeout(() => {found}.click(), 1)"));
        while self.hear()["method"] != "Page.loadEventFired" {}
    }

    /// What axe-core finds on the page that is shown, a line each; also what it could not decide. Frames are pages of their own.
    pub(crate) fn axe(&mut self, rules: &str) -> Vec<String> {
        let found = self.ask(&format!(
            "axe.run(document, {{ iframes: false, rules: {rules}, resultTypes: ['violations', 'incomplete'] }}).then(found => \
             ['violations', 'incomplete'].flatMap(kind => found[kind].flatMap(rule => \
             rule.nodes.map(node => `${{kind}}: ${{rule.id}}: ${{node.html.slice(0, 200)}}: ${{node.failureSummary}}`))))"
        ));
        serde_json::from_value(found).unwrap()
    }

    /// Writes what the window shows as a PNG file.
    pub(crate) fn picture(&mut self, path: &Path) {
        let answer = self.order("Page.captureScreenshot", &json!({ "format": "png" }));
        let bytes = BASE64_STANDARD
            .decode(answer["data"].as_str().unwrap())
            .unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Gives an order and waits for its answer.
    fn order(&mut self, method: &str, parameters: &Value) -> Value {
        let number = self.send(method, parameters);
        loop {
            let message = self.hear();
            if message["id"] == number {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn send(&mut self, method: &str, parameters: &Value) -> u64 {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        self.orders
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        self.last
    }

    /// The next message. One that asks for a picture gets it on the way.
    fn hear(&mut self) -> Value {
        let message = self
            .answers
            .recv_timeout(PATIENCE)
            .expect("Chromium says nothing");
        if message["method"] == "Fetch.requestPaused" {
            let asked = &message["params"];
            let drawn = drawing(asked["request"]["url"].as_str().unwrap());
            self.send(
                "Fetch.fulfillRequest",
                &json!({
                    "requestId": asked["requestId"],
                    "responseCode": 200,
                    "responseHeaders": [{ "name": "Content-Type", "value": "image/svg+xml" }],
                    "body": BASE64_STANDARD.encode(drawn),
                }),
            );
        }
        message
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A harbour, in colors and at a tide of that address's own.
fn drawing(url: &str) -> String {
    let sum: u32 = url.bytes().map(u32::from).sum();
    let (hue, sun, tide) = (
        185 + sum * 47 % 50,
        150 + sum * 13 % 900,
        430 + sum * 7 % 120,
    );
    let (far, near, boat) = (tide - 90, tide + 110, 1_150 - sun);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1200 800' preserveAspectRatio='xMidYMid slice'>\
         <rect width='1200' height='800' fill='hsl({hue},45%,80%)'/><circle cx='{sun}' cy='{far}' r='110' fill='hsl(40,90%,88%)'/>\
         <path d='M0 {far}q300 -130 600 0t600 -20V800H0z' fill='hsl({hue},30%,62%)'/><rect y='{tide}' width='1200' height='400' fill='hsl({hue},38%,45%)'/>\
         <path d='M{boat} {tide}v-190l130 170h-120v20zM{boat} {tide}h-90l40 60h150l40 -60z' fill='hsl(40,40%,94%)'/>\
         <path d='M0 {near}q150 -40 300 0t300 0t300 0t300 0V800H0z' fill='hsl({hue},42%,32%)'/></svg>"
    )
}
