//! `[desk]`: where `serve` has the desk for a team, and who says who somebody is.

use std::net::SocketAddr;

use crate::model::line::Line;
use crate::model::network::Network;
use crate::model::origin::Origin;
use crate::model::toml_table::{Found, Problems, TomlTable};

/// The desk of a team.
#[derive(Clone, Debug)]
pub struct TeamDesk {
    pub listen: SocketAddr,
    /// `None`: only this machine comes in, and nobody says who it is.
    pub sign_on: Option<SignOn>,
}

/// The paper's own sign-on, in a proxy before the desk.
#[derive(Clone, Debug)]
pub struct SignOn {
    /// The site as which browsers know the desk.
    pub site: Origin,
    /// The header in which the proxy names who asks.
    pub user_header: UserHeader,
    /// Where the proxies are that are believed; one at least.
    pub proxies: Vec<Network>,
}

/// The name of a header, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserHeader(String);

impl UserHeader {
    /// # Errors
    /// The sentence that says what is wrong.
    fn parse(text: &str) -> Result<Self, String> {
        let is_name = |text: &str| {
            let mut bytes = text.bytes();
            !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let name = text.to_ascii_lowercase();
        if !is_name(&name) || name.len() > 60 {
            return Err(format!(
                "`{}` is no header: expected one such as `X-Forwarded-User`",
                Line::clean_to(text, 60)
            ));
        }
        // What browsers and proxies say on their own is nobody's name.
        let own = [
            "host",
            "origin",
            "cookie",
            "referer",
            "forwarded",
            "x-forwarded-for",
            "x-desk",
        ];
        if own.contains(&&*name) {
            return Err(format!(
                "`{name}` names nobody: expected a header such as `X-Forwarded-User`"
            ));
        }
        Ok(Self(name))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads `[desk]`; `readers` is where their pages are listened for, if they are.
pub(super) fn read(
    table: &mut TomlTable<'_>,
    readers: Option<SocketAddr>,
    problems: &Problems,
) -> Option<TeamDesk> {
    let mut table = table.table("desk", problems)?;
    let [has_site, has_header, has_proxies] =
        ["url", "user_header", "trusted_proxies"].map(|key| table.has(key));
    let listen = listen(&mut table, readers, problems);
    let site = table.value("url", problems, Origin::parse);
    let user_header = table.value("user_header", problems, UserHeader::parse);
    let proxies = table.all_parsed("trusted_proxies", problems, Network::parse);
    if has_header && !has_site {
        problems.add_missing(
            table
                .problem_here("`[desk]` has `user_header` and not `url`")
                .hint("`url = \"https://desk.example.org\"` is the site as which browsers know the desk"),
        );
    }
    if has_header && !has_proxies {
        problems.add_missing(
            table
                .problem_here("`[desk]` has `user_header` and not `trusted_proxies`")
                .hint("anybody can send that header: name the proxies that are believed, such as `trusted_proxies = [\"127.0.0.1\"]`"),
        );
    }
    if !has_header && (has_site || has_proxies) {
        problems.add(
            table
                .problem_here("`[desk]` has `url` or `trusted_proxies` and not `user_header`")
                .hint("`user_header` is the header in which the paper's sign-on names who asks; without one only this machine comes in, and both mean nothing"),
        );
    }
    if !has_header
        && let Some(found) = listen
            .as_ref()
            .filter(|found| !found.value.ip().is_loopback())
    {
        let what = format!(
            "`{}` is no address of this machine alone, and nobody would say who asks",
            found.value
        );
        problems.add(table.problem(found.span.clone(), what).hint(
            "`listen = \"127.0.0.1:8026\"`, or `user_header` with the paper's sign-on before the desk",
        ));
    }
    table.finish(problems);
    let sign_on = site.zip(user_header).map(|(site, user_header)| SignOn {
        site,
        user_header,
        proxies: proxies.into_iter().map(|found| found.value).collect(),
    });
    Some(TeamDesk {
        listen: listen.map_or(SocketAddr::from(([127, 0, 0, 1], 8026)), |found| {
            found.value
        }),
        sign_on,
    })
}

fn listen(
    table: &mut TomlTable<'_>,
    readers: Option<SocketAddr>,
    problems: &Problems,
) -> Option<Found<SocketAddr>> {
    let found = table.parsed("listen", problems, |text| {
        text.parse::<SocketAddr>().map_err(|_| {
            format!(
                "`{}` is no address to listen on: expected one such as `127.0.0.1:8026`",
                Line::clean_to(text, 60)
            )
        })
    })?;
    let here = found.value;
    let is_theirs = |readers: SocketAddr| {
        let is_every = here.ip().is_unspecified() || readers.ip().is_unspecified();
        here.port() != 0 && here.port() == readers.port() && (is_every || here.ip() == readers.ip())
    };
    if readers.is_some_and(is_theirs) {
        let what = format!("`{here}` is where readers' pages are: the desk never is on theirs");
        problems.add(
            table
                .problem(found.span.clone(), what)
                .hint("`listen = \"127.0.0.1:8026\"`"),
        );
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::problem::Written;

    fn told(desk: &str) -> String {
        let problems = Problems::default();
        let written = Written::new("newsdigest.toml", desk);
        let mut table = TomlTable::parse(written, desk, &problems);
        let read = read(
            &mut table,
            Some("127.0.0.1:8025".parse().unwrap()),
            &problems,
        );
        let problems = problems.into_vec();
        match &problems[..] {
            [] => read.map_or("none".to_owned(), |desk| {
                let sign_on = desk.sign_on.map(|one| {
                    format!(
                        " {} {} {}",
                        one.site.as_str(),
                        one.user_header.as_str(),
                        one.proxies.len()
                    )
                });
                format!("{}{}", desk.listen, sign_on.unwrap_or_default())
            }),
            all => all
                .iter()
                .map(|one| one.what.clone())
                .collect::<Vec<_>>()
                .join("; "),
        }
    }

    #[test]
    fn a_desk_is_this_machine_s_or_behind_a_sign_on() {
        let by = |more: &str| told(&format!("[desk]\n{more}"));
        assert_eq!(told(""), "none");
        assert_eq!(by(""), "127.0.0.1:8026");
        assert_eq!(by("listen = \"[::1]:9000\""), "[::1]:9000");
        let whole = "listen = \"0.0.0.0:8026\"\nurl = \"https://desk.harbour.example/\"\nuser_header = \"X-Forwarded-User\"\ntrusted_proxies = [\"10.0.0.0/8\", \"127.0.0.1\"]";
        assert_eq!(
            by(whole),
            "0.0.0.0:8026 https://desk.harbour.example x-forwarded-user 2"
        );
        insta::assert_snapshot!(
            [
                "listen = \"0.0.0.0:8026\"",
                "listen = \"127.0.0.1:8025\"",
                "listen = \"8026\"",
                "url = \"https://desk.harbour.example\"",
                "user_header = \"X-User\"",
                "user_header = \"X-User\"\nurl = \"https://d.example\"",
                "user_header = \"Cookie\"\nurl = \"https://d.example\"\ntrusted_proxies = [\"127.0.0.1\"]",
                "user_header = \"X User\"\nurl = \"https://d.example/desk\"\ntrusted_proxies = [\"0.0.0.0/0\"]",
                "user = \"X-User\"",
            ]
            .map(by)
            .join("\n"),
            @r"
        `0.0.0.0:8026` is no address of this machine alone, and nobody would say who asks
        `127.0.0.1:8025` is where readers' pages are: the desk never is on theirs
        `8026` is no address to listen on: expected one such as `127.0.0.1:8026`
        `[desk]` has `url` or `trusted_proxies` and not `user_header`
        `[desk]` has `user_header` and not `url`; `[desk]` has `user_header` and not `trusted_proxies`
        `[desk]` has `user_header` and not `trusted_proxies`
        `cookie` names nobody: expected a header such as `X-Forwarded-User`
        `X User` is no header: expected one such as `X-Forwarded-User`; `https://d.example/desk/` must be a site without a path, such as `https://harbourtimes.example`; `0.0.0.0/0` is the whole internet: name a smaller network
        unknown key `user`
        ");
    }
}
