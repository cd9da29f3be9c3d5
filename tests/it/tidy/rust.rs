//! Just enough of Rust's grammar to see which rooms and crates a file names. It knows comments, strings, paths and inline modules; it
//! does not expand macros.

/// A file of Rust.
pub(super) struct Source {
    /// From the package's root, with slashes.
    pub(super) path: String,
    /// The text with comments, strings and character literals blanked out, line by line.
    pub(super) code: String,
}

impl Source {
    pub(super) fn new(path: String, text: &str) -> Self {
        let code = blank(text);
        Self { path, code }
    }

    /// `src/ledger/mod.rs` and `src/ledger/schema.rs` are in the room `ledger`, `src/line.rs` is the room `line`. `lib.rs` and `main.rs`
    /// are in none.
    pub(super) fn room(&self) -> Option<String> {
        self.modules().first().cloned()
    }

    /// The path of its module, from the crate's root.
    pub(super) fn modules(&self) -> Vec<String> {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let parts = inner.trim_end_matches(".rs").split('/').map(str::to_owned);
        parts
            .filter(|part| !["mod", "lib", "main"].contains(&part.as_str()))
            .collect()
    }

    /// Every path that begins with `crate`, `super` or `self`, as the modules from the crate's root that it goes through, with the module
    /// it is in and the line. A group in braces is several paths.
    pub(super) fn paths(&self) -> Vec<Named> {
        let tokens = tokens(&self.code);
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
        let mut modules = self.modules();
        // For each open brace, whether it is an inline module's.
        let mut braces = Vec::new();
        let mut named = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match (text(at), text(at + 1), text(at + 2)) {
                ("mod", name, "{") => {
                    modules.push(name.to_owned());
                    braces.push(true);
                    at += 2;
                }
                ("{", ..) => braces.push(false),
                ("}", ..) => {
                    let closes_module = braces.pop() == Some(true);
                    modules.truncate(modules.len() - usize::from(closes_module));
                }
                // The next segment of a path, not the start of one; a group's brace is closed again.
                ("::", next, _) => at += usize::from(next != "{"),
                (root @ ("crate" | "super" | "self"), "::", _) => {
                    let mut base = if root == "crate" {
                        vec![]
                    } else {
                        modules.clone()
                    };
                    base.truncate(base.len().saturating_sub(usize::from(root == "super")));
                    at += 2;
                    while (text(at), text(at + 1)) == ("super", "::") {
                        base.pop();
                        at += 2;
                    }
                    at = follow(&tokens, at, &base, &modules, &mut named);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        named
    }
}

/// A path in a file.
pub(super) struct Named {
    /// The module that it is in, from the crate's root.
    pub(super) from: Vec<String>,
    /// What it names, from the crate's root.
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// Follows a path from `at`, below `base`; gives the place behind it.
fn follow(
    tokens: &[Token<'_>],
    mut at: usize,
    base: &[String],
    from: &[String],
    named: &mut Vec<Named>,
) -> usize {
    let mut path = base.to_vec();
    while let Some(token) = tokens.get(at) {
        if token.text == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.text != "}") {
                at = match tokens[at].text {
                    "," => at + 1,
                    "as" => at + 2,
                    _ => follow(tokens, at, &path, from, named),
                };
            }
            return at + 1;
        }
        path.push(token.text.to_owned());
        at += 1;
        if tokens.get(at).map(|token| token.text) != Some("::") {
            named.push(Named {
                from: from.to_vec(),
                path,
                line: token.line,
            });
            return at;
        }
        at += 1;
    }
    at
}

#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

/// Words, `::` and single marks.
pub(super) fn tokens(code: &str) -> Vec<Token<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(Token {
                text: &rest[..length],
                line: number + 1,
            });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Blanks out comments, strings and character literals; line ends stay.
fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_after_word = out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if let Some(length) = (!is_after_word).then(|| raw_string(rest)).flatten() {
            length
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (gone, after) = rest.split_at(length);
        out.push(' ');
        out.extend(gone.chars().filter(|&c| c == '\n'));
        rest = after;
    }
    out
}

/// The length of a block comment, which may hold others.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let step = if rest.starts_with(b"/*") {
            depth += 1;
            2
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            2
        } else {
            1
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of `r"..."`, `r#"..."#`, `br"..."`; `None` when none starts here.
fn raw_string(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let inner = inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let from = text.len() - inner.len();
    Some(
        inner
            .find(&end)
            .map_or(text.len(), |at| from + at + end.len()),
    )
}

/// The length of a literal between two marks, with its escapes.
fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == mark {
            return at + 1;
        }
    }
    text.len()
}

/// Whether a character literal starts here, and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}
