//! Commands in documents: code blocks of Markdown, and a little shell.

/// The lines of all code blocks of a language, with their numbers.
fn blocks<'a>(markdown: &'a str, language: &str) -> Vec<(usize, &'a str)> {
    let mut inside = None;
    let mut lines = Vec::new();
    for (number, line) in markdown.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(_), Some(_)) => inside = None,
            (Some(opened), None) => inside = Some(opened.trim() == language),
            (None, Some(true)) => lines.push((number + 1, line.trim())),
            (None, _) => {}
        }
    }
    lines
}

/// The words behind `newsdigest`, or behind `cargo run [--release] --`, of every command in ```sh blocks: also behind `&&`, `;` and `|`.
pub(super) fn commands(markdown: &str) -> Vec<(usize, Vec<String>)> {
    let mut commands = Vec::new();
    for (number, line) in blocks(markdown, "sh") {
        for words in shell(line) {
            let mut words = words
                .into_iter()
                .skip_while(|word| word == "$" || word.contains('=') || word.ends_with("sudo"))
                .peekable();
            match words.next().as_deref() {
                Some("newsdigest") => commands.push((number, words.collect())),
                Some("cargo") if words.peek().is_some_and(|word| word == "run") => {
                    commands.push((
                        number,
                        words.skip_while(|word| word != "--").skip(1).collect(),
                    ));
                }
                _ => {}
            }
        }
    }
    commands
}

/// A line of shell as commands of words; comments and redirections are dropped.
fn shell(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars().chain([' ']) {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() || "|;&".contains(c) => {
                commands.last_mut().unwrap().extend(word.take());
                if !c.is_whitespace() {
                    commands.push(Vec::new());
                }
            }
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    for command in &mut commands {
        if let Some(at) = command
            .iter()
            .position(|word| word.starts_with(['>', '<']) || word.starts_with("2>"))
        {
            command.truncate(at);
        }
    }
    commands.retain(|command| !command.is_empty());
    commands
}

mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_documents() {
        let text = "```sh\n$ newsdigest init paper && cd paper   # a newsroom\ncargo run -- send --sample | less\nA=1 newsdigest subscribers add 'a b' > x\ncargo run --release\n```\n```toml\nnewsdigest = 1\n```\n";
        let found: Vec<String> = commands(text)
            .into_iter()
            .map(|(line, words)| format!("{line} {}", words.join("|")))
            .collect();
        assert_eq!(
            found,
            [
                "2 init|paper",
                "3 send|--sample",
                "4 subscribers|add|a b",
                "5 "
            ]
        );
    }
}
