//! What of a line that a person wrote may be a secret, and is not repeated to them.

/// A secret that begins farther from a place than this is not looked for: who reads hostile text stays linear.
const AROUND: usize = 8 << 10;
/// The longest value that may be the name of a variable or a file.
const LONGEST_NAME: usize = 256;

/// Where the first secret around a place of a line begins: behind the `=` whose key is the name of one, or where an address has a user's name or password.
pub(super) fn secret_start(line: &str, at: usize) -> Option<usize> {
    let from = line.floor_char_boundary(at.saturating_sub(AROUND));
    let near = &line[from..line.floor_char_boundary(at.saturating_add(AROUND))];
    let found = [credentials(near), named_secret(near)];
    found.into_iter().flatten().min().map(|start| from + start)
}

/// The first address with a user's name or password, from behind its `//`; or the first value such as `user:password@host`.
fn credentials(line: &str) -> Option<usize> {
    // Without one nobody logs in.
    line.contains('@').then_some(())?;
    let mut quotes = Quotes::default();
    let mut ahead = Ahead::default();
    let mut before = None;
    for (at, letter) in line.char_indices() {
        let begins = before.is_none_or(|c| matches!(c, '"' | '\'' | '=' | ' ' | '\t' | '[' | ','));
        let is_address = before == Some('/') && line[..at].ends_with("://");
        if begins || is_address {
            let value = ahead.value(line, at, &quotes);
            let authority = || line[at..value.end].split(['/', '?', '#']).next();
            if ahead.has_password(line, at, &value)
                || is_address && authority().is_some_and(|name| name.contains('@'))
            {
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

    /// Where what is written here ends: at the quote that closes it, or the next space.
    fn end(&self, rest: &str) -> usize {
        let end = if self.double {
            rest.find('"')
        } else if self.single {
            rest.find('\'')
        } else {
            rest.find([' ', '\t', '"', '\'', ','])
        };
        end.unwrap_or(rest.len())
    }
}

/// A value in a line: where it ends, and where its last `@` is.
#[derive(Clone, Copy, Default)]
struct Value {
    end: usize,
    last_at: Option<usize>,
}

/// What was found ahead of a place in a line, and counts until that place is reached: each letter is looked at once.
#[derive(Default)]
struct Ahead {
    /// By which quotes are open: none, single ones, double ones.
    values: [Value; 3],
    /// Where the name of a user ends: at a colon, or at what is in no such name.
    user_end: usize,
}

impl Ahead {
    fn value(&mut self, line: &str, at: usize, quotes: &Quotes) -> Value {
        let known = &mut self.values[if quotes.double {
            2
        } else {
            usize::from(quotes.single)
        }];
        if known.end <= at {
            let end = at + quotes.end(&line[at..]);
            *known = Value {
                end,
                last_at: line[at..end].rfind('@').map(|found| at + found),
            };
        }
        *known
    }

    /// Whether what begins here is like `user:password@`. `mailto:`, a scheme and the port of a host are none.
    fn has_password(&mut self, line: &str, at: usize, value: &Value) -> bool {
        if self.user_end < at || at == 0 {
            let ends = |c: char| c.is_whitespace() || matches!(c, ':' | '/' | '@' | '=');
            self.user_end = line[at..].find(ends).map_or(line.len(), |end| at + end);
        }
        let user = &line[at..self.user_end];
        let Some(last_at) = value.last_at.filter(|&last_at| last_at > self.user_end) else {
            return false;
        };
        let Some(password) = line[self.user_end..last_at].strip_prefix(':') else {
            return false;
        };
        let digits = password.bytes().take(6).take_while(u8::is_ascii_digit);
        let port = digits.count();
        let is_port = port > 0 && password[port..].starts_with('/');
        !user.eq_ignore_ascii_case("mailto")
            && !password.is_empty()
            && !password.starts_with([' ', '/'])
            && !is_port
    }
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
            let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
            let rest = &rest[..rest.floor_char_boundary(LONGEST_NAME)];
            &rest[..quotes.end(rest)]
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
