//! Makes the text of a date plain: one kind of digits, no marks that say nothing.

/// The text with ASCII digits and dashes, without marks of direction and accents that stand alone.
pub(super) fn simplified(text: &str) -> String {
    let mut simple = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200b}'..='\u{200f}'
            | '\u{61c}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            // Arabic and Persian vowels: `ژانویهٔ`, `مساءً`.
            | '\u{64b}'..='\u{655}'
            | '\u{670}' => {}
            '−' | '–' | '—' => simple.push('-'),
            c => simple.push(digit(c).unwrap_or(c)),
        }
    }
    for (written, meant) in [
        ("كانون الثاني", "يناير"),
        ("تشرين الأول", "أكتوبر"),
        ("تشرين الثاني", "نوفمبر"),
        ("كانون الأول", "ديسمبر"),
        ("a. m.", "am"),
        ("p. m.", "pm"),
        ("a.\u{a0}m.", "am"),
        ("p.\u{a0}m.", "pm"),
    ] {
        if simple.contains(written) {
            simple = simple.replace(written, meant);
        }
    }
    with_han_numbers(&simple)
}

/// `二〇二六年八月二十三日` with digits. Weekdays (`星期三`) stay: only what a unit follows is a number.
fn with_han_numbers(text: &str) -> String {
    let value = |c: char| "〇一二三四五六七八九".chars().position(|digit| digit == c);
    let is_part = |c: char| value(c).is_some() || matches!(c, '十' | '零');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(is_part) {
        let (before, run) = rest.split_at(from);
        let end = run.find(|c| !is_part(c)).unwrap_or(run.len());
        let (run, behind) = run.split_at(end);
        out.push_str(before);
        if behind.starts_with(['年', '月', '日', '号', '號', '時', '时', '點', '点', '分'])
        {
            let digits = |part: &str| -> String {
                let digits = part.chars().map(|c| value(c).unwrap_or(0).to_string());
                digits.collect()
            };
            match run.split_once('十') {
                Some((tens, ones)) => {
                    out.push_str(if tens.is_empty() { "1" } else { "" });
                    out.push_str(&digits(tens));
                    out.push_str(if ones.is_empty() { "0" } else { "" });
                    out.push_str(&digits(ones));
                }
                None => out.push_str(&digits(run)),
            }
        } else {
            out.push_str(run);
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The ASCII digit that an Arabic, Persian, Devanagari or full-width one is.
fn digit(c: char) -> Option<char> {
    let zero = [0x660_u32, 0x6f0, 0x966, 0xff10]
        .into_iter()
        .find(|zero| (*zero..zero + 10).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - zero, 10)
}
