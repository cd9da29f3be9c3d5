use proptest::prelude::*;

use super::*;

/// An ordinary morning: nine stories, two of them about the ferry, all of the same hour.
const MORNING: [(&str, &str); 9] = [
    (
        "Harbour ferry fares to rise by a fifth in October",
        "The island company blames the price of diesel for the second rise on the Harbour line in a year.",
    ),
    (
        "Islanders protest at the Harbour over dearer ferry tickets",
        "About 200 people met at the quay to ask the company to withdraw a rise in fares of a fifth.",
    ),
    (
        "School board votes to close two village schools",
        "Parents in Northfield and Elmsey say that the buses will take an hour each way.",
    ),
    (
        "Mayor Okafor will not stand again",
        "She has led the city for eleven years and wants to return to her practice as a doctor.",
    ),
    (
        "Heavy rain floods the old market for the third time",
        "Traders say the drains were to be mended in the spring of last year.",
    ),
    (
        "United win the derby with a goal in the last minute",
        "Substitute Petra Lindqvist headed in from a corner before 31,000 people.",
    ),
    (
        "Museum buys a lost portrait for a record price",
        "The painting hung for decades in a dentist's waiting room.",
    ),
    (
        "A new bakery brings sourdough to Mill Lane",
        "The queue on its first Saturday went round the corner.",
    ),
    (
        "Court lets the power station build its second chimney",
        "Neighbours had argued that the shadow would cover their gardens until noon.",
    ),
];

fn text<'a>(headline: &'a str, dek: &'a str, published: &str) -> Text<'a> {
    Text {
        headline,
        dek: Some(dek).filter(|dek| !dek.is_empty()),
        published: published.parse().ok(),
    }
}

/// The morning, with more stories before it.
fn with<'a>(more: &[Text<'a>]) -> Vec<Text<'a>> {
    let morning = MORNING
        .iter()
        .map(|(headline, dek)| text(headline, dek, "2026-08-24T06:00:00Z"));
    more.iter().copied().chain(morning).collect()
}

/// Whether the first two stories are one event, in a morning of others.
fn same(a: Text<'_>, b: Text<'_>) -> bool {
    let events = Events::of(&with(&[a, b]));
    events.event(0) == events.event(1)
}

fn groups(texts: &[Text<'_>]) -> Vec<Vec<usize>> {
    let events = Events::of(texts);
    let firsts = (0..texts.len()).filter(|&story| events.event(story) == story);
    firsts
        .map(|first| {
            (first..texts.len())
                .filter(|&story| events.event(story) == first)
                .collect()
        })
        .collect()
}

#[test]
fn one_event_in_other_words() {
    let morning = with(&[]);
    let expected = vec![
        vec![0, 1],
        vec![2],
        vec![3],
        vec![4],
        vec![5],
        vec![6],
        vec![7],
        vec![8],
    ];
    assert_eq!(groups(&morning), expected);
    let events = Events::of(&morning);
    insta::assert_snapshot!(events.shared(0, 1).join(", "), @"Harbour, ferry, island");
}

#[test]
fn two_stories_and_no_others_are_not_one_for_their_little_words() {
    for (a, b) in [(2, 3), (4, 5), (5, 7), (7, 8)] {
        let of = |index: usize| text(MORNING[index].0, MORNING[index].1, "");
        assert_eq!(groups(&[of(a), of(b)]).len(), 2, "{a} {b}");
    }
    let [ferry, protest] = [0, 1].map(|index: usize| text(MORNING[index].0, MORNING[index].1, ""));
    assert_eq!(groups(&[ferry, protest]).len(), 1);
}

#[test]
fn headlines_alone_are_one_event_only_by_more_than_a_name_or_a_label() {
    let check = |a, b| same(text(a, "", ""), text(b, "", ""));
    for (a, b) in [
        ("Elmsey baker wins a medal", "Elmsey to get a bus lane"),
        ("South Elmsey opens a pool", "South Elmsey mourns its vicar"),
        (
            "American cheese is in fashion",
            "More Americans ride bicycles",
        ),
        (
            "Ask the doctor: sleepless nights",
            "Ask the doctor: aching knees",
        ),
        ("The future of paper", "The secret of the lighthouse"),
    ] {
        assert!(!check(a, b), "{a}");
    }
    for (a, b) in [
        (
            "Elmsey bridge closed after lorry fire",
            "Lorry fire closes Elmsey bridge for a week",
        ),
        ("The secret of the lighthouse", "Secret of the lighthouse"),
    ] {
        assert!(check(a, b), "{a}");
    }
}

#[test]
fn the_same_headline_twice_in_a_morning_is_one_event_and_after_a_week_is_not() {
    let monday = text("Corrections and clarifications", "", "2026-08-24T06:00:00Z");
    let of = |published| text(monday.headline, "", published);
    assert!(same(monday, of("2026-08-24T09:00:00Z")));
    assert!(same(monday, of("")));
    assert!(!same(monday, of("2026-08-17T06:00:00Z")));
    assert!(!same(monday, of("2026-08-31T06:00:00Z")));
}

#[test]
fn the_next_of_a_series_is_not_the_same_event() {
    let on = "2026-08-24T06:00:00Z";
    for (a, b) in [
        ("Weather: Monday 24 August", "Weather: Tuesday 25 August"),
        ("Прогноз погоды на 8 ноября", "Прогноз погоды на 16 ноября"),
        (
            "Your letters, 24 August 2026",
            "Your letters, 25 August 2026",
        ),
        (
            "The big weekend quiz: capital cities",
            "The big weekend quiz: famous ships",
        ),
    ] {
        assert!(!same(text(a, "", on), text(b, "", on)), "{a}");
    }
    let quake = |headline| text(headline, "The earthquake shook Elmsey before dawn.", on);
    assert!(same(
        quake("Earthquake kills 12 in Elmsey"),
        quake("Elmsey earthquake: 15 are dead")
    ));
}

#[test]
fn a_dek_under_many_headlines_says_nothing() {
    let mut texts = with(&[]);
    for text in &mut texts[2..5] {
        text.dek = Some(
            "Read the full story on our site, with pictures, video and the opinion of our readers. Subscribe to our newsletters, \
             follow us on social media, download the app and never miss another headline.",
        );
    }
    assert_eq!(groups(&texts).len(), MORNING.len() - 1);
}

#[test]
fn a_chain_is_not_one_event() {
    let [a, b, c, d] = [
        "anchor dragon bridge ember copper falcon",
        "dragon garnet ember hollow falcon island",
        "garnet jasper hollow kettle island lantern",
        "jasper marble kettle needle lantern orchard",
    ]
    .map(|headline| text(headline, "", ""));
    let events = Events::of(&with(&[a, b, c, d]));
    assert!(same(a, b), "neighbours are alike");
    assert!(same(b, c), "neighbours are alike");
    assert_ne!(events.event(0), events.event(2));
    assert_ne!(events.event(0), events.event(3));
    assert_ne!(events.event(1), events.event(3));
}

#[test]
fn any_script() {
    for (a, b, other) in [
        (
            "Выборы мэра Казани пройдут в сентябре",
            "В Казани назначили выборы мэра на сентябрь",
            "В Самаре открыли новый мост через Волгу",
        ),
        (
            "Bürgermeisterin Yılmaz eröffnet die neue Straßenbahn",
            "Neue Straßenbahn fährt: Yılmaz gibt das Zeichen",
            "Das Freibad schließt wegen eines Risses im Becken",
        ),
        (
            "東京都知事選挙、現職が三選を果たす",
            "現職の知事が三選　東京都知事選挙の結果",
            "大阪で新しい美術館が開館、行列ができる",
        ),
        (
            "นายกรัฐมนตรีเปิดสะพานข้ามแม่น้ำเจ้าพระยาแห่งใหม่",
            "เปิดใช้สะพานข้ามแม่น้ำเจ้าพระยา นายกรัฐมนตรีเป็นประธาน",
            "ทีมฟุตบอลหญิงคว้าแชมป์เอเชียเป็นครั้งแรก",
        ),
        (
            "दिल्ली में प्रदूषण बढ़ा, स्कूल बंद करने का आदेश",
            "प्रदूषण के कारण दिल्ली के स्कूल बंद",
            "मुंबई में मेट्रो की नई लाइन शुरू हुई",
        ),
        (
            "زلزال قوي يضرب أنطاليا وفرق الإنقاذ تبحث عن ناجين",
            "أنطاليا: فرق الإنقاذ تواصل البحث بعد زلزال قوي",
            "افتتاح معرض الكتاب الدولي بحضور آلاف الزوار",
        ),
    ] {
        let [a, b, other] = [a, b, other].map(|headline| text(headline, "", ""));
        assert!(same(a, b), "{}", a.headline);
        assert!(!same(a, other), "{}", a.headline);
    }
}

#[test]
fn the_order_of_the_stories_does_not_matter() {
    let texts = with(&[
        text(
            "Ferry company defends its fares",
            "The rise at the Harbour pays for diesel.",
            "",
        ),
        text(
            "United win the derby late",
            "Lindqvist scores from a corner.",
            "2026-08-23T20:00:00Z",
        ),
    ]);
    let headlines = |texts: &[Text<'_>]| {
        let named = |group: Vec<usize>| -> BTreeSet<String> {
            group
                .into_iter()
                .map(|story| texts[story].headline.to_owned())
                .collect()
        };
        groups(texts)
            .into_iter()
            .map(named)
            .collect::<BTreeSet<_>>()
    };
    let expected = headlines(&texts);
    assert!(expected.len() < texts.len() - 1);
    for first in 0..texts.len() {
        let mut turned = texts.clone();
        turned.rotate_left(first);
        assert_eq!(headlines(&turned), expected);
        turned.reverse();
        assert_eq!(headlines(&turned), expected);
    }
}

#[test]
fn what_is_new() {
    let first = text("Ferry runs aground", "Nobody was hurt.", "");
    let second = text(
        "Ferry runs aground",
        "Nobody was hurt. The captain was arrested.",
        "",
    );
    let events = Events::of(&with(&[first, second]));
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(
        near(events.news(0, &[1]), 0.0),
        "all of it is in the longer one"
    );
    assert!(near(events.news(1, &[]), 1.0));
    let moved = events.news(1, &[0]);
    assert!(moved > 0.2 && moved < 0.8, "{moved}");
    assert!(near(Events::of(&[text("?", "", "")]).news(0, &[]), 0.0));
}

#[test]
fn an_event_has_an_end_however_many_tell_it() {
    let crowd = vec![text("Ferry runs aground off the Harbour", "", ""); 200];
    let groups = groups(&with(&crowd));
    assert!(groups[0].len() > 1 && groups.iter().all(|group| group.len() <= 64));
}

#[test]
fn nothing_is_grouped_of_nothing() {
    assert!(groups(&[]).is_empty());
    assert_eq!(groups(&[text("…", "", ""), text("—", "", "")]).len(), 2);
}

proptest! {
    #[test]
    fn every_story_is_in_one_event(
        stories in prop::collection::vec(("\\PC{0,40}", "[a-e ]{0,12}|\\PC{0,20}", 0_i64..2_000_000), 0..12),
    ) {
        let texts: Vec<_> = stories
            .iter()
            .map(|(headline, dek, at)| Text {
                headline,
                dek: Some(dek),
                published: DateTime::from_timestamp(*at, 0),
            })
            .collect();
        let events = Events::of(&texts);
        for story in 0..texts.len() {
            let event = events.event(story);
            prop_assert_eq!(events.event(event), event);
            prop_assert!(event <= story);
            for other in (0..story).filter(|&other| events.event(other) == event) {
                prop_assert!(!events.shared(story, other).is_empty());
            }
            let news = events.news(story, &[event]);
            prop_assert!((0.0..=1.0).contains(&news));
        }
    }
}
