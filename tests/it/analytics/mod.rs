//! Readership over APIs. Each service is played at the wire and is as strict as the real one: a request that it would refuse fails the test.

mod arrivals; // who came by our links, as services keep it
mod faults; // what goes wrong, and that the edition is made all the same
pub(crate) mod google; // a service account, its assertion verified
mod kinds; // what each kind sends, reads and warns of
mod pages; // answers page by page, and how old totals are
mod programs; // programs that print views, and answers saved to a file
mod samples; // samples of services that know no times, and views from our own letters
mod secrets; // keys are in nothing that is said
mod service; // the server
mod shapes; // answers of odd shapes
mod warehouses; // statements for ClickHouse and BigQuery

use serde_json::Value;

use crate::newsroom::Newsroom;

/// What must never be seen anywhere.
const SECRET: &str = "key-that-nobody-sees";

/// The Harbour with that one source of readership; its key is in `service.key`.
fn newsroom(lines: &str) -> Newsroom {
    let room = Newsroom::new().config("[readership]", lines);
    room.secret("service.key", format!("{SECRET}\n"));
    room
}

/// What `explain --json` tells; the secret is in nothing that was said.
#[track_caller]
fn explained(room: &Newsroom) -> Value {
    let output = room.run(&["explain", "--json"]).exits(0);
    for said in [&output.stdout, &output.stderr] {
        assert!(!said.contains(SECRET), "a key is shown: {said}");
    }
    serde_json::from_str(&output.stdout).unwrap()
}

/// The views of stories 1 to 6, `-` where nothing is known.
fn views(told: &Value) -> String {
    let candidates = told["candidates"].as_array().unwrap();
    let of = |number: usize| {
        let url = format!("https://harbourtimes.example/story-{number}");
        let story = candidates.iter().find(|story| story["url"] == url.as_str());
        story.unwrap()["views"].as_u64()
    };
    let words =
        (1..=6).map(|number| of(number).map_or_else(|| "-".to_owned(), |views| views.to_string()));
    words.collect::<Vec<_>>().join(" ")
}

/// What was missed, a line each.
fn misses(told: &Value) -> String {
    let misses = told["misses"].as_array().unwrap().iter();
    let lines = misses.map(|miss| {
        let text = |key: &str| miss[key].as_str().unwrap().to_owned();
        format!("{}: {}", text("source"), text("what"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn as_of(told: &Value) -> String {
    told["readership_as_of"]
        .as_str()
        .unwrap_or("never")
        .to_owned()
}
