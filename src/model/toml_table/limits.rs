//! Before the parser and after it: what is too much for it, and what it says in our words.

use std::ops::Range;

use toml_parser::lexer::TokenKind;

/// The most tokens (keys, marks, values, line ends) of one text. The parser needs some hundred bytes for each.
const MOST_TOKENS: usize = 1_000_000;

/// How deep lists and tables may be nested, and how many parts a dotted key may have. The parser's tables are as deep as that, and so is
/// the stack that drops them.
const MOST_DEPTH: usize = 64;

/// Why a text is not even parsed, and where; found in one pass that keeps nothing.
pub(super) fn too_much(text: &str) -> Option<(Range<usize>, String)> {
    let (mut depth, mut dots) = (0_usize, 0_usize);
    for (count, token) in toml_parser::Source::new(text).lex().enumerate() {
        let span = token.span().start()..token.span().end();
        if count == MOST_TOKENS {
            return Some((
                span,
                format!(
                    "there is too much in this file: expected at most {MOST_TOKENS} keys, values and marks"
                ),
            ));
        }
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                depth = depth.saturating_sub(1);
            }
            TokenKind::Dot => dots += 1,
            TokenKind::Newline => {
                dots = 0;
                continue;
            }
            TokenKind::Equals | TokenKind::Comma => dots = 0,
            _ => {}
        }
        if depth > MOST_DEPTH || dots > MOST_DEPTH {
            return Some((
                span,
                format!("it is nested too deep: expected at most {MOST_DEPTH} levels"),
            ));
        }
    }
    None
}

const BRACKETS: &str = "`[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it";

/// What the parser says, in words for people who edit text and not TOML.
pub(super) fn in_our_words(
    message: &str,
    nothing: bool,
    rest: &str,
) -> (String, Option<&'static str>) {
    let says = |words: &str| message.starts_with(words);
    if says("string values must be quoted") && nothing {
        return ("the value is missing".to_owned(), None);
    }
    if says("string values must be quoted") || says("invalid boolean") {
        return (
            "text must be between straight quotes".to_owned(),
            Some("write it as `key = \"the text\"`; numbers, days, `true` and `false` are without"),
        );
    }
    if says("invalid basic string") && message.ends_with("expected `\"`") {
        return ("the text has no closing quote".to_owned(), None);
    }
    let is_bracket = rest.starts_with(['[', ']']);
    if is_bracket && says("unexpected key or value") {
        return ("there is a bracket too many".to_owned(), Some(BRACKETS));
    }
    if says("unclosed array table") || says("unclosed table") {
        return (message.replace('\n', ", "), Some(BRACKETS));
    }
    if says("unexpected key or value") {
        return (
            "nothing may follow the value on its line".to_owned(),
            Some("a quote within the text is written `\\\"`"),
        );
    }
    (message.replace('\n', ", "), None)
}
