//! The words by which the world's mail systems say why they refuse a letter, sorted by what they are evidence of.
//!
//! Systems that send a status code contradict it in words as often as not, and many send none. The lists in `words/` hold phrases of Postfix, Exim, qmail and its kin, Sendmail,
//! Courier, Exchange, Domino, GroupWise and the large providers, in English and in other languages. A refusal is compared with them in a folded form ([`fold`]), so that
//! `no-such-user`, `No such user!` and `NO_SUCH_USER` are one.
//!
//! Phrases are parted by commas and ends of lines; `#` begins a line of comment. A phrase begins where a word begins and may end inside one:
//! `bloqu` is in `bloqueado`. With `*` in front it may begin inside a word too, with `.` behind it ends where a word ends.

/// Text in the form in which the lists are written.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 2);
    folded.push(' ');
    for c in text.chars().flat_map(char::to_lowercase) {
        let c = match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' | 'ạ'..='ặ' => 'a',
            'ç' | 'ć' | 'č' => 'c',
            'đ' => 'd',
            'è'..='ë' | 'ē' | 'ę' | 'ě' | 'ė' | 'ẹ'..='ệ' => 'e',
            'ì'..='ï' | 'ī' | 'ı' | 'į' | 'ỉ' | 'ị' => 'i',
            'ķ' => 'k',
            'ļ' | 'ł' => 'l',
            'ņ' | 'ñ' | 'ń' | 'ň' => 'n',
            'ò'..='ö' | 'ø' | 'ő' | 'ơ' | 'ọ'..='ợ' => 'o',
            'ř' => 'r',
            'ś' | 'š' | 'ş' | 'ș' => 's',
            'ţ' | 'ț' | 'ť' => 't',
            'ù'..='ü' | 'ū' | 'ű' | 'ů' | 'ų' | 'ư' | 'ụ'..='ự' => 'u',
            'ý' | 'ÿ' | 'ỳ'..='ỹ' => 'y',
            'ź' | 'ż' | 'ž' => 'z',
            'ğ' | 'ģ' => 'g',
            // The dot that a capital İ leaves behind, and other marks.
            '\u{300}'..='\u{36f}' => continue,
            c if c.is_alphanumeric() => c,
            // A letter's mark in Thai, Hindi, Hebrew, Arabic is no blank.
            c if !c.is_ascii() && !c.is_whitespace() && is_mark(c) => c,
            _ => ' ',
        };
        if c != ' ' || !folded.ends_with(' ') {
            folded.push(c);
        }
    }
    if !folded.ends_with(' ') {
        folded.push(' ');
    }
    folded
}

/// A folded text without what is only said to whoever sent the letter: that word is then nobody's fault.
pub(super) fn without_courtesy(mut text: String) -> String {
    for phrase in [
        " to sender ",
        " to the sender ",
        " inform the sender ",
        " tell the sender ",
        " notify the sender ",
        " contact the sender ",
        " sender notified ",
        " sender has been notified ",
        // The recipient: to whom it is sent.
        " المرسل إليه ",
        " المرسل اليه ",
    ] {
        if text.contains(phrase) {
            text = text.replace(phrase, " ");
        }
    }
    text
}

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{65f}' | '\u{900}'..='\u{97f}' | '\u{e31}'..='\u{e4e}')
}

/// A server that does not relay for us. It is never for a while only.
pub(super) const NO_RELAYING: &str = include_str!("words/no_relaying.txt");
/// The letters that we may hand over in an hour, a day or a month are used up (Gmail, Exchange Online, SES, SendGrid, Zoho, cPanel, OVH).
pub(super) const OUR_LIMIT: &str = include_str!("words/our_limit.txt");
/// The sender, the sending host or the letter is refused: nothing is said of the mailbox.
pub(super) const ABOUT_US: &str = include_str!("words/about_us.txt");
/// A trouble of today: of the network, of a server, of time.
pub(super) const TODAY: &str = include_str!("words/today.txt");
/// The mailbox is there: full, or closed for now.
pub(super) const EXISTS: &str = include_str!("words/exists.txt");
/// There is no such mailbox, or no such domain.
pub(super) const GONE: &str = include_str!("words/gone.txt");

/// Whether one of the phrases of a list is in a folded text.
pub(super) fn any(folded: &str, list: &str) -> bool {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|phrase| !phrase.is_empty())
        .any(|phrase| holds(folded, phrase))
}

fn holds(folded: &str, phrase: &str) -> bool {
    let (phrase, anywhere) = match phrase.strip_prefix('*') {
        Some(phrase) => (phrase, true),
        None => (phrase, false),
    };
    let (phrase, whole) = match phrase.strip_suffix('.') {
        Some(phrase) => (phrase, true),
        None => (phrase, false),
    };
    folded.match_indices(phrase).any(|(at, _)| {
        (anywhere || folded[..at].ends_with(' '))
            && (!whole || folded[at + phrase.len()..].starts_with(' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_written_as_texts_are_folded() {
        for list in [NO_RELAYING, OUR_LIMIT, ABOUT_US, TODAY, EXISTS, GONE] {
            let lines = list.lines().filter(|line| !line.starts_with('#'));
            for phrase in lines.flat_map(|line| line.split(',')).map(str::trim) {
                let bare = phrase.trim_start_matches('*').trim_end_matches('.');
                assert_eq!(fold(bare).trim(), bare, "{phrase}");
                assert!(phrase.is_empty() || any(&fold(bare), list), "{phrase}");
            }
        }
    }

    #[test]
    fn words_begin_and_end_as_the_list_says() {
        let list = "# a comment, not a phrase\nfull., quota\n\n*容量, *pam\n";
        for text in [
            "The mailbox is FULL!",
            "over-quota",
            "Quotas",
            "メールボックスの容量",
            "spam",
        ] {
            assert!(any(&fold(text), list), "{text}");
        }
        for text in ["fully", "painful", "aquota", "a comment", ""] {
            assert!(!any(&fold(text), list), "{text}");
        }
    }
}
