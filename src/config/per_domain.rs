//! `per_domain` in `[relay]`: `"gmail.com" = "20/s"`, or a table with `rate` and `connections`.

use std::collections::HashSet;

use crate::mailer::Rate;
use crate::model::address::ascii_domain;
use crate::model::line::Line;
use crate::model::toml_table::{Found, Problems, TomlTable};

/// How much readers at one domain may get at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainLimit {
    /// The domain of their addresses, in A-labels and small letters.
    pub domain: String,
    /// Letters per time, if limited.
    pub rate: Option<Rate>,
    /// Letters on the wire at once, if limited.
    pub connections: Option<usize>,
}

/// Reads the table; each domain is in it once.
pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<DomainLimit> {
    let Some(mut table) = table.table("per_domain", problems) else {
        return Vec::new();
    };
    let mut limits: Vec<DomainLimit> = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |table: &TomlTable<'_>, name: Found<String>, rate, connections| {
        let shown = Line::clean_to(&name.value, 80);
        let what = match ascii_domain(&name.value) {
            Err(why) => format!("`{shown}` is not a mail domain: {why}"),
            Ok(domain) if !seen.insert(domain.clone()) => {
                format!("`{shown}` is named twice in `per_domain`")
            }
            Ok(domain) => {
                return limits.push(DomainLimit {
                    domain,
                    rate,
                    connections,
                });
            }
        };
        problems.add(table.problem(name.span, what));
    };
    for (name, mut table) in table.named_tables() {
        let rate = table.value("rate", problems, Rate::parse);
        let connections = table.whole("connections", 1, 100, problems);
        let connections = connections.and_then(|number| usize::try_from(number).ok());
        add(&table, name, rate, connections);
        table.finish(problems);
    }
    for (name, text) in table.rest(problems) {
        match Rate::parse(&text.value) {
            Ok(rate) => add(&table, name, Some(rate), None),
            Err(error) => problems.add(table.problem(text.span, error.to_string())),
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::problem::Written;

    fn said(text: &str) -> String {
        let problems = Problems::default();
        let mut table = TomlTable::parse(Written::new("c.toml", text), text, &problems);
        let limits = read(&mut table, &problems);
        let limits = limits.iter().map(|limit| {
            let rate = limit.rate.map(|rate| rate.to_string());
            format!("{} {rate:?} {:?}", limit.domain, limit.connections)
        });
        let problems = problems.into_vec().into_iter().map(|problem| problem.what);
        limits.chain(problems).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn limits_of_domains() {
        insta::assert_snapshot!(said("[per_domain]\n\"Gmail.com\" = \"20/s\"\n\"web.de\" = { rate = \"600/min\", connections = 2 }\n\"gmx.de\" = { connections = 1 }\n\"münchen.example\" = \"1/s\"\n"), @r#"
        web.de Some("600/min") Some(2)
        gmx.de None Some(1)
        gmail.com Some("20/s") None
        xn--mnchen-3ya.example Some("1/s") None
        "#);
        insta::assert_snapshot!(said("[per_domain]\n\"a.example\" = \"fast\"\n\"b.example\" = 7\n\"c.example\" = { speed = 1 }\n\"@d.example\" = \"1/s\"\n\"E.example\" = \"1/s\"\n\"e.example\" = \"2/s\"\n"), @r#"
        c.example None None
        e.example Some("1/s") None
        `fast` is not a rate: expected a number of letters per time, such as `50/s`, `600/min` or `10000/h`
        `b.example` must be a string, but found integer
        unknown key `speed`
        `@d.example` is not a mail domain: the domain is not a valid name
        `e.example` is named twice in `per_domain`
        "#);
    }
}
