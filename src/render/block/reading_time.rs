//! How long the letter takes to read.

use crate::model::line::Line;
use crate::render::columns::is_ideographic;
use crate::render::keys::{Counted, Switch};
use crate::render::printing::Printing;

/// Words read in a minute (Brysbaert 2019: 238 in English), and letters of Chinese and Japanese for one word.
const WORDS: usize = 230;
const IDEOGRAPHS: usize = 2;

/// `4 min read`, where the template shows it.
pub(super) fn words(page: &Printing<'_>) -> Option<String> {
    if !page.shows(Switch::ReadingTime) {
        return None;
    }
    let edition = page.edition;
    let stories = edition.stories().flat_map(|(_, placed)| {
        let story = &placed.story;
        std::iter::once(&story.headline).chain(&story.dek)
    });
    let lede = edition.top.first();
    let lede = lede.iter().flat_map(|lede| &lede.story.paragraphs);
    let lines = stories.chain(lede).map(Line::as_str);
    let own = edition.sign_off.as_ref().and_then(|it| it.text.as_deref());
    let notices = edition.notices.iter().map(|notice| notice.text.as_str());
    let all = lines
        .chain(edition.note.as_deref())
        .chain(own)
        .chain(notices);
    let minutes = all.map(count).sum::<usize>().div_ceil(WORDS).max(1);
    let words = page.template.words();
    Some(words.counted(Counted::ReadingTime, minutes as u64))
}

fn count(text: &str) -> usize {
    let ideographs = text.chars().filter(|c| is_ideographic(*c)).count();
    let words = text.split(|c: char| c.is_whitespace() || is_ideographic(c));
    words
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
        + ideographs / IDEOGRAPHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_letters() {
        assert_eq!(count("The 6.40 – late, again"), 4);
        assert_eq!(count("港の市、ABC が"), 3);
        assert_eq!(count(""), 0);
    }
}
