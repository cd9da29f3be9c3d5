//! What of a line that a person wrote may be a secret, and is not repeated to them.

/// A secret that begins farther from a place than this is not looked for: who reads hostile text stays linear.
const AROUND: usize = 8 << 10;
/// The longest value in which a password is looked for: one may be a token of some kilobytes.
const LONGEST_ADDRESS: usize = 4 << 10;

/// Where the first secret around a place of a line begins: behind the `=` whose key is the name of one, or where an address has a user's name or password.
pub(super) fn secret_start(line: &str, at: usize) -> Option<usize> {
    let from = line.floor_char_boundary(at.saturating_sub(AROUND));
    let near = &line[from..line.floor_char_boundary(at.saturating_add(AROUND))];
    let found = [credentials(near), named_secret(near)];
    found.into_iter().flatten().min().map(|start| from + start)
}

/// The first address with a user's name or password, from behind its `//`; or the first value such as `user:password@host`.
fn credentials(line: &str) -> Option<usize> {
    let mut quotes = Quotes::default();
    let mut before = None;
    for (at, letter) in line.char_indices() {
        let begins = before.is_none_or(|c| matches!(c, '"' | '\'' | '=' | ' ' | '\t' | '[' | ','));
        let is_address = before == Some('/') && line[..at].ends_with("://");
        if begins || is_address {
            let value = quotes.value(&line[at..]);
            let authority = value.split(['/', '?', '#']).next().unwrap_or_default();
            if has_password(value) || is_address && authority.contains('@') {
                return Some(at);
            }
        }
        quotes.pass(letter);
        before = Some(letter);
    }
    None
}

/// Which quotes are open at a place of a line.
#[derive(Default)]
struct Quotes {
    double: bool,
    single: bool,
}

impl Quotes {
    const fn pass(&mut self, letter: char) {
        match letter {
            '"' => self.double = !self.double,
            '\'' => self.single = !self.single,
            _ => {}
        }
    }

    /// What is written from here on: up to the quote that closes it, or the next space. Of a long one only the beginning.
    fn value<'l>(&self, rest: &'l str) -> &'l str {
        let rest = &rest[..rest.floor_char_boundary(LONGEST_ADDRESS)];
        let end = if self.double {
            rest.find('"')
        } else if self.single {
            rest.find('\'')
        } else {
            rest.find([' ', '\t', '"', '\'', ','])
        };
        &rest[..end.unwrap_or(rest.len())]
    }
}

/// Whether it begins like `user:password@`. `mailto:`, a scheme and the port of a host are none.
fn has_password(value: &str) -> bool {
    let Some((user, password)) = value
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
    else {
        return false;
    };
    let is_user = !user.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '@' | '='));
    let port = password.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_port = port.len() < password.len() && port.starts_with('/');
    is_user
        && !user.eq_ignore_ascii_case("mailto")
        && !password.is_empty()
        && !password.starts_with([' ', '/'])
        && !is_port
}

/// The sentence without what it repeats of a value that is a secret, or holds one.
pub(super) fn without_value(what: &str, value: &str) -> String {
    let pieces = what.split('`').enumerate().map(|(number, piece)| {
        let is_quoted = number % 2 == 1;
        let shown = piece.trim_end_matches('…');
        let repeats = !shown.is_empty() && value.contains(shown) || shown.contains(['@', ':']);
        if is_quoted && repeats { "…" } else { piece }
    });
    pieces.collect::<Vec<_>>().join("`").replace(value, "…")
}

/// Whether a text is written as names of variables usually are, `SMTP_PASSWORD`: words in capitals with few digits. Others may be secrets.
#[must_use]
pub fn is_variable(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_of = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        (1..=20).contains(&word.len()) && word.bytes().all(is_of)
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= 60 && digits <= 3 && text.split('_').all(is_word)
}

/// Whether a text may be the path of a file: with a folder or an ending, or short. Others may be secrets.
#[must_use]
pub fn may_be_path(text: &str) -> bool {
    text.len() < 16 || text.contains(['/', '.'])
}

/// What the names of secrets hold, and whole words of them.
const IN_NAMES: [&str; 8] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "apikey",
    "accesskey",
    "authorization",
];
const WORDS: [&str; 6] = ["key", "keys", "auth", "pass", "pwd", "bearer"];

fn named_secret(line: &str) -> Option<usize> {
    let mut from = 0;
    for (at, _) in line.match_indices('=') {
        let key = line[from..at].rsplit([',', '{']).next().unwrap_or_default();
        let key = key.trim().trim_matches(['"', '\'']).to_lowercase();
        let mut words = key.split(|letter: char| !letter.is_alphanumeric());
        let is_named = IN_NAMES.iter().any(|part| key.contains(part))
            || words.any(|word| WORDS.contains(&word));
        let written = || {
            let rest = line[at + 1..].trim_start();
            let mut quotes = Quotes::default();
            if let Some(first) = rest.chars().next() {
                quotes.pass(first);
            }
            quotes.value(rest.strip_prefix(['"', '\'']).unwrap_or(rest))
        };
        let is_harmless = key.ends_with("_env") && is_variable(written())
            || key.ends_with("_file") && may_be_path(written());
        if is_named && !is_harmless {
            return Some(at + 1);
        }
        from = at + 1;
    }
    None
}
