//! `/state.json`: what the page shows, for scripts. The letters themselves are left out; they have routes of their own.

use serde_json::{Value, json};

use super::showing::{EditionState, Showing, ShownResults, Variant};
use crate::newsroom::reasons::Reason;

pub(super) fn json(showing: &Showing) -> Value {
    json!({
        "version": showing.version,
        "newsletter": showing.newsletter,
        "from": showing.from,
        "slug": showing.slug.to_string(),
        "state": match &showing.state {
            EditionState::Draft { file, held } => json!({"is": "draft", "file": file, "held": held}),
            EditionState::WouldDraft => json!({"is": "would draft"}),
            EditionState::Frozen { when, changed_since } => json!({"is": "frozen", "when": when.to_rfc3339(), "changed_since": changed_since}),
        },
        "audience": showing.audience,
        "relay": showing.relay,
        "before": showing.before.as_ref().map(|before| before.version),
        "variants": showing.variants.iter().map(variant).collect::<Vec<_>>(),
        "source": showing.source.as_ref().map(|source| &source.file),
        "reasons": showing.reasons.iter().map(reason).collect::<Vec<_>>(),
        "results": showing.results.as_ref().map(results),
        "misses": showing.misses,
        "findings": showing.findings,
        "problems": showing.problems,
    })
}

fn variant(variant: &Variant) -> Value {
    json!({
        "name": variant.name,
        "readers": variant.readers,
        "subject": variant.subject,
        "opening": variant.opening,
        "bytes": {"html": variant.html.len(), "text": variant.text.len(), "letter": variant.letter.len()},
    })
}

fn results(shown: &ShownResults) -> Value {
    let rows = shown.results.arrived.iter();
    let rows =
        rows.map(|row| json!({"slot": row.place.to_string(), "arrivals": row.arrivals.known()}));
    json!({"day": shown.day.to_string(), "accepted": shown.accepted, "slots": rows.collect::<Vec<_>>()})
}

fn reason(reason: &Reason) -> Value {
    json!({
        "headline": reason.headline,
        "url": reason.url,
        "section": reason.section,
        "slots": reason.slots,
        "score": reason.score,
        "parts": reason.parts,
        "why": reason.why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_read_the_same_as_people() {
        let shown = json(&super::super::tests::fixture::showing(1)).to_string();
        insta::assert_snapshot!(shown.replace(",\"", ",\n\""), @r#"
        {"audience":"12 subscribers",
        "before":null,
        "findings":[{"gravity":"warning",
        "hint":"say in `picture.alt` what it shows",
        "name":"alt",
        "place":"top: Ferry fares",
        "what":"the picture has no `alt`",
        "why":"nothing is in its place"}],
        "from":"The Harbour Times",
        "misses":[{"source":"BBC",
        "what":"timed out after 20 s"}],
        "newsletter":"Harbour in your inbox",
        "problems":[],
        "reasons":[{"headline":"Ferry fares rise <script>alert(1)</script>",
        "parts":{"age":-0.058,
        "velocity":0.9},
        "score":0.842,
        "section":"News",
        "slots":{"most_read":3,
        "top":1},
        "url":"https://harbour.example/ferry",
        "why":"rank 1 of 42: 1,204 views/h, 2 h old"},{"headline":"The fish market",
        "parts":{"age":-0.058,
        "velocity":0.9},
        "score":0.842,
        "section":"News",
        "slots":{},
        "url":"https://harbour.example/ferry",
        "why":"rank 1 of 42: 1,204 views/h, 2 h old"}],
        "relay":"handed to `smtp.harbour.example:587`",
        "results":null,
        "slug":"2026-08-24",
        "source":"editions/2026-08-24.toml",
        "state":{"file":"editions/2026-08-24.toml",
        "held":false,
        "is":"draft"},
        "variants":[{"bytes":{"html":97,
        "letter":47,
        "text":51},
        "name":"Everyone",
        "opening":"Good morning.",
        "readers":3,
        "subject":"Ferry fares & a very fat seal"},{"bytes":{"html":99,
        "letter":49,
        "text":53},
        "name":"News, City",
        "opening":"Good morning.",
        "readers":3,
        "subject":"Ferry fares"}],
        "version":1}
        "#);
    }
}
