//! Subject and opening line, when nobody wrote them.

use std::collections::HashSet;

use super::columns::{shortened, spaced, width};
use super::keys::Word;
use super::template::Template;
use crate::model::edition::Edition;
use crate::model::line::Line;
use crate::model::sponsored::is_sponsored;
use crate::model::story::Story;

/// Columns of a subject that nobody wrote: what inboxes on a desk show.
const SUBJECT: usize = 60;
/// Columns of a single headline in the opening line.
const HEADLINE: usize = 121;
/// Columns of an opening line, subject's neighbor in the inbox.
const OPENING: usize = 141;

/// The subject: the edition's; else a whole sentence of at most 60 columns, never cut and never an advertiser's. That is the first headline,
/// with a second one where both fit; else the first sentence of the first headline, a shorter story's headline, the first headline up to a
/// natural break, or the day.
pub fn subject(edition: &Edition, template: &Template) -> Line {
    if let Some(subject) = &edition.subject {
        return subject.clone();
    }
    let stories = different(edition);
    let Some(first) = stories.first().map(|story| story.headline.as_str()) else {
        return day(edition, template);
    };
    let fits = |text: &&str| width(text) <= SUBJECT;
    if fits(&first) {
        let top = edition.top.iter().map(|placed| &placed.story);
        let both = top
            .filter(|story| !is_sponsored(story) && story.headline.as_str() != first)
            .map(|story| joined(first, story.headline.as_str(), template))
            .find(|both| fits(&both.as_str()));
        return Line::clean(both.as_deref().unwrap_or(first));
    }
    let shorter = || {
        let mut others = stories.iter().skip(1).map(|story| story.headline.as_str());
        others.find(fits)
    };
    let sentence = beginning_at(first, sentence_ends(first))
        .or_else(shorter)
        .or_else(|| beginning_at(first, part_ends(first)));
    sentence.map_or_else(|| day(edition, template), Line::clean)
}

/// Where a sentence ends within a headline: the mark stays.
const SENTENCE_BREAKS: [&str; 9] = [". ", "! ", "? ", "؟ ", "۔ ", "। ", "。", "！", "？"];
/// Where a headline falls into parts: the mark goes.
const BREAKS: [&str; 11] = [
    "; ", ": ", " – ", " — ", " - ", "؛ ", "；", "：", "—", " | ", "\u{a0}: ",
];

fn sentence_ends(headline: &str) -> impl Iterator<Item = usize> {
    SENTENCE_BREAKS.into_iter().flat_map(move |mark| {
        let kept = mark.trim_end().len();
        headline.match_indices(mark).map(move |(at, _)| at + kept)
    })
}

fn part_ends(headline: &str) -> impl Iterator<Item = usize> {
    let marks = BREAKS.into_iter();
    let marked = marks.flat_map(move |mark| headline.match_indices(mark));
    let spaces = headline.match_indices(' ');
    let apart = spaces.filter(move |(at, _)| is_apart(headline, *at));
    marked.chain(apart).map(|(at, _)| at)
}

/// The longest beginning that ends at one of these places and fits into a subject. Words of one name or label (`Live:`, `U.S. `) say nothing
/// alone, and half a quotation is none.
fn beginning_at(headline: &str, ends: impl Iterator<Item = usize>) -> Option<&str> {
    ends.map(|end| headline[..end].trim_end())
        .filter(|part| (LEAST..=SUBJECT).contains(&width(part)) && is_whole(part))
        .max_by_key(|part| part.len())
}

/// Whether the space there sets two parts of a headline apart: in Chinese and Japanese no others are written.
fn is_apart(headline: &str, space: usize) -> bool {
    let (before, after) = headline.split_at(space);
    let is_ideograph = |c: char| matches!(c, '\u{3005}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}');
    before.ends_with(is_ideograph) && after.trim_start().starts_with(is_ideograph)
}

/// Columns: less is a label.
const LEAST: usize = 15;

/// Whether every quotation and bracket that opens is closed, and the last word is no abbreviation such as `U.S.` or `Dr.`.
fn is_whole(part: &str) -> bool {
    const PAIRS: [(char, char); 8] = [
        ('(', ')'),
        ('[', ']'),
        ('“', '”'),
        ('„', '“'),
        ('«', '»'),
        ('「', '」'),
        ('『', '』'),
        ('《', '》'),
    ];
    let count = |mark: char| part.chars().filter(|c| *c == mark).count();
    let german = part.contains('„');
    let paired = PAIRS.iter().all(|(open, close)| match (open, close) {
        ('“', '”') if german => true,
        _ => count(*open) == count(*close),
    });
    let last = part.split(' ').next_back().unwrap_or_default();
    let name = last.trim_end_matches('.');
    let abbreviated = name.len() < last.len() && (name.contains('.') || name.chars().count() <= 3);
    paired && count('"').is_multiple_of(2) && !abbreviated
}

/// The opening line: the edition's, or the headlines that neither the subject nor the lede has, which are printed around it; without any, the
/// lede's dek; without that, the day.
pub fn opening(edition: &Edition, template: &Template) -> Line {
    if let Some(opening) = &edition.opening {
        return opening.clone();
    }
    let subject = subject(edition, template);
    let stories = different(edition);
    let also = template.word(Word::Also);
    let mut line = String::new();
    let lede = edition.top.first().map(|placed| &placed.story.headline);
    let next = stories
        .iter()
        .filter(|story| Some(&story.headline) != lede)
        .map(|story| story.headline.as_str())
        .filter(|headline| {
            !subject.as_str().contains(headline) && !headline.starts_with(subject.as_str())
        });
    for headline in next {
        let longer = if line.is_empty() {
            spaced(also, &shortened(headline, HEADLINE))
        } else {
            joined(&line, headline, template)
        };
        // The first is taken however long; of the others, the ones that fit.
        if line.is_empty() || width(&longer) <= OPENING {
            line = longer;
        }
    }
    if !line.is_empty() {
        return Line::clean(&line);
    }
    let dek = stories
        .first()
        .and_then(|story| story.dek.as_ref())
        .filter(|dek| *dek != &subject);
    dek.map_or_else(
        || day(edition, template),
        |dek| Line::clean(&shortened(dek.as_str(), OPENING)),
    )
}

/// The day, for want of words.
pub(super) fn day(edition: &Edition, template: &Template) -> Line {
    Line::clean(&template.words().day(edition.slug.day()))
}

/// Each story once, in printing order, without those that an advertiser paid for.
fn different(edition: &Edition) -> Vec<&Story> {
    let mut seen = HashSet::new();
    edition
        .stories()
        .map(|(_, placed)| &placed.story)
        .filter(|story| !is_sponsored(story) && seen.insert(story.url.key()))
        .collect()
}

/// Two headlines in one line; a headline that ends a sentence needs nothing between.
fn joined(first: &str, second: &str, template: &Template) -> String {
    let ended = first.ends_with(SENTENCE_ENDS);
    let between = if ended {
        ""
    } else {
        template.word(Word::Between)
    };
    spaced(&format!("{first}{between}"), second)
}

const SENTENCE_ENDS: [char; 16] = [
    '.', '!', '?', '…', ':', ';', '؟', '؛', '۔', '。', '！', '？', '：', '；', '।', '։',
];

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn check(headlines: &[&str]) -> (String, String) {
        let template = sample::broadsheet("en");
        let edition = sample::edition(headlines);
        (
            subject(&edition, &template).to_string(),
            opening(&edition, &template).to_string(),
        )
    }

    #[test]
    fn two_headlines_when_both_fit() {
        assert_eq!(
            check(&["Ferry fares rise", "Council loses appeal", "Seal returns"]),
            (
                "Ferry fares rise; Council loses appeal".into(),
                "Also today: Seal returns".into()
            )
        );
        assert_eq!(
            check(&[
                "Will fares rise?",
                "A very long second headline that cannot fit within",
                "Seal returns"
            ])
            .0,
            "Will fares rise? Seal returns"
        );
    }

    #[test]
    fn one_headline_when_they_do_not() {
        let long = "The council loses its appeal against the ferry company";
        assert_eq!(
            check(&[long, "Fish market reopens"]),
            (long.into(), "Also today: Fish market reopens".into())
        );
    }

    /// Sixty columns hold every subject that nobody wrote, and none of them is cut.
    #[test]
    fn a_long_headline_gives_way_or_ends_where_it_breaks() {
        let long = "The council loses its appeal against the ferry company for the third time";
        for (headlines, wanted) in [
            (vec![long, long], "Monday, 24 August 2026"),
            (
                vec![long, "Fish market reopens", "Seal"],
                "Fish market reopens",
            ),
            (
                vec![
                    "Ferry fares rise on Monday. What commuters on all of the routes will pay",
                    "Fish",
                ],
                "Ferry fares rise on Monday.",
            ),
            (
                vec!["Ferry fares rise on Monday: what commuters on all of the routes will pay"],
                "Ferry fares rise on Monday",
            ),
            (
                vec!["Live: what commuters on all of the routes of the ferry company will pay"],
                "Monday, 24 August 2026",
            ),
            (
                vec!["Minister “regrets the fares: they rose too fast for all of the commuters”"],
                "Monday, 24 August 2026",
            ),
            (
                vec!["The ferry, said Dr. Reis, is late again today as on every other day of it"],
                "Monday, 24 August 2026",
            ),
        ] {
            assert_eq!(check(&headlines).0, wanted, "{headlines:?}");
        }
        for (headline, wanted) in [
            (
                "首相、経済対策の追加を表明 年内に補正予算案を提出へ、野党は国会での審議を求める構え",
                Some("首相、経済対策の追加を表明"),
            ),
            (
                "도시 의회가 북쪽 부두를 닫기로 결정했다 이제 트럭은 다른 길로 가야 한다",
                None,
            ),
        ] {
            assert_eq!(beginning_at(headline, part_ends(headline)), wanted);
        }
        // The lede's own headline is printed below: the opening does not say it too.
        assert_eq!(
            check(&[long, "Fish market reopens"]).1,
            "Monday, 24 August 2026"
        );
        assert_eq!(
            check(&[long, "Fish market reopens", "A seal is back"]).1,
            "Also today: A seal is back"
        );
    }

    #[test]
    fn no_advertiser_speaks_in_the_subject() {
        let template = sample::broadsheet("en");
        let mut edition = sample::edition(&["Boats for a summer", "Fish market reopens"]);
        edition.top[0].story.kicker = Some(Line::clean("Sponsored"));
        assert_eq!(subject(&edition, &template), "Fish market reopens");
        assert!(!opening(&edition, &template).as_str().contains("Boats"));
    }

    #[test]
    fn other_languages_join_in_their_own_way() {
        let check = |tag: &str, headlines: &[&str]| {
            let (template, edition) = (sample::broadsheet(tag), sample::edition(headlines));
            format!(
                "{}\n{}",
                subject(&edition, &template),
                opening(&edition, &template)
            )
        };
        insta::assert_snapshot!(check("ja", &["フェリー運賃、月曜に値上げ", "魚市場が再開。", "図書館、日曜も開館", "アザラシ戻る"]), @"
        フェリー運賃、月曜に値上げ／魚市場が再開。
        そのほかのニュース：図書館、日曜も開館／アザラシ戻る
        ");
        insta::assert_snapshot!(check("ar", &["ارتفاع الأسعار", "إغلاق السوق؟", "المكتبة", "عودة الفقمة"]), @"
        ارتفاع الأسعار؛ إغلاق السوق؟
        أيضًا اليوم: المكتبة؛ عودة الفقمة
        ");
        insta::assert_snapshot!(check("fr", &["Le prix du ferry augmente", "Le marché rouvre", "Un phoque", "Une école"]), @"
        Le prix du ferry augmente\u{a0}; Le marché rouvre
        À lire aussi\u{a0}: Un phoque\u{a0}; Une école
        ");
        // 31 letters of two columns each are more than 60 columns.
        let (long, short) = ("港".repeat(26), "港".repeat(4));
        assert_eq!(
            check("ja", &[&long, &format!("{short}港"), "市"])
                .lines()
                .next(),
            Some(format!("{long}／市").as_str())
        );
        assert_eq!(
            check("ja", &[&"港".repeat(99)]).lines().next(),
            Some("2026年8月24日(月)")
        );
    }

    #[test]
    fn nothing_is_said_twice() {
        let mut edition = sample::edition(&["Ferry fares rise"]);
        let template = sample::broadsheet("en");
        assert_eq!(opening(&edition, &template), "Monday, 24 August 2026");
        edition.top[0].story.dek = Some(Line::clean("Both fares, from Monday."));
        assert_eq!(opening(&edition, &template), "Both fares, from Monday.");
        edition.most_read = edition.top.clone();
        assert_eq!(opening(&edition, &template), "Both fares, from Monday.");
        edition.top.clear();
        edition.most_read.clear();
        assert_eq!(subject(&edition, &template), "Monday, 24 August 2026");
    }
}
