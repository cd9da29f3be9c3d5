//! The records of the newsroom's DKIM keys, as the world sees them.

use std::net::SocketAddr;

use crate::dns::{self, DnsError};
use crate::message::Signer;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;

/// What is wrong with the records of the signer's keys: a finding for each that the world cannot verify with.
///
/// # Errors
/// DNS could not be asked.
pub async fn published(
    signer: &Signer,
    resolvers: &[SocketAddr],
) -> Result<Vec<Finding>, DnsError> {
    let mut findings = Vec::new();
    for (selector, key) in signer.keys() {
        let name = format!("{selector}._domainkey.{}", signer.domain());
        let texts = dns::texts(&name, resolvers).await?;
        // A key that cannot say its own record cannot sign either, and that is found elsewhere.
        let Ok(ours) = key.record() else { continue };
        if let Some(what) = wrong(&ours, &texts) {
            findings.push(Finding {
                name: "dkim-record",
                gravity: Gravity::Warning,
                place: Line::clean(&name),
                what: Line::clean(what),
                why: "receivers take the signature for a forged one",
                hint: "`newsdigest dkim record` prints what must be in DNS",
            });
        }
    }
    Ok(findings)
}

/// What is wrong with the texts at the key's name (RFC 6376 section 3.6.1), if `ours` is what must be there.
fn wrong(ours: &str, texts: &[Vec<u8>]) -> Option<&'static str> {
    let tag = |text: &str, name: &str| -> Option<String> {
        let value = text
            .split(';')
            .find_map(|tag| tag.split_once('=').filter(|(key, _)| key.trim() == name))?;
        Some(value.1.split_whitespace().collect())
    };
    let text = match texts {
        [] => return Some("DNS knows no key of that name"),
        [text] => String::from_utf8_lossy(text),
        _ => return Some("DNS knows several texts of that name, and receivers may take any"),
    };
    // Without `k=` a key is RSA.
    let kind = |text: &str| tag(text, "k").unwrap_or_else(|| "rsa".to_owned());
    match tag(&text, "p") {
        None => Some("the text in DNS is no key"),
        Some(key) if key.is_empty() => Some("the key in DNS is revoked (`p=` is empty)"),
        Some(key) if Some(&key) != tag(ours, "p").as_ref() || kind(&text) != kind(ours) => {
            Some("DNS has another key than the config's")
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_kind() {
        let ours = "v=DKIM1; k=rsa; p=MIIBIjAN";
        let said: Vec<String> = [
            &["v=DKIM1; k=rsa; p=MIIBIjAN"][..],
            &["p=MIIB IjAN;t=s"],
            &[],
            &["p=MIIBIjAN", "x"],
            &["hello"],
            &["v=DKIM1; p="],
            &["v=DKIM1; k=rsa; p=AAAA"],
            &["v=DKIM1; k=ed25519; p=MIIBIjAN"],
        ]
        .iter()
        .map(|texts| {
            let texts: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
            wrong(ours, &texts).unwrap_or("well").to_owned()
        })
        .collect();
        insta::assert_snapshot!(said.join("\n"), @"
        well
        well
        DNS knows no key of that name
        DNS knows several texts of that name, and receivers may take any
        the text in DNS is no key
        the key in DNS is revoked (`p=` is empty)
        DNS has another key than the config's
        DNS has another key than the config's
        ");
    }
}
