//! `[[events]]`: the mail providers whose events `serve` takes, and how each proves that it is the one.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use secrecy::{ExposeSecret as _, SecretString};

use super::{LARGEST, Surroundings, folder, relay};
use crate::bounce::provider::{Proof, Provider, PublicKey, SigningKey, Topic};
use crate::mailer::Login;
use crate::model::line::Line;
use crate::model::network::Network;
use crate::model::problem::Problem;
use crate::model::public::Public;
use crate::model::token::Keys;
use crate::model::toml_table::{Problems, TomlTable};

/// One `[[events]]`.
#[derive(Debug)]
pub struct EventSource {
    pub provider: Provider,
    pub proof: Proof,
    /// What the address ends with, if a file says so; else it is made of the keys of readers' links.
    secret: Option<SecretString>,
    /// From where it may come; empty: from anywhere.
    pub allow: Vec<Network>,
    /// What it must log in with, if anything.
    pub login: Option<Login>,
    /// Why its key or password is not known: a variable is not set.
    pub missing: Option<Problem>,
}

impl EventSource {
    /// Where the provider sends its events.
    #[must_use]
    pub fn address(&self, public: &Public, keys: &Keys) -> String {
        let secret = match &self.secret {
            Some(secret) => secret.expose_secret().to_owned(),
            None => keys
                .address_secrets(self.provider.name())
                .next()
                .unwrap_or_default(),
        };
        public.events(self.provider.name(), &secret)
    }

    /// Whether an address ends with the secret, told in the same time whatever it ends with.
    #[must_use]
    pub fn is_secret(&self, text: &str, keys: &Keys) -> bool {
        let is = |secret: &str| {
            constant_time::verify_slices_are_equal(secret.as_bytes(), text.as_bytes()).is_ok()
        };
        match &self.secret {
            Some(secret) => is(secret.expose_secret()),
            None => keys
                .address_secrets(self.provider.name())
                .fold(false, |found, secret| found | is(&secret)),
        }
    }

    /// Whether user and password are those it must log in with.
    #[must_use]
    pub fn is_login(&self, user: &str, password: &str) -> bool {
        self.login.as_ref().is_none_or(|login| {
            let is = |ours: &str, theirs: &str| {
                constant_time::verify_slices_are_equal(ours.as_bytes(), theirs.as_bytes()).is_ok()
            };
            is(&login.user, user) & is(login.password.expose_secret(), password)
        })
    }
}

/// Reads the sections. `is_served`: there is an address at which `serve` is reached.
pub(super) fn read(
    table: &mut TomlTable<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    is_served: bool,
    problems: &Problems,
) -> Vec<Arc<EventSource>> {
    let mut all: Vec<Arc<EventSource>> = Vec::new();
    for mut table in table.tables("events", problems) {
        let Some(source) = one(&mut table, home, surroundings, problems) else {
            continue;
        };
        if all.iter().any(|other| other.provider == source.provider) {
            problems.add(table.problem_here(format!(
                "`from = \"{}\"` comes twice: its events come to one address",
                source.provider.name()
            )));
        }
        if !is_served {
            problems.add_missing(
                table.problem_here(
                    "`[[events]]` needs `[public]`: `serve` takes events at its `url`",
                ),
            );
        }
        table.finish(problems);
        all.push(Arc::new(source));
    }
    all
}

fn one(
    table: &mut TomlTable<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    problems: &Problems,
) -> Option<EventSource> {
    if !table.has("from") {
        problems.add_missing(table.problem_here(
            "`[[events]]` must give `from`, the provider, such as `from = \"postmark\"`",
        ));
    }
    let provider = table.value("from", problems, |text| {
        Provider::named(text).ok_or_else(|| {
            let names = Provider::ALL
                .map(|one| format!("`{}`", one.name()))
                .join(", ");
            let text = Line::clean_to(text, 40);
            format!("`{text}` is no provider whose events are understood: expected one of {names}")
        })
    })?;
    let mut missing = None;
    let around = (home, surroundings);
    let proof = match provider {
        Provider::Ses => {
            let before = problems.len();
            let topics = table.all_parsed("topics", problems, Topic::parse);
            if topics.is_empty() && problems.len() == before {
                problems.add_missing(table.problem_here(
                    "`topics` must name the topics of Amazon SNS that are believed: anybody may have others sent here",
                ));
            }
            Some(Proof::Topics(
                topics.into_iter().map(|found| found.value).collect(),
            ))
        }
        Provider::Mailgun => key(table, around, &mut missing, problems, |key| {
            Ok(Proof::SigningKey(Box::new(SigningKey::new(key))))
        }),
        Provider::SendGrid => key(table, around, &mut missing, problems, |key| {
            PublicKey::parse(key).map(|key| Proof::PublicKey(Box::new(key)))
        }),
        _ => Some(Proof::Address),
    };
    let secret = table.value("secret_file", problems, |name| {
        let path = home.join(name);
        let text = folder::read_secret(&path, LARGEST).map_err(|problem| problem.what)?;
        let text = text.trim();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (16..=200).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(SecretString::from(text))
        } else {
            Err(format!(
                "`{}` must hold 16 to 200 letters, digits, `-` and `_`: they are part of an address",
                path.display()
            ))
        }
    });
    let allow = table.all_parsed("allow", problems, Network::parse);
    let login = relay::login(table, home, surroundings, &mut missing, problems);
    Some(EventSource {
        provider,
        proof: proof?,
        secret,
        allow: allow.into_iter().map(|found| found.value).collect(),
        login,
        missing,
    })
}

/// `key_env` or `key_file`. A variable that is not set is told when something is served.
fn key(
    table: &mut TomlTable<'_>,
    (home, surroundings): (&Path, &Surroundings<'_>),
    missing: &mut Option<Problem>,
    problems: &Problems,
    make: impl Fn(&str) -> Result<Proof, String>,
) -> Option<Proof> {
    let before = problems.len();
    let file = table.value("key_file", problems, |name| {
        let path = home.join(name);
        let text = folder::read_secret(&path, LARGEST).map_err(|problem| problem.what)?;
        match text.trim() {
            "" => Err(format!("`{}` is empty", path.display())),
            key => make(key).map_err(|what| format!("`{}` {what}", path.display())),
        }
    });
    let Some(variable) = table.text("key_env", problems) else {
        if file.is_none() && problems.len() == before {
            problems.add_missing(table.problem_here(
                "`[[events]]` of this provider needs `key_env` or `key_file`, the key by which it signs",
            ));
        }
        return file;
    };
    let name = Line::clean_to(&variable.value, 60);
    if file.is_some() {
        problems.add(table.problem(
            variable.span,
            "`key_env` and `key_file` are both given: the key comes from one of them",
        ));
        return None;
    }
    let key = (surroundings.environment)(&variable.value);
    let Some(key) = key.filter(|key| !key.trim().is_empty()) else {
        let what = format!("the environment variable `{name}` is not set");
        *missing = Some(table.problem(variable.span, what));
        return Some(Proof::Unknown);
    };
    match make(key.trim()) {
        Ok(proof) => Some(proof),
        Err(what) => {
            problems.add(table.problem(variable.span, format!("the variable `{name}` {what}")));
            None
        }
    }
}
