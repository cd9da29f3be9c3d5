//! What a host asks of programs that read its pages: `robots.txt` (RFC 9309).

/// Our name in `robots.txt`, the product token of our `User-Agent`.
const US: &str = "newsdigest";

/// The rules for us: whether they allow, and for which paths.
#[derive(Debug, Default)]
pub(super) struct Robots(Vec<(bool, String)>);

impl Robots {
    /// Reads the groups that name us, or else those for everybody. What is no rule is passed over.
    pub(super) fn parse(text: &str) -> Self {
        let (mut ours, mut everybodys) = (None, Vec::new());
        let (mut names_us, mut names_all, mut in_rules) = (false, false, true);
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            let allow = match key.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if in_rules {
                        (names_us, names_all, in_rules) = (false, false, false);
                    }
                    names_us |= value.eq_ignore_ascii_case(US);
                    names_all |= value == "*";
                    if names_us {
                        ours.get_or_insert_with(Vec::new);
                    }
                    continue;
                }
                "allow" => true,
                "disallow" => false,
                _ => continue,
            };
            in_rules = true;
            // `Disallow:` alone forbids nothing.
            if !value.is_empty() {
                let rule = (allow, value.to_owned());
                if names_all {
                    everybodys.push(rule.clone());
                }
                if names_us {
                    ours.get_or_insert_with(Vec::new).push(rule);
                }
            }
        }
        Self(ours.unwrap_or(everybodys))
    }

    /// Whether a path with its query may be read: the longest rule that matches decides, of two as long the one that allows.
    pub(super) fn allow(&self, path: &str) -> bool {
        let rules = self.0.iter().filter(|(_, rule)| matches(rule, path));
        let decisive = rules.max_by_key(|(allow, rule)| (rule.len(), *allow));
        decisive.is_none_or(|(allow, _)| *allow)
    }
}

/// Whether a rule matches the beginning of a path; `*` stands for anything, `$` for the end.
fn matches(rule: &str, path: &str) -> bool {
    let (rule, whole) = match rule.strip_suffix('$') {
        Some(rule) => (rule, true),
        None => (rule, false),
    };
    let mut parts = rule.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    // What is behind the last `*` may be at the end a second time.
    !whole || rest.is_empty() || last.is_some_and(|part| rest.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_rule_decides() {
        let robots = Robots::parse(
            "\u{feff}User-agent: *\nDisallow: /private\nAllow: /private/open\nDisallow: /*?print=\nDisallow: /*.pdf$\nDisallow: # nothing\nSitemap: https://a.example/s.xml\nnonsense\n",
        );
        for (path, allowed) in [
            ("/", true),
            ("/private", false),
            ("/private/open/a", true),
            ("/a?print=1", false),
            ("/a.pdf", false),
            ("/a.pdf.pdf", false),
            ("/a.pdf?x", true),
        ] {
            assert_eq!(robots.allow(path), allowed, "{path}");
        }
    }

    #[test]
    fn a_group_that_names_us_stands_for_itself() {
        let everybody = "User-agent: *\nDisallow: /\n";
        assert!(!Robots::parse(everybody).allow("/a"));
        let robots = Robots::parse(&format!(
            "{everybody}User-Agent: other\nUser-Agent: NewsDigest\nDisallow: /secret\n"
        ));
        assert!(robots.allow("/a") && !robots.allow("/secret"));
        assert!(!Robots::parse(&format!("User-agent: newsdigest\n\n{everybody}")).allow("/a"));
        assert!(
            Robots::parse(&format!("User-agent: newsdigest\nDisallow:\n{everybody}")).allow("/a")
        );
        assert!(Robots::parse("").allow("/a"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "((user-agent|allow|disallow): ?|[*$#/:\n a-z]|\\PC){0,60}", path in "/[a-z*$?/é]{0,20}") {
            _ = Robots::parse(&text).allow(&path);
        }
    }
}
