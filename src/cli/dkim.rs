//! `dkim`: keys that sign letters, and the DNS records that make their other halves known.

use std::path::Path;

use super::arguments::{DkimVerb, KeygenArgs};
use super::exit::Exit;
use super::open::Setting;
use super::report::{Failure, Report};
use crate::message::{Key, NoKey};
use crate::model::address::ascii_domain;
use crate::model::line::Line;
use crate::newsroom;

pub(super) fn run(verb: &DkimVerb, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    match verb {
        DkimVerb::Keygen(verb) => keygen(verb, setting, report),
        DkimVerb::Record => record(setting, report),
    }
}

/// Makes a key, and says what to write into DNS and config. It works before the config names the key, and while it is broken.
fn keygen(verb: &KeygenArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let domain = match &verb.domain {
        Some(domain) => ascii_domain(domain).map_err(|why| {
            Failure::says(format!(
                "`{}` is no domain: {why}",
                Line::clean_to(domain, 80)
            ))
        })?,
        None => setting
            .shared_config()
            .map_err(|failure| {
                failure
                    .still("no key was made")
                    .hint("`newsdigest dkim keygen --domain your.domain` asks for no config")
            })?
            .newsletter
            .from
            .address
            .domain()
            .to_owned(),
    };
    let home = setting.config_file().parent().unwrap_or(Path::new(""));
    let (kind, file) = if verb.ed25519 {
        ("Ed25519", "dkim-ed25519.pem")
    } else {
        ("RSA-2048", "dkim.pem")
    };
    let file = verb.file.as_deref().unwrap_or(Path::new(file));
    let path = home.join(file);
    let key = if verb.ed25519 {
        Key::generate_ed25519()
    } else {
        Key::generate_rsa()
    };
    let key = key.map_err(broken)?;
    let pem = key.to_pem().map_err(broken)?;
    newsroom::write_secret(&path, pem.as_bytes())
        .map_err(|error| Failure::error(error).still("no key was made"))?;
    report.say(format!(
        "`{}` holds a new {kind} key that only you may read; put this into the DNS of `{domain}`:",
        path.display()
    ));
    report.data(&in_dns(
        &verb.selector,
        &domain,
        &key.record().map_err(broken)?,
    ));
    let lines = format!(
        "selector = \"{}\"`, `key_file = \"{}\"`",
        verb.selector,
        file.display()
    );
    report.hint(if verb.ed25519 {
        format!("in newsdigest.toml, under `[dkim.ed25519]`: `{lines}; only beside an RSA key, since not every receiver knows it")
    } else {
        format!("in newsdigest.toml, under `[dkim]`: `domain = \"{domain}\"`, `{lines}; wait until the record can be seen")
    });
    Ok(Exit::Done)
}

/// The records of the keys that the config names.
fn record(setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    let Some(signer) = &config.signer else {
        return Err(
            Failure::says("letters are not signed: the config has no `[dkim]`")
                .hint("`newsdigest dkim keygen` makes a key, and says what to write"),
        );
    };
    let mut records = Vec::new();
    for (selector, key) in signer.keys() {
        let text = key.record().map_err(broken)?;
        records.push(in_dns(selector, signer.domain(), &text));
    }
    report.data(&records.join("\n"));
    Ok(Exit::Done)
}

fn broken(error: NoKey) -> Failure {
    Failure::error(error)
}

/// A record as zone files have it: a text of at most 255 octets in each pair of quotes (RFC 1035 section 3.3.14), which receivers join.
fn in_dns(selector: &str, domain: &str, text: &str) -> String {
    let pieces: Vec<String> = text
        .as_bytes()
        .chunks(255)
        .map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece)))
        .collect();
    format!(
        "{selector}._domainkey.{domain}. IN TXT ( {} )",
        pieces.join("\n    ")
    )
}
