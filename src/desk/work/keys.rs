//! What the keys do.

use maud::{Markup, html};

const KEYS: [(&str, &str); 17] = [
    ("j k", "Next story, story before"),
    (
        "Alt+j Alt+k",
        "Move it down, up, over the edge into the next list",
    ),
    ("Space", "On its number: pick it up; arrows move it"),
    ("e", "Edit its words and picture"),
    ("r", "Swap it for another"),
    ("f", "Pin it to its place"),
    ("x", "Drop it"),
    ("u", "Undo"),
    ("Shift+U", "Redo"),
    ("s", "Write the subject"),
    ("n", "Next question or finding"),
    ("m", "Send a proof"),
    ("l d", "The letter light, dark"),
    ("v", "Next audience"),
    ("1 2 3", "Stories, letter, versions"),
    ("Esc", "Done; put it back"),
    ("?", "This list"),
];

pub(super) fn keys() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl { @for (keys, words) in KEYS { div { dt { @for key in keys.split(' ') { kbd { (key) } " " } } dd { (words) } } } }
            form method="dialog" {
                // Who talks to a computer, or whose hand shakes, wants no single letters (WCAG 2.1.4).
                label { input #keyed type="checkbox" checked; " Keys of one letter are on" }
                button { "Close" }
            }
        }
    }
}
