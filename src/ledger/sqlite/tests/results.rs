//! What the editions of several newsletters brought.

use super::*;
use crate::model::newsletter_name::NewsletterKey;
use crate::model::results::{Arrivals, Arrived, RankScore, Ranking, Results};

/// What an edition brought that so many came by, and whose choice was so good.
fn brought(arrivals: u64, ndcg: f64) -> Results {
    Results {
        gathered: at(100),
        until: at(90),
        is_complete: true,
        source: Line::non_empty("web.log"),
        arrived: vec![Arrived {
            place: "top-1".parse().unwrap(),
            headline: Line::clean("Ferry"),
            url: "https://harbour.example/ferry".to_owned(),
            arrivals: Arrivals::of(arrivals),
        }],
        rankings: vec![(Ranking::Edition, RankScore { ndcg, capture: 1.0 })],
        notes: Vec::new(),
    }
}

#[test]
fn each_newsletter_has_its_own() {
    let mut desk = Fixture::new();
    for (second, newsletter, day, arrivals, ndcg) in [
        (0, "harbour", "2026-08-23", 50, 0.25),
        (1, "harbour", "2026-08-24", 20, 0.75),
        (2, "sport", "2026-08-24", 7, 1.0),
    ] {
        let order = Freeze {
            newsletter: newsletter.into(),
            ..order(day, Target::Relay)
        };
        let ledger = &mut desk.ledger;
        let run = ledger.freeze(&order, [pages()], seats(1), at(second), &Stop::never());
        let results = brought(arrivals, ndcg);
        ledger.keep_results(run.unwrap(), &results).unwrap();
    }
    let key = |id: &str, name: &str| NewsletterKey {
        id: id.to_owned(),
        name: name.parse().unwrap(),
        is_default: true,
        week_of: Vec::new(),
    };
    let told = |newsletters: &[NewsletterKey]| {
        let metrics = desk.ledger.metrics(newsletters, None).unwrap();
        let known = metrics.iter().filter(|metric| {
            ["newsdigest_arrivals", "newsdigest_ranking_ndcg"].contains(&metric.name)
        });
        let lines = known.map(|metric| {
            let labels = metric.labels.iter().map(|(_, value)| value.as_str());
            format!("{} {}", labels.collect::<Vec<_>>().join(" "), metric.value)
        });
        lines.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        told(&[key("harbour", "morning"), key("sport", "sport")]),
        "morning top-1 20, sport top-1 7, morning edition 0.75, sport edition 1"
    );
    assert_eq!(told(&[]), "top-1 7, edition 1");
    let mean = |of| {
        let means = desk.ledger.mean_rankings(of, at(0)).unwrap();
        means
            .first()
            .map(|(_, score, editions)| (score.ndcg, *editions))
    };
    assert_eq!(mean(Some("harbour")), Some((0.5, 2)));
    assert_eq!(mean(Some("sport")), Some((1.0, 1)));
    assert_eq!(mean(None), Some((2.0 / 3.0, 3)));
    let newest = |of, before: Option<&str>| {
        let before = before.map(|day| day.parse().unwrap());
        let run = desk.ledger.newest_run(of, before.as_ref()).unwrap();
        run.map(|run| format!("{} {}", run.newsletter, run.slug))
    };
    assert_eq!(newest(None, None).unwrap(), "sport 2026-08-24");
    let harbour = Some("harbour");
    assert_eq!(newest(harbour, None).unwrap(), "harbour 2026-08-24");
    let before = newest(harbour, Some("2026-08-24"));
    assert_eq!(before.unwrap(), "harbour 2026-08-23");
    assert_eq!(newest(harbour, Some("2026-08-23")), None);
}
