//! Subject and opening line, when nobody wrote them.

use std::collections::HashSet;

use super::keys::Word;
use super::template::Template;
use crate::edition::Edition;
use crate::line::Line;
use crate::story::Story;

/// Characters within which a second headline joins the subject: what inboxes on a desk show.
const SUBJECT: usize = 60;
/// Characters of a single headline that is kept whole; inboxes shorten it themselves.
const HEADLINE: usize = 120;
/// Characters of an opening line, subject's neighbor in the inbox.
const OPENING: usize = 140;

/// The subject: the edition's, or its first headline, with a second one when both fit into about 60 characters.
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
    let both = second
        .into_iter()
        .find(|both| both.chars().count() <= SUBJECT);
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
            format!("{also} {}", at_a_word(headline, HEADLINE))
        } else {
            joined(&line, headline, template)
        };
        // The first is taken however long; of the others, the ones that fit.
        if line.is_empty() || longer.chars().count() <= OPENING {
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
    Line::clean(&template.settings().day(edition.slug.day()))
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
    let ended = first.ends_with(['.', '!', '?', '…', '؟', '。', '！', '？', ':', ';']);
    let between = if ended {
        ""
    } else {
        template.word(Word::Between)
    };
    format!("{first}{between} {second}")
}

/// At most `max` characters, cut between words. Text without a space in its second half (Japanese, a 300-letter word) is cut between
/// characters, for want of anything better.
fn at_a_word(text: &str, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else {
        return text.to_owned();
    };
    let kept = &text[..end];
    let space = kept.rfind(' ').filter(|at| at * 2 >= end);
    let kept = space
        .map_or(kept, |at| &kept[..at])
        .trim_end_matches(|c: char| c.is_whitespace() || ",;:\u{200d}".contains(c));
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn check(headlines: &[&str]) -> (String, String) {
        let template = Template::built_in("broadsheet").unwrap().unwrap();
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
    fn nothing_is_said_twice() {
        let mut edition = sample::edition(&["Ferry fares rise"]);
        let template = Template::built_in("broadsheet").unwrap().unwrap();
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
