//! Subject and opening line, when nobody wrote them.

use std::collections::HashSet;

use super::columns::{beginning, spaced, width};
use super::keys::Word;
use super::template::Template;
use crate::model::edition::Edition;
use crate::model::line::Line;
use crate::model::story::Story;

/// Columns within which a second headline joins the subject: what inboxes on a desk show.
const SUBJECT: usize = 60;
/// Columns of a single headline that is kept whole; inboxes shorten it themselves.
const HEADLINE: usize = 120;
/// Columns of an opening line, subject's neighbor in the inbox.
const OPENING: usize = 140;

/// The subject: the edition's, or its first headline, with a second one when both fit into about 60 columns.
pub fn subject(edition: &Edition, template: &Template) -> Line {
    if let Some(subject) = &edition.subject {
        return subject.clone();
    }
    let stories = different(edition);
    let Some(first) = stories.first() else {
        return day(edition, template);
    };
    let first = at_a_word(first.headline.as_str(), HEADLINE);
    let second = edition
        .top
        .iter()
        .skip(1)
        .map(|placed| joined(&first, placed.story.headline.as_str(), template));
    let both = second.into_iter().find(|both| width(both) <= SUBJECT);
    Line::clean(both.as_deref().unwrap_or(&first))
}

/// The opening line: the edition's, or the headlines that follow those of the subject; without any, the lede's dek; without that, the day.
pub fn opening(edition: &Edition, template: &Template) -> Line {
    if let Some(opening) = &edition.opening {
        return opening.clone();
    }
    let subject = subject(edition, template);
    let stories = different(edition);
    let also = template.word(Word::Also);
    let mut line = String::new();
    let next = stories
        .iter()
        .skip(1)
        .map(|story| story.headline.as_str())
        .filter(|headline| !subject.as_str().contains(headline));
    for headline in next {
        let longer = if line.is_empty() {
            spaced(also, &at_a_word(headline, HEADLINE))
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
        |dek| Line::clean(&at_a_word(dek.as_str(), OPENING)),
    )
}

fn day(edition: &Edition, template: &Template) -> Line {
    Line::clean(&template.words().day(edition.slug.day()))
}

/// Each story once, in printing order.
fn different(edition: &Edition) -> Vec<&Story> {
    let mut seen = HashSet::new();
    edition
        .stories()
        .map(|(_, placed)| &placed.story)
        .filter(|story| seen.insert(story.url.key()))
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

/// At most `max` columns, cut between words. Text without a space in its second half (Japanese, a 300-letter word) is cut between
/// letters, for want of anything better.
fn at_a_word(text: &str, max: usize) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let kept = beginning(text, max);
    let space = kept.rfind(' ').filter(|at| at * 2 >= kept.len());
    let kept = space
        .map_or(kept, |at| &kept[..at])
        .trim_end_matches(|c: char| c.is_whitespace() || ",;:،؛、，；：・".contains(c));
    format!("{kept}…")
}

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

    #[test]
    fn never_cut_within_a_word() {
        let words = "word ".repeat(60);
        let (subject, _) = check(&[&words]);
        assert!(
            subject.ends_with("word…") && subject.chars().count() <= 121,
            "{subject}"
        );
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
            Some(format!("{}…", "港".repeat(60)).as_str())
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
