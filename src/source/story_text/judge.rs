//! Which paragraphs of a text are a story's, and how long they may be.

use super::Paragraph;
use crate::model::line::Line;
use crate::model::sponsored;
use crate::source::dek::{names_an_author, same_words, whole_sentences, without_additions};

/// Characters of one paragraph, and of all; a longer one ends with its last whole sentence.
const LONGEST: usize = 700;
const TOTAL: usize = 2_000;
/// Characters of a paragraph that says something: fewer are a label. Chinese and Japanese say more with each.
const LEAST: usize = 30;
const LEAST_IDEOGRAPHS: usize = 12;
/// A longer one that begins like an appeal is a story's: no appeal goes on so long.
const APPEAL: usize = 250;

/// How a paragraph begins that leads elsewhere.
const ELSEWHERE: [&str; 50] = [
    "also read",
    "don't miss",
    "don’t miss",
    "in pictures:",
    "listen:",
    "more on this",
    "photos:",
    "read also",
    "read more",
    "read next",
    "recommended:",
    "related:",
    "see also",
    "watch:",
    "auch interessant",
    "lesen sie",
    "lies auch",
    "mehr zum thema",
    "zum thema",
    "lire aussi",
    "voir aussi",
    "à lire",
    "lea también",
    "lee también",
    "te puede interesar",
    "ver también",
    "leia mais",
    "leia também",
    "veja também",
    "leggi anche",
    "lees ook",
    "czytaj także",
    "czytaj też",
    "zobacz też",
    "смотрите также",
    "читайте также",
    "читать также",
    "дивіться також",
    "читайте також",
    "ayrıca oku",
    "ilgili haber",
    "あわせて読みたい",
    "関連記事",
    "延伸阅读",
    "相关阅读",
    "延伸閱讀",
    "相關閱讀",
    "اقرأ أيض",
    "بیشتر بخوانید",
    "קראו גם",
];

/// How a paragraph begins that asks something of the reader, or speaks of the page.
const APPEALS: [&str; 48] = [
    "advertisement",
    "all rights reserved",
    "article continues",
    "click here",
    "copyright ©",
    "download our",
    "download the",
    "editor's note",
    "editor’s note",
    "follow us",
    "get the latest",
    "getty images",
    "if you buy",
    "image:",
    "join our",
    "listen to this",
    "photo:",
    "photo by",
    "sign up",
    "story continues",
    "subscribe",
    "support our",
    "the views expressed",
    "this article has been updated",
    "this article is more than",
    "this article was",
    "this story has been updated",
    "this story was originally",
    "this story was updated",
    "we may earn",
    "your browser",
    "abonnieren sie",
    "folgen sie uns",
    "melden sie sich",
    "abonnez-vous",
    "inscrivez-vous",
    "suscríbase",
    "suscríbete",
    "assine",
    "inscreva-se",
    "abbonati",
    "iscriviti",
    "meld u aan",
    "zapisz się",
    "подписывайтесь",
    "підписуйтесь",
    "订阅",
    "訂閱",
];

/// Marks behind a sentence's end.
pub(super) const CLOSING: [char; 12] = [
    '"', '\'', '”', '’', '“', '»', ')', ']', '」', '』', '）', '›',
];

/// Takes a text's paragraphs one after the other.
pub(super) struct Judge<'h> {
    headline: &'h Line,
    most: usize,
    total: usize,
    taken: Vec<Line>,
}

impl<'h> Judge<'h> {
    pub(super) const fn new(headline: &'h Line, most: usize) -> Self {
        Self {
            headline,
            most,
            total: 0,
            taken: Vec::new(),
        }
    }

    /// Whether another one may follow.
    pub(super) fn take(&mut self, paragraph: &Paragraph) -> bool {
        if self.taken.len() >= self.most {
            return false;
        }
        let line = Line::clean(&paragraph.text);
        let written = without_additions(line.as_str());
        let is_known = |known: &Line| same_words(known.as_str(), &written);
        if is_no_story(&written, paragraph)
            || is_known(self.headline)
            || self.taken.iter().any(is_known)
        {
            return true;
        }
        // What the feed cut, and what comes after it, is not there.
        let is_cut = written.ends_with(['…']) || written.ends_with("...");
        let room = LONGEST.min(TOTAL - self.total);
        let said = whole_sentences(&written, room);
        let count = said.chars().count();
        if count >= least(said) {
            self.total += count;
            self.taken.extend(Line::non_empty(said));
        }
        !is_cut && self.total < TOTAL - LONGEST / 2
    }

    /// What announces a quotation or a list that was left out does not end the text.
    pub(super) fn finish(mut self) -> Vec<Line> {
        while self
            .taken
            .last()
            .is_some_and(|last| last.as_str().ends_with([':', '：']))
        {
            self.taken.pop();
        }
        self.taken
    }
}

fn least(text: &str) -> usize {
    let is_wide = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ff60}');
    if text.contains(is_wide) {
        LEAST_IDEOGRAPHS
    } else {
        LEAST
    }
}

/// Whether it is something else than a story's paragraph.
fn is_no_story(written: &str, paragraph: &Paragraph) -> bool {
    let count = written.chars().count();
    let lower = written.to_lowercase();
    let begins = |with: &[&str]| with.iter().any(|with| lower.starts_with(with));
    let mostly_links = paragraph.linked * 5 > paragraph.text.trim().len() * 3;
    count < least(written)
        || !ends_a_sentence(written)
        || mostly_links
        || (count < APPEAL && (begins(&ELSEWHERE) || begins(&APPEALS)))
        || sponsored::is_label(written.trim_end_matches('.'))
        || names_an_author(written)
        || shouts(written)
}

/// Labels, captions, times and lists do not.
pub(super) fn ends_a_sentence(text: &str) -> bool {
    let bare = text.trim_end_matches(CLOSING);
    bare.ends_with([
        '.', '!', '?', '…', ':', '。', '！', '？', '：', '؟', '۔', '।',
    ])
}

/// `CONTINUE READING BELOW.`
fn shouts(text: &str) -> bool {
    let count = |is: fn(&char) -> bool| text.chars().filter(is).count();
    let (upper, lower) = (count(|c| c.is_uppercase()), count(|c| c.is_lowercase()));
    upper > 12 && upper > 3 * lower
}
