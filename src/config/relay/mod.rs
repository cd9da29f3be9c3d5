//! `[relay]`: where letters go, how fast, and when to stop.

mod fields;
mod several;

pub use several::{RelayName, Relays, WarmUp};

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::SecretString;

use super::{DomainLimit, Surroundings, folder, per_domain, variable};
use crate::mailer::{
    Login, Pipelining, Rate, RateLimits, Relay, Security, Smtp, StepLimits, machine_name,
};
use crate::message::{Rewritten, Signer};
use crate::model::address::ascii_domain;
use crate::model::extra_header::ExtraHeader;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::newsletter::Newsletter;
use crate::model::problem::Problem;
use crate::model::toml_table::{Found, Problems, TomlTable};
use crate::select::parse_length;
use fields::{headers, known_to_rewrite, rewrites};

/// `[relay]`, or one `[[relay]]`, parsed.
#[derive(Clone, Debug)]
pub struct Handover {
    /// What it is called; `None`: there is no other.
    pub name: Option<RelayName>,
    /// Whose letters it takes: readers' domains in A-labels and small letters; none: everybody's.
    pub domains: HashSet<String>,
    /// How much of the letters it takes, beside the weights of the others.
    pub weight: u32,
    /// How it begins, if it is new.
    pub share: Option<WarmUp>,
    /// Where letters go.
    pub relay: Relay,
    /// How many conversations at once.
    pub connections: usize,
    /// Letters in all per time, if limited.
    pub rate: Option<Rate>,
    /// Letters in a day of UTC, if limited: the provider's quota.
    pub daily: Option<u32>,
    /// Limits of single domains, each named once.
    pub per_domain: Vec<DomainLimit>,
    /// Deferred this often, a letter is given up.
    pub attempts: u32,
    /// The same refusal this often running is about us.
    pub stop_after: u32,
    /// The wait before a deferred letter is tried again; it doubles with each attempt.
    pub retry_after: Duration,
    /// Why the relay's password is not known, if it should be: `password_env` names a variable that is not set. It stops nobody but who opens a
    /// conversation.
    pub password_missing: Option<Problem>,
    /// Fields that the relay replaces: signed, they would break the signature at every reader.
    pub rewrites: Vec<Rewritten>,
    /// From which addresses the relay sends to the world, as far as the newsroom says; `check --online` looks for them in DNS.
    pub sends_from: Vec<IpAddr>,
    /// Fields that it wants of every letter.
    pub headers: Vec<ExtraHeader>,
    /// Signs letters as it takes them.
    pub signer: Option<Arc<Signer>>,
}

impl Handover {
    /// What holds unless `[relay]` says otherwise.
    #[must_use]
    pub fn to(relay: Relay) -> Self {
        Self {
            name: None,
            domains: HashSet::new(),
            weight: 1,
            share: None,
            relay,
            connections: 8,
            rate: None,
            daily: None,
            per_domain: Vec::new(),
            attempts: 5,
            stop_after: 20,
            retry_after: Duration::from_mins(1),
            password_missing: None,
            rewrites: Vec::new(),
            sends_from: Vec::new(),
            headers: Vec::new(),
            signer: None,
        }
    }

    /// The longest wait between two attempts; the program waits with the letter.
    const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);

    /// How long a letter waits that was deferred after so many earlier attempts.
    #[must_use]
    pub fn wait(&self, attempts: u32) -> TimeDelta {
        TimeDelta::from_std(self.retry_after)
            .ok()
            .and_then(|wait| wait.checked_mul(2_i32.pow(attempts.min(20))))
            .map_or(Self::LONGEST_WAIT, |wait| wait.min(Self::LONGEST_WAIT))
    }

    /// Under which name the ledger counts the letters of a day: its own, or the host's of a relay that has none; `None` where nothing limits that one.
    #[must_use]
    pub fn counted_as(&self) -> Option<&str> {
        match (&self.name, &self.relay) {
            (Some(name), _) => Some(name.as_str()),
            (None, Relay::Smtp(smtp)) if self.daily.is_some() => Some(&smtp.host),
            (None, Relay::Sendmail(_)) if self.daily.is_some() => Some("sendmail"),
            _ => None,
        }
    }

    /// What it is called in words: its name, or its host.
    #[must_use]
    pub fn called(&self) -> String {
        match &self.name {
            Some(name) => name.to_string(),
            None => self.relay.to_string(),
        }
    }

    /// A newsletter with the fields that this relay wants; without a name those that were frozen count.
    #[must_use]
    pub fn letterhead(&self, newsletter: &Newsletter) -> Newsletter {
        let mut newsletter = newsletter.clone();
        if self.name.is_some() {
            newsletter.headers.clone_from(&self.headers);
        }
        newsletter
    }

    /// A password that leaves this machine in the clear.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let Relay::Smtp(smtp) = &self.relay else {
            return None;
        };
        (smtp.security == Security::None && smtp.login.is_some() && !smtp.is_here()).then(|| {
            Finding {
                name: "password-in-the-clear",
                gravity: Gravity::Warning,
                place: Line::clean(if self.name.is_some() {
                    "`[[relay]]`"
                } else {
                    "`[relay]`"
                }),
                what: Line::clean(&format!(
                    "the password for `{}` leaves this machine unencrypted: `security` is `none`",
                    smtp.host
                )),
                why: "whoever is on the way can read it, and send mail as the paper",
                hint: "`security = \"starttls\"` or `\"tls\"`",
            }
        })
    }

    /// The longest such wait of all.
    #[must_use]
    pub fn longest_wait(&self) -> TimeDelta {
        self.wait(self.attempts)
    }
}

/// Reads the sections; without any letters go to the folder `outbox`.
pub(super) fn read(
    table: &mut TomlTable<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    problems: &Problems,
) -> Option<Relays> {
    if table.has_list("relay") {
        return several::read(table, home, surroundings, problems);
    }
    table.refuse(
        "per_domain",
        "`[per_domain]` is for several relays, each below `[[relay]]`",
        "`per_domain` below `[relay]` limits the domains of the only one",
        problems,
    );
    let Some(mut table) = table.table("relay", problems) else {
        return Some(Relays::one(Handover::to(Relay::Outbox(
            home.join("outbox"),
        ))));
    };
    several::refuse_below_one(&mut table, problems);
    read_one(table, home, surroundings, false, problems).map(Relays::one)
}

fn read_one(
    mut table: TomlTable<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    is_of_several: bool,
    problems: &Problems,
) -> Option<Handover> {
    let mut handover = Handover::to(Relay::Outbox(home.join("outbox")));
    let before = problems.len();
    let outbox = table.text("outbox", problems);
    let sendmail = table.parsed("sendmail", problems, parse_program);
    let host = table.parsed("host", problems, parse_host);
    let is_host_wrong = problems.len() > before && host.is_none();
    let port = table
        .whole("port", 1, 65_535, problems)
        .and_then(|port| u16::try_from(port).ok());
    let security = table.value("security", problems, parse_security);
    let login = login(
        &mut table,
        home,
        surroundings,
        &mut handover.password_missing,
        problems,
    );
    let pipelining = table.value("pipelining", problems, |text| match text {
        "on" => Ok(Pipelining::On),
        "off" => Ok(Pipelining::Off),
        "full" => Ok(Pipelining::Full),
        other => Err(format!(
            "`{}` is no pipelining: expected `on`, `full` or `off`",
            Line::clean_to(other, 40)
        )),
    });
    let hello = table.value("hello", problems, parse_hello);
    let rewrites = rewrites(&mut table, problems);
    handover.headers = headers(&mut table, problems);
    let mut count = |key, most, default: u32| {
        table
            .whole(key, 1, most, problems)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(default)
    };
    handover.connections = count("connections", 100, 8) as usize;
    handover.attempts = count("attempts", 1_000, handover.attempts);
    handover.stop_after = count("stop_after", 1_000_000, handover.stop_after);
    if let Some(RateLimits { rate, daily }) = table.value("rate", problems, RateLimits::parse) {
        (handover.rate, handover.daily) = (rate, daily);
    }
    handover.per_domain = per_domain::read(&mut table, problems);
    let sends_from = table.all_parsed("sends_from", problems, |text| {
        let address = text.parse::<IpAddr>();
        address.map_err(|_| {
            format!(
                "`{}` is no address: expected one such as `192.0.2.1`",
                Line::clean_to(text, 60)
            )
        })
    });
    handover.sends_from = sends_from.into_iter().map(|found| found.value).collect();
    if let Some(wait) = table.value("retry_after", problems, parse_length) {
        handover.retry_after = wait.to_std().unwrap_or(handover.retry_after);
    }
    match (outbox, host, sendmail) {
        (None, None, Some(sendmail)) => {
            handover.rewrites = rewrites.unwrap_or_default();
            handover.relay = Relay::Sendmail(sendmail.value);
        }
        (_, _, Some(sendmail)) => problems.add(table.problem(
            sendmail.span,
            "`sendmail` is given beside `host` or `outbox`: letters go to one of them",
        )),
        (Some(_), Some(host), None) => problems.add(table.problem(
            host.span,
            "`outbox` and `host` are both given: letters go to one of them",
        )),
        (Some(outbox), None, None) if is_of_several => problems.add(
            table
                .problem(
                    outbox.span,
                    "an `outbox` is a rehearsal, and no relay among others",
                )
                .hint("`[relay]` with `outbox` alone sends nothing to anybody"),
        ),
        (Some(outbox), None, None) => handover.relay = Relay::Outbox(home.join(outbox.value)),
        (None, Some(host), None) => {
            let security = security.unwrap_or(Security::StartTls);
            let port = port.unwrap_or(match security {
                Security::Tls => 465,
                Security::StartTls | Security::None => 587,
            });
            handover.rewrites = rewrites.unwrap_or_else(|| known_to_rewrite(&host.value));
            let hello = hello.or_else(machine_name);
            let smtp = Smtp {
                host: host.value,
                port,
                security,
                login,
                hello,
                pipelining: pipelining.unwrap_or(Pipelining::On),
                limits: StepLimits::RFC_5321,
            };
            handover.relay = Relay::Smtp(Box::new(smtp));
        }
        (None, None, None) if is_of_several => {
            if problems.len() == before {
                problems.add(table.problem_here("a `[[relay]]` must give `host` or `sendmail`"));
            }
        }
        (None, None, None)
            if !is_host_wrong && (login.is_some() || port.is_some() || security.is_some()) =>
        {
            problems.add(
                table.problem_here(
                    "`[relay]` must give `host` with `port`, `security` or `username`",
                ),
            );
        }
        (None, None, None) => {}
    }
    table.finish(problems);
    (problems.len() == before).then_some(handover)
}

/// `[check]`: whom to ask about DNS.
pub(super) fn resolvers(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<SocketAddr> {
    let Some(mut table) = table.table("check", problems) else {
        return Vec::new();
    };
    let all = table.all_parsed("resolvers", problems, |text| {
        let address = text.parse().or_else(|_| text.parse().map(|ip| SocketAddr::new(ip, 53)));
        address.map_err(|_| format!("`{}` is no address of a DNS resolver: expected one such as `9.9.9.9` or `127.0.0.1:53`", Line::clean_to(text, 60)))
    });
    table.finish(problems);
    all.into_iter().map(|found| found.value).collect()
}

/// From the root: which program takes the readers' letters is not left to `PATH`.
fn parse_program(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(format!(
        "`{}` is no path from the root: expected one such as `/usr/sbin/sendmail`",
        Line::clean_to(text, 80)
    ))
}

fn parse_host(text: &str) -> Result<String, String> {
    let wrong = || format!("`{}` is not a host name", Line::clean_to(text, 80));
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    if text.contains('.') || text == "localhost" {
        return ascii_domain(text).map_err(|_| wrong());
    }
    // A bare name such as `relay` is common inside a network.
    let ok = !text.is_empty()
        && text.len() <= 63
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if ok {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(wrong())
    }
}

/// A full name, or an address in brackets.
fn parse_hello(text: &str) -> Result<String, String> {
    let literal = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let is_literal = literal.is_some_and(|text| match text.strip_prefix("IPv6:") {
        Some(text) => text.parse::<Ipv6Addr>().is_ok(),
        None => text.parse::<Ipv4Addr>().is_ok(),
    });
    if is_literal {
        return Ok(text.to_owned());
    }
    let name = ascii_domain(text).ok();
    // A number at its end makes it an address, which goes into brackets.
    let is_name = |name: &String| {
        !name
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    };
    name.filter(is_name).ok_or_else(|| {
        format!(
            "`{}` is no full name of a machine: expected such as `mail.example.org` or `[192.0.2.1]`",
            Line::clean_to(text, 80)
        )
    })
}

fn parse_security(text: &str) -> Result<Security, String> {
    match text {
        "starttls" => Ok(Security::StartTls),
        "tls" => Ok(Security::Tls),
        "none" => Ok(Security::None),
        _ => Err(format!(
            "`{}` is no security: expected `starttls`, `tls` or `none`",
            Line::clean_to(text, 40)
        )),
    }
}

/// `username` with `password_env` or `password_file`. A password in the config itself is an unknown key: the file is shared too easily.
pub(super) fn login(
    table: &mut TomlTable<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    missing: &mut Option<Problem>,
    problems: &Problems,
) -> Option<Login> {
    let before = problems.len();
    let user = table.text("username", problems);
    let in_variable = table.text("password_env", problems).map(|found| {
        let password = (surroundings.environment)(&found.value).filter(|value| !value.is_empty());
        if password.is_none() {
            let what = variable::not_set("password_env", &found.value);
            *missing = Some(table.problem(found.span.clone(), what.as_str()));
        }
        Found {
            value: password.unwrap_or_default(),
            span: found.span,
        }
    });
    let file = table.parsed("password_file", problems, |name| {
        folder::read_secret(&home.join(name), 10_000)
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|problem| variable::unread("password_file", name, &problem.what))
    });
    match (user, in_variable, file) {
        (Some(user), Some(password), None) | (Some(user), None, Some(password)) => Some(Login {
            user: user.value,
            password: SecretString::from(password.value),
        }),
        (Some(user), Some(_), Some(_)) => {
            problems.add(table.problem(user.span, "`password_env` and `password_file` are both given: the password comes from one of them"));
            None
        }
        (Some(user), None, None) => {
            if problems.len() == before {
                problems.add(table.problem(
                    user.span,
                    "`username` needs `password_env` or `password_file`",
                ));
            }
            None
        }
        (None, Some(password), _) | (None, None, Some(password)) => {
            problems.add(table.problem(password.span, "a password is given, but no `username`"));
            None
        }
        (None, None, None) => None,
    }
}

#[cfg(test)]
mod tests;
